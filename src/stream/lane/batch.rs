//! One batch: decode, look at the view, decide, route.
//!
//! All of it on one view and for one instant, so that the decision can be repeated to the bit.

use std::collections::BTreeMap;

use roaring::RoaringBitmap;

use crate::consent::{Offset, Partition, Positions};
use crate::decision::{Decision, Message, Reason};
use crate::stream::fault::Fault;
use crate::stream::outbox::Outbox;
use crate::stream::ports::{Fitness, LanePort, RecordView};
use crate::decision::Tally;
use crate::wire;
use crate::wire::receipt::{BatchReceipt, PartitionRange};

/// A batch that was decided and sent on its way.
#[derive(Debug)]
pub(super) struct DecidedBatch {
    /// How many records, and their fates.
    pub(super) counts: Tally,
    /// What the receipt says about it.
    pub(super) receipt: BatchReceipt,
}

/// Reads the messages of a batch. What cannot be passed on untouched is not even decoded.
pub(super) fn decode<'b, R: RecordView>(records: &'b [R]) -> Vec<Result<Message<'b>, Reason>> {
    records
        .iter()
        .map(|record| match record.fitness() {
            Fitness::Forwardable => wire::outbound::decode(record.value()),
            Fitness::Unforwardable => Err(Reason::Unforwardable),
        })
        .collect()
}

/// Sends a decided batch on its way. `first_of` is where each partition's range begins.
///
/// # Errors
/// A fault of the port, an offset out of order, or counts that do not add up.
pub(super) fn route<P: LanePort>(
    port: &P,
    outbox: &mut Outbox<'_>,
    records: &[P::Record<'_>],
    messages: &[Result<Message<'_>, Reason>],
    decisions: Vec<Decision>,
    positions: Positions,
    first_of: impl Fn(Partition) -> Option<Offset>,
) -> Result<DecidedBatch, Fault> {
    let mut ranges = Ranges::default();
    for record in records {
        ranges.cover(record.partition(), record.offset(), &first_of)?;
    }
    let counts = outbox.route(port, records, messages, decisions.into_iter(), |record| {
        ranges.allow(record.partition(), record.offset());
    })?;
    let receipt = BatchReceipt { ranges: ranges.finish(), positions, now_ms: outbox.now_ms };
    Ok(DecidedBatch { counts, receipt })
}

/// The ranges of one batch, by partition.
#[derive(Debug, Default)]
struct Ranges(BTreeMap<Partition, PartitionRange>);

impl Ranges {
    fn cover(
        &mut self,
        partition: Partition,
        offset: Offset,
        first_of: impl Fn(Partition) -> Option<Offset>,
    ) -> Result<(), Fault> {
        let range = match self.0.entry(partition) {
            std::collections::btree_map::Entry::Occupied(entry) => entry.into_mut(),
            std::collections::btree_map::Entry::Vacant(entry) => {
                let first = first_of(partition)
                    .ok_or_else(|| Fault::invariant("a record of a partition that is not ours"))?;
                let (next, allowed) = (first, RoaringBitmap::new());
                entry.insert(PartitionRange { partition, first, next, allowed, received: 0 })
            }
        };
        if offset < range.next {
            return Err(Fault::invariant("a record came twice or out of order"));
        }
        range.next = offset.next();
        range.received += 1;
        Ok(())
    }

    fn allow(&mut self, partition: Partition, offset: Offset) {
        if let Some(range) = self.0.get_mut(&partition) {
            // A batch spans far less than 2^32 offsets of a partition; one that did would fail to
            // verify, not allow anything.
            let relative = u32::try_from(offset.0 - range.first.0).unwrap_or(u32::MAX);
            range.allowed.insert(relative);
        }
    }

    fn finish(self) -> Vec<PartitionRange> {
        self.0.into_values().collect()
    }
}
