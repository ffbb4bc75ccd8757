//! No bytes make a message that a plain reading of them would not make.
//!
//! The plain reading is serde_json's own: the whole value in memory, and a pointer into it.

use proptest::prelude::*;
use serde_json::Value as Json;

use super::*;

const PLACES: &[(Field, &str)] = &[
    (Field::Business, "/business"),
    (Field::Recipient, "/to"),
    (Field::Scope, "/meta/scope"),
    (Field::Scope, "/list/1"),
    (Field::MessageId, "/id"),
];

/// The text at a pointer; empty if there is none.
fn plain<'v>(value: &'v Json, pointer: &str) -> &'v str {
    value.pointer(pointer).and_then(Json::as_str).unwrap_or_default()
}

/// What is read must be what stands there, wherever it may stand.
fn check_against_the_plain_reading(bytes: &[u8]) -> Result<(), TestCaseError> {
    let texts = Texts::default();
    let format = format(Kind::Json, PLACES);
    let read = read(&format, bytes, &[], &texts);
    let value: Json = match serde_json::from_slice(bytes) {
        Ok(value) => value,
        Err(_) => {
            prop_assert_eq!(read.map(|_| ()).map_err(Refusal::reason), Err(Reason::Malformed));
            return Ok(());
        }
    };
    let Ok(message) = read else {
        return Ok(());
    };
    prop_assert_eq!(message.business, plain(&value, "/business"));
    prop_assert_eq!(message.to, IdentityRef::parse(plain(&value, "/to")));
    prop_assert_eq!(message.message_id, plain(&value, "/id"));
    for pointer in ["/meta/scope", "/list/1"] {
        if value.pointer(pointer).is_some_and(|scope| !scope.is_null()) {
            prop_assert_eq!(message.scope, plain(&value, pointer));
        }
    }
    Ok(())
}

fn texts() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("cafe".to_owned()),
        Just("+12025550101".to_owned()),
        Just("US.Abc123".to_owned()),
        "\\PC{0,8}",
        any::<String>(),
    ]
}

/// Keys that matter more often than others.
fn keys() -> impl Strategy<Value = String> {
    const KNOWN: &[&str] = &["business", "to", "meta", "scope", "list", "id", "TO", "Business"];
    prop_oneof![4 => prop::sample::select(KNOWN).prop_map(str::to_owned), 1 => texts()]
}

/// A text as JSON, some of it needlessly escaped.
fn quoted(text: &str, escape: u8) -> String {
    let escaped = |(number, char): (usize, char)| match (number as u8 ^ escape) % 5 {
        0 => char.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04X}")).collect(),
        _ => {
            let quoted = serde_json::to_string(&char.to_string()).unwrap();
            quoted[1..quoted.len() - 1].to_owned()
        }
    };
    format!("\"{}\"", text.chars().enumerate().map(escaped).collect::<String>())
}

/// JSON as text, with keys that may come twice and blanks wherever they may be.
fn documents() -> impl Strategy<Value = String> {
    let text = (texts(), any::<u8>()).prop_map(|(text, escape)| quoted(&text, escape));
    let number = prop_oneof![
        any::<i64>().prop_map(|number| number.to_string()),
        any::<f64>()
            .prop_map(|number| format!("{number:e}"))
            .prop_filter("finite", |text| { serde_json::from_str::<Json>(text).is_ok() }),
        Just("-0".to_owned()),
        Just("1E+2".to_owned()),
    ];
    let word = prop::sample::select(&["null", "true", "false"][..]).prop_map(str::to_owned);
    let leaf = prop_oneof![4 => text, 1 => number, 1 => word];
    let blank = || prop::sample::select(&["", "", "", " ", "\n\t", "\r\n"][..]);
    leaf.prop_recursive(4, 40, 6, move |inner| {
        let entry = (keys(), any::<u8>(), blank(), inner.clone(), blank());
        let entry = entry.prop_map(|(key, escape, before, value, after)| {
            format!("{before}{}{after}:{before}{value}{after}", quoted(&key, escape))
        });
        prop_oneof![
            3 => prop::collection::vec(entry, 0..7).prop_map(|all| format!("{{{}}}", all.join(","))),
            1 => prop::collection::vec(inner, 0..4).prop_map(|all| format!("[{}]", all.join(" ,"))),
        ]
    })
}

