//! Bugs in a lane's window on the log.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use consentgate::consent::{Offset, Partition};
use consentgate::stream::ports::{
    Allowed, CommitOffset, CommittedOffset, Extent, LaneEvent, LanePort, PollLimits,
};
use consentgate::stream::{Fault, FaultKind};
use consentgate::wire::receipt::{CommitMetadata, Opened, Receipt, ReceiptHash, open, seal};

use super::Bug;
use crate::model::keys::Keys;
use crate::model::lane_port::{Fetched, ModelLane};
use crate::model::log::{Bytes, Name};

/// Topic, partition and value of a record, and what else the model's log keeps of it.
type Unsent = (Name, Partition, Bytes, Option<u64>);

/// The lane's port, with a bug or without.
#[derive(Debug)]
pub(crate) struct BuggyLane {
    inner: ModelLane,
    bug: Option<Bug>,
    keys: Keys,
    /// The last record, not yet sent.
    undrained: RefCell<Option<Unsent>>,
    after_abort: Cell<bool>,
    /// A receipt that was tampered with has another hash; all that name it must follow, or any bug
    /// would look like a broken chain.
    renamed: RefCell<BTreeMap<ReceiptHash, ReceiptHash>>,
}

impl BuggyLane {
    pub(crate) fn new(inner: ModelLane, bug: Option<Bug>, keys: Keys) -> Self {
        let (undrained, after_abort) = (RefCell::new(None), Cell::new(false));
        let renamed = RefCell::default();
        Self { inner, bug, keys, undrained, after_abort, renamed }
    }

    fn has(&self, bug: Bug) -> bool {
        self.bug == Some(bug)
    }

    fn now_and_then(&self, bug: Bug) -> bool {
        self.has(bug) && self.inner.shared.chance(10)
    }

    /// Sends a record; with the bug always one later.
    fn send(
        &self,
        name: Name,
        partition: Partition,
        bytes: Bytes,
        fetched: Option<u64>,
    ) -> Result<(), Fault> {
        if !self.has(Bug::CommitBeforeDrain) {
            return self.inner.write(name, partition, bytes, fetched);
        }
        match self.undrained.replace(Some((name, partition, bytes, fetched))) {
            Some((name, partition, bytes, fetched)) => {
                self.inner.write(name, partition, bytes, fetched)
            }
            None => Ok(()),
        }
    }

    /// The receipt as the bug would have it.
    fn tamper(&self, mut receipt: Receipt) -> Receipt {
        for previous in &mut receipt.previous {
            previous.hash = previous.hash.map(|hash| self.name_of(hash));
        }
        match self.bug {
            Some(Bug::ReceiptTooFar) => {
                let ranges = receipt.batches.last_mut().map(|batch| &mut batch.ranges);
                if let Some(range) = ranges.and_then(|ranges| ranges.last_mut()) {
                    range.next = range.next.next();
                }
            }
            Some(Bug::ReceiptClockOff) => {
                receipt.batches.iter_mut().for_each(|batch| batch.now_ms -= 3_600_000);
            }
            Some(Bug::HoldsUntold) => receipt.holds.clear(),
            Some(Bug::ChainForgotten) => {
                receipt.previous.iter_mut().for_each(|previous| previous.hash = None);
            }
            _ => {}
        }
        receipt
    }

    fn name_of(&self, hash: ReceiptHash) -> ReceiptHash {
        self.renamed.borrow().get(&hash).copied().unwrap_or(hash)
    }

    /// The offset as the bug would have it.
    fn tamper_offset(&self, offset: &CommitOffset) -> CommitOffset {
        let mut offset = offset.clone();
        if self.has(Bug::OffsetTooFar) {
            offset.next = offset.next.next();
        }
        if let Some(CommitMetadata(hash)) = CommitMetadata::parse(&offset.metadata) {
            offset.metadata = CommitMetadata(self.name_of(hash)).to_string();
        }
        offset
    }

    fn tampers_with_receipts(&self) -> bool {
        use Bug::{ChainForgotten, HoldsUntold, ReceiptClockOff, ReceiptTooFar};
        let these = [ChainForgotten, HoldsUntold, ReceiptClockOff, ReceiptTooFar];
        these.into_iter().any(|bug| self.has(bug))
    }

