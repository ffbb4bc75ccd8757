//! Any JSON by pointers.

use super::*;

const PLACES: &[(Field, &str)] = &[
    (Field::Business, "/meta/tenant"),
    (Field::Recipient, "/to"),
    (Field::AlsoKnownAs, "/meta/user"),
    (Field::Scope, "/meta/purpose"),
    (Field::Category, "/class"),
    (Field::Template, "/body/0/template"),
    (Field::Deadline, "/expires"),
    (Field::OptOutPath, "/way~1out"),
    (Field::MessageId, "/id"),
    (Field::CampaignId, "/meta/campaign"),
];

const WHOLE: &str = r#"{"id": "m-1", "to": "+12025550101", "class": "utility",
    "meta": {"tenant": "acme", "user": "IN.Abc123", "purpose": "offers", "campaign": "autumn"},
    "body": [{"template": "autumn_offer", "to": "+12025550199"}], "expires": 1790000600999,
    "way/out": "footer", "other": [null, true, -1.5e3, {"to": {"to": []}}]}"#;

fn json() -> Format {
    format(Kind::Json, PLACES)
}

fn fault(value: &str) -> (Option<Field>, Fault) {
    let Refusal { field, fault } = refusal(&json(), value.as_bytes());
    (field, fault)
}

#[test]
fn fields_are_read_where_the_pointers_say() {
    let texts = Texts::default();
    let expected = Message {
        business: "acme",
        sender: "",
        to: IdentityRef::parse("+12025550101"),
        also: [IdentityRef::parse("IN.Abc123"), None],
        scope: "offers",
        category: Category::Utility,
        sent_at: None,
        deadline: Some(Seconds(1_790_000_600)),
        opt_out_path: OptOutPath::Offered,
        answers: None,
        message_id: "m-1",
        campaign_id: "autumn",
        template: "autumn_offer",
        template_language: "",
    };
    assert_eq!(read(&json(), WHOLE.as_bytes(), &[], &texts), Ok(expected));
}

#[test]
fn what_is_missing_is_as_strict_as_can_be() {
    let texts = Texts::default();
    let value = br#"{"to": "+12025550101", "meta": {"tenant": "acme", "purpose": null}}"#;
    let message = read(&json(), value, &[], &texts).unwrap();
    assert_eq!((message.scope, message.category), ("", Category::Marketing));
    assert_eq!((message.deadline, message.opt_out_path), (None, OptOutPath::Missing));
}

