//! Headers alone, and the prefix in front of values.

use super::*;
use crate::wire::tests::outbound;
use prost::Message as _;

fn headers_only() -> Format {
    let places = [
        (Field::Business, "header:business"),
        (Field::Recipient, "header:to"),
        (Field::Scope, "header:scope"),
        (Field::Category, "header:category"),
        (Field::CampaignId, "header:campaign"),
        (Field::MessageId, "header:campaign"),
    ];
    format(Kind::Headers, &places)
}

const WHOLE: Headers<'static> = &[
    ("business", Some(b"cafe")),
    ("trace", Some(&[0xff, 0])),
    ("to", Some(b"US.Abc123")),
    ("scope", Some(b"offers")),
    ("trace", None),
    ("category", Some(b"utility")),
    ("campaign", Some("höst".as_bytes())),
];

#[test]
fn the_headers_say_it_all_whatever_the_value_is() {
    let texts = Texts::default();
    for value in [&b""[..], b"{", &[0xff; 9], br#"{"to": "+12025550101"}"#] {
        let message = read(&headers_only(), value, WHOLE, &texts).unwrap();
        assert_eq!((message.business, message.scope), ("cafe", "offers"));
        assert_eq!(message.to, IdentityRef::parse("US.Abc123"));
        assert_eq!(message.category, Category::Utility);
        assert_eq!((message.campaign_id, message.message_id), ("höst", "höst"));
    }
    let tombstone = headers_only().read(None, |_| {}, &texts).map(|_| ());
    assert_eq!(tombstone, Err(Refusal { field: None, fault: Fault::NoValue }));
}

#[test]
fn a_header_that_is_missing_null_or_no_text_is_malformed_where_it_is_needed() {
    let texts = Texts::default();
    let read = |headers: Headers<'static>| read(&headers_only(), b"", headers, &texts);
    let missing = Err(Refusal { field: Some(Field::Recipient), fault: Fault::Missing });
    assert_eq!(read(&[("business", Some(b"cafe"))]), missing);
    assert_eq!(read(&[("business", Some(b"cafe")), ("to", None)]), missing);
    assert_eq!(read(&[("business", Some(b"cafe")), ("to", Some(b""))]), missing);
    assert_eq!(read(&[("business", Some(b"cafe")), ("To", Some(b"US.Abc123"))]), missing);
    let mut broken = WHOLE.to_vec();
    broken[3].1 = Some(&[0xff]);
    let refusal = read(broken.leak()).expect_err("refused");
    assert_eq!(refusal, Refusal { field: Some(Field::Scope), fault: Fault::WrongType });
}

#[test]
fn a_header_that_comes_twice_is_contradictory_even_if_it_says_the_same() {
    let texts = Texts::default();
    for twice in [Some(&b"offers"[..]), Some(b"surveys"), None] {
        let headers = [WHOLE, &[("scope", twice)]].concat();
        let refusal = read(&headers_only(), b"", headers.leak(), &texts).expect_err("refused");
        assert_eq!(refusal, Refusal { field: Some(Field::Scope), fault: Fault::Twice });
        assert_eq!(refusal.reason(), Reason::Contradictory);
    }
}

#[test]
fn headers_are_not_asked_for_where_no_field_stands_in_one() {
    let places = [(Field::Business, "/b"), (Field::Recipient, "/to")];
    let json = format(Kind::Json, &places);
    let value = br#"{"b": "cafe", "to": "+12025550101"}"#;
    let texts = Texts::default();
    assert!(json.read(Some(value), |_| panic!("asked"), &texts).is_ok());
    let bytes = outbound().encode_to_vec();
    assert!(Format::PROTOBUF.read(Some(&bytes), |_| panic!("asked"), &texts).is_ok());
}

#[test]
fn behind_a_prefix_stands_the_same_message() {
    let bytes = outbound().encode_to_vec();
    let json = br#"{"b": "cafe", "to": "+12025550101"}"#;
    let places = sources(&[(Field::Business, "/b"), (Field::Recipient, "/to")]);
    let texts = Texts::default();
    let framed = |kind, places: &[_]| Format::new(kind, Framing::Confluent, places).unwrap();
    let protobuf = framed(Kind::Protobuf, &[]);
    let value = [&[0, 0, 0, 1, 2, 0][..], &bytes].concat();
    let plain = Format::PROTOBUF.read(Some(&bytes), |_| {}, &texts);
    assert_eq!(protobuf.read(Some(&value), |_| {}, &texts), plain);
    assert!(plain.is_ok());
    let value = [&[0, 0, 0, 1, 2][..], json].concat();
    let json_format = framed(Kind::Json, &places);
    assert_eq!(json_format.read(Some(&value), |_| {}, &texts).unwrap().business, "cafe");
    assert_eq!(refusal(&json_format, json).fault, Fault::NoPrefix);
    assert_eq!(refusal(&protobuf, &bytes).fault, Fault::NoPrefix);
    // Without the setting a prefix is no part of any format.
    assert_eq!(refusal(&Format::PROTOBUF, &value).reason(), Reason::Malformed);
}

#[test]
fn a_format_says_all_that_is_wrong_with_it() {
    let places = sources(&[(Field::Scope, "/scope"), (Field::Business, "header:b")]);
    let errors = Format::new(Kind::Headers, Framing::Confluent, &places).expect_err("refused");
    let expected = [
        FormatError::NotRead(Field::Scope),
        FormatError::Unmapped(Field::Recipient),
        FormatError::Framing,
    ];
    assert_eq!(errors, expected);
    let many: Vec<_> = (0..150)
        .map(|number| (Field::Business, Source::Pointer(vec![format!("b{number}")])))
        .chain(sources(&[(Field::Recipient, "/to")]))
        .collect();
    let errors = Format::new(Kind::Json, Framing::Plain, &many).expect_err("refused");
    assert_eq!(errors, [FormatError::TooMany(Field::Recipient)]);
}

#[test]
fn the_number_that_sends_stands_where_it_is_mapped_or_in_the_endpoint() {
    let places = [
        (Field::Sender, "header:number"),
        (Field::Recipient, "header:to"),
        (Field::Endpoint, "header:endpoint"),
    ];
    let format = format(Kind::Headers, &places);
    let texts = Texts::default();
    let told = |number: &'static str, endpoint: &'static str| {
        let headers: [(&str, Option<&[u8]>); 3] = [
            ("number", Some(number.as_bytes())),
            ("to", Some(b"+12025550101")),
            ("endpoint", Some(endpoint.as_bytes())),
        ];
        let message = read(&format, b"", headers.to_vec().leak(), &texts);
        message.map(|message| (message.business, message.sender)).map_err(|it| it.fault)
    };
    assert_eq!(told("1065", "messages"), Ok(("", "1065")));
    assert_eq!(told("", "/v24.0/1065/messages"), Ok(("", "1065")));
    assert_eq!(told("1065", "/1065/messages"), Ok(("", "1065")));
    assert_eq!(told("1065", "/1066/messages"), Err(Fault::Differs));
    assert_eq!(told("", "messages"), Err(Fault::Missing));
}
