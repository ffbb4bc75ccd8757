//! Every bad input through every format of messages and of events: a reason, never a crash, never an
//! allow.
//!
//! The one person who agreed is asked about; whatever else a damaged record may name has agreed to
//! nothing.

use consentgate::consent::{
    Content, Fact, IdentityRef, Offset, Partition, Place, Placement, Seconds, TemplateStanding,
    Topic, fold,
};
use consentgate::decision::{Message, Reason, judge};
use consentgate::index::AnswerFacts;
use consentgate::policy::Policy;
use consentgate::wire::formats::{
    EventField, EventFormat, EventFormats, EventPlaces, Field, Format, Framing, Header, Kind,
    Refusal, Source, Texts, Unit,
};
use consentgate::wire::proto::outbound::OutboundMessage;
use prost::Message as _;

/// Headers by name.
type Headers<'h> = &'h [(&'h str, Option<&'h [u8]>)];

const PERSON: &str = "+12025550101";
const CLOUD: &str = r#"{"messaging_product": "whatsapp", "to": "+12025550101", "type": "template",
    "template": {"name": "spring", "language": {"code": "en"}}}"#;
const JSON: &str = r#"{"to": "+12025550101", "meta": {"tenant": "cafe"}, "scope": "offers"}"#;
const OWN_EVENT: &str = r#"{"event_id": "e-1", "business_id": "cafe", "phone": "+12025550101",
    "kind": "grant", "scopes": ["offers"], "occurred_at_ms": 1790000000000,
    "method": "website_form", "expression": "box_ticked", "evidence": "form/1", "text_id": "t1",
    "actor": "subject"}"#;
const EVENT: &str = r#"{"id": "e-1", "tenant": "cafe", "phone": "+12025550101", "type": "grant",
    "scopes": ["offers"], "at": 1790000000000, "method": "website_form", "text": "t1",
    "how": "box_ticked", "proof": "form/1", "by": "subject"}"#;

fn format(kind: Kind, places: &[(Field, &str)]) -> Format {
    let source = |text: &str| Source::parse(text).unwrap();
    let sources: Vec<_> = places.iter().map(|(field, text)| (*field, source(text))).collect();
    Format::new(kind, Framing::Plain, &sources).unwrap()
}

fn read<'r>(
    format: &Format,
    value: &'r [u8],
    headers: Headers<'r>,
    texts: &'r Texts,
) -> Result<Message<'r>, Refusal> {
    let each = |show: &mut dyn FnMut(Header<'r>)| {
        headers.iter().for_each(|&(name, value)| show(Header { name, value }));
    };
    format.read(Some(value), each, texts)
}

/// What a gate would say for whom only this one person has agreed; `None` lets it go.
fn fate(format: &Format, value: &[u8], headers: Headers<'_>) -> Option<Reason> {
    let texts = Texts::default();
    let message = match read(format, value, headers, &texts) {
        Ok(message) => Message { sent_at: Some(Seconds(100)), ..message },
        Err(refusal) => return Some(refusal.reason()),
    };
    let agreed = message.business == "cafe"
        && message.to == IdentityRef::parse(PERSON)
        && message.scope == "offers";
    let facts = if agreed { AnswerFacts::Stands } else { AnswerFacts::UnknownBusiness };
    judge(&Policy::standard(), Seconds(100), &message, TemplateStanding::default(), &facts)
        .primary()
}

fn headers_of<'h>(business: &'h [u8], to: &'h [u8]) -> [(&'static str, Option<&'h [u8]>); 4] {
    let (scope, out) = (Some(&b"offers"[..]), Some(&b"footer"[..]));
    [("business", Some(business)), ("to", Some(to)), ("scope", scope), ("out", out)]
}

fn cloud() -> Format {
    let in_headers = [(Field::Business, "header:business"), (Field::Scope, "header:scope")];
    format(Kind::CloudApi, &[&in_headers[..], &[(Field::OptOutPath, "header:out")]].concat())
}

fn json() -> Format {
    let places = [
        (Field::Business, "/meta/tenant"),
        (Field::Recipient, "/to"),
        (Field::Scope, "/scope"),
        (Field::OptOutPath, "header:out"),
    ];
    format(Kind::Json, &places)
}

/// JSON that is none, from JSON that is.
fn malformed(good: &str) -> Vec<Vec<u8>> {
    let mut bad: Vec<Vec<u8>> = [
        good[..good.len() - 1].to_owned(),
        format!("{good}{good}"),
        format!("{good},"),
        good.replace('"', "'"),
        good.replacen(':', "=", 1),
        good.replacen('{', "{,", 1),
        good.replacen('{', &format!("{{\"x\": {}1{},", "[".repeat(200), "]".repeat(200)), 1),
        good.replacen('{', &format!("{{\"x\": {}", "[".repeat(100_000)), 1),
        good.replacen('{', "{\"x\": \"\\ud800\",", 1),
        good.replacen('{', "{\"x\": \"\\u00\",", 1),
        good.replacen('{', "{\"x\": \"a\u{1}\",", 1),
        good.replacen('{', "{\"x\": 01,", 1),
        good.replacen('{', "{\"x\": NaN,", 1),
        String::new(),
    ]
    .map(String::into_bytes)
    .into();
    let at = good.find("202").unwrap();
    let mut not_utf8 = good.as_bytes().to_vec();
    not_utf8[at] = 0xff;
    bad.push(not_utf8);
    bad.push([b"\xff\xfe", good.as_bytes()].concat());
    bad
}

