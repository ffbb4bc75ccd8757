//! Taking partitions over and giving them back.
//!
//! Nothing of a revoked partition is ever committed after its revocation, and no partition starts
//! anywhere but where [`super::ownership`] says.

use super::Lane;
use super::LaneStep;
use super::meters;
use super::ownership::{LastReceipts, Start, StartFrom, needs_receipts, start_of};
use crate::consent::{Offset, Partition};
use crate::stream::clock::Clock;
use crate::stream::fault::{Fault, FaultKind};
use crate::stream::fence_board::FenceSource;
use crate::stream::ports::{LaneEvent, LanePort, Revocation};
use crate::telemetry::HoldCause;
use crate::wire::receipt::{Opened, Receipt, open};

impl<P: LanePort, F: FenceSource, C: Clock> Lane<P, F, C> {
    /// Handles a change of assignment.
    ///
    /// # Errors
    /// A fault of the port.
    pub(super) fn rebalance(&mut self, event: LaneEvent) -> Result<LaneStep, Fault> {
        meters::rebalanced(&self.desk.meters, &event);
        match event {
            LaneEvent::Records => return Ok(LaneStep::Idle),
            LaneEvent::Assigned(partitions) => self.take_over(partitions)?,
            LaneEvent::Revoked(partitions, how) => self.give_back(&partitions, how)?,
        }
        Ok(LaneStep::Rebalanced)
    }

    /// Begins with new partitions; those that are owned already go on.
    fn take_over(&mut self, partitions: Vec<Partition>) -> Result<(), Fault> {
        let new = partitions.clone();
        self.start(partitions)?;
        if self.holds.cause().is_some() {
            return self.port.assign(&[]);
        }
        let new: Vec<_> =
            self.positions().filter(|(partition, _)| new.contains(partition)).collect();
        self.port.assign_also(&new)
    }

    /// Commits or aborts what is open, then gives these partitions back.
    pub(super) fn give_back(
        &mut self,
        partitions: &[Partition],
        how: Revocation,
    ) -> Result<(), Fault> {
        let committed = match how {
            Revocation::Orderly => self.commit_open().map(drop),
            Revocation::Lost => Ok(()),
        };
        match committed {
            // Whoever gets the partitions decides it again; here nothing may be started any more.
            Err(fault) if fault.kind == FaultKind::Abortable => {
                tracing::warn!(%fault, "lane.gave_back_undone");
            }
            committed => committed?,
        }
        let is_undone = self.desk.open.is_some();
        self.abort_open()?;
        self.forget(partitions);
        self.port.give_back(partitions)?;
        match is_undone && !self.assigned().is_empty() {
            // With them went what was decided of those that stay.
            true => self.rewind(),
            false => Ok(()),
        }
    }

    /// All partitions that the group has given to this lane, those that may not start among them.
    pub(super) fn assigned(&self) -> Vec<Partition> {
        let stuck = self.stuck.iter().flat_map(|(stuck, _)| stuck);
        stuck.chain(self.owned.keys()).copied().collect()
    }

    fn forget(&mut self, partitions: &[Partition]) {
        self.owned.retain(|partition, _| !partitions.contains(partition));
        self.gaps.retain(|gap| !partitions.contains(&gap.partition));
        if let Some((stuck, _)) = &mut self.stuck {
            stuck.retain(|partition| !partitions.contains(partition));
        }
        self.stuck.take_if(|(stuck, _)| stuck.is_empty());
        if let Some(breaker) = self.desk.breaker.as_mut().filter(|_| self.owned.is_empty()) {
            breaker.forget();
        }
    }

