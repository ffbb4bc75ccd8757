//! A lane's window on the model: one member of the group, one transactional producer.
//!
//! Its faults are those that the real adapter can give, and no others.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use consentgate::consent::{Offset, Partition};
use consentgate::stream::ports::{
    Allowed, CommitOffset, CommittedOffset, Extent, Fitness, Header, LaneEvent, LanePort,
    PollLimits, RecordView,
};
use consentgate::stream::{Fault, FaultKind};

use super::cluster::{Cluster, Shared};
use super::group::MemberId;
use super::log::{Bytes, Isolation, Name, Txn, TxnState};

/// A record as it was fetched.
#[derive(Clone, Debug)]
pub(crate) struct Fetched {
    pub(crate) partition: Partition,
    pub(crate) offset: Offset,
    pub(crate) bytes: Rc<Bytes>,
    pub(crate) seq: u64,
}

impl RecordView for Fetched {
    fn partition(&self) -> Partition {
        self.partition
    }

    fn offset(&self) -> Offset {
        self.offset
    }

    fn value(&self) -> Option<&[u8]> {
        self.bytes.value.as_deref()
    }

    fn each_header<'r>(&'r self, show: &mut dyn FnMut(Header<'r>)) {
        for (name, value) in &self.bytes.headers {
            if let Ok(name) = std::str::from_utf8(name) {
                show(Header { name, value: value.as_deref() });
            }
        }
    }

    fn fitness(&self) -> Fitness {
        match self.bytes.timestamp_ms {
            1.. => Fitness::Forwardable,
            _ => Fitness::Unforwardable,
        }
    }

    fn timestamp_ms(&self) -> Option<i64> {
        Some(self.bytes.timestamp_ms)
    }
}

/// The port.
#[derive(Debug)]
pub(crate) struct ModelLane {
    pub(crate) shared: Shared,
    pub(crate) member: MemberId,
    lane: u32,
    epoch: u64,
    /// Where fetching stands.
    pub(crate) fetch: RefCell<BTreeMap<Partition, Offset>>,
    /// When each record was fetched last.
    fetched: RefCell<BTreeMap<(Partition, Offset), u64>>,
    /// Whether a transaction was begun and has not ended, as this client sees it.
    in_transaction: RefCell<bool>,
}

const SUDDEN: [FaultKind; 2] = [FaultKind::Fatal, FaultKind::Fenced];
const SENDING: [FaultKind; 3] = [FaultKind::Abortable, FaultKind::Abortable, FaultKind::Fatal];

impl ModelLane {
    /// Joins the group; ends whatever an earlier owner of the transactional id left open.
    pub(crate) fn open(shared: &Shared, lane: u32) -> Self {
        let mut cluster = shared.borrow();
        cluster.finish(lane);
        let member = cluster.group.join();
        let producer = cluster.producers.entry(lane).or_default();
        producer.epoch += 1;
        let epoch = producer.epoch;
        drop(cluster);
        let (fetch, fetched) = (RefCell::default(), RefCell::default());
        let in_transaction = RefCell::new(false);
        Self { shared: shared.clone(), member, lane, epoch, fetch, fetched, in_transaction }
    }

    fn txn(&self, cluster: &Cluster) -> Result<Txn, Fault> {
        let producer = &cluster.producers[&self.lane];
        if producer.epoch != self.epoch {
            return Err(Fault::new(FaultKind::Fenced, "another producer has this id"));
        }
        producer.txn.ok_or_else(|| Fault::new(FaultKind::Fatal, "no transaction is open"))
    }

    pub(crate) fn write(
        &self,
        name: Name,
        partition: Partition,
        bytes: Bytes,
        fetched: Option<u64>,
    ) -> Result<(), Fault> {
        let cluster = &mut *self.shared.borrow();
        let txn = self.txn(cluster)?;
        cluster.trouble(4, &SENDING)?;
        cluster.append(name, partition, bytes, Some(txn), fetched);
        // Refused, but it lies there all the same.
        cluster.trouble(2, &SENDING)
    }