#[test]
fn json_that_is_none_is_malformed_in_every_format() {
    let headers = headers_of(b"cafe", PERSON.as_bytes());
    for (format, good) in [(cloud(), CLOUD), (json(), JSON)] {
        assert_eq!(fate(&format, good.as_bytes(), &headers), None, "{good}");
        for bad in malformed(good) {
            let found = fate(&format, &bad, &headers);
            assert_eq!(found, Some(Reason::Malformed), "{:.60}", String::from_utf8_lossy(&bad));
        }
    }
}

#[test]
fn wrong_types_and_keys_that_come_twice_have_their_reason() {
    let headers = headers_of(b"cafe", PERSON.as_bytes());
    let to = "\"to\": \"+12025550101\"";
    let long = "x".repeat(1 << 20);
    for (written, expected) in [
        ("\"to\": 12025550101".to_owned(), Reason::Malformed),
        ("\"to\": true".to_owned(), Reason::Malformed),
        ("\"to\": [\"+12025550101\"]".to_owned(), Reason::Malformed),
        ("\"to\": {\"to\": \"+12025550101\"}".to_owned(), Reason::Malformed),
        ("\"to\": null".to_owned(), Reason::Malformed),
        ("\"to\": \"\"".to_owned(), Reason::Malformed),
        (format!("{to}, {to}"), Reason::Contradictory),
        (format!("{to}, \"to\": \"+12025550102\""), Reason::Contradictory),
        (format!("{to}, \"TO\": \"+12025550102\""), Reason::Contradictory),
        (format!("{to}, \"t\\u006f\": \"+12025550102\""), Reason::Contradictory),
    ] {
        for (format, good) in [(cloud(), CLOUD), (json(), JSON)] {
            let value = good.replace(to, &written);
            assert_eq!(fate(&format, value.as_bytes(), &headers), Some(expected), "{written}");
        }
    }
    for (format, good) in [(cloud(), CLOUD), (json(), JSON)] {
        // A megabyte in a field names nobody; beside them it is only long.
        let value = good.replace(PERSON, &long);
        assert!(fate(&format, value.as_bytes(), &headers).is_some());
        let value = good.replacen('{', &format!("{{\"{long}\": \"{long}\","), 1);
        assert_eq!(fate(&format, value.as_bytes(), &headers), None);
    }
}

#[test]
fn headers_that_are_bad_have_their_reason() {
    let places = [
        (Field::Business, "header:business"),
        (Field::Recipient, "header:to"),
        (Field::Scope, "header:scope"),
        (Field::OptOutPath, "header:out"),
    ];
    let format = format(Kind::Headers, &places);
    let of = |business: &[u8], to: &[u8]| fate(&format, b"{", &headers_of(business, to));
    let long = vec![b'x'; 1 << 20];
    assert_eq!(of(b"cafe", PERSON.as_bytes()), None);
    assert_eq!(of(b"cafe", b"\xff"), Some(Reason::Malformed));
    assert_eq!(of(b"\xff", PERSON.as_bytes()), Some(Reason::Malformed));
    assert_eq!(of(b"", PERSON.as_bytes()), Some(Reason::Malformed));
    assert_eq!(of(&long, PERSON.as_bytes()), Some(Reason::BusinessUnknown));
    assert!(of(b"cafe", &long).is_some());
    let twice = [&headers_of(b"cafe", PERSON.as_bytes())[..], &[("to", Some(&b"x"[..]))]].concat();
    assert_eq!(fate(&format, b"", &twice), Some(Reason::Contradictory));
}

