//! Ending a transaction: with its receipt and its offsets, or not at all.

use super::Lane;
use super::meters;
use super::ownership::Owned;
use super::transaction::OpenTransaction;
use crate::consent::{Offset, Partition};
use crate::decision::Tally;
use crate::stream::clock::Clock;
use crate::stream::fault::{Fault, FaultKind};
use crate::stream::fence_board::FenceSource;
use crate::stream::ports::{LanePort, Revocation};
use crate::wire::receipt::{seal, seal_column, seal_policy};

impl<P: LanePort, F: FenceSource, C: Clock> Lane<P, F, C> {
    /// Whether the open transaction is old enough or full enough.
    pub(super) fn is_commit_due(&self) -> bool {
        let settings = &self.desk.settings;
        self.desk.open.as_ref().is_some_and(|open| {
            open.counts().received_count() >= settings.commit_records
                || self.age(open.began_at) >= settings.commit_every
        })
    }

    /// Commits the open transaction, if there is one, and takes over its positions.
    ///
    /// # Errors
    /// A fault. Unless it is abortable the outcome is unknown and the lane must be rebuilt.
    pub(super) fn commit_open(&mut self) -> Result<Option<Tally>, Fault> {
        let Some(mut open) = self.desk.open.take() else {
            return Ok(None);
        };
        if !open.counts().is_conserved() {
            self.desk.open = Some(open);
            return Err(Fault::invariant("allowed and suppressed do not add up to received"));
        }
        let (ending, receipts) = (self.clock.tick(), 1 + u64::from(!self.policy_told));
        match self.commit(&open) {
            Ok(()) => {
                let told = (&*self.desk.meters, &self.desk.decisions_told);
                meters::committed(&open, receipts, ending, &self.clock, told);
                Ok(Some(open.into_counts()))
            }
            Err(fault) => {
                meters::commit_failed(&self.desk.meters, &mut open, fault.kind, &self.clock);
                // Kept, so that whoever handles the fault knows that something is open.
                self.desk.open = Some(open);
                Err(fault)
            }
        }
    }

    /// Commits what is to be told at once, and what is open already. The receipt has a link for each of these
    /// partitions, and their offsets are committed too.
    ///
    /// # Errors
    /// As [`Self::commit_open`].
    pub(super) fn commit_covering(
        &mut self,
        partitions: Vec<(Partition, Offset)>,
    ) -> Result<(), Fault> {
        self.desk.begin(&self.port, &self.clock)?;
        if let Some(open) = &mut self.desk.open {
            for (partition, next) in partitions {
                open.cover(partition, next);
            }
        }
        self.commit_open().map(drop)
    }

    fn commit(&mut self, open: &OpenTransaction) -> Result<(), Fault> {
        let now = self.clock.read();
        let (holds, gaps) = (self.holds.to_tell(now), self.gaps.clone());
        let parts = &self.desk.parts;
        let settings = &self.desk.settings;
        let mut receipt = open.receipt(parts, settings, &self.owned, holds, gaps);
        receipt.decision_header = self.desk.decision_header;
        let broken = |error| Fault::invariant(format!("the receipt cannot be sealed: {error}"));
        let column = self.desk.parts.column.as_mut();
        let column = column.map_or(Ok(Vec::new()), |column| column.parts(open.receipt_id));
        let column = column.map_err(broken)?;
        receipt.allowed_parts = column.iter().map(|part| part.named).collect();
        let parts = &self.desk.parts;
        let sealed = seal(&receipt, &parts.signing).map_err(broken)?;
        if !self.policy_told {
            let policy = seal_policy(&parts.policy, &parts.signing);
            self.port.receipt(sealed.lowest_partition, &policy.value)?;
        }
        for part in &column {
            let value = seal_column(part, &parts.signing);
            self.port.receipt(sealed.lowest_partition, &value)?;
        }
        self.port.receipt(sealed.lowest_partition, &sealed.value)?;
        self.port.commit(&open.offsets(sealed.hash))?;
        for (&partition, &next) in open.next() {
            self.owned.insert(partition, Owned { next, previous: Some(sealed.hash) });
        }
        self.holds.told(now);
        self.gaps.clear();
        self.policy_told = true;
        Ok(())
    }

    /// Commits what is decided and gives the partitions back.
    ///
    /// # Errors
    /// A fault; nothing that was not committed is visible.
    pub fn finish(&mut self) -> Result<(), Fault> {
        self.commit_open()?;
        self.give_back(&self.assigned(), Revocation::Orderly)
    }

    /// Aborts what is open and reads everything again from the committed offsets.
    ///
    /// # Errors
    /// A fault; the lane must then be rebuilt.
    pub(super) fn rewind(&mut self) -> Result<(), Fault> {
        self.abort_open()?;
        let owned = self.owned.keys().copied().collect();
        self.owned.clear();
        self.gaps.clear();
        self.start(owned)?;
        self.fetch_owned()
    }

    /// Aborts the open transaction, if there is one.
    ///
    /// # Errors
    /// A fault; the lane must then be rebuilt, for nothing can be begun.
    pub(super) fn abort_open(&mut self) -> Result<(), Fault> {
        let Some(open) = self.desk.open.take() else {
            return Ok(());
        };
        meters::aborted(&self.desk.meters, &open, &self.clock);
        self.port.abort().map_err(|fault| match fault.kind {
            FaultKind::Abortable | FaultKind::Retriable => {
                Fault { kind: FaultKind::Fatal, ..fault }
            }
            _ => fault,
        })
    }

    /// Aborts what is open as well as it can be; the port is given up after this.
    pub(super) fn abandon(&mut self) {
        if let Err(fault) = self.abort_open() {
            tracing::warn!(%fault, "lane.abort_failed");
        }
    }
}
