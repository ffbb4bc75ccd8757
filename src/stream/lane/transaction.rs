//! The open transaction: what has been decided since it began, and the receipt that will say so.
//!
//! Knows no Kafka. What is not in here is not committed; what is in here is committed whole or not
//! at all.

use std::collections::BTreeMap;

use super::batch::DecidedBatch;
use super::ownership::Owned;
use crate::consent::{Offset, Partition};
use crate::index::Tick;
use crate::stream::ports::CommitOffset;
use crate::decision::Tally;
use crate::wire::receipt::{
    BatchReceipt, CommitMetadata, Gap, Hold, Previous, Receipt, ReceiptHash, SealedReceipt, Sealer,
};

/// Everything since the transaction began.
#[derive(Debug)]
pub(super) struct OpenTransaction {
    /// The receipt's id: audit entries already carry it.
    pub(super) receipt_id: [u8; 16],
    /// When it began.
    pub(super) began_at: Tick,
    batches: Vec<BatchReceipt>,
    counts: Tally,
    /// The next offset of every partition covered.
    next: BTreeMap<Partition, Offset>,
}

impl OpenTransaction {
    /// A transaction that holds nothing yet.
    pub(super) fn new(receipt_id: [u8; 16], began_at: Tick) -> Self {
        let (batches, counts, next) = (Vec::new(), Tally::default(), BTreeMap::new());
        Self { receipt_id, began_at, batches, counts, next }
    }

    /// Adds a decided batch.
    pub(super) fn add(&mut self, batch: DecidedBatch) {
        for range in &batch.receipt.ranges {
            self.next.insert(range.partition, range.next);
        }
        self.counts.add(&batch.counts);
        self.batches.push(batch.receipt);
    }

    /// Adds a partition that starts behind a gap, so that its offset is committed too.
    pub(super) fn cover(&mut self, partition: Partition, next: Offset) {
        self.next.entry(partition).or_insert(next);
    }

    /// What was decided.
    pub(super) fn counts(&self) -> &Tally {
        &self.counts
    }

    /// What was decided, at the end.
    pub(super) fn into_counts(self) -> Tally {
        self.counts
    }

    /// The partitions covered, with their next offsets.
    pub(super) fn next(&self) -> &BTreeMap<Partition, Offset> {
        &self.next
    }

    /// Builds, signs and hashes the receipt.
    pub(super) fn seal(
        &self,
        sealer: &Sealer,
        owned: &BTreeMap<Partition, Owned>,
        holds: Vec<Hold>,
        gaps: Vec<Gap>,
    ) -> SealedReceipt {
        let previous = self
            .next
            .keys()
            .map(|partition| Previous {
                partition: *partition,
                hash: owned.get(partition).and_then(|owned| owned.previous),
            })
            .collect();
        sealer.seal(Receipt {
            receipt_id: self.receipt_id,
            previous,
            batches: self.batches.clone(),
            holds,
            gaps,
            allowed: self.counts.allowed_count(),
            suppressed: self.counts.suppressed_count(),
            ..sealer.blank()
        })
    }

    /// The offsets to commit, with the receipt's hash beside each.
    pub(super) fn offsets(&self, receipt: ReceiptHash) -> Vec<CommitOffset> {
        let metadata = CommitMetadata { last_receipt: receipt }.to_string();
        self.next
            .iter()
            .map(|(&partition, &next)| CommitOffset { partition, next, metadata: metadata.clone() })
            .collect()
    }
}
