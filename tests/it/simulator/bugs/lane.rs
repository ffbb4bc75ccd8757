//! Bugs in a lane's window on the log.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use consentgate::consent::{Offset, Partition};
use consentgate::stream::ports::{
    Allowed, CommitOffset, CommittedOffset, Extent, LaneEvent, LanePort, PollLimits, Revocation,
};
use consentgate::stream::{Fault, FaultKind};
use consentgate::wire::receipt::{CommitMetadata, Opened, Receipt, ReceiptHash, open, seal};

use super::Bug;
use crate::simulator::fetched::Fetched;
use crate::simulator::group::{MemberId, Sharing};
use crate::simulator::keys::Keys;
use crate::simulator::lane_port::{Defence, Life, ModelLane, of_value};
use crate::simulator::log::{Bytes, Name};
use crate::simulator::process::Common;
use crate::simulator::producers::ProducerId;

/// Topic, partition and value of a record, and what else the model's log keeps of it.
type Unsent = (Name, Partition, Bytes, Option<u64>);

/// The lane's port, with a bug or without.
#[derive(Debug)]
pub(crate) struct BuggyLane {
    inner: ModelLane,
    bug: Option<Bug>,
    keys: Keys,
    /// Whether the answer to the last commit was lost.
    is_doubtful: Cell<bool>,
    /// The offsets as this client knows them.
    offsets: RefCell<BTreeMap<Partition, CommittedOffset>>,
    /// The last record, not yet sent.
    undrained: RefCell<Option<Unsent>>,
    after_abort: Cell<bool>,
    /// A revocation that the lane hears of one poll later.
    kept_back: RefCell<Option<LaneEvent>>,
    /// A receipt that was tampered with has another hash; all that name it must follow, or any bug
    /// would look like a broken chain.
    renamed: RefCell<BTreeMap<ReceiptHash, ReceiptHash>>,
}

impl BuggyLane {
    pub(crate) fn open(common: &Common, life: &Life, id: ProducerId, keys: Keys) -> Self {
        let defence = match common.bug {
            Some(Bug::TaintIgnored) => Defence::NotOfLateEnds,
            Some(Bug::GivenUpIgnored) => Defence::NotOfGivenUp,
            _ => Defence::Whole,
        };
        let mut inner = ModelLane::open(&common.shared, &common.writers, life, id, defence);
        inner.is_fenced = common.bug != Some(Bug::ZombieUnfenced);
        Self {
            inner,
            bug: common.bug,
            keys,
            is_doubtful: Cell::new(false),
            offsets: RefCell::default(),
            undrained: RefCell::new(None),
            after_abort: Cell::new(false),
            kept_back: RefCell::new(None),
            renamed: RefCell::default(),
        }
    }

    pub(crate) fn member(&self) -> MemberId {
        self.inner.member
    }

    /// A record outside the transaction, or in it.
    fn write(
        &self,
        name: Name,
        partition: Partition,
        bytes: Bytes,
        fetched: Option<u64>,
    ) -> Result<(), Fault> {
        match self.has(Bug::NoTransactions) {
            true => self.inner.write_plain(name, partition, bytes, fetched),
            false => self.inner.write(name, partition, bytes, fetched),
        }
    }

    fn has(&self, bug: Bug) -> bool {
        self.bug == Some(bug)
    }

