//! What a lane's steps say of its state, for the board of health.
//!
//! After a fault a lane is not believed at once: one whose output is refused polls and decides as if all
//! were well, and fails with each commit. It is ready again when it has committed, when it owns partitions
//! and has nothing open, or when nothing has failed for a while.

use std::time::{Duration, Instant};

use crate::stream::{FaultKind, LaneStep};
use crate::telemetry::{HoldCause, State};

/// So long after a fault a lane must prove itself.
const DOUBT: Duration = Duration::from_secs(20);

/// What a lane has in hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum InHand {
    /// No partition.
    Nothing,
    /// Partitions, and all that it decided is committed.
    Settled,
    /// A transaction.
    Open,
}

/// The state of one lane, over all times that it is made.
#[derive(Debug, Default)]
pub(super) struct LaneState {
    doubt: Option<(HoldCause, Instant)>,
    /// How often the lane has gone back since it last committed.
    rewound: u32,
    must_look: bool,
    /// Since when the route's topics have been of no use, as long as no receipt has told it.
    lost_since_ms: Option<i64>,
}

impl LaneState {
    /// The route's topics are of no use, from this instant on if that is new.
    pub(super) fn lost(&mut self, now_ms: i64) {
        self.lost_since_ms.get_or_insert(now_ms);
    }

    /// A receipt has told it.
    pub(super) fn told(&mut self) {
        self.lost_since_ms = None;
    }

    /// Since when they have been, as long as no receipt has told it.
    pub(super) fn lost_since_ms(&self) -> Option<i64> {
        self.lost_since_ms
    }

    /// Whether the last step was one that goes back once more, with nothing committed since the one before:
    /// then it is time to look at the topics.
    pub(super) fn must_look(&self) -> bool {
        self.must_look
    }

    /// The lane has failed, and is made again or has gone back.
    pub(super) fn failed(&mut self, kind: FaultKind, now: Instant) -> State {
        let cause = match self.doubt {
            // What was refused leaves other faults behind it: the client is of no use, nothing can be aborted.
            Some((HoldCause::TopicUnusable, _)) => HoldCause::TopicUnusable,
            _ => cause_of(kind),
        };
        self.doubt = Some((cause, now));
        State::Holding(cause)
    }

    /// The state after a step.
    pub(super) fn after(&mut self, step: &LaneStep, in_hand: InHand, now: Instant) -> State {
        self.must_look = false;
        let is_proven = match step {
            LaneStep::Held(cause) => return State::Holding(*cause),
            LaneStep::Rewound(kind) => {
                self.rewound += 1;
                self.must_look = self.rewound > 1;
                return self.failed(*kind, now);
            }
            LaneStep::Committed(_) => {
                self.rewound = 0;
                true
            }
            LaneStep::Idle => in_hand == InHand::Settled,
            LaneStep::Decided(_) | LaneStep::Rebalanced => false,
        };
        match self.doubt {
            Some((cause, since)) if !is_proven && now.duration_since(since) < DOUBT => {
                State::Holding(cause)
            }
            _ => {
                self.doubt = None;
                State::Ready
            }
        }
    }
}

/// What brokers refuse is a matter of topics and rights; anything else of reaching them.
pub(super) fn cause_of(kind: FaultKind) -> HoldCause {
    match kind {
        FaultKind::Refused => HoldCause::TopicUnusable,
        _ => HoldCause::KafkaUnreachable,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decision::Tally;

    const REFUSED: State = State::Holding(HoldCause::TopicUnusable);

    #[test]
    fn a_lane_that_never_failed_is_ready_with_its_first_step() {
        let mut state = LaneState::default();
        assert_eq!(
            state.after(&LaneStep::Rebalanced, InHand::Nothing, Instant::now()),
            State::Ready
        );
    }

    #[test]
    fn a_lane_that_fails_with_each_commit_is_not_ready_in_between() {
        let (mut state, now) = (LaneState::default(), Instant::now());
        let decided = LaneStep::Decided(Tally::default());
        assert_eq!(
            state.after(&LaneStep::Rewound(FaultKind::Refused), InHand::Settled, now),
            REFUSED
        );
        assert_eq!(state.after(&decided, InHand::Open, now), REFUSED);
        assert_eq!(state.after(&LaneStep::Idle, InHand::Open, now), REFUSED);
        let committed = LaneStep::Committed(Tally::default());
        assert_eq!(state.after(&committed, InHand::Settled, now), State::Ready);
        assert_eq!(state.after(&decided, InHand::Open, now), State::Ready);
    }

    #[test]
    fn a_lane_that_goes_back_again_and_again_looks_at_its_topics() {
        let (mut state, now) = (LaneState::default(), Instant::now());
        let back = LaneStep::Rewound(FaultKind::Abortable);
        state.after(&back, InHand::Settled, now);
        assert!(!state.must_look(), "that happens");
        state.after(&LaneStep::Decided(Tally::default()), InHand::Open, now);
        state.after(&back, InHand::Settled, now);
        assert!(state.must_look());
        state.after(&LaneStep::Committed(Tally::default()), InHand::Settled, now);
        state.after(&back, InHand::Settled, now);
        assert!(!state.must_look());
    }

    #[test]
    fn a_time_without_topics_is_kept_until_a_receipt_has_told_it() {
        let (mut state, now) = (LaneState::default(), Instant::now());
        state.lost(1_000);
        state.lost(2_000);
        state.after(&LaneStep::Idle, InHand::Settled, now);
        assert_eq!(state.lost_since_ms(), Some(1_000));
        state.told();
        assert_eq!(state.lost_since_ms(), None);
    }

    #[test]
    fn a_lane_that_waits_for_partitions_is_believed_after_a_while() {
        let (mut state, now) = (LaneState::default(), Instant::now());
        assert_eq!(state.failed(FaultKind::Refused, now), REFUSED);
        assert_eq!(state.after(&LaneStep::Idle, InHand::Nothing, now), REFUSED);
        assert_eq!(state.after(&LaneStep::Idle, InHand::Nothing, now + DOUBT), State::Ready);
    }

    #[test]
    fn what_follows_on_a_refusal_has_its_cause_until_the_lane_has_proven_itself() {
        let (mut state, now) = (LaneState::default(), Instant::now());
        state.failed(FaultKind::Refused, now);
        assert_eq!(state.failed(FaultKind::Fatal, now), REFUSED);
        state.after(&LaneStep::Committed(Tally::default()), InHand::Settled, now);
        let unreachable = State::Holding(HoldCause::KafkaUnreachable);
        assert_eq!(state.failed(FaultKind::Fatal, now), unreachable);
    }

    #[test]
    fn a_lane_that_found_its_offsets_is_believed_at_once() {
        let (mut state, now) = (LaneState::default(), Instant::now());
        state.failed(FaultKind::Fatal, now);
        assert_eq!(state.after(&LaneStep::Idle, InHand::Settled, now), State::Ready);
    }
}
