//! A log in memory: encoded records without end for a lane to read, and counters for what it writes.
//!
//! Nothing here fails and nobody else is there: no rebalance but the first, no fault, no hold. The
//! same records come again and again under new offsets, in runs of one partition, as a fetch brings
//! them.

mod bare_loop;

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use consentgate::consent::{Offset, Partition};
use consentgate::index::{Fence, Tick};
use consentgate::stream::ports::{
    Allowed, CommitOffset, CommittedOffset, Extent, Fitness, Header, LaneEvent, LanePort,
    PollLimits, RecordView,
};
use consentgate::stream::{Clock, Fault, FenceSource, SystemClock};
use consentgate::telemetry::HoldCause;

pub(crate) use bare_loop::BareLoop;

const PARTITIONS: i32 = 4;
/// So many records of one partition come in a row.
const RUN: u64 = 250;

/// What came out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Written {
    pub(crate) allowed: u64,
    pub(crate) allowed_bytes: u64,
    pub(crate) audited: u64,
    pub(crate) receipts: u64,
    pub(crate) receipt_bytes: u64,
    pub(crate) commits: u64,
}

/// One side's window on the log: a reader and a writer.
#[derive(Debug)]
pub(crate) struct Port {
    /// The values, one after the other as in a fetch, and where each ends.
    bytes: Rc<(Vec<u8>, Vec<usize>)>,
    read: Cell<u64>,
    joined: Cell<bool>,
    committed: RefCell<BTreeMap<Partition, CommittedOffset>>,
    written: Rc<Cell<Written>>,
}

/// A record of the log.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Record<'a> {
    partition: Partition,
    offset: Offset,
    value: &'a [u8],
}

impl RecordView for Record<'_> {
    fn partition(&self) -> Partition {
        self.partition
    }

    fn offset(&self) -> Offset {
        self.offset
    }

    fn value(&self) -> Option<&[u8]> {
        Some(self.value)
    }

    fn each_header<'r>(&'r self, _: &mut dyn FnMut(Header<'r>)) {}

    fn fitness(&self) -> Fitness {
        Fitness::Forwardable
    }

    /// Later than any clock here: a message that is always just sent.
    fn timestamp_ms(&self) -> Option<i64> {
        Some(i64::MAX)
    }
}

impl Port {
    /// A log of these records.
    pub(crate) fn over(records: &[Vec<u8>]) -> Self {
        let mut bytes = Vec::new();
        let mut ends = Vec::new();
        for record in records {
            bytes.extend_from_slice(record);
            ends.push(bytes.len());
        }
        Self::on(Rc::new((bytes, ends)))
    }

    /// Another window on the same log, from its beginning.
    pub(crate) fn again(&self) -> Self {
        Self::on(self.bytes.clone())
    }

    fn on(bytes: Rc<(Vec<u8>, Vec<usize>)>) -> Self {
        let (read, joined) = (Cell::new(0), Cell::new(false));
        let (committed, written) = (RefCell::default(), Rc::default());
        Self { bytes, read, joined, committed, written }
    }

    /// What comes out, to look at while a lane owns the port.
    pub(crate) fn written(&self) -> Rc<Cell<Written>> {
        self.written.clone()
    }

    /// Takes the next records, and so many at most.
    fn fetch<'a>(&'a self, records: usize, batch: &mut Vec<Record<'a>>) {
        let (bytes, ends) = &*self.bytes;
        let first = self.read.get();
        for number in first..first + records as u64 {
            let (run, within) = (number / RUN, number % RUN);
            let (partition, round) = (run % PARTITIONS as u64, run / PARTITIONS as u64);
            let at = (number % ends.len() as u64) as usize;
            let begin = at.checked_sub(1).map_or(0, |before| ends[before]);
            batch.push(Record {
                partition: Partition(partition as i32),
                offset: Offset((round * RUN + within).cast_signed()),
                value: &bytes[begin..ends[at]],
            });
        }
        self.read.set(first + records as u64);
    }

    /// Writes a record to the output, as far as there is one here.
    fn forward(&self, record: &Record<'_>) {
        let bytes = record.value.len() as u64;
        self.count(|written| {
            written.allowed += 1;
            written.allowed_bytes += bytes;
        });
    }

    fn count(&self, change: impl FnOnce(&mut Written)) {
        let mut written = self.written.get();
        change(&mut written);
        self.written.set(written);
    }
}