#[test]
fn protobuf_that_is_none_is_malformed_with_and_without_its_prefix() {
    let good = OutboundMessage {
        business_id: "cafe".to_owned(),
        to: PERSON.to_owned(),
        scope: "offers".to_owned(),
        opt_out_path: 1,
        ..OutboundMessage::default()
    };
    let good = good.encode_to_vec();
    let framed = Format::new(Kind::Protobuf, Framing::Confluent, &[]).unwrap();
    let prefixed = |value: &[u8]| [&[0, 0, 0, 0, 7, 0], value].concat();
    assert_eq!(fate(&Format::PROTOBUF, &good, &[]), None);
    assert_eq!(fate(&framed, &prefixed(&good), &[]), None);
    assert_eq!(fate(&framed, &good, &[]), Some(Reason::Malformed));
    let mut not_utf8 = good.clone();
    not_utf8[2] = 0xff;
    let deep = [0xa3, 0x06].repeat(200);
    for bad in [
        good[..good.len() - 1].to_vec(),
        [&good[..], &[0x7a, 0x7f]].concat(),
        [&good[..], &[0x20, 0x01]].concat(),
        [&good[..], &[0x07]].concat(),
        [&good[..], &deep].concat(),
        not_utf8,
        b"{}".to_vec(),
        Vec::new(),
    ] {
        assert_eq!(fate(&Format::PROTOBUF, &bad, &[]), Some(Reason::Malformed), "{bad:?}");
        assert_eq!(fate(&framed, &prefixed(&bad), &[]), Some(Reason::Malformed), "{bad:?}");
    }
    let long = OutboundMessage { business_id: "x".repeat(1 << 20), ..Default::default() };
    assert!(fate(&Format::PROTOBUF, &long.encode_to_vec(), &[]).is_some());
}

fn mapped_events() -> EventFormat {
    use EventField as F;
    let places = [
        (F::EventId, "/id"),
        (F::Business, "/tenant"),
        (F::Identity, "/phone"),
        (F::Kind, "/type"),
        (F::Scopes, "/scopes"),
        (F::OccurredAt, "/at"),
        (F::Method, "/method"),
        (F::Expression, "/how"),
        (F::Evidence, "/proof"),
        (F::TextId, "/text"),
        (F::Actor, "/by"),
    ];
    let places = places.map(|(field, text)| (field, Source::parse(text).unwrap())).to_vec();
    let places = EventPlaces { places, ..EventPlaces::default() };
    EventFormat::json(Framing::Plain, places, Unit::Millis).unwrap()
}

/// What the gate makes of a record under the person's own key.
fn facts(format: &EventFormat, value: &[u8]) -> Vec<Fact> {
    let formats = EventFormats { events: format.clone(), ..EventFormats::default() };
    let place = Place { topic: Topic::ConsentEvents, partition: Partition(0), offset: Offset(0) };
    let (key, at) = (Some(&b"cafe/+12025550101"[..]), Seconds(1_790_000_000));
    fold(&formats.record(place, at, key, Placement::Right, Some(value))).facts
}

fn grants(facts: &[Fact]) -> bool {
    facts.iter().any(|fact| matches!(fact, Fact::Grant { .. }))
}

#[test]
fn events_that_are_none_quarantine_and_grant_nothing() {
    let forms = [(EventFormat::own_json(Framing::Plain), OWN_EVENT), (mapped_events(), EVENT)];
    for (format, good) in &forms {
        assert!(grants(&facts(format, good.as_bytes())), "{good}");
        for bad in malformed(good) {
            assert_eq!(format.read(Some(&bad)), Content::Undecodable);
            let facts = facts(format, &bad);
            let quarantines = facts.iter().any(|fact| matches!(fact, Fact::Undecodable { .. }));
            assert!(quarantines && !grants(&facts), "{:.60}", String::from_utf8_lossy(&bad));
        }
    }
    for value in [&b""[..], b"{}", b"\xff", &[0x7a, 0x7f], &[0, 0, 0, 0, 7, 0]] {
        for framing in [Framing::Plain, Framing::Confluent] {
            assert!(!grants(&facts(&EventFormat::protobuf(framing), value)), "{value:?}");
        }
    }
}

#[test]
fn no_field_of_a_grant_may_be_of_another_type_or_come_twice() {
    let forms = [(EventFormat::own_json(Framing::Plain), OWN_EVENT), (mapped_events(), EVENT)];
    for (format, good) in forms {
        let json: serde_json::Value = serde_json::from_str(good).unwrap();
        let long = format!("\"{}\"", "x".repeat(1 << 20));
        for (key, value) in json.as_object().unwrap() {
            let pair = format!("\"{key}\": {value}");
            let at = good.find(&format!("\"{key}\"")).unwrap();
            assert!(good[at..].starts_with(&pair), "{pair}");
            let with = |written: &str| good.replacen(&pair, written, 1);
            for other in ["7.5", "true", "{}", "[7]", "[[\"offers\"]]", "\"\\u0000\"", &long] {
                let bad = with(&format!("\"{key}\": {other}"));
                // Any text is an id, and a text's id; any with a sign in it points somewhere.
                let is_id = ["id", "event_id", "text", "text_id"].contains(&key.as_str());
                let is_pointer = ["evidence", "proof"].contains(&key.as_str()) && *other == *long;
                if !(is_id && other.starts_with('"') || is_pointer) {
                    assert!(!grants(&facts(&format, bad.as_bytes())), "{key}: {other:.20}");
                }
            }
            for twice in [
                format!("{pair}, {pair}"),
                format!("{pair}, \"{key}\": null"),
                format!("{pair}, \"{}\": 1", key.to_uppercase()),
            ] {
                assert!(!grants(&facts(&format, with(&twice).as_bytes())), "{twice:.60}");
            }
        }
    }
}
