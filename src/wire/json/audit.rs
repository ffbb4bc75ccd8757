//! An audit entry as JSON.
//!
//! Names nobody, for the entry names nobody: the recipient is a pseudonym here too. A reason that only
//! a later version knows is shown by its number.

use serde::Serialize;

use super::value::{JsonTime, Named};
use crate::consent::Seconds;
use crate::decision::{Reason, ReasonMask};
use crate::wire::audit::AuditEntry;

/// An audit entry. Texts that the entry does not carry are left out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct JsonAudit {
    /// The instant for which it was decided.
    pub decided_at: JsonTime,
    /// The primary reason.
    pub reason: &'static str,
    /// All reasons that hold, by their numbers.
    pub reasons: Vec<Named>,
    /// From when it may go, if quiet hours are among the reasons.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not_before: Option<JsonTime>,
    /// The business that sent.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub business_id: String,
    /// The recipient, in hex.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pseudonym: Option<String>,
    /// Which key made the pseudonym.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub pseudonym_key_id: String,
    /// The caller's id of the message.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub message_id: String,
    /// The caller's campaign.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub campaign_id: String,
    /// The purpose.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub scope: String,
    /// The declared category.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub category: Option<&'static str>,
    /// The template's name.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub template: String,
    /// The input record.
    pub source: JsonSource,
    /// The receipt of the transaction that wrote this entry, in hex.
    pub receipt_id: String,
}

/// The input record that an entry is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct JsonSource {
    /// The input topic.
    pub topic: String,
    /// The partition.
    pub partition: i32,
    /// The offset.
    pub offset: i64,
}

impl From<AuditEntry> for JsonAudit {
    fn from(entry: AuditEntry) -> Self {
        Self {
            decided_at: JsonTime::of_millis(entry.decided_at_ms),
            reason: entry.suppression.primary.name(),
            reasons: names(entry.suppression.all),
            not_before: entry.suppression.not_before.map(in_seconds),
            business_id: entry.business,
            pseudonym: entry.pseudonym.map(|pseudonym| hex::encode(pseudonym.0)),
            pseudonym_key_id: entry.pseudonym_key_id,
            message_id: entry.message_id,
            campaign_id: entry.campaign_id,
            scope: entry.scope,
            category: entry.category.map(|category| category.name()),
            template: entry.template,
            source: JsonSource {
                topic: entry.source_topic,
                partition: entry.partition.0,
                offset: entry.offset.0,
            },
            receipt_id: entry.receipt.to_string(),
        }
    }
}

fn in_seconds(at: Seconds) -> JsonTime {
    JsonTime::of_millis(i64::from(at.0) * 1_000)
}

/// Every bit of the mask, also those that this version has no name for.
fn names(all: ReasonMask) -> Vec<Named> {
    let bits = (0..u64::BITS).filter(|bit| all.0 & (1 << bit) != 0);
    let name = |bit: u32| {
        let known = Reason::ALL.into_iter().find(|reason| u32::from(reason.number()) == bit);
        known.map_or(Named::Number(bit.cast_signed()), |reason| reason.name().into())
    };
    bits.map(name).collect()
}
