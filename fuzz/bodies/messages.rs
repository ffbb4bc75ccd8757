//! Outbound messages in every format.

use consentgate::consent::{Seconds, TemplateStanding};
use consentgate::decision::{Message, judge};
use consentgate::index::AnswerFacts;
use consentgate::policy::Policy;
use consentgate::wire::formats::{Field, Format, Framing, Header, Kind, Refusal, Source, Texts};
use consentgate::wire::proto::outbound::OutboundMessage;
use prost::Message as _;

/// Our own protobuf: read if, and only if, prost reads it and it says whose it is.
pub(super) fn outbound(bytes: &[u8]) {
    let texts = Texts::default();
    let read = read(&Format::PROTOBUF, bytes, &[], &texts);
    let prost = OutboundMessage::decode(bytes);
    let Some(message) = checked(read) else {
        return;
    };
    let prost = prost.expect("a message that prost cannot read was read");
    assert_eq!(message.business, prost.business_id);
    assert_eq!(message.scope, prost.scope);
    assert!(!message.business.is_empty() || !message.sender.is_empty());
}

/// A body for the Cloud API: JSON, to somebody whom it names.
pub(super) fn cloud_api(bytes: &[u8]) {
    let format = format(Kind::CloudApi, Framing::Plain, &[(Field::Business, "header:b")]);
    let texts = Texts::default();
    let headers: [(&str, &[u8]); 1] = [("b", b"cafe")];
    if let Some(message) = checked(read(&format, bytes, &headers, &texts)) {
        let json: serde_json::Value = serde_json::from_slice(bytes).expect("no JSON was read");
        assert_eq!(message.business, "cafe");
        let is_text = |key| json.get(key).is_some_and(serde_json::Value::is_string);
        assert!(message.to.is_none() || is_text("to") || is_text("recipient"));
    }
}

/// Any JSON, along pointers: what is read is what a plain reading finds there.
pub(super) fn json_mapping(bytes: &[u8]) {
    let places = [
        (Field::Business, "/meta/tenant"),
        (Field::Recipient, "/to"),
        (Field::Scope, "/list/1"),
        (Field::Deadline, "/expires"),
    ];
    let format = format(Kind::Json, Framing::Plain, &places);
    let texts = Texts::default();
    if let Some(message) = checked(read(&format, bytes, &[], &texts)) {
        let json: serde_json::Value = serde_json::from_slice(bytes).expect("no JSON was read");
        let plain = json.pointer("/meta/tenant").and_then(serde_json::Value::as_str);
        assert_eq!(Some(message.business), plain);
    }
}

/// Headers alone; the bytes are `name=value` lines.
pub(super) fn headers(bytes: &[u8]) {
    let places = [
        (Field::Business, "header:business"),
        (Field::Recipient, "header:to"),
        (Field::Category, "header:category"),
        (Field::Deadline, "header:deadline"),
        (Field::Endpoint, "header:endpoint"),
    ];
    let format = format(Kind::Headers, Framing::Plain, &places);
    let mut all: Vec<(&str, &[u8])> = Vec::new();
    for line in bytes.split(|byte| *byte == b'\n') {
        let at = line.iter().position(|byte| *byte == b'=').unwrap_or(line.len());
        let (name, value) = line.split_at(at);
        if let Ok(name) = std::str::from_utf8(name) {
            all.push((name, value.get(1..).unwrap_or_default()));
        }
    }
    let texts = Texts::default();
    if let Some(message) = checked(read(&format, b"", &all, &texts)) {
        let count = |name: &str| all.iter().filter(|(known, _)| *known == name).count();
        assert_eq!(count("to"), 1, "said twice, or not at all");
        // The endpoint's number may say whose message it is.
        let said = count("business") == 1 || count("business") == 0 && message.business.is_empty();
        assert!(said && !(message.business.is_empty() && message.sender.is_empty()));
    }
}

/// Confluent's prefix in front of protobuf and of JSON.
pub(super) fn framing(bytes: &[u8]) {
    let texts = Texts::default();
    let protobuf = format(Kind::Protobuf, Framing::Confluent, &[]);
    if checked(read(&protobuf, bytes, &[], &texts)).is_some() {
        assert_eq!(bytes.first(), Some(&0));
    }
    let places = [(Field::Business, "/b"), (Field::Recipient, "/to")];
    let json = format(Kind::Json, Framing::Confluent, &places);
    if checked(read(&json, bytes, &[], &texts)).is_some() {
        assert_eq!(bytes.first(), Some(&0));
        let value = bytes.get(5..).unwrap_or_default();
        serde_json::from_slice::<serde_json::Value>(value).expect("no JSON was read");
    }
}

/// A message that was read is not let out where nobody agreed to anything; a refusal has a reason.
fn checked<'r>(read: Result<Message<'r>, Refusal>) -> Option<Message<'r>> {
    match read {
        Ok(message) => {
            assert!(is_kept_back(&message), "let out without consent");
            Some(message)
        }
        Err(refusal) => {
            assert!(!refusal.reason().name().is_empty() && !refusal.to_string().is_empty());
            None
        }
    }
}

/// Whether a message is suppressed where nobody agreed to anything.
pub(super) fn is_kept_back(message: &Message<'_>) -> bool {
    let (policy, now) = (Policy::standard(), Seconds(1_790_000_000));
    let (template, nothing) = (TemplateStanding::default(), AnswerFacts::UnknownBusiness);
    judge(&policy, now, message, template, &nothing).primary().is_some()
}

fn format(kind: Kind, framing: Framing, places: &[(Field, &str)]) -> Format {
    let source = |text: &str| Source::parse(text).expect("a place");
    let sources: Vec<_> = places.iter().map(|(field, text)| (*field, source(text))).collect();
    Format::new(kind, framing, &sources).expect("a format")
}

/// Reads a record with these headers.
fn read<'r>(
    format: &Format,
    value: &'r [u8],
    headers: &'r [(&'r str, &'r [u8])],
    texts: &'r Texts,
) -> Result<Message<'r>, Refusal> {
    let each = |show: &mut dyn FnMut(Header<'r>)| {
        headers.iter().for_each(|&(name, value)| show(Header { name, value: Some(value) }));
    };
    format.read(Some(value), each, texts)
}
