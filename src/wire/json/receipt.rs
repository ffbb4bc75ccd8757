//! Records of the receipts topic as JSON: receipts with their batches, holds and gaps, and policies.
//!
//! What the signature is worth stands first. A record whose claim cannot be read is shown without it,
//! with the reason why.

use std::collections::BTreeMap;

use serde::Serialize;

use super::value::JsonTime;
use crate::consent::Positions;
use crate::policy::Policy;
use crate::wire::receipt::{
    AllowedColumn, AllowedRow, BatchReceipt, Claim, ColumnHash, Gap, Hold, Inspected,
    PartitionRange, PolicyHash, Previous, Receipt, ReceiptHash,
};

/// A signed record. One of receipt, policy, allowed and unreadable is there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct JsonSigned {
    /// `valid`, `invalid` or `unknown key`.
    pub signature: &'static str,
    /// The key that the record names.
    pub key_id: String,
    /// A receipt.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub receipt: Option<JsonReceipt>,
    /// A policy.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub policy: Option<JsonPolicy>,
    /// A part of the column of allowed messages.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allowed: Option<JsonColumn>,
    /// Why neither can be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unreadable: Option<String>,
}

/// A receipt. Hashes and ids are in hex.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct JsonReceipt {
    /// Its id; audit entries name it.
    pub receipt_id: String,
    /// Its hash; the next receipts name it.
    pub sha256: String,
    /// The version of the gate that decided.
    pub gate_version: String,
    /// The version of the rules.
    pub rules_version: u32,
    /// The Kafka cluster.
    pub cluster_id: String,
    /// The instance that decided.
    pub instance: String,
    /// Its lane.
    pub lane: u32,
    /// The route that decided, where it is not the first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub route: Option<String>,
    /// The input topic.
    pub source_topic: String,
    /// The policy that decided, but where a batch names another.
    pub policy_sha256: String,
    /// How the fence was proven.
    pub fence: &'static str,
    /// So long may a batch have waited for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fence_limit_ms: Option<u32>,
    /// `gate`, or `shadow`: nothing that was allowed was written.
    pub mode: &'static str,
    /// For how long a decision counts, where a header that says so was appended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decision_header_valid_ms: Option<u32>,
    /// How many messages were allowed.
    pub allowed: u64,
    /// How many messages were suppressed.
    pub suppressed: u64,
    /// For each input partition the receipt before.
    pub previous: Vec<JsonPrevious>,
    /// The batches in order.
    pub batches: Vec<JsonBatch>,
    /// Times in which nothing was decided.
    pub holds: Vec<JsonHold>,
    /// Input that no decision covers.
    pub gaps: Vec<JsonGap>,
    /// The hashes of the parts of the column of allowed messages, if there is one.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub allowed_parts: Vec<String>,
}

/// The link to the receipt before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct JsonPrevious {
    /// The input partition.
    pub partition: i32,
    /// The hash of the last receipt that covered it; null for the first.
    pub sha256: Option<String>,
}

/// One poll, one fence, one instant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct JsonBatch {
    /// The instant for which all was decided.
    pub now: JsonTime,
    /// The policy, where it is not the receipt's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub policy_sha256: Option<String>,
    /// The input.
    pub ranges: Vec<JsonRange>,
    /// What the consent topics had said: the next offset by topic and partition.
    pub positions: BTreeMap<&'static str, BTreeMap<i32, i64>>,
}

/// What a batch decided of one input partition.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct JsonRange {
    /// The input partition.
    pub partition: i32,
    /// The position before the batch.
    pub first: i64,
    /// The position after the batch.
    pub next: i64,
    /// How many records were decided.
    pub received: u32,
    /// The allowed offsets as runs, each from its first to before its next.
    pub allowed: Vec<[i64; 2]>,
}

/// A time in which nothing was decided.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct JsonHold {
    /// Why.
    pub cause: String,
    /// Since when.
    pub began: JsonTime,
    /// Until when; null while it lasts.
    pub ended: Option<JsonTime>,
}

/// Input that no decision covers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct JsonGap {
    /// The input partition.
    pub partition: i32,
    /// The first offset skipped.
    pub first: i64,
    /// The offset after the last one skipped.
    pub next: i64,
    /// Why, in an operator's words.
    pub reason: String,
}

/// A part of the column of allowed messages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct JsonColumn {
    /// Its hash; its receipt names it.
    pub sha256: String,
    /// The receipt that it belongs to.
    pub receipt_id: String,
    /// Which key made the pseudonyms.
    pub pseudonym_key_id: String,
    /// The messages.
    pub rows: Vec<JsonAllowedRow>,
}

/// An allowed message. Texts that the column does not carry are left out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct JsonAllowedRow {
    /// The partition of the input.
    pub partition: i32,
    /// The offset in the input.
    pub offset: i64,
    /// The business that sent.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub business_id: String,
    /// The recipient.
    pub pseudonym: String,
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
    pub category: &'static str,
    /// The template's name.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub template: String,
    /// The text that the person agreed to.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub text_id: String,
    /// The text's version.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub text_version: String,
}

