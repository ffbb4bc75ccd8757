//! The open transaction: what has been decided since it began, and the receipt that will say so.
//!
//! Knows no Kafka. What is not in here is not committed; what is in here is committed whole or not
//! at all.

use std::collections::BTreeMap;

use super::batch::DecidedBatch;
use super::ownership::Owned;
use super::settings::{LaneParts, LaneSettings};
use crate::consent::{Offset, Partition, RULES_VERSION};
use crate::decision::{ScopeTally, Tally};
use crate::index::Tick;
use crate::stream::ports::CommitOffset;
use crate::wire::receipt::{
    BatchReceipt, CommitMetadata, Gap, Hold, PolicyHash, Previous, Receipt, ReceiptHash, ReceiptId,
};

/// Everything since the transaction began.
#[derive(Debug)]
pub(super) struct OpenTransaction {
    /// The receipt's id: audit entries already carry it.
    pub(super) receipt_id: ReceiptId,
    /// When it began.
    pub(super) began_at: Tick,
    /// Whether the metrics know how it ended.
    pub(super) is_told: bool,
    /// The timestamp of the oldest record in here.
    oldest_ms: Option<i64>,
    batches: Vec<BatchReceipt>,
    counts: Tally,
    /// The same by scope, for the metrics.
    fates: ScopeTally,
    /// The next offset of every partition covered.
    next: BTreeMap<Partition, Offset>,
}

impl OpenTransaction {
    /// A transaction that holds nothing yet.
    pub(super) fn new(receipt_id: ReceiptId, began_at: Tick) -> Self {
        Self {
            receipt_id,
            began_at,
            is_told: false,
            oldest_ms: None,
            batches: Vec::new(),
            counts: Tally::default(),
            fates: ScopeTally::default(),
            next: BTreeMap::new(),
        }
    }

    /// Adds a decided batch.
    pub(super) fn add(&mut self, batch: DecidedBatch) {
        for range in &batch.receipt.ranges {
            self.next.insert(range.partition, range.next);
        }
        self.counts.add(&batch.counts);
        self.batches.push(batch.receipt);
    }

    /// Notes what became of a batch's messages, by scope.
    pub(super) fn note_fates(&mut self, batch: &ScopeTally) {
        self.fates.add(batch);
    }

    /// Notes the timestamp of a batch's oldest record.
    pub(super) fn note_oldest(&mut self, batch_ms: Option<i64>) {
        self.oldest_ms = self.oldest_ms.into_iter().chain(batch_ms).min();
    }

    /// The timestamp of the oldest record decided, if any record has one.
    pub(super) fn oldest_ms(&self) -> Option<i64> {
        self.oldest_ms
    }

    /// Adds a partition that starts behind a gap, so that its offset is committed too.
    pub(super) fn cover(&mut self, partition: Partition, next: Offset) {
        self.next.entry(partition).or_insert(next);
    }

    /// What was decided.
    pub(super) fn counts(&self) -> &Tally {
        &self.counts
    }

    /// What was decided, by scope.
    pub(super) fn fates(&self) -> &ScopeTally {
        &self.fates
    }

    /// What was decided, at the end.
    pub(super) fn into_counts(self) -> Tally {
        self.counts
    }

    /// The partitions covered, with their next offsets.
    pub(super) fn next(&self) -> &BTreeMap<Partition, Offset> {
        &self.next
    }

    /// The receipt of everything in here.
    pub(super) fn receipt(
        &self,
        parts: &LaneParts,
        settings: &LaneSettings,
        owned: &BTreeMap<Partition, Owned>,
        holds: Vec<Hold>,
        gaps: Vec<Gap>,
    ) -> Receipt {
        let previous_of = |partition: &Partition| Previous {
            partition: *partition,
            hash: owned.get(partition).and_then(|owned| owned.previous),
        };
        let origin = &parts.origin;
        Receipt {
            id: self.receipt_id,
            gate_version: env!("CARGO_PKG_VERSION").to_string(),
            rules_version: RULES_VERSION,
            cluster_id: origin.cluster_id.clone(),
            instance: origin.instance.clone(),
            lane: origin.lane,
            source_topic: settings.source_topic.clone(),
            route: origin.route,
            policy: PolicyHash::of(&parts.policy),
            previous: self.next.keys().map(previous_of).collect(),
            batches: self.batches.clone(),
            holds,
            gaps,
            fence: origin.fence,
            fence_limit_ms: u32::try_from(settings.fence_limit.as_millis()).ok(),
            decision_header: None,
            allowed: self.counts.allowed_count(),
            suppressed: self.counts.suppressed_count(),
            mode: origin.mode,
            allowed_parts: Vec::new(),
        }
    }

    /// The offsets to commit, with the receipt's hash beside each.
    pub(super) fn offsets(&self, receipt: ReceiptHash) -> Vec<CommitOffset> {
        let metadata = CommitMetadata(receipt).to_string();
        self.next
            .iter()
            .map(|(&partition, &next)| CommitOffset { partition, next, metadata: metadata.clone() })
            .collect()
    }
}