#[test]
fn business_and_recipient_must_be_there() {
    for (value, field) in [
        (r#"{"meta": {"tenant": "acme"}}"#, Field::Recipient),
        (r#"{"to": null, "meta": {"tenant": "acme"}}"#, Field::Recipient),
        (r#"{"to": "", "meta": {"tenant": "acme"}}"#, Field::Recipient),
        (r#"{"to": "+12025550101"}"#, Field::Business),
        (r#"{"to": "+12025550101", "meta": {"tenant": ""}}"#, Field::Business),
        (r#"{"to": "+12025550101", "meta": "acme"}"#, Field::Business),
    ] {
        assert_eq!(fault(value), (Some(field), Fault::Missing), "{value}");
    }
}

#[test]
fn a_recipient_that_is_nobody_is_for_the_rules_to_say() {
    let texts = Texts::default();
    let value = br#"{"to": "nobody", "meta": {"tenant": "acme"}}"#;
    assert_eq!(read(&json(), value, &[], &texts).unwrap().to, None);
}

#[test]
fn a_second_identity_that_cannot_be_read_is_malformed() {
    let value = r#"{"to": "+12025550101", "meta": {"tenant": "acme", "user": "nobody"}}"#;
    assert_eq!(fault(value), (Some(Field::AlsoKnownAs), Fault::NoIdentity));
}

#[test]
fn a_field_of_another_type_is_malformed() {
    let values = ["1", "1.5", "true", "[]", "{}", r#"["acme"]"#, "18446744073709551616"];
    for (key, field) in [
        ("to", Field::Recipient),
        ("class", Field::Category),
        ("way/out", Field::OptOutPath),
        ("id", Field::MessageId),
    ] {
        for other in values {
            let value = format!(r#"{{"to2": 1, "meta": {{"tenant": "acme"}}, "{key}": {other}"#);
            let to = if key == "to" { "" } else { r#", "to": "+12025550101""# };
            let value = format!("{value}{to}}}");
            assert_eq!(fault(&value), (Some(field), Fault::WrongType), "{value}");
        }
    }
    for other in ["1.5", "1e3", "9223372036854775808", r#""soon""#, "false", "[1]"] {
        let value =
            format!(r#"{{"to": "+12025550101", "meta": {{"tenant": "a"}}, "expires": {other}}}"#);
        assert_eq!(fault(&value), (Some(Field::Deadline), Fault::WrongType), "{value}");
    }
}

#[test]
fn a_key_that_comes_twice_is_contradictory_even_if_it_says_the_same() {
    for (twice, field) in [
        (r#""to": "+12025550101""#, Some(Field::Recipient)),
        (r#""to": null"#, Some(Field::Recipient)),
        (r#""\u0074o": "+12025550101""#, Some(Field::Recipient)),
        (r#""meta": {"tenant": "acme"}"#, None),
        (r#""meta": 1"#, None),
    ] {
        for value in [
            format!(r#"{{"to": "+12025550101", "meta": {{"tenant": "acme"}}, {twice}}}"#),
            format!(r#"{{{twice}, "to": "+12025550101", "meta": {{"tenant": "acme"}}}}"#),
        ] {
            assert_eq!(fault(&value), (field, Fault::Twice), "{value}");
            assert_eq!(refusal(&json(), value.as_bytes()).reason(), Reason::Contradictory);
        }
    }
    let unmapped = br#"{"to": "+12025550101", "meta": {"tenant": "acme"}, "x": 1, "x": {"to": 1}}"#;
    assert!(read(&json(), unmapped, &[], &Texts::default()).is_ok());
}

#[test]
fn a_key_in_another_case_is_contradictory_for_some_readers_take_it() {
    let value = r#"{"to": "+12025550101", "meta": {"tenant": "acme"}, "TO": "+12025550199"}"#;
    assert_eq!(fault(value), (None, Fault::AlmostTwice));
}

#[test]
fn two_places_of_one_field_must_agree() {
    let places = [
        (Field::Business, "/tenant"),
        (Field::Business, "header:tenant"),
        (Field::Recipient, "/to"),
        (Field::Recipient, "header:to"),
        (Field::Category, "/class"),
        (Field::Category, "header:class"),
        (Field::Deadline, "/expires"),
        (Field::Deadline, "header:expires"),
    ];
    let format = format(Kind::Json, &places);
    let value =
        br#"{"tenant": "acme", "to": "12025550101", "class": "Utility", "expires": 1790000600999}"#;
    let texts = Texts::default();
    let agree: Headers<'_> = &[
        ("tenant", Some(b"acme")),
        ("to", Some(b"+12025550101")),
        ("class", Some(b"UTILITY")),
        ("expires", Some(b"2026-09-21T14:23:20Z")),
        ("other", Some(&[0xff])),
    ];
    let message = read(&format, value, agree, &texts).unwrap();
    assert_eq!((message.business, message.category), ("acme", Category::Utility));
    let others: [(&str, &[u8], Field); 4] = [
        ("tenant", b"Acme", Field::Business),
        ("to", b"+12025550102", Field::Recipient),
        ("class", b"marketing", Field::Category),
        ("expires", b"1790000601000", Field::Deadline),
    ];
    for (name, other, field) in others {
        let refusal = read(&format, value, &[(name, Some(other))], &texts).expect_err("refused");
        assert_eq!(refusal, Refusal { field: Some(field), fault: Fault::Differs });
        assert_eq!(refusal.reason(), Reason::Contradictory);
    }
}

#[test]
fn texts_with_escapes_are_read_as_they_are_meant() {
    let texts = Texts::default();
    let value = br#"{"to": "\u002B12025550101", "meta": {"tenant": "caf\u00e9 \ud83d\ude00\/1"}}"#;
    let message = read(&json(), value, &[], &texts).unwrap();
    assert_eq!(message.to, IdentityRef::parse("+12025550101"));
    assert_eq!(message.business, "caf\u{e9} \u{1f600}/1");
}

#[test]
fn what_is_no_json_to_its_very_end_is_malformed() {
    let deep = |depth: usize| {
        let (open, close) = ("[".repeat(depth), "]".repeat(depth));
        format!(r#"{{"to": "+12025550101", "meta": {{"tenant": "acme"}}, "x": {open}{close}}}"#)
    };
    let good = r#"{"to": "+12025550101", "meta": {"tenant": "acme"}}"#;
    for value in [
        String::new(),
        " ".to_owned(),
        format!("{good} {good}"),
        format!("{good},"),
        format!("\u{feff}{good}"),
        good.replace('}', ""),
        good.replace("\"acme\"", "\"ac\nme\""),
        good.replace("\"acme\"", "'acme'"),
        good.replace("\"acme\"", r#""\ud800""#),
        good.replace("\"acme\"", "NaN"),
        good.replace("\"acme\"", "01"),
        good.replace("\"acme\"", "\"acme\","),
        good.replace("{\"to\"", "{// no\n\"to\""),
        deep(200),
        deep(100_000),
        "[".repeat(1_000_000),
    ] {
        let start: String = value.chars().take(80).collect();
        assert_eq!(fault(&value), (None, Fault::NotJson), "{start}");
    }
    assert!(read(&json(), deep(50).as_bytes(), &[], &Texts::default()).is_ok());
    let mut invalid = good.replace("acme", "acm_").into_bytes();
    for byte in &mut invalid {
        *byte = if *byte == b'_' { 0xff } else { *byte };
    }
    assert_eq!(refusal(&json(), &invalid), Refusal { field: None, fault: Fault::NotJson });
    assert_eq!(refusal(&json(), b"[1, 2]").fault, Fault::Missing);
}

#[test]
fn a_text_of_a_megabyte_is_a_text() {
    let texts = Texts::default();
    let long = "x".repeat(1 << 20);
    let value = format!(r#"{{"to": "{long}", "meta": {{"tenant": "acme"}}, "{long}": "{long}"}}"#);
    assert_eq!(read(&json(), value.as_bytes(), &[], &texts).unwrap().to, None);
}

#[test]
fn no_value_is_malformed() {
    let refusal = json().read(None, |_| {}, &Texts::default()).map(|_| ());
    assert_eq!(refusal, Err(Refusal { field: None, fault: Fault::NoValue }));
}
