//! Waiting without deciding, and without losing the place.
//!
//! While it holds, a lane fetches nothing but stays in its group. What was polled and not decided is
//! read again afterwards.

use std::time::Duration;

use super::{Lane, LaneStep};
use crate::stream::breaker::Breaker;
use crate::stream::clock::Clock;
use crate::stream::fault::Fault;
use crate::stream::fence_board::FenceSource;
use crate::stream::ports::{LaneEvent, LanePort, PollLimits};
use crate::telemetry::HoldCause;

/// How often a held lane serves its group and looks again.
const LOOK_EVERY: Duration = Duration::from_millis(100);

impl<P: LanePort, F: FenceSource, C: Clock> Lane<P, F, C> {
    /// Begins to hold: what is decided is committed, what is not is read again later.
    pub(super) fn begin_hold(&mut self, cause: HoldCause) -> Result<LaneStep, Fault> {
        self.commit_open()?;
        self.port.assign(&[])?;
        self.note_hold(cause);
        Ok(LaneStep::Held(cause))
    }

    /// Serves the group, then looks whether the lane may go on.
    pub(super) fn step_held(&mut self) -> Result<LaneStep, Fault> {
        let mut none = Vec::new();
        let limits = PollLimits { records: 1, first: LOOK_EVERY, collect: Duration::ZERO };
        let event = self.port.poll(limits, &mut none)?;
        drop(none);
        if event != LaneEvent::Records {
            self.rebalance(event)?;
        }
        match self.cause_to_hold()? {
            Some(cause) => {
                self.note_hold(cause);
                self.tell_of_long_hold()?;
                Ok(LaneStep::Held(cause))
            }
            None => {
                self.holds.end(self.clock.read());
                tracing::info!("lane.goes_on");
                self.fetch_owned()?;
                Ok(LaneStep::Idle)
            }
        }
    }

    fn cause_to_hold(&mut self) -> Result<Option<HoldCause>, Fault> {
        if self.stuck.is_some() {
            // An operator may have mended the offsets in the meantime.
            self.start(Vec::new())?;
            if let Some((_, cause)) = &self.stuck {
                return Ok(Some(*cause));
            }
        }
        let asked_at = self.clock.tick();
        let fence = self.fence.fence_for(asked_at, LOOK_EVERY).err();
        // An operator's word is taken only when nothing else holds.
        Ok(fence.or_else(|| self.sender_cause()).or_else(|| self.breaker_cause()))
    }

    /// Whether the sender is too far behind on a partition of this lane.
    pub(super) fn sender_cause(&self) -> Option<HoldCause> {
        let board = self.sender.as_ref()?;
        board.cause(self.clock.tick(), self.owned.keys().copied())
    }

    /// Whether the breaker is tripped and nobody has released it.
    fn breaker_cause(&mut self) -> Option<HoldCause> {
        self.desk.breaker.as_mut().and_then(Breaker::cause)
    }

    pub(super) fn note_hold(&mut self, cause: HoldCause) {
        if self.holds.hold(cause, self.clock.read()) {
            tracing::warn!(cause = cause.name(), "lane.holds");
        }
    }

    /// A hold over a minute gets a transaction of its own, with nothing in it but the hold.
    fn tell_of_long_hold(&mut self) -> Result<(), Fault> {
        // Another cluster gets nothing of ours, not even this.
        let is_elsewhere = self.fence.held() == Some(HoldCause::ClusterIdChanged);
        if is_elsewhere || self.owned.is_empty() || !self.holds.is_due(self.clock.read()) {
            return Ok(());
        }
        self.commit_covering(self.positions().collect())
    }
}