    pub(crate) fn fetched_at(&self, partition: Partition, offset: Offset) -> Option<u64> {
        self.fetched.borrow().get(&(partition, offset)).copied()
    }

    fn fetch_one(&self, cluster: &mut Cluster, isolation: Isolation) -> Option<Fetched> {
        let mut fetch = self.fetch.borrow_mut();
        let skip = cluster.next_seq() as usize;
        let count = fetch.len().max(1);
        for at in 0..fetch.len() {
            let (partition, next) = fetch.iter_mut().nth((at + skip) % count)?;
            while let Some(found) = cluster.log.read(Name::Outbound, *partition, *next, isolation) {
                *next = next.next();
                let Some(seen) = found else { continue };
                let seq = cluster.next_seq();
                self.fetched.borrow_mut().insert((*partition, seen.offset), seq);
                let (partition, offset) = (*partition, seen.offset);
                return Some(Fetched { partition, offset, bytes: seen.bytes, seq });
            }
        }
        None
    }

    /// Commits offsets and outputs together, whoever asks.
    pub(crate) fn commit_unchecked(&self, offsets: &[CommitOffset]) -> Result<(), Fault> {
        let cluster = &mut *self.shared.borrow();
        let txn = self.txn(cluster)?;
        for offset in offsets {
            let pending = (txn, offset.next, offset.metadata.clone());
            cluster.group.pending.insert(offset.partition, pending);
        }
        cluster.trouble(50, &[FaultKind::Abortable])?;
        if let Err(fault) = cluster.trouble(40, &SUDDEN) {
            // The answer was lost. What is committed may show at once, later, or never.
            match cluster.next_seq() % 4 {
                0 => cluster.finish_as(self.lane, TxnState::Committed),
                1 | 2 => cluster.producers.entry(self.lane).or_default().prepared = true,
                _ => {}
            }
            return Err(fault);
        }
        *self.in_transaction.borrow_mut() = false;
        cluster.finish_as(self.lane, TxnState::Committed);
        Ok(())
    }

    /// Whether the group still takes offsets from this member.
    fn check_membership(&self) -> Result<(), Fault> {
        let cluster = &mut *self.shared.borrow();
        if cluster.group.takes_from(self.member) {
            return Ok(());
        }
        let kinds = [FaultKind::Abortable, FaultKind::Fenced];
        let kind = kinds[usize::from(cluster.chance(50))];
        Err(Fault::new(kind, "the membership ended before the commit"))
    }
}

impl Cluster {
    fn finish_as(&mut self, lane: u32, state: TxnState) {
        if let Some(txn) = self.producers.entry(lane).or_default().txn.take() {
            self.end(txn, state);
        }
    }
}

impl LanePort for ModelLane {
    type Record<'a> = Fetched;

    fn poll(&self, limits: PollLimits, batch: &mut Vec<Fetched>) -> Result<LaneEvent, Fault> {
        let cluster = &mut *self.shared.borrow();
        cluster.trouble(2, &SUDDEN)?;
        if let Some(event) = cluster.group.next_event(self.member) {
            if matches!(event, LaneEvent::Revoked(_)) {
                self.fetch.borrow_mut().clear();
            }
            return Ok(event);
        }
        let most = limits.records.min(1 + cluster.next_seq() as usize % 8);
        while batch.len() < most {
            let Some(record) = self.fetch_one(cluster, Isolation::Committed) else {
                break;
            };
            batch.push(record);
        }
        if batch.is_empty() {
            cluster.clock.advance(u64::try_from(limits.first.as_millis()).unwrap().min(20));
        }
        Ok(LaneEvent::Records)
    }

