//! Meta's own bodies, as they stand in its documentation but for the numbers.

use super::*;

macro_rules! fixture {
    ($name:literal) => {
        include_str!(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/tests/fixtures/cloud_api/",
            $name,
            ".json"
        ))
    };
}

const TEMPLATE: &str = fixture!("template");
const TEXT: &str = fixture!("text");

fn cloud_api() -> Format {
    let places = [
        (Field::Business, "header:business"),
        (Field::Scope, "header:scope"),
        (Field::Category, "header:category"),
        (Field::Endpoint, "header:endpoint"),
        (Field::Deadline, "header:deadline"),
        (Field::OptOutPath, "header:out"),
        (Field::MessageId, "/biz_opaque_callback_data"),
    ];
    format(Kind::CloudApi, &places)
}

/// A body with the business and more headers.
fn told(body: &str, more: Headers<'static>) -> Result<Message<'static>, Refusal> {
    let body: &'static str = body.to_owned().leak();
    let mut headers: Vec<(&str, Option<&[u8]>)> = vec![("business", Some(b"cafe"))];
    headers.extend(more);
    read(&cloud_api(), body.as_bytes(), headers.leak(), Box::leak(Box::default()))
}

fn person(text: &str) -> Option<IdentityRef<'_>> {
    IdentityRef::parse(text)
}

#[test]
fn a_template_says_who_and_which_template_and_headers_say_the_rest() {
    let headers: Headers<'_> = &[
        ("scope", Some(b"order_updates")),
        ("category", Some(b"UTILITY")),
        ("deadline", Some(b"1790000600999")),
        ("out", Some(b"button")),
    ];
    let expected = Message {
        business: "cafe",
        sender: "",
        to: person("+12025550101"),
        also: [person("US.13491208655302741918"), None],
        scope: "order_updates",
        category: Category::Utility,
        sent_at: None,
        deadline: Some(Seconds(1_790_000_600)),
        opt_out_path: OptOutPath::Offered,
        answers: None,
        message_id: "m-4711",
        campaign_id: "",
        template: "order_confirmation",
        template_language: "en_US",
    };
    assert_eq!(told(TEMPLATE, headers), Ok(expected));
}

#[test]
fn every_type_of_message_is_read_and_none_but_templates_promotes_by_itself() {
    for (body, category) in [
        (TEXT, Category::Service),
        (fixture!("text_reply"), Category::Service),
        (fixture!("direct_send"), Category::Utility),
        (TEMPLATE, Category::Marketing),
        (fixture!("template_authentication"), Category::Marketing),
        (fixture!("marketing_message"), Category::Marketing),
        (fixture!("image"), Category::Service),
        (fixture!("audio"), Category::Service),
        (fixture!("video"), Category::Service),
        (fixture!("document"), Category::Service),
        (fixture!("sticker"), Category::Service),
        (fixture!("location"), Category::Service),
        (fixture!("contacts"), Category::Service),
        (fixture!("interactive_button"), Category::Service),
        (fixture!("interactive_list"), Category::Service),
        (fixture!("interactive_flow"), Category::Service),
        (fixture!("reaction"), Category::Service),
    ] {
        let message = told(body, &[]).unwrap_or_else(|refusal| panic!("{refusal}: {body}"));
        assert_eq!((message.to, message.category), (person("12025550101"), category), "{body}");
    }
}

#[test]
fn the_number_is_what_counts_and_a_user_id_alone_is_the_address() {
    let message = told(fixture!("text_to_user_id"), &[]).unwrap();
    assert_eq!((message.to, message.also), (person("US.13491208655302741918"), [None, None]));
    let nobody = TEMPLATE.replace("US.13491208655302741918", "somebody");
    let refusal = told(&nobody, &[]).expect_err("it may be whom somebody objected as");
    assert_eq!(refusal, Refusal { field: Some(Field::UserId), fault: Fault::NoIdentity });
    let nobody = fixture!("text_to_user_id").replace("US.", "us-");
    assert_eq!(told(&nobody, &[]).unwrap().to, None);
}

#[test]
fn a_group_is_nobody_who_could_have_agreed() {
    assert_eq!(told(fixture!("group_text"), &[]).unwrap().to, None);
    let odd = TEXT.replace("individual", "crowd");
    assert_eq!(told(&odd, &[]).unwrap().to, None);
}