    fn commit_alone(&self, offsets: &[CommitOffset]) {
        let cluster = &mut *self.inner.shared.borrow();
        let kept: BTreeMap<_, _> = offsets
            .iter()
            .map(|offset| (offset.partition, (offset.next, offset.metadata.clone())))
            .collect();
        cluster.group.offsets.extend(kept);
    }
}

impl LanePort for BuggyLane {
    type Record<'a> = Fetched;

    fn poll(&self, limits: PollLimits, batch: &mut Vec<Fetched>) -> Result<LaneEvent, Fault> {
        let before = self.inner.fetch.borrow().clone();
        let event = self.inner.poll(limits, batch)?;
        if self.has(Bug::RevocationIgnored) && matches!(event, LaneEvent::Revoked(_)) {
            self.inner.shared.borrow().group.given_back(self.inner.member);
            *self.inner.fetch.borrow_mut() = before;
            return Ok(LaneEvent::Records);
        }
        Ok(event)
    }

    fn committed(&self, partitions: &[Partition]) -> Result<Vec<CommittedOffset>, Fault> {
        if !self.has(Bug::UnstableOffsets) {
            return self.inner.committed(partitions);
        }
        let pending = std::mem::take(&mut self.inner.shared.borrow().group.pending);
        let answer = self.inner.committed(partitions);
        self.inner.shared.borrow().group.pending = pending;
        answer
    }

    fn extents(&self, partitions: &[Partition], at_ms: Option<i64>) -> Result<Vec<Extent>, Fault> {
        self.inner.extents(partitions, at_ms)
    }

    fn assign(&self, starts: &[(Partition, Offset)]) -> Result<(), Fault> {
        if self.has(Bug::RewindMissing) && self.after_abort.take() {
            return Ok(());
        }
        self.inner.assign(starts)
    }

    fn unassign(&self) -> Result<(), Fault> {
        self.inner.unassign()
    }

    fn begin(&self) -> Result<(), Fault> {
        self.inner.begin()
    }

    fn allow(&self, allowed: Allowed<'_, Fetched>) -> Result<(), Fault> {
        let record = allowed.record();
        let mut bytes = (*record.bytes).clone();
        if self.has(Bug::HeadersLost) {
            bytes.headers.clear();
        }
        if self.now_and_then(Bug::AllowedTwice) {
            self.send(Name::Allowed, record.partition, bytes.clone(), Some(record.seq))?;
        }
        if self.bug.is_none() {
            return self.inner.allow(allowed);
        }
        self.send(Name::Allowed, record.partition, bytes, Some(record.seq))
    }

    fn audit(&self, partition: Partition, entry: &[u8]) -> Result<(), Fault> {
        if self.now_and_then(Bug::AuditDropped) {
            return Ok(());
        }
        self.inner.audit(partition, entry)
    }

    fn receipt(&self, partition: Partition, record: &[u8]) -> Result<(), Fault> {
        if self.tampers_with_receipts()
            && let Ok(Opened::Receipt { receipt, hash }) = open(record, &self.keys.trusted)
        {
            let sealed = seal(&self.tamper(*receipt), &self.keys.signing).unwrap();
            self.renamed.borrow_mut().insert(hash, sealed.hash);
            return self.inner.receipt(partition, &sealed.value);
        }
        self.inner.receipt(partition, record)
    }

    fn commit(&self, offsets: &[CommitOffset]) -> Result<(), Fault> {
        let offsets: Vec<_> = offsets.iter().map(|offset| self.tamper_offset(offset)).collect();
        let offsets = &offsets[..];
        if self.has(Bug::OffsetsAlone) {
            self.commit_alone(offsets);
        }
        let committed = match self.has(Bug::RevocationIgnored) {
            true => self.inner.commit_unchecked(offsets),
            false => self.inner.commit(offsets),
        };
        self.undrained.borrow_mut().take();
        match committed {
            Err(fault)
                if self.has(Bug::CommitFailureIgnored) && fault.kind == FaultKind::Abortable =>
            {
                self.inner.abort()
            }
            committed => committed,
        }
    }

    fn abort(&self) -> Result<(), Fault> {
        self.after_abort.set(true);
        self.undrained.borrow_mut().take();
        self.inner.abort()
    }

    fn receipts(&self, each: &mut dyn FnMut(&[u8])) -> Result<(), Fault> {
        self.inner.receipts(each)
    }
}
