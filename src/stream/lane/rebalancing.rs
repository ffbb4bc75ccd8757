//! Taking partitions over and giving them back.
//!
//! Nothing of a revoked partition is ever committed after its revocation, and no partition starts
//! anywhere but where [`super::ownership`] says.

use super::Lane;
use super::LaneStep;
use super::meters;
use super::ownership::{LastReceipts, StartFrom, needs_receipts, start_of};
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
        meters::rebalanced(&event);
        match event {
            LaneEvent::Records => return Ok(LaneStep::Idle),
            LaneEvent::Assigned(partitions) => self.start(partitions)?,
            LaneEvent::Revoked(how) => self.give_back(how)?,
        }
        Ok(LaneStep::Rebalanced)
    }

    /// Commits or aborts what is open, then gives all partitions back.
    pub(super) fn give_back(&mut self, how: Revocation) -> Result<(), Fault> {
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
        self.abort_open()?;
        self.owned.clear();
        self.stuck = None;
        self.gaps.clear();
        if let Some(breaker) = &mut self.desk.breaker {
            breaker.forget();
        }
        self.port.unassign()
    }

    /// Finds out where each partition starts, and starts there; else holds and asks again later.
    pub(super) fn start(&mut self, partitions: Vec<Partition>) -> Result<(), Fault> {
        self.owned.clear();
        self.gaps.clear();
        let cause = match self.find_starts(&partitions) {
            Ok(Ok(())) => {
                self.stuck = None;
                self.tell_of_gaps()?;
                return self.fetch_owned();
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
        self.owned.clear();
        self.gaps.clear();
        self.note_hold(cause);
        self.port.assign(&[])
    }

    /// Where each partition starts, or why one cannot.
    fn find_starts(&mut self, partitions: &[Partition]) -> Result<Result<(), HoldCause>, Fault> {
        let start_from = self.desk.settings.start_from;
        let at_ms = start_from.and_then(StartFrom::instant_ms);
        let extents = self.port.extents(partitions, at_ms)?;
        let committed = self.port.committed(partitions)?;
        let receipts = match committed.iter().any(needs_receipts) {
            true => self.last_receipts()?,
            false => LastReceipts::new(),
        };
        for offset in &committed {
            let Some(extent) = extents.iter().find(|extent| extent.partition == offset.partition)
            else {
                return Err(Fault::invariant("a partition has a committed offset but no extent"));
            };
            match start_of(offset, *extent, &receipts, start_from) {
                Ok(start) => {
                    self.owned.insert(offset.partition, start.owned);
                    self.gaps.extend(start.gap);
                }
                Err(cause) => {
                    let partition = offset.partition;
                    tracing::error!(%partition, cause = cause.name(), "lane.cannot_start");
                    return Ok(Err(cause));
                }
            }
        }
        Ok(Ok(()))
    }

    /// A gap gets a receipt of its own at once, before anything behind it is decided.
    fn tell_of_gaps(&mut self) -> Result<(), Fault> {
        if self.gaps.is_empty() {
            return Ok(());
        }
        self.desk.begin(&self.port, &self.clock)?;
        if let Some(open) = &mut self.desk.open {
            for gap in &self.gaps {
                open.cover(gap.partition, gap.next);
            }
        }
        self.commit_open().map(drop)
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