    /// Finds out where each of these partitions starts, and those that could not start before; else
    /// holds and asks again later. Nothing is fetched yet.
    pub(super) fn start(&mut self, mut partitions: Vec<Partition>) -> Result<(), Fault> {
        partitions.extend(self.stuck.take().into_iter().flat_map(|(stuck, _)| stuck));
        let cause = match self.find_starts(&partitions) {
            Ok(Ok(starts)) => {
                for start in starts {
                    self.gaps.extend(start.gap);
                    self.owned.insert(start.partition, start.owned);
                }
                return self.tell_at_once();
            }
            Ok(Err(cause)) => cause,
            // Somebody's transaction with offsets is open, or a broker is away. To leave the group
            // for that would stop everybody else as well.
            Err(fault) if fault.kind == FaultKind::Retriable => {
                tracing::warn!(%fault, "lane.cannot_start_yet");
                HoldCause::KafkaUnreachable
            }
            Err(fault) => return Err(fault),
        };
        self.stuck = Some((partitions, cause));
        // A lane that holds leaves nothing open.
        self.commit_open()?;
        self.note_hold(cause);
        Ok(())
    }

    /// Where each partition starts, or why one cannot.
    fn find_starts(
        &self,
        partitions: &[Partition],
    ) -> Result<Result<Vec<Start>, HoldCause>, Fault> {
        if partitions.is_empty() {
            return Ok(Ok(Vec::new()));
        }
        let start_from = self.desk.settings.start_from;
        let at_ms = start_from.and_then(StartFrom::instant_ms);
        let extents = self.port.extents(partitions, at_ms)?;
        let committed = self.port.committed(partitions)?;
        let receipts = match committed.iter().any(needs_receipts) {
            true => self.last_receipts()?,
            false => LastReceipts::new(),
        };
        let mut starts = Vec::with_capacity(committed.len());
        for offset in &committed {
            let Some(extent) = extents.iter().find(|extent| extent.partition == offset.partition)
            else {
                return Err(Fault::invariant("a partition has a committed offset but no extent"));
            };
            match start_of(offset, *extent, &receipts, start_from) {
                Ok(start) => starts.push(start),
                Err(cause) => {
                    let partition = offset.partition;
                    tracing::error!(%partition, cause = cause.name(), "lane.cannot_start");
                    return Ok(Err(cause));
                }
            }
        }
        Ok(Ok(starts))
    }

    /// A gap gets a receipt of its own at once, before anything behind it is decided; and so does a hold from
    /// before there was this lane.
    fn tell_at_once(&mut self) -> Result<(), Fault> {
        let covered: Vec<_> = match self.holds.owes_past() {
            true => self.positions().collect(),
            false => self.gaps.iter().map(|gap| (gap.partition, gap.next)).collect(),
        };
        if covered.is_empty() {
            return Ok(());
        }
        self.commit_covering(covered)
    }

    /// Fetches every owned partition from where it stands, forgetting what was prefetched. A lane
    /// that holds fetches nothing.
    pub(super) fn fetch_owned(&mut self) -> Result<(), Fault> {
        let starts: Vec<(Partition, Offset)> = match self.holds.cause() {
            Some(_) => Vec::new(),
            None => self.positions().collect(),
        };
        self.port.assign(&starts)
    }

    /// What the receipts say about the input's partitions: the furthest of each.
    fn last_receipts(&self) -> Result<LastReceipts, Fault> {
        let mut last = LastReceipts::new();
        let (trusted, topic) = (&self.desk.parts.trusted, &self.desk.settings.source_topic);
        self.port.receipts(&mut |record| {
            let Ok(Opened::Receipt { receipt, hash }) = open(record, trusted) else {
                return;
            };
            if receipt.source_topic != *topic {
                return;
            }
            for (partition, next) in ends_of(&receipt) {
                let entry = last.entry(partition).or_insert((next, hash));
                if next > entry.0 {
                    *entry = (next, hash);
                }
            }
        })?;
        Ok(last)
    }
}

/// Up to where a receipt covers each of its partitions.
fn ends_of(receipt: &Receipt) -> impl Iterator<Item = (Partition, Offset)> + '_ {
    let ranges = receipt.batches.iter().flat_map(|batch| &batch.ranges);
    let gaps = receipt.gaps.iter().map(|gap| (gap.partition, gap.next));
    ranges.map(|range| (range.partition, range.next)).chain(gaps)
}
