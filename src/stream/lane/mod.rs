//! A lane: poll a batch, wait for the fence, decide, send, commit.
//!
//! One thread, one window on the log, one state machine. It knows no Kafka: rebalances come as
//! events, so all state is in one hand. Without a fence it decides nothing and holds; a fault aborts
//! what is open; a broken invariant ends the process.

mod batch;
mod committing;
mod desk;
mod holding;
mod holds;
mod listing;
mod meters;
mod ownership;
mod rebalancing;
mod settings;
#[cfg(test)]
mod tests;
mod transaction;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use ownership::Owned;
pub use ownership::StartFrom;
pub use settings::{LaneParts, LaneSettings, Origin};

use self::desk::Desk;
use self::holds::Holds;
use super::breaker::Breaker;
use super::clock::Clock;
use super::fault::{Fault, FaultKind};
use super::fence_board::FenceSource;
use super::ports::{LaneEvent, LanePort, PollLimits};
use super::sender_board::SenderBoard;
use crate::consent::{Offset, Partition};
use crate::decision::Tally;
use crate::index::Tick;
use crate::telemetry::HoldCause;
use crate::telemetry::metrics::Stage;
use crate::wire::receipt::{DecisionHeader, Gap};

/// What a step came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LaneStep {
    /// Nothing to read.
    Idle,
    /// A batch was decided and sent; it is not committed yet.
    Decided(Tally),
    /// A transaction was committed.
    Committed(Tally),
    /// The assignment changed.
    Rebalanced,
    /// After such a fault what was open is undone, and is read again.
    Rewound(FaultKind),
    /// Nothing may be decided.
    Held(HoldCause),
}

/// One lane.
#[derive(Debug)]
pub struct Lane<P, F, C> {
    port: P,
    fence: F,
    clock: C,
    desk: Desk,
    /// What this lane owns and may decide.
    owned: BTreeMap<Partition, Owned>,
    /// What was assigned but may not start: it holds the lane.
    stuck: Option<(Vec<Partition>, HoldCause)>,
    /// Gaps that no receipt has told of yet.
    gaps: Vec<Gap>,
    holds: Holds,
    /// Whether a receipt of this lane has the policy beside it.
    policy_told: bool,
    /// Where it looks whether the sender keeps up; `None`: nobody watches the sender.
    sender: Option<Arc<SenderBoard>>,
}

impl<P: LanePort, F: FenceSource, C: Clock> Lane<P, F, C> {
    /// A lane that owns nothing yet.
    pub fn new(port: P, fence: F, clock: C, parts: LaneParts, settings: LaneSettings) -> Self {
        let desk = Desk::new(parts, settings);
        let (owned, stuck, gaps) = (BTreeMap::new(), None, Vec::new());
        let (holds, policy_told, sender) = (Holds::default(), false, None);
        Self { port, fence, clock, desk, owned, stuck, gaps, holds, policy_told, sender }
    }

    /// The same, and it fetches nothing while the sender does not keep up.
    #[must_use]
    pub fn with_sender(mut self, board: Arc<SenderBoard>) -> Self {
        self.sender = Some(board);
        self
    }

    /// The same, and it tells of a hold that ended when the lane was made, as soon as it owns a partition.
    #[must_use]
    pub fn after_hold(mut self, cause: HoldCause, began_ms: i64) -> Self {
        self.holds.note_past(cause, began_ms, self.clock.wall_ms());
        self
    }

    /// The same, and it stops when too many messages are faulty.
    #[must_use]
    pub fn with_breaker(mut self, breaker: Breaker) -> Self {
        self.desk.breaker = Some(breaker);
        self
    }

    /// The same, and it appends a header to whatever it allows; its receipts say so.
    #[must_use]
    pub fn with_decision_header(mut self, header: DecisionHeader) -> Self {
        self.desk.decision_header = Some(header);
        self
    }

    /// Steps until told to stop, then commits what is decided and gives the partitions back. `after` sees
    /// each step; what is open when it finds a fault is aborted with the lane.
    ///
    /// # Errors
    /// A fault after which the lane must be rebuilt, or the process ended.
    pub fn run(
        &mut self,
        stop: &AtomicBool,
        mut after: impl FnMut(&Self, &LaneStep) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        while !stop.load(Ordering::Relaxed) {
            let step = self.step()?;
            after(self, &step)?;
        }
        self.finish()
    }

    /// One step: a batch, a change of assignment, or a commit that is due.
    ///
    /// # Errors
    /// A fault after which the lane must be rebuilt. What was open is aborted where that is possible.
    pub fn step(&mut self) -> Result<LaneStep, Fault> {
        let step = match self.try_step() {
            Err(fault) if fault.kind == FaultKind::Abortable => {
                tracing::warn!(%fault, "lane.rewound");
                self.rewind().map(|()| LaneStep::Rewound(fault.kind))
            }
            step => step,
        };
        if step.is_err() {
            self.abandon();
        }
        step
    }

    /// The partitions owned, with their next offsets as committed.
    pub fn positions(&self) -> impl Iterator<Item = (Partition, Offset)> + '_ {
        self.owned.iter().map(|(partition, owned)| (*partition, owned.next))
    }

    /// Whether no receipt tells yet of the hold of [`Self::after_hold`].
    pub fn owes_past_hold(&self) -> bool {
        self.holds.owes_past()
    }

    /// Whether something is decided that is not committed yet.
    pub fn has_open_transaction(&self) -> bool {
        self.desk.open.is_some()
    }

    fn try_step(&mut self) -> Result<LaneStep, Fault> {
        if self.is_commit_due() {
            return Ok(self.commit_open()?.map_or(LaneStep::Idle, LaneStep::Committed));
        }
        if self.holds.cause().is_some() {
            return self.step_held();
        }
        if let Some(cause) = self.sender_cause() {
            return self.begin_hold(cause);
        }
        let mut records = Vec::with_capacity(self.desk.settings.batch_records);
        let began = self.clock.tick();
        let event = self.port.poll(self.limits(), &mut records)?;
        // T is taken after the batch's last poll: none of its records was fetched later.
        let polled_at = self.clock.tick();
        if event != LaneEvent::Records {
            drop(records);
            return self.rebalance(event);
        }
        if records.is_empty() {
            return Ok(LaneStep::Idle);
        }
        self.desk.meters.stage(Stage::Poll, self.age(began));
        let (port, fence, clock) = (&self.port, &self.fence, &self.clock);
        let outcome = self.desk.decide(port, fence, clock, &self.owned, &records, polled_at)?;
        drop(records);
        match outcome {
            Ok(tally) => Ok(LaneStep::Decided(tally)),
            Err(cause) => self.begin_hold(cause),
        }
    }

    fn limits(&self) -> PollLimits {
        let settings = &self.desk.settings;
        let first = match &self.desk.open {
            // An open transaction must not wait past its commit for a record that may never come.
            Some(open) => settings.commit_every.saturating_sub(self.age(open.began_at)),
            None => settings.idle_wait,
        };
        PollLimits { records: settings.batch_records, first, collect: settings.batch_wait }
    }

    fn age(&self, since: Tick) -> Duration {
        Duration::from_nanos(self.clock.tick().0.saturating_sub(since.0))
    }
}
