//! One batch: decode, look at the view, decide, route.
//!
//! All of it on one view and for one instant, so that the decision can be repeated to the bit.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use crate::consent::{Offset, Partition, Positions};
use crate::decision::{Decision, Message, Reason, Tally};
use crate::stream::fault::Fault;
use crate::stream::outbox::{Fate, Outbox};
use crate::stream::ports::{Fitness, LanePort, RecordView};
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
    let mut ranges = Ranges { ranges: BTreeMap::new(), first_of };
    let decisions = decisions.into_iter();
    let counts = outbox.route(port, records, messages, decisions, |record, fate| {
        ranges.note(record.partition(), record.offset(), fate)
    })?;
    let ranges = ranges.ranges.into_values().collect();
    let receipt = BatchReceipt { ranges, positions, now_ms: outbox.now_ms, policy: None };
    Ok(DecidedBatch { counts, receipt })
}

/// The ranges of one batch, by partition.
struct Ranges<F> {
    ranges: BTreeMap<Partition, PartitionRange>,
    first_of: F,
}

impl<F: Fn(Partition) -> Option<Offset>> Ranges<F> {
    fn note(&mut self, partition: Partition, offset: Offset, fate: Fate) -> Result<(), Fault> {
        let range = match self.ranges.entry(partition) {
            Entry::Occupied(entry) => entry.into_mut(),
            Entry::Vacant(entry) => {
                let first = (self.first_of)(partition)
                    .ok_or_else(|| Fault::invariant("a record of a partition that is not ours"))?;
                entry.insert(PartitionRange::starting_at(partition, first))
            }
        };
        if offset < range.next {
            return Err(Fault::invariant("a record came twice or out of order"));
        }
        match fate {
            Fate::Allowed => range.allow(offset),
            Fate::Suppressed => range.suppress(offset),
        }
        Ok(())
    }
}