    fn committed(&self, partitions: &[Partition]) -> Result<Vec<CommittedOffset>, Fault> {
        let cluster = &mut *self.shared.borrow();
        cluster.trouble(20, &[FaultKind::Retriable])?;
        if partitions.iter().any(|partition| cluster.group.pending.contains_key(partition)) {
            return Err(Fault::new(FaultKind::Retriable, "a transaction with offsets is open"));
        }
        let of = |&partition: &Partition| {
            let offset = cluster.group.offsets.get(&partition);
            let metadata = offset.map(|(_, metadata)| metadata.clone()).unwrap_or_default();
            CommittedOffset { partition, next: offset.map(|(next, _)| *next), metadata }
        };
        Ok(partitions.iter().map(of).collect())
    }

    fn extents(&self, partitions: &[Partition], _at_ms: Option<i64>) -> Result<Vec<Extent>, Fault> {
        let cluster = &mut *self.shared.borrow();
        cluster.trouble(20, &[FaultKind::Retriable])?;
        let of = |&partition: &Partition| {
            let end = cluster.log.high(Name::Outbound, partition);
            Extent { partition, begin: Offset(0), end, at: None }
        };
        Ok(partitions.iter().map(of).collect())
    }

    fn assign(&self, starts: &[(Partition, Offset)]) -> Result<(), Fault> {
        self.shared.borrow().trouble(2, &[FaultKind::Fatal])?;
        *self.fetch.borrow_mut() = starts.iter().copied().collect();
        Ok(())
    }

    fn unassign(&self) -> Result<(), Fault> {
        self.fetch.borrow_mut().clear();
        self.shared.borrow().group.given_back(self.member);
        Ok(())
    }

    fn begin(&self) -> Result<(), Fault> {
        let cluster = &mut *self.shared.borrow();
        cluster.trouble(5, &SUDDEN)?;
        if self.in_transaction.replace(true) {
            return Err(Fault::new(FaultKind::Fatal, "a transaction is open already"));
        }
        let txn = cluster.log.begin();
        let producer = cluster.producers.entry(self.lane).or_default();
        if producer.epoch != self.epoch {
            return Err(Fault::new(FaultKind::Fenced, "another producer has this id"));
        }
        producer.txn = Some(txn);
        Ok(())
    }

    fn allow(&self, allowed: Allowed<'_, Fetched>) -> Result<(), Fault> {
        let record = allowed.record();
        let bytes = (*record.bytes).clone();
        self.write(Name::Allowed, record.partition, bytes, Some(record.seq))
    }

    fn audit(&self, partition: Partition, entry: &[u8]) -> Result<(), Fault> {
        let decoded = consentgate::wire::audit::decode_entry(entry).unwrap();
        let fetched = self.fetched_at(partition, decoded.offset);
        self.write(Name::Audit, partition, of_value(entry), fetched)
    }

    fn receipt(&self, partition: Partition, record: &[u8]) -> Result<(), Fault> {
        self.write(Name::Receipts, partition, of_value(record), None)
    }

    fn commit(&self, offsets: &[CommitOffset]) -> Result<(), Fault> {
        self.check_membership()?;
        self.commit_unchecked(offsets)
    }

    fn abort(&self) -> Result<(), Fault> {
        let cluster = &mut *self.shared.borrow();
        self.txn(cluster)?;
        cluster.trouble(50, &[FaultKind::Fatal])?;
        *self.in_transaction.borrow_mut() = false;
        if cluster.producers[&self.lane].prepared {
            return Err(Fault::new(FaultKind::Fatal, "a commit is under way"));
        }
        cluster.finish_as(self.lane, TxnState::Aborted);
        Ok(())
    }

    fn receipts(&self, each: &mut dyn FnMut(&[u8])) -> Result<(), Fault> {
        self.shared.borrow().trouble(20, &[FaultKind::Retriable])?;
        let records = self.shared.borrow().log.all_committed(Name::Receipts);
        records.iter().for_each(|record| each(record.bytes.value.as_deref().unwrap_or_default()));
        Ok(())
    }
}

fn of_value(value: &[u8]) -> Bytes {
    Bytes { value: Some(value.to_vec()), ..Bytes::default() }
}