#[test]
fn what_is_no_message_to_anybody_is_malformed() {
    let fault = |body: &str| told(body, &[]).expect_err("refused");
    assert_eq!(
        fault(fixture!("mark_as_read")),
        Refusal { field: Some(Field::UserId), fault: Fault::Missing }
    );
    let sms = TEXT.replace("whatsapp", "sms");
    assert_eq!(fault(&sms), Refusal { field: Some(Field::Product), fault: Fault::WrongType });
    let nameless = TEMPLATE.replace("\"name\"", "\"title\"");
    assert_eq!(fault(&nameless), Refusal { field: Some(Field::Template), fault: Fault::Missing });
    let language = TEMPLATE.replace("\"en_US\"", "7");
    assert_eq!(
        fault(&language),
        Refusal { field: Some(Field::TemplateLanguage), fault: Fault::WrongType }
    );
    let number = TEXT.replace("\"+12025550101\"", "12025550101");
    assert_eq!(fault(&number), Refusal { field: Some(Field::Recipient), fault: Fault::WrongType });
    let unsaid = read(&cloud_api(), TEXT.as_bytes(), &[], Box::leak(Box::default())).map(|_| ());
    assert_eq!(unsaid, Err(Refusal { field: Some(Field::Business), fault: Fault::Missing }));
}

#[test]
fn the_strictest_of_declared_type_and_endpoint_counts() {
    let category =
        |body: &str, headers: Headers<'static>| told(body, headers).map(|it| it.category);
    let utility: (&str, Option<&[u8]>) = ("category", Some(b"utility"));
    let marketing_endpoint: (&str, Option<&[u8]>) = ("endpoint", Some(b"/1/marketing_messages"));
    let endpoint: (&str, Option<&[u8]>) = ("endpoint", Some(b"/1/messages"));
    assert_eq!(category(TEMPLATE, vec![utility, endpoint].leak()), Ok(Category::Utility));
    assert_eq!(
        category(TEMPLATE, vec![utility, marketing_endpoint].leak()),
        Ok(Category::Marketing)
    );
    assert_eq!(
        category(fixture!("marketing_message"), vec![utility].leak()),
        Ok(Category::Marketing)
    );
    assert_eq!(category(TEXT, vec![marketing_endpoint].leak()), Ok(Category::Marketing));
    assert_eq!(category(TEXT, &[("category", Some(b"utility"))]), Ok(Category::Utility));
    assert_eq!(category(TEXT, &[("category", Some(b"promo"))]), Ok(Category::Marketing));
    assert_eq!(category(TEMPLATE, &[("category", Some(b"promo"))]), Ok(Category::Marketing));
    let unknown = TEXT.replace("\"text\"", "\"hologram\"");
    assert_eq!(category(&unknown, &[("category", Some(b"service"))]), Ok(Category::Marketing));
}

#[test]
fn what_does_not_fit_together_is_contradictory() {
    let direct = fixture!("direct_send");
    let refused = |body: &str, headers: Headers<'static>| {
        let refusal = told(body, headers).expect_err("refused");
        assert_eq!(refusal.reason(), Reason::Contradictory);
        (refusal.field, refusal.fault)
    };
    let differs = (Some(Field::Category), Fault::Differs);
    assert_eq!(refused(direct, &[("category", Some(b"marketing"))]), differs);
    let service = (Some(Field::Category), Fault::Unfitting);
    assert_eq!(refused(TEMPLATE, &[("category", Some(b"service"))]), service);
    let other_content = (Some(Field::Type), Fault::Unfitting);
    let both = TEXT.replace("\"text\": {", "\"template\": {\"name\": \"x\"}, \"text\": {");
    assert_eq!(refused(&both, &[]), other_content);
    let typeless = TEMPLATE.replace("\"type\": \"template\",", "");
    assert_eq!(refused(&typeless, &[]), other_content);
    let twice = TEXT.replace("\"type\": \"text\",", "\"type\": \"text\", \"type\": \"text\",");
    assert_eq!(refused(&twice, &[]), (Some(Field::Type), Fault::Twice));
    let twice = TEMPLATE.replace("\"code\"", "\"code\": \"en\", \"code\"");
    assert_eq!(refused(&twice, &[]), (Some(Field::TemplateLanguage), Fault::Twice));
}

#[test]
fn the_content_of_the_type_must_be_there() {
    let empty = TEXT.replace("\"text\": {", "\"txt\": {");
    let refusal = told(&empty, &[]).expect_err("refused");
    assert_eq!(refusal, Refusal { field: Some(Field::Type), fault: Fault::Missing });
    let typeless = TEXT.replace("\"type\": \"text\",", "");
    assert_eq!(told(&typeless, &[]).unwrap().category, Category::Service);
}
