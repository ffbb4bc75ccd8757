//! Bytes that were written once and must be read for ever.
//!
//! The fixtures are frozen: a change of the encoding shows here before it reaches a topic. A new one
//! is written by `cargo test write_missing_fixtures -- --ignored`, which overwrites none.

use std::fs;
use std::path::PathBuf;

use prost::Message as _;

use super::audit::{encode as audit_entry, suppressed};
use super::{
    grant, outbound, policy_1, policy_3, receipt, sample_message, signing_key, template_state,
    withdraw,
};
use crate::consent::Content;
use crate::policy::{ConsentTexts, Policy};
use crate::wire::audit::decode_entry;
use crate::wire::proto::consent::{Channel, ConsentEvent};
use crate::wire::receipt::{Opened, PolicyHash, VerifyingKeys, open, seal, seal_policy};
use crate::wire::{consent, outbound as outbound_room};

fn path(name: &str) -> PathBuf {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/wire");
    PathBuf::from(folder).join(format!("{name}.hex"))
}

fn fixture(name: &str) -> Vec<u8> {
    let text = fs::read_to_string(path(name)).expect("the fixture is there");
    let digits: String = text.split_whitespace().collect();
    hex::decode(digits).expect("the fixture is hex")
}

/// The standard policy as it was before there were published texts.
fn policy_2() -> Policy {
    Policy::standard().with_consent_texts(ConsentTexts::Any)
}

/// A text in which everything is said.
fn text_published() -> ConsentEvent {
    let publication = consent::Publication {
        business: "acme",
        id: "newsletter",
        version: "3",
        language: "en",
        sentence: "Yes, Acme may write to me on WhatsApp.",
        scopes: &["offers", "surveys"],
        channels: &[Channel::Whatsapp, Channel::Email],
    };
    let (event_id, occurred_at_ms) = ("t-1".to_string(), Some(1_790_000_000_123));
    ConsentEvent { event_id, occurred_at_ms, ..publication.event() }
}

/// What this version writes, by the fixture's name.
fn written() -> Vec<(&'static str, Vec<u8>)> {
    let message = sample_message();
    vec![
        ("consent_grant", consent::encode(&grant())),
        ("consent_withdraw", consent::encode(&withdraw())),
        ("consent_text_published", consent::encode(&text_published())),
        ("consent_template_state", consent::encode(&template_state())),
        ("consent_text_published", consent::encode(&text_published())),
        ("outbound_message", outbound().encode_to_vec()),
        ("audit_entry", audit_entry(&suppressed(Some(&message)))),
        ("audit_entry_malformed", audit_entry(&suppressed(None))),
        ("receipt", seal(&receipt(), &signing_key(1)).unwrap().value),
        ("policy", seal_policy(&policy_1(), &signing_key(1)).value),
        ("policy_2", seal_policy(&policy_2(), &signing_key(1)).value),
        ("policy_3", seal_policy(&policy_3(), &signing_key(1)).value),
    ]
}

#[test]
fn what_is_written_has_not_changed() {
    for (name, bytes) in written() {
        assert_eq!(hex::encode(&bytes), hex::encode(fixture(name)), "{name}");
    }
}

#[test]
fn old_consent_events_read_as_they_did() {
    for (name, event) in [
        ("consent_grant", grant()),
        ("consent_withdraw", withdraw()),
        ("consent_text_published", text_published()),
        ("consent_template_state", template_state()),
        ("consent_text_published", text_published()),
    ] {
        let read = consent::decode(Some(&fixture(name)));
        assert_ne!(read, Content::Undecodable, "{name}");
        assert_eq!(read, consent::decode(Some(&consent::encode(&event))), "{name}");
    }
}

/// The same bytes with fields that only a later version or a sender knows.
#[test]
fn old_messages_read_as_they_did_and_unknown_fields_change_nothing() {
    let old = fixture("outbound_message");
    let newer = fixture("outbound_message_newer");
    let read = outbound_room::decode(Some(&old)).unwrap();
    assert_eq!(read.message_id, sample_message().message_id);
    assert_eq!(read.to, sample_message().to);
    assert_eq!(outbound_room::decode(Some(&newer)), Ok(read));
}

#[test]
fn old_audit_entries_read_as_they_did() {
    let entry = decode_entry(&fixture("audit_entry")).unwrap();
    assert_eq!(entry.pseudonym.unwrap().to_string(), "3c8269f4b01012276f5e472c081dbc7e");
    assert_eq!(entry.suppression, suppressed(None).suppression);
}

#[test]
fn old_receipts_and_policies_still_verify() {
    let mut keys = VerifyingKeys::default();
    keys.pin(&signing_key(1));
    let Ok(Opened::Receipt { receipt: read, hash }) = open(&fixture("receipt"), &keys) else {
        panic!("the receipt verifies");
    };
    assert_eq!(*read, receipt());
    assert_eq!(
        hash.to_string(),
        "433c5cba3382bae64084b1179d67e2f5e98ca6bff315d79be3f699a4f3d94e2f"
    );
    for (name, policy) in
        [("policy", policy_1()), ("policy_2", policy_2()), ("policy_3", policy_3())]
    {
        let hash = PolicyHash::of(&policy);
        let opened = open(&fixture(name), &keys).unwrap();
        assert_eq!(opened, Opened::Policy { policy, hash }, "{name}");
    }
}

#[test]
#[ignore = "a tool, no check: writes the golden file of a new contract; the tests above read them"]
fn write_missing_fixtures() {
    let mut newer = outbound().encode_to_vec();
    // Field 100 as text, 101 as a number, 102 and 103 in fixed widths, and a group.
    newer.extend(*b"\xa2\x06\x03abc\xa8\x06\x96\x01\xb5\x06\0\0\0\0\xb9\x06\0\0\0\0\0\0\0\0");
    newer.extend(*b"\xc3\x06\x08\x01\xc4\x06");
    let mut all = written();
    all.push(("outbound_message_newer", newer));
    for (name, bytes) in all {
        if !path(name).exists() {
            let lines: Vec<_> = bytes.chunks(32).map(hex::encode).collect();
            fs::write(path(name), lines.join("\n") + "\n").unwrap();
        }
    }
}
