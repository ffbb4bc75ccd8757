//! One batch: decode, look at the view, decide, route.
//!
//! All of it on one view and for one instant, so that the decision can be repeated to the bit.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::time::Duration;

use crate::consent::{Offset, Partition, Positions, Seconds};
use crate::decision::{Decision, Scratch, Tally, decide_batch};
use crate::index::ConsentView;
use crate::policy::Policy;
use crate::stream::clock::Clock;
use crate::stream::fault::Fault;
use crate::stream::outbox::{Fate, Outbox};
use crate::stream::ports::{LanePort, RecordView};
use crate::stream::reading::read;
use crate::wire::formats::{Format, Texts};
use crate::wire::receipt::{BatchReceipt, PartitionRange};

/// A batch that was decided and sent on its way.
#[derive(Debug)]
pub(super) struct DecidedBatch {
    /// How many records, and their fates.
    pub(super) counts: Tally,
    /// What the receipt says about it.
    pub(super) receipt: BatchReceipt,
}

/// So many records are read, asked and decided together: what they take stays in the nearest caches.
const CHUNK: usize = 256;

/// Reads and decides a batch, in chunks but on one view and for one instant. Says how long reading
/// took.
pub(super) fn decide<R: RecordView>(
    (format, policy): (&Format, &Policy),
    view: &ConsentView<'_>,
    now: Seconds,
    records: &[R],
    (scratch, decisions): (&mut Scratch, &mut Vec<Decision>),
    clock: &impl Clock,
) -> Duration {
    decisions.clear();
    scratch.fates.clear();
    let texts = Texts::default();
    let mut messages = Vec::with_capacity(CHUNK.min(records.len()));
    let mut reading_ns = 0;
    for records in records.chunks(CHUNK) {
        let began = clock.tick();
        messages.clear();
        messages.extend(records.iter().map(|record| read(format, policy, record, &texts)));
        reading_ns += clock.tick().0.saturating_sub(began.0);
        decide_batch(policy, view, now, &messages, scratch, decisions);
    }
    Duration::from_nanos(reading_ns)
}

/// Sends a decided batch on its way. `first_of` is where each partition's range begins.
///
/// # Errors
/// A fault of the port, an offset out of order, or counts that do not add up.
pub(super) fn route<P: LanePort>(
    port: &P,
    outbox: &mut Outbox<'_>,
    records: &[P::Record<'_>],
    decisions: impl ExactSizeIterator<Item = Decision>,
    positions: Positions,
    first_of: impl Fn(Partition) -> Option<Offset>,
) -> Result<DecidedBatch, Fault> {
    let mut ranges = Ranges { ranges: BTreeMap::new(), first_of };
    let counts = outbox.route(port, records, decisions, |record, fate| {
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
