//! The port: one partition with records, any number without, and a list of every call that matters.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;
use std::sync::Arc;

use crate::consent::{Offset, Partition};
use crate::stream::ports::{
    Allowed, CommitOffset, CommittedOffset, Extent, Fitness, Header, LaneEvent, LanePort,
    PollLimits, RecordView,
};
use crate::stream::tests::TestClock;
use crate::stream::{Fault, FaultKind};

/// The only partition with records.
const READ: Partition = Partition(0);

/// A call that a test may look at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Call {
    Assign(Option<i64>),
    AssignAlso(Vec<i32>),
    GiveBack(Vec<i32>),
    Begin,
    /// An allowed record or an audit entry.
    Send,
    Commit(i64),
    Abort,
}

/// What happens, and what has happened.
#[derive(Debug, Default)]
pub(super) struct Script {
    pub(super) events: RefCell<VecDeque<LaneEvent>>,
    /// The next call of this name fails.
    pub(super) faults: RefCell<Vec<(&'static str, FaultKind)>>,
    pub(super) calls: RefCell<Vec<Call>>,
    pub(super) committed: RefCell<Option<(Offset, String)>>,
    pub(super) committed_receipts: RefCell<Vec<Vec<u8>>>,
    /// A clock that every poll turns by a millisecond.
    pub(super) slow_poll: RefCell<Option<Arc<TestClock>>>,
    begin: Cell<i64>,
    end: Cell<i64>,
    fetch: Cell<Option<i64>>,
    receipts: RefCell<Vec<Vec<u8>>>,
}

impl Script {
    /// Appends so many records to the input; none of them is a message.
    pub(super) fn write(&self, records: usize) {
        self.end.set(self.end.get() + i64::try_from(records).unwrap());
    }

    pub(super) fn forget(&self) {
        self.calls.borrow_mut().clear();
    }

    pub(super) fn calls(&self) -> Vec<Call> {
        self.calls.borrow().clone()
    }

    fn call(&self, name: &'static str, call: Option<Call>) -> Result<(), Fault> {
        self.calls.borrow_mut().extend(call);
        let mut faults = self.faults.borrow_mut();
        match faults.iter().position(|(of, _)| *of == name) {
            Some(at) => Err(Fault::new(faults.remove(at).1, "as the test says")),
            None => Ok(()),
        }
    }
}

#[derive(Debug)]
pub(super) struct Port(pub(super) Rc<Script>);

#[derive(Debug)]
pub(super) struct Record(i64);

impl RecordView for Record {
    fn partition(&self) -> Partition {
        READ
    }

    fn offset(&self) -> Offset {
        Offset(self.0)
    }

    fn value(&self) -> Option<&[u8]> {
        None
    }

    fn each_header<'r>(&'r self, _: &mut dyn FnMut(Header<'r>)) {}

    fn fitness(&self) -> Fitness {
        Fitness::Forwardable
    }

    fn timestamp_ms(&self) -> Option<i64> {
        None
    }
}

impl LanePort for Port {
    type Record<'a> = Record;

    fn poll(&self, max: PollLimits, batch: &mut Vec<Record>) -> Result<LaneEvent, Fault> {
        if let Some(clock) = &*self.0.slow_poll.borrow() {
            clock.advance_ms(1);
        }
        self.0.call("poll", None)?;
        if let Some(event) = self.0.events.borrow_mut().pop_front() {
            return Ok(event);
        }
        if let Some(next) = self.0.fetch.get() {
            batch.extend((next..self.0.end.get()).take(max.records).map(Record));
            self.0.fetch.set(batch.last().map(|record| record.0 + 1).or(Some(next)));
        }
        Ok(LaneEvent::Records)
    }

    fn committed(&self, partitions: &[Partition]) -> Result<Vec<CommittedOffset>, Fault> {
        self.0.call("committed", None)?;
        let committed = self.0.committed.borrow().clone();
        let (next, metadata) = committed.map(|(next, mark)| (Some(next), mark)).unwrap_or_default();
        let of = |&partition| CommittedOffset { partition, next, metadata: metadata.clone() };
        Ok(partitions.iter().map(of).collect())
    }

    fn extents(&self, partitions: &[Partition], _: Option<i64>) -> Result<Vec<Extent>, Fault> {
        self.0.call("extents", None)?;
        let (begin, end) = (Offset(self.0.begin.get()), Offset(self.0.end.get()));
        Ok(partitions.iter().map(|&partition| Extent { partition, begin, end, at: None }).collect())
    }

    fn assign(&self, starts: &[(Partition, Offset)]) -> Result<(), Fault> {
        let start = starts.iter().find(|(partition, _)| *partition == READ);
        let start = start.map(|(_, offset)| offset.0);
        self.0.fetch.set(start);
        self.0.call("assign", Some(Call::Assign(start)))
    }

    fn assign_also(&self, starts: &[(Partition, Offset)]) -> Result<(), Fault> {
        let partitions = starts.iter().map(|(partition, _)| partition.0).collect();
        if let Some((_, start)) = starts.iter().find(|(partition, _)| *partition == READ) {
            self.0.fetch.set(Some(start.0));
        }
        self.0.call("assign_also", Some(Call::AssignAlso(partitions)))
    }

    fn give_back(&self, partitions: &[Partition]) -> Result<(), Fault> {
        if partitions.contains(&READ) {
            self.0.fetch.set(None);
        }
        let partitions = partitions.iter().map(|partition| partition.0).collect();
        self.0.call("give_back", Some(Call::GiveBack(partitions)))
    }

    fn begin(&self) -> Result<(), Fault> {
        self.0.receipts.borrow_mut().clear();
        self.0.call("begin", Some(Call::Begin))
    }

    fn allow(&self, _: Allowed<'_, Record>) -> Result<(), Fault> {
        self.0.call("allow", Some(Call::Send))
    }

    fn audit(&self, _: Partition, _: &[u8]) -> Result<(), Fault> {
        self.0.call("audit", Some(Call::Send))
    }

    fn receipt(&self, _: Partition, record: &[u8]) -> Result<(), Fault> {
        self.0.receipts.borrow_mut().push(record.to_vec());
        self.0.call("receipt", None)
    }

    fn commit(&self, offsets: &[CommitOffset]) -> Result<(), Fault> {
        let offset = offsets.first().unwrap();
        self.0.call("commit", Some(Call::Commit(offset.next.0)))?;
        *self.0.committed.borrow_mut() = Some((offset.next, offset.metadata.clone()));
        self.0.committed_receipts.borrow_mut().append(&mut self.0.receipts.borrow_mut());
        Ok(())
    }

    fn abort(&self) -> Result<(), Fault> {
        self.0.call("abort", Some(Call::Abort))
    }

    fn receipts(&self, each: &mut dyn FnMut(&[u8])) -> Result<(), Fault> {
        self.0.call("receipts", None)?;
        self.0.committed_receipts.borrow().iter().for_each(|record| each(record));
        Ok(())
    }
}