impl LanePort for Port {
    type Record<'a> = Record<'a>;

    fn poll<'a>(
        &'a self,
        limits: PollLimits,
        batch: &mut Vec<Record<'a>>,
    ) -> Result<LaneEvent, Fault> {
        if !self.joined.replace(true) {
            return Ok(LaneEvent::Assigned((0..PARTITIONS).map(Partition).collect()));
        }
        self.fetch(limits.records, batch);
        Ok(LaneEvent::Records)
    }

    fn committed(&self, partitions: &[Partition]) -> Result<Vec<CommittedOffset>, Fault> {
        let none = |partition| CommittedOffset { partition, next: None, metadata: String::new() };
        let committed = self.committed.borrow();
        let of = |&partition: &Partition| {
            committed.get(&partition).cloned().unwrap_or_else(|| none(partition))
        };
        Ok(partitions.iter().map(of).collect())
    }

    fn extents(&self, partitions: &[Partition], _: Option<i64>) -> Result<Vec<Extent>, Fault> {
        let (begin, end) = (Offset(0), Offset(i64::MAX));
        let of = |&partition: &Partition| Extent { partition, begin, end, at: None };
        Ok(partitions.iter().map(of).collect())
    }

    fn assign(&self, _: &[(Partition, Offset)]) -> Result<(), Fault> {
        Ok(())
    }

    fn assign_also(&self, _: &[(Partition, Offset)]) -> Result<(), Fault> {
        Ok(())
    }

    fn give_back(&self, _: &[Partition]) -> Result<(), Fault> {
        Ok(())
    }

    fn begin(&self) -> Result<(), Fault> {
        Ok(())
    }

    fn allow(&self, allowed: Allowed<'_, Record<'_>>) -> Result<(), Fault> {
        self.forward(allowed.record());
        Ok(())
    }

    fn audit(&self, _: Partition, _: &[u8]) -> Result<(), Fault> {
        self.count(|written| written.audited += 1);
        Ok(())
    }

    fn receipt(&self, _: Partition, value: &[u8]) -> Result<(), Fault> {
        self.count(|written| {
            written.receipts += 1;
            written.receipt_bytes += value.len() as u64;
        });
        Ok(())
    }

    fn commit(&self, offsets: &[CommitOffset]) -> Result<(), Fault> {
        let mut committed = self.committed.borrow_mut();
        for CommitOffset { partition, next, metadata } in offsets {
            let (next, metadata) = (Some(*next), metadata.clone());
            let partition = *partition;
            committed.insert(partition, CommittedOffset { partition, next, metadata });
        }
        self.count(|written| written.commits += 1);
        Ok(())
    }

    fn abort(&self) -> Result<(), Fault> {
        Ok(())
    }

    fn receipts(&self, _: &mut dyn FnMut(&[u8])) -> Result<(), Fault> {
        Ok(())
    }
}

/// A fence that is always there.
#[derive(Debug)]
pub(crate) struct AlwaysFresh(pub(crate) Arc<Fence>);

impl FenceSource for AlwaysFresh {
    fn fence_for(&self, _: Tick, _: Duration) -> Result<Arc<Fence>, HoldCause> {
        Ok(self.0.clone())
    }

    fn held(&self) -> Option<HoldCause> {
        None
    }
}

/// The machine's monotonic clock, and a wall clock that stands.
#[derive(Debug)]
pub(crate) struct StandingClock {
    monotonic: SystemClock,
    wall_ms: i64,
}

impl StandingClock {
    /// A wall clock that stands at this second.
    pub(crate) fn at(second: u32) -> Self {
        Self { monotonic: SystemClock::start(), wall_ms: i64::from(second) * 1_000 }
    }
}

impl Clock for StandingClock {
    fn tick(&self) -> Tick {
        self.monotonic.tick()
    }

    fn wall_ms(&self) -> i64 {
        self.wall_ms
    }
}
