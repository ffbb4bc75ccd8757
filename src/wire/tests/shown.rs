//! What the gate wrote, as people see it in JSON.

use std::fs;
use std::path::PathBuf;

use prost::Message as _;
use serde::Serialize;

use super::audit::{encode, suppressed};
use super::{receipt, sample_message, signing_key};
use crate::consent::Seconds;
use crate::decision::{Reason, ReasonMask};
use crate::policy::Policy;
use crate::wire::WireError;
use crate::wire::audit::decode_entry;
use crate::wire::json::{JsonAudit, JsonSigned, JsonTime, Named};
use crate::wire::proto::audit::{SignedRecord, signed_record::Body};
use crate::wire::receipt::{
    Inspected, PolicyHash, Receipt, SignatureState, VerifyingKeys, inspect, open, seal, seal_policy,
};

/// The JSON is exactly that of the fixture, in its order.
fn assert_shown(shown: &impl Serialize, name: &str) {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/wire");
    let golden =
        fs::read_to_string(PathBuf::from(folder).join(name)).expect("the fixture is there");
    let shown = serde_json::to_string_pretty(shown).expect("JSON") + "\n";
    assert_eq!(shown, golden, "{name}:\n{shown}");
}

fn audit_of(value: &[u8]) -> JsonAudit {
    decode_entry(value).expect("an entry").into()
}

#[test]
fn an_audit_entry_is_shown_with_its_reasons_by_name_and_nobody_by_number() {
    let message = sample_message();
    let shown = audit_of(&encode(&suppressed(Some(&message))));
    assert_shown(&shown, "audit_entry.json");
    let line = serde_json::to_string(&shown).expect("JSON");
    assert!(!line.contains("2025550101") && !line.contains("Abc123"), "{line}");
}

#[test]
fn an_entry_about_no_message_leaves_out_what_it_does_not_carry() {
    assert_shown(&audit_of(&encode(&suppressed(None))), "audit_entry_malformed.json");
}

#[test]
fn a_reason_of_a_later_version_is_shown_by_its_number() {
    let mut entry = suppressed(None);
    let ReasonMask(known) = entry.suppression.all;
    entry.suppression.all = ReasonMask(known | 1 << 60 | 1);
    let shown = audit_of(&encode(&entry));
    let expected = [Named::Number(0), "withdrawn".into(), "no_grant".into(), Named::Number(60)];
    assert_eq!(shown.reasons, expected);
}

#[test]
fn a_message_that_may_go_later_is_shown_with_the_time() {
    let mut entry = suppressed(None);
    entry.suppression.all.insert(Reason::QuietHours);
    entry.suppression.not_before = Some(Seconds(1_790_000_600));
    let shown = audit_of(&encode(&entry));
    assert_eq!(shown.not_before, Some(JsonTime::Text("2026-09-21T14:23:20.000Z".to_string())));
    assert_eq!(audit_of(&encode(&suppressed(None))).not_before, None);
}

#[test]
fn a_time_that_rfc_3339_does_not_reach_is_shown_as_a_number() {
    assert_eq!(JsonTime::of_millis(0), JsonTime::Text("1970-01-01T00:00:00.000Z".to_string()));
    for ms in [-1, i64::MIN, i64::MAX] {
        assert_eq!(JsonTime::of_millis(ms), JsonTime::Millis(ms));
    }
}

fn pinned() -> VerifyingKeys {
    let mut keys = VerifyingKeys::default();
    keys.pin(&signing_key(1));
    keys
}

fn sealed() -> Vec<u8> {
    let receipt = Receipt { policy: PolicyHash([8; 32]), ..receipt() };
    seal(&receipt, &signing_key(1)).expect("a receipt").value
}

fn looked_at(value: &[u8]) -> Inspected {
    inspect(value, &pinned()).expect("a signed record")
}

#[test]
fn a_receipt_is_shown_whole() {
    assert_shown(&JsonSigned::from(looked_at(&sealed())), "receipt.json");
}

#[test]
fn a_hold_that_lasts_has_no_end() {
    let mut lasting = receipt();
    lasting.holds[0].ended_ms = None;
    let sealed = seal(&lasting, &signing_key(1)).expect("a receipt");
    let shown = serde_json::to_value(JsonSigned::from(looked_at(&sealed.value))).expect("JSON");
    let hold = &shown["receipt"]["holds"][0];
    assert_eq!((&hold["cause"], &hold["ended"]), (&"fence_stale".into(), &serde_json::Value::Null));
    assert_eq!(hold["began"], "2026-09-21T14:13:10.000Z");
}

#[test]
fn a_policy_is_shown_by_its_hash_and_its_lines() {
    let sealed = seal_policy(&Policy::standard(), &signing_key(1));
    let shown = JsonSigned::from(looked_at(&sealed.value));
    let policy = shown.policy.expect("a policy");
    assert_eq!((shown.signature, policy.sha256), ("valid", sealed.hash.to_string()));
    assert_eq!(policy.lines.join("\n") + "\n", Policy::standard().to_canonical_text());
}

#[test]
fn a_signature_is_valid_invalid_or_of_an_unknown_key_and_the_claim_is_shown_all_the_same() {
    let valid = looked_at(&sealed());
    assert_eq!(valid.signature, SignatureState::Valid);
    let mut record = SignedRecord::decode(sealed().as_slice()).expect("a record");
    record.signature[7] ^= 1;
    let altered = record.encode_to_vec();
    let invalid = looked_at(&altered);
    assert_eq!(invalid.signature, SignatureState::Invalid);
    assert_eq!(open(&altered, &pinned()), Err(WireError::BadSignature));
    let unknown = inspect(&sealed(), &VerifyingKeys::default()).expect("a signed record");
    assert_eq!(unknown.signature, SignatureState::UnknownKey);
    assert_eq!(unknown.key_id, signing_key(1).id().as_str());
    for other in [invalid, unknown] {
        assert_eq!(other.claim, valid.claim);
    }
}

#[test]
fn a_claim_that_cannot_be_read_is_shown_with_the_reason_why() {
    let mut record = SignedRecord::decode(sealed().as_slice()).expect("a record");
    record.body = Some(Body::Receipt(b"\xff".to_vec()));
    record.key_id = "k".repeat(1_000);
    let shown = JsonSigned::from(looked_at(&record.encode_to_vec()));
    assert_eq!((shown.signature, shown.key_id.len()), ("unknown key", 64));
    assert!(shown.receipt.is_none() && shown.policy.is_none());
    assert!(shown.unreadable.expect("a reason").contains("receipt is no valid protobuf"));
    assert!(inspect(b"\xff", &pinned()).is_err() && inspect(b"", &pinned()).is_err());
}
