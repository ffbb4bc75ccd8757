//! What one batch decided of one input partition.
//!
//! A range runs from position to position, so control and aborted records are covered too. What is
//! not among the allowed offsets was suppressed, or was no record.

use roaring::RoaringTreemap;

use crate::consent::{Offset, Partition};

/// The offsets `[first, next)` of one partition.
#[derive(Clone, Debug, PartialEq)]
pub struct PartitionRange {
    /// The input partition.
    pub partition: Partition,
    /// The position before the batch.
    pub first: Offset,
    /// The position after the batch.
    pub next: Offset,
    /// The allowed offsets, each minus `first`.
    pub allowed: RoaringTreemap,
    /// How many records were decided.
    pub received: u32,
}

impl PartitionRange {
    /// An empty range at a position.
    pub fn starting_at(partition: Partition, first: Offset) -> Self {
        Self { partition, first, next: first, allowed: RoaringTreemap::new(), received: 0 }
    }

    /// Notes an allowed record.
    ///
    /// An offset before the range's start is counted but not listed, so sealing fails.
    pub fn allow(&mut self, offset: Offset) {
        self.suppress(offset);
        if let Ok(distance) = u64::try_from(offset.0.saturating_sub(self.first.0)) {
            // Offsets of a partition ascend; one that does not is put in its place.
            if self.allowed.try_push(distance).is_err() {
                self.allowed.insert(distance);
            }
        }
    }

    /// Notes a suppressed record.
    pub fn suppress(&mut self, offset: Offset) {
        self.received = self.received.saturating_add(1);
        self.next = self.next.max(offset.next());
    }

    /// Extends the range to the position after the batch.
    pub fn extend_to(&mut self, next: Offset) {
        self.next = self.next.max(next);
    }

    /// Whether this offset was allowed.
    pub fn is_allowed(&self, offset: Offset) -> bool {
        let distance = u64::try_from(offset.0.saturating_sub(self.first.0));
        distance.is_ok_and(|distance| self.allowed.contains(distance))
    }

    /// The allowed offsets as runs in order, each from its first to before its next.
    pub fn allowed_runs(&self) -> Vec<(Offset, Offset)> {
        let at = |high: u32, low: u32| {
            let distance = (u64::from(high) << u32::BITS) | u64::from(low);
            Offset(self.first.0.saturating_add_unsigned(distance))
        };
        let mut runs: Vec<(Offset, Offset)> = Vec::new();
        for (high, bitmap) in self.allowed.bitmaps() {
            let mut offsets = bitmap.iter();
            while let Some(run) = offsets.next_range() {
                let (first, next) = (at(high, *run.start()), at(high, *run.end()).next());
                match runs.last_mut() {
                    Some(last) if last.1 == first => last.1 = next,
                    _ => runs.push((first, next)),
                }
            }
        }
        runs
    }

    /// The allowed offsets in order.
    pub fn allowed_offsets(&self) -> impl Iterator<Item = Offset> + '_ {
        let first = self.first.0;
        // No distance is past `next`, which is a positive i64.
        self.allowed.iter().map(move |distance| Offset(first.saturating_add_unsigned(distance)))
    }
}
