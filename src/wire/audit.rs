//! Audit entries: one for each suppressed message.
//!
//! Holds no key, no header, no consent offset and nobody's address: the recipient appears as a
//! pseudonym, and a caller's text that may name a person is left out.

use prost::Message as _;

use super::WireError;
use super::caller_text::Screen;
use super::proto::audit as proto;
use super::pseudonym::{Pseudonym, Pseudonyms};
use super::receipt::ReceiptId;
use crate::consent::{Category, Offset, Partition, Seconds};
use crate::decision::{Message, Reason, ReasonMask, Suppression};

/// A message that must not go, and where its record lies.
#[derive(Clone, Copy, Debug)]
pub struct SuppressedMessage<'a> {
    /// The input topic.
    pub source_topic: &'a str,
    /// The record's partition.
    pub partition: Partition,
    /// The record's offset.
    pub offset: Offset,
    /// The message; `None` if it could not be decoded.
    pub message: Option<&'a Message<'a>>,
    /// Why it must not go.
    pub suppression: Suppression,
    /// The receipt of the transaction that writes this entry.
    pub receipt: ReceiptId,
    /// The instant for which it was decided, in milliseconds since 1970.
    pub decided_at_ms: i64,
}

/// Writes audit entries, with memory that is kept between them. One a lane.
#[derive(Debug)]
pub struct AuditEncoder {
    pseudonyms: Pseudonyms,
    entry: proto::AuditEntry,
}

impl AuditEncoder {
    /// An encoder with its own cache of pseudonym keys.
    pub fn new(pseudonyms: Pseudonyms) -> Self {
        let entry = proto::AuditEntry {
            pseudonym_key_id: pseudonyms.key_id().to_string(),
            ..Default::default()
        };
        Self { pseudonyms, entry }
    }

    /// Writes one entry over whatever `out` holds.
    pub fn encode_entry(&mut self, suppressed: &SuppressedMessage<'_>, out: &mut Vec<u8>) {
        let entry = &mut self.entry;
        refill(&mut entry.source_topic, suppressed.source_topic);
        entry.source_partition = suppressed.partition.0;
        entry.source_offset = suppressed.offset.0;
        entry.reason = suppressed.suppression.primary.number().into();
        entry.reasons_mask = suppressed.suppression.all.0;
        entry.not_before_ms = suppressed.suppression.not_before.map(|at| i64::from(at.0) * 1_000);
        entry.receipt_id.clear();
        entry.receipt_id.extend_from_slice(&suppressed.receipt.0);
        entry.decided_at_ms = suppressed.decided_at_ms;
        self.describe(suppressed.message);
        out.clear();
        let written = self.entry.encode(out);
        debug_assert!(written.is_ok(), "a vector grows as needed");
    }

    fn describe(&mut self, message: Option<&Message<'_>>) {
        let entry = &mut self.entry;
        entry.pseudonym.clear();
        let Some(message) = message else {
            for text in [
                &mut entry.business_id,
                &mut entry.message_id,
                &mut entry.campaign_id,
                &mut entry.scope,
                &mut entry.category,
                &mut entry.template,
            ] {
                text.clear();
            }
            return;
        };
        let screen = Screen::new(message);
        refill(&mut entry.business_id, screen.pass_business(message.business));
        refill(&mut entry.message_id, screen.pass(message.message_id));
        refill(&mut entry.campaign_id, screen.pass(message.campaign_id));
        refill(&mut entry.scope, screen.pass(message.scope));
        refill(&mut entry.category, message.category.name());
        refill(&mut entry.template, screen.pass(message.template));
        if let Some(identity) = message.to {
            let pseudonym = self.pseudonyms.of(message.business, identity);
            entry.pseudonym.extend_from_slice(&pseudonym.0);
        }
    }
}

fn refill(slot: &mut String, text: &str) {
    slot.clear();
    slot.push_str(text);
}

/// An audit entry as read back. Texts that the entry does not carry are empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditEntry {
    /// The input topic.
    pub source_topic: String,
    /// The record's partition.
    pub partition: Partition,
    /// The record's offset.
    pub offset: Offset,
    /// The business that sent.
    pub business: String,
    /// The recipient; `None` if the address could not be read.
    pub pseudonym: Option<Pseudonym>,
    /// Which key made the pseudonym.
    pub pseudonym_key_id: String,
    /// The caller's id of the message.
    pub message_id: String,
    /// The caller's campaign.
    pub campaign_id: String,
    /// The purpose.
    pub scope: String,
    /// The declared category; `None` if the message could not be decoded.
    pub category: Option<Category>,
    /// The template's name.
    pub template: String,
    /// Why it must not go.
    pub suppression: Suppression,
    /// The receipt of the transaction that wrote this entry.
    pub receipt: ReceiptId,
    /// The instant for which it was decided, in milliseconds since 1970.
    pub decided_at_ms: i64,
}

/// Reads an audit entry.
///
/// # Errors
/// Bytes that are no audit entry, or one with a reason or category that this version does not know.
pub fn decode_entry(value: &[u8]) -> Result<AuditEntry, WireError> {
    let what = "audit entry";
    let entry = proto::AuditEntry::decode(value).map_err(|_| WireError::NotProtobuf { what })?;
    let pseudonym = match entry.pseudonym.as_slice() {
        [] => None,
        bytes => Some(Pseudonym(
            bytes
                .try_into()
                .map_err(|_| WireError::field("pseudonym", "must be 16 bytes or none"))?,
        )),
    };
    let category = match entry.category.as_str() {
        "" => None,
        name => Some(Category::parse(name).ok_or(WireError::field(
            "category",
            "is of a later version, read it with that version",
        ))?),
    };
    Ok(AuditEntry {
        partition: Partition(entry.source_partition),
        offset: Offset(entry.source_offset),
        suppression: suppression_of(&entry)?,
        receipt: ReceiptId::from_bytes(&entry.receipt_id)?,
        source_topic: entry.source_topic,
        business: entry.business_id,
        pseudonym,
        pseudonym_key_id: entry.pseudonym_key_id,
        message_id: entry.message_id,
        campaign_id: entry.campaign_id,
        scope: entry.scope,
        category,
        template: entry.template,
        decided_at_ms: entry.decided_at_ms,
    })
}

fn suppression_of(entry: &proto::AuditEntry) -> Result<Suppression, WireError> {
    let primary = Reason::ALL
        .into_iter()
        .find(|reason| i32::from(reason.number()) == entry.reason)
        .ok_or(WireError::field("reason", "is of a later version, read it with that version"))?;
    let all = ReasonMask(entry.reasons_mask);
    if !all.contains(primary) {
        return Err(WireError::field("reasons_mask", "must contain the reason"));
    }
    let not_before = match entry.not_before_ms {
        None => None,
        Some(at_ms) => {
            Some(Seconds::from_millis(at_ms).filter(|at| i64::from(at.0) * 1_000 == at_ms).ok_or(
                WireError::field("not_before_ms", "must be whole seconds from 1970 to 2106"),
            )?)
        }
    };
    if not_before.is_some() != all.contains(Reason::QuietHours) {
        return Err(WireError::field(
            "not_before_ms",
            "must stand with quiet hours and only there",
        ));
    }
    Ok(Suppression { primary, all, not_before })
}