    fn shares_piecewise(&self) -> bool {
        self.inner.shared.borrow().group.sharing() == Sharing::Piecewise
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
            return self.write(name, partition, bytes, fetched);
        }
        match self.undrained.replace(Some((name, partition, bytes, fetched))) {
            Some((name, partition, bytes, fetched)) => self.write(name, partition, bytes, fetched),
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

    /// What the bug makes of a commit that failed.
    fn misjudge(&self, fault: Fault) -> Result<(), Fault> {
        let is_known = fault.kind == FaultKind::Abortable;
        match self.bug {
            Some(Bug::CommitFailureIgnored) if is_known => self.inner.abort(),
            Some(Bug::UnknownIsCommitted) if !is_known && self.inner.is_alive() => {
                self.inner.start_anew();
                Ok(())
            }
            Some(Bug::UnknownIsAborted) if !is_known && self.inner.is_alive() => {
                self.is_doubtful.set(true);
                Err(Fault { kind: FaultKind::Abortable, ..fault })
            }
            _ => Err(fault),
        }
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
        if let Some(event) = self.kept_back.take() {
            return Ok(event);
        }
        let before = self.inner.fetch.borrow().clone();
        let event = self.inner.poll(limits, batch)?;
        if let LaneEvent::Revoked(partitions, how) = &event {
            let member = self.inner.member;
            let give_back = || self.inner.shared.borrow().group.given_back(member, partitions);
            if self.has(Bug::RevocationIgnored) {
                give_back();
                *self.inner.fetch.borrow_mut() = before;
                return Ok(LaneEvent::Records);
            }
            let is_early = self.has(Bug::GivenBackTooEarly) && *how == Revocation::Orderly;
            if is_early && self.shares_piecewise() {
                give_back();
                *self.inner.fetch.borrow_mut() = before;
                self.kept_back.replace(Some(event));
                return Ok(LaneEvent::Records);
            }
        }
        Ok(event)
    }

    fn committed(&self, partitions: &[Partition]) -> Result<Vec<CommittedOffset>, Fault> {
        if self.is_doubtful.take() {
            let known = self.offsets.borrow();
            return Ok(partitions.iter().filter_map(|p| known.get(p).cloned()).collect());
        }
        let answer = match self.has(Bug::UnstableOffsets) {
            false => self.inner.committed(partitions)?,
            true => {
                let pending = std::mem::take(&mut self.inner.shared.borrow().group.pending);
                let answer = self.inner.committed(partitions);
                self.inner.shared.borrow().group.pending = pending;
                answer?
            }
        };
        let known = answer.iter().map(|offset| (offset.partition, offset.clone()));
        self.offsets.borrow_mut().extend(known);
        Ok(answer)
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

    fn assign_also(&self, starts: &[(Partition, Offset)]) -> Result<(), Fault> {
        self.inner.assign_also(starts)
    }

    fn give_back(&self, partitions: &[Partition]) -> Result<(), Fault> {
        self.inner.give_back(partitions)
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
        if self.has(Bug::NoTransactions) {
            let decoded = consentgate::wire::audit::decode_entry(entry).unwrap();
            let fetched = self.inner.fetched_at(partition, decoded.offset);
            return self.write(Name::Audit, partition, of_value(entry), fetched);
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
        let is_unchecked = self.has(Bug::RevocationIgnored) || self.has(Bug::GenerationUnchecked);
        let committed = match is_unchecked {
            true => self.inner.commit_unchecked(offsets),
            false => self.inner.commit(offsets),
        };
        self.undrained.borrow_mut().take();
        match committed {
            Ok(()) => {
                let known = offsets.iter().map(|offset| {
                    let (partition, next) = (offset.partition, Some(offset.next));
                    (
                        partition,
                        CommittedOffset { partition, next, metadata: offset.metadata.clone() },
                    )
                });
                self.offsets.borrow_mut().extend(known);
                Ok(())
            }
            Err(fault) => self.misjudge(fault),
        }
    }

    fn abort(&self) -> Result<(), Fault> {
        self.after_abort.set(true);
        self.undrained.borrow_mut().take();
        if self.is_doubtful.get() {
            // Whatever became of the transaction, the next one is begun by a new producer.
            self.inner.start_anew();
            return Ok(());
        }
        match self.has(Bug::AbortCommits) {
            true => self.inner.commit_unchecked(&[]),
            false => self.inner.abort(),
        }
    }

    fn replacements(&self) -> u64 {
        self.inner.replacements()
    }

    fn receipts(&self, each: &mut dyn FnMut(&[u8])) -> Result<(), Fault> {
        self.inner.receipts(each)
    }
}