/// A published policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct JsonPolicy {
    /// The hash by which receipts name it, in hex.
    pub sha256: String,
    /// The lines of its canonical text.
    pub lines: Vec<String>,
}

impl From<Inspected> for JsonSigned {
    fn from(inspected: Inspected) -> Self {
        let (mut receipt, mut policy, mut allowed, mut unreadable) = (None, None, None, None);
        match inspected.claim {
            Ok(Claim::Receipt { receipt: claimed, hash }) => {
                receipt = Some(JsonReceipt::of(*claimed, hash));
            }
            Ok(Claim::Policy { policy: claimed, hash }) => {
                policy = Some(JsonPolicy::of(&claimed, hash));
            }
            Ok(Claim::Allowed { column, hash }) => allowed = Some(JsonColumn::of(*column, hash)),
            Err(error) => unreadable = Some(error.to_string()),
        }
        let signature = inspected.signature.name();
        Self { signature, key_id: inspected.key_id, receipt, policy, allowed, unreadable }
    }
}

impl JsonReceipt {
    fn of(receipt: Receipt, hash: ReceiptHash) -> Self {
        Self {
            receipt_id: receipt.id.to_string(),
            sha256: hash.to_string(),
            policy_sha256: receipt.policy.to_string(),
            route: Some(receipt.route.label().to_owned()).filter(|label| !label.is_empty()),
            fence: receipt.fence.name(),
            fence_limit_ms: receipt.fence_limit_ms,
            mode: receipt.mode.name(),
            decision_header_valid_ms: receipt.decision_header.map(|header| header.valid_for_ms),
            previous: receipt.previous.into_iter().map(JsonPrevious::from).collect(),
            batches: receipt.batches.into_iter().map(JsonBatch::from).collect(),
            holds: receipt.holds.into_iter().map(JsonHold::from).collect(),
            gaps: receipt.gaps.into_iter().map(JsonGap::from).collect(),
            allowed_parts: receipt.allowed_parts.iter().map(|part| part.hash.to_string()).collect(),
            gate_version: receipt.gate_version,
            rules_version: receipt.rules_version,
            cluster_id: receipt.cluster_id,
            instance: receipt.instance,
            lane: receipt.lane,
            source_topic: receipt.source_topic,
            allowed: receipt.allowed,
            suppressed: receipt.suppressed,
        }
    }
}

impl JsonPolicy {
    fn of(policy: &Policy, hash: PolicyHash) -> Self {
        let text = policy.to_canonical_text();
        Self { sha256: hash.to_string(), lines: text.lines().map(str::to_string).collect() }
    }
}

impl JsonColumn {
    fn of(column: AllowedColumn, hash: ColumnHash) -> Self {
        Self {
            sha256: hash.to_string(),
            receipt_id: column.receipt.to_string(),
            pseudonym_key_id: column.pseudonym_key_id,
            rows: column.rows.into_iter().map(JsonAllowedRow::from).collect(),
        }
    }
}

impl From<AllowedRow> for JsonAllowedRow {
    fn from(row: AllowedRow) -> Self {
        Self {
            partition: row.partition.0,
            offset: row.offset.0,
            business_id: row.business,
            pseudonym: row.pseudonym.to_string(),
            message_id: row.message_id,
            campaign_id: row.campaign_id,
            scope: row.scope,
            category: row.category.name(),
            template: row.template,
            text_id: row.text_id,
            text_version: row.text_version,
        }
    }
}

impl From<Previous> for JsonPrevious {
    fn from(previous: Previous) -> Self {
        let sha256 = previous.hash.map(|hash| hash.to_string());
        Self { partition: previous.partition.0, sha256 }
    }
}

impl From<BatchReceipt> for JsonBatch {
    fn from(batch: BatchReceipt) -> Self {
        Self {
            now: JsonTime::of_millis(batch.now_ms),
            policy_sha256: batch.policy.map(|hash| hash.to_string()),
            ranges: batch.ranges.iter().map(JsonRange::from).collect(),
            positions: by_topic(&batch.positions),
        }
    }
}

impl From<&PartitionRange> for JsonRange {
    fn from(range: &PartitionRange) -> Self {
        let runs = range.allowed_runs().into_iter();
        Self {
            partition: range.partition.0,
            first: range.first.0,
            next: range.next.0,
            received: range.received,
            allowed: runs.map(|(first, next)| [first.0, next.0]).collect(),
        }
    }
}

impl From<Hold> for JsonHold {
    fn from(hold: Hold) -> Self {
        let (began, ended) = (hold.began_ms, hold.ended_ms);
        Self {
            cause: hold.cause,
            began: JsonTime::of_millis(began),
            ended: ended.map(JsonTime::of_millis),
        }
    }
}

impl From<Gap> for JsonGap {
    fn from(gap: Gap) -> Self {
        let (first, next) = (gap.first.0, gap.next.0);
        Self { partition: gap.partition.0, first, next, reason: gap.reason }
    }
}

fn by_topic(positions: &Positions) -> BTreeMap<&'static str, BTreeMap<i32, i64>> {
    let mut topics: BTreeMap<_, BTreeMap<_, _>> = BTreeMap::new();
    for (topic, partition, next) in positions.iter() {
        topics.entry(topic.name()).or_default().insert(partition.0, next.0);
    }
    topics
}
