//! Questions from outside, decided as a lane decides a batch: one fence, one view, one instant.
//!
//! The fence is one that was asked for after the question had arrived, so an opt-out that was
//! acknowledged before it counts. Without a fence there is no answer, only the cause. No permit comes
//! out of here: what is asked was decided before, or is not a message yet.

use std::sync::Arc;
use std::time::Duration;

use super::clock::Clock;
use super::fault::Fault;
use super::fence_board::{FenceSource, cause_of};
use super::shared_index::SharedIndex;
use crate::consent::Seconds;
use crate::decision::{Decision, Message, Reason, Scratch, Tally, decide_batch};
use crate::index::{CaughtUp, Tick};
use crate::policy::Policy;
use crate::telemetry::HoldCause;
use crate::wire::formats::Format;

/// So many messages are decided together.
const CHUNK: usize = 256;

/// Whoever answers questions.
#[derive(Debug)]
pub struct Answers<F, C> {
    index: Arc<SharedIndex>,
    fence: F,
    clock: C,
    policy: Arc<Policy>,
    format: Arc<Format>,
    fence_limit: Duration,
}

/// The instant at which a question had arrived whole.
#[derive(Clone, Copy, Debug)]
pub struct Arrival {
    tick: Tick,
    /// By the wall clock, in milliseconds since 1970.
    pub wall_ms: i64,
}

/// What was decided.
#[derive(Debug)]
pub struct Answered {
    /// The instant for which, in milliseconds since 1970.
    pub now_ms: i64,
    /// One decision a message, in order.
    pub decisions: Vec<Decision>,
    /// The same, counted.
    pub tally: Tally,
}

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unanswered {
    /// The gate holds.
    Held(HoldCause),
    /// A broken invariant.
    Broken(Fault),
}

impl<F: FenceSource, C: Clock> Answers<F, C> {
    /// Answers from this index, behind this fence.
    pub fn new(
        index: Arc<SharedIndex>,
        fence: F,
        clock: C,
        (policy, format): (Arc<Policy>, Arc<Format>),
        fence_limit: Duration,
    ) -> Self {
        Self { index, fence, clock, policy, format, fence_limit }
    }

    /// How the records of the outbound topic are read.
    pub fn format(&self) -> &Format {
        &self.format
    }

    /// The rules.
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// A question has arrived now.
    pub fn arrived(&self) -> Arrival {
        Arrival { tick: self.clock.tick(), wall_ms: self.clock.wall_ms() }
    }

    /// Decides; waits up to the fence's limit.
    ///
    /// # Errors
    /// Why there is no answer.
    pub fn decide(
        &self,
        arrival: Arrival,
        messages: &[Result<Message<'_>, Reason>],
    ) -> Result<Answered, Unanswered> {
        let fence =
            self.fence.fence_for(arrival.tick, self.fence_limit).map_err(Unanswered::Held)?;
        let now_ms = self.clock.wall_ms();
        let now = Seconds::from_millis(now_ms).unwrap_or(Seconds(u32::MAX));
        let index = self.index.read().map_err(Unanswered::Broken)?;
        if let Some(cause) = self.fence.held() {
            return Err(Unanswered::Held(cause));
        }
        let view = match CaughtUp::prove(&index, &fence, arrival.tick) {
            Ok(proof) => proof.view(),
            Err(missing) => return Err(Unanswered::Held(cause_of(&missing))),
        };
        let mut scratch = Scratch::default();
        let mut decisions = Vec::with_capacity(messages.len());
        for chunk in messages.chunks(CHUNK) {
            decide_batch(&self.policy, &view, now, chunk, &mut scratch, &mut decisions);
        }
        let mut tally = Tally::received(messages.len());
        for decision in &decisions {
            match decision {
                Decision::Allow(_) => tally.allow(),
                Decision::Suppress(suppression) => tally.suppress(suppression.primary),
            }
        }
        match tally.is_conserved() {
            true => Ok(Answered { now_ms, decisions, tally }),
            false => Err(Unanswered::Broken(Fault::invariant("a message was not decided"))),
        }
    }
}