/// A document that is a message most of the time.
fn messages() -> impl Strategy<Value = String> {
    let more = prop::collection::vec((keys(), any::<u8>(), documents()), 0..3);
    (texts(), texts(), any::<u8>(), more, any::<prop::sample::Index>()).prop_map(
        |(business, to, escape, more, at)| {
            let mut entries = vec![
                format!("\"business\":{}", quoted(&business, escape)),
                format!("{}: {}", quoted("to", escape), quoted(&to, escape)),
            ];
            for (key, escape, value) in more {
                let at = at.index(entries.len() + 1);
                entries.insert(at, format!("{}:{value}", quoted(&key, escape)));
            }
            format!("{{{}}}", entries.join(","))
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn documents_are_read_as_they_plainly_read(document in documents()) {
        check_against_the_plain_reading(document.as_bytes())?;
    }

    #[test]
    fn messages_are_read_as_they_plainly_read(message in messages()) {
        check_against_the_plain_reading(message.as_bytes())?;
    }

    #[test]
    fn damaged_messages_are_read_as_they_plainly_read_or_not_at_all(
        message in messages(),
        edits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        cut in any::<prop::sample::Index>(),
    ) {
        let mut bytes = message.into_bytes();
        let signs = b"{}[]:,\"\\ 0-.eu\xff\x00\x80t";
        for (at, byte) in edits {
            let at = at.index(bytes.len());
            match byte % 3 {
                0 => bytes[at] = signs[usize::from(byte) % signs.len()],
                1 => bytes.insert(at, signs[usize::from(byte) % signs.len()]),
                _ => drop(bytes.remove(at)),
            }
            prop_assume!(!bytes.is_empty());
        }
        check_against_the_plain_reading(&bytes)?;
        bytes.truncate(cut.index(bytes.len()));
        check_against_the_plain_reading(&bytes)?;
    }

    #[test]
    fn any_bytes_are_read_as_they_plainly_read_or_not_at_all(
        bytes in prop::collection::vec(any::<u8>(), 0..60),
    ) {
        check_against_the_plain_reading(&bytes)?;
    }

    #[test]
    fn a_field_given_twice_differently_is_contradictory(
        one in texts(), other in texts(), escape in any::<u8>(), nested in any::<bool>(),
    ) {
        prop_assume!(one != other);
        let (one, other) = (quoted(&one, escape), quoted(&other, escape));
        let scope = match nested {
            true => format!("\"meta\":{{\"scope\":{one}}},\"list\":[0,{other}]"),
            false => format!("\"meta\":{{\"scope\":{one},\"scope\":{other}}}"),
        };
        let value = format!("{{\"business\":\"cafe\",{scope},\"to\":\"+12025550101\"}}");
        let reason = refusal(&format(Kind::Json, PLACES), value.as_bytes()).reason();
        prop_assert_eq!(reason, Reason::Contradictory);
    }

    #[test]
    fn no_bytes_and_no_headers_upset_any_format(
        value in prop::collection::vec(any::<u8>(), 0..40),
        header in prop::collection::vec(any::<u8>(), 0..20),
        prefix in any::<bool>(),
    ) {
        let value = if prefix { [&[0, 0, 0, 0, 9][..], &value].concat() } else { value };
        let mapped = [(Field::Business, "header:b"), (Field::Recipient, "header:b")];
        let headers = [("b", Some(header.as_slice()))];
        let texts = Texts::default();
        for kind in [Kind::Protobuf, Kind::CloudApi, Kind::Json, Kind::Headers] {
            let places = if kind == Kind::Protobuf { vec![] } else { sources(&mapped) };
            for framing in [Framing::Plain, Framing::Confluent] {
                if let Ok(format) = Format::new(kind, framing, &places) {
                    let _ = read(&format, &value, &headers, &texts);
                }
            }
        }
    }
}
