//! What a sample message comes to.

use super::people::Faces;
use crate::commands::output::instant;
use crate::decision::{Message, OptOutPath};
use crate::policy::Policy;
use crate::wire::formats::{Format, Header, Refusal, Texts};

/// The message field by field; or why there is none.
pub(super) fn tell(
    (format, policy): (&Format, &Policy),
    value: &[u8],
    headers: &[(String, String)],
    faces: Faces,
) -> Result<String, String> {
    let texts = Texts::default();
    let message = message(format, value, headers, &texts).map_err(refused)?;
    Ok(shown(&message.at_home(policy), faces))
}

fn message<'r>(
    format: &Format,
    value: &'r [u8],
    headers: &'r [(String, String)],
    texts: &'r Texts,
) -> Result<Message<'r>, Refusal> {
    let each = |show: &mut dyn FnMut(Header<'r>)| {
        for (name, value) in headers {
            show(Header { name, value: Some(value.as_bytes()) });
        }
    };
    format.read(Some(value), each, texts)
}

fn refused(refusal: Refusal) -> String {
    let reason = refusal.reason().name();
    format!("no message; the gate would suppress the record as {reason}:\n  {refusal}")
}

fn shown(message: &Message<'_>, faces: Faces) -> String {
    let [first, second] = message.also;
    let people = [message.to, first, second].into_iter().flatten();
    let text = |text: &str| faces.text(people.clone(), text);
    let to = message.to.map_or("no phone number and no user id".to_owned(), |to| faces.of(to));
    let also: Vec<String> = message.also.into_iter().flatten().map(|it| faces.of(it)).collect();
    let deadline = message.deadline.map_or("-".to_owned(), instant);
    let way_out = match message.opt_out_path {
        OptOutPath::Offered => "offered",
        OptOutPath::Missing => "-",
    };
    let lines = [
        ("business", text(message.business)),
        ("sender", text(message.sender)),
        ("recipient", to),
        ("also_known_as", text(&also.join(", "))),
        ("scope", text(message.scope)),
        ("category", message.category.name().to_owned()),
        ("template", text(message.template)),
        ("template_language", text(message.template_language)),
        ("deadline", deadline),
        ("opt_out_path", way_out.to_owned()),
        ("answers", if message.answers.is_some() { "an objection" } else { "-" }.to_owned()),
        ("message_id", text(message.message_id)),
        ("campaign_id", text(message.campaign_id)),
    ];
    lines.iter().map(|(name, value)| format!("{name:<17} {value}\n")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::formats::{Field, Framing, Kind, Source};

    fn format() -> Format {
        let places = [
            (Field::Business, "header:business"),
            (Field::Recipient, "/to"),
            (Field::AlsoKnownAs, "/user"),
            (Field::MessageId, "/id"),
        ];
        let source = |(field, text)| (field, Source::parse(text).expect("a place"));
        Format::new(Kind::Json, Framing::Plain, &places.map(source)).expect("a format")
    }

    const VALUE: &str =
        r#"{"to": "+12025550101", "user": "IN.Abc123456", "id": "wa-12025550101-7"}"#;

    fn headers() -> Vec<(String, String)> {
        vec![("business".to_owned(), "cafe".to_owned())]
    }

    #[test]
    fn people_are_masked_wherever_they_stand_unless_asked_for() {
        let (headers, texts) = (headers(), Texts::default());
        let message = message(&format(), VALUE.as_bytes(), &headers, &texts).expect("a message");
        let masked = shown(&message, Faces::Masked);
        for part in ["2025550", "5550101", "Abc123"] {
            assert!(!masked.contains(part), "{masked}");
        }
        for line in ["business          cafe\n", "recipient         +120***01\n", "wa-1202***01-7"]
        {
            assert!(masked.contains(line), "{masked}");
        }
        let open = shown(&message, Faces::Shown);
        assert!(open.contains("recipient         +12025550101\n"), "{open}");
        assert!(open.contains("IN.Abc123456\n"), "{open}");
    }

    #[test]
    fn a_refusal_names_reason_and_field_but_no_value() {
        let value = VALUE.replace("IN.Abc123456", "nobody at all");
        let (headers, texts) = (headers(), Texts::default());
        let refusal = message(&format(), value.as_bytes(), &headers, &texts).expect_err("refused");
        let text = refused(refusal);
        assert!(text.contains("malformed") && text.contains("also_known_as"), "{text}");
        assert!(!text.contains("nobody"), "{text}");
    }
}
