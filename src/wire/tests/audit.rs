//! Audit entries: what they carry, and whom they never name.

use std::sync::Arc;

use proptest::prelude::*;
use secrecy::SecretSlice;

use super::sample_message;
use crate::consent::{Category, Offset, Partition, Seconds};
use crate::decision::{Message, Reason, ReasonMask, Suppression};
use crate::wire::audit::{AuditEncoder, SuppressedMessage, decode_entry};
use crate::wire::pseudonym::{PseudonymKey, Pseudonyms};
use crate::wire::receipt::ReceiptId;

pub(super) fn pseudonyms() -> Pseudonyms {
    let key = PseudonymKey::new("k1", SecretSlice::from(vec![1; 32])).unwrap();
    Pseudonyms::new(Arc::new(key))
}

pub(super) fn suppressed<'a>(message: Option<&'a Message<'a>>) -> SuppressedMessage<'a> {
    let mut all = ReasonMask::from(Reason::Withdrawn);
    all.insert(Reason::NoGrant);
    SuppressedMessage {
        source_topic: "outbound-messages",
        partition: Partition(3),
        offset: Offset(41),
        message,
        suppression: Suppression { primary: Reason::Withdrawn, all, not_before: None },
        receipt: ReceiptId([7; 16]),
        decided_at_ms: 1_790_000_000_000,
    }
}

pub(super) fn encode(suppressed: &SuppressedMessage<'_>) -> Vec<u8> {
    let mut out = b"left over".to_vec();
    AuditEncoder::new(pseudonyms()).encode_entry(suppressed, &mut out);
    out
}

#[test]
fn an_entry_reads_back_as_it_was_written() {
    let message = sample_message();
    let entry = decode_entry(&encode(&suppressed(Some(&message)))).unwrap();
    assert_eq!(entry.source_topic, "outbound-messages");
    assert_eq!((entry.partition, entry.offset), (Partition(3), Offset(41)));
    assert_eq!(entry.business, "acme");
    let pseudonym = pseudonyms().of("acme", message.to.unwrap());
    assert_eq!(entry.pseudonym, Some(pseudonym));
    assert_eq!(entry.pseudonym_key_id, "k1");
    assert_eq!((entry.message_id.as_str(), entry.campaign_id.as_str()), ("m-1", "autumn"));
    assert_eq!((entry.scope.as_str(), entry.template.as_str()), ("offers", "autumn_offer"));
    assert_eq!(entry.category, Some(Category::Marketing));
    assert_eq!(entry.suppression, suppressed(None).suppression);
    assert_eq!(entry.receipt, ReceiptId([7; 16]));
    assert_eq!(entry.decided_at_ms, 1_790_000_000_000);
}

#[test]
fn nothing_of_one_message_stays_in_the_entry_of_the_next() {
    let message = sample_message();
    let mut encoder = AuditEncoder::new(pseudonyms());
    let mut out = Vec::new();
    encoder.encode_entry(&suppressed(Some(&message)), &mut out);
    encoder.encode_entry(&suppressed(None), &mut out);
    assert_eq!(out, encode(&suppressed(None)));
    let entry = decode_entry(&out).unwrap();
    assert_eq!((entry.business.as_str(), entry.pseudonym, entry.category), ("", None, None));
}

#[test]
fn a_reason_of_a_later_version_is_refused() {
    let mut entry = encode(&suppressed(None));
    let at = entry.windows(2).position(|pair| pair == [12 << 3, 13]).unwrap();
    assert!(decode_entry(&entry).is_ok());
    entry[at + 1] = 30;
    assert!(decode_entry(&entry).is_err());
    // A reason that the mask does not hold.
    entry[at + 1] = 1;
    assert!(decode_entry(&entry).is_err());
}

#[test]
fn from_when_a_message_may_go_stands_with_quiet_hours_and_only_there() {
    let message = sample_message();
    let mut entry = suppressed(Some(&message));
    entry.suppression.all.insert(Reason::QuietHours);
    assert!(decode_entry(&encode(&entry)).is_err());
    entry.suppression.not_before = Some(Seconds(1_790_000_600));
    assert_eq!(decode_entry(&encode(&entry)).unwrap().suppression, entry.suppression);
    entry.suppression.all = Reason::Withdrawn.into();
    assert!(decode_entry(&encode(&entry)).is_err());
}

fn contains(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

proptest! {
    /// Wherever a caller puts the number, with whatever around it, it does not come out.
    #[test]
    fn no_entry_ever_shows_the_recipient(
        before in "[a-z_:+ ]{0,10}",
        after in "[a-z_:]{0,10}",
        field in 0..5usize,
    ) {
        let text = format!("{before}12025550101{after}");
        let mut message = sample_message();
        match field {
            0 => message.message_id = &text,
            1 => message.campaign_id = &text,
            2 => message.scope = &text,
            3 => message.template = &text,
            _ => message.business = "+12025550101",
        }
        let entry = encode(&suppressed(Some(&message)));
        prop_assert!(!contains(&entry, "2025550101"));
    }

    #[test]
    fn garbage_is_refused_without_panic(bytes in prop::collection::vec(any::<u8>(), 0..100)) {
        let _ = decode_entry(&bytes);
    }
}
