//! The breaker: it stops a lane before a mistake of a machine burns a campaign.
//!
//! It looks at what is wrong with messages, never at what people said. Nothing of the batch that trips
//! it is written or committed; an operator releases the lane, openly. It can only hold: what it lets
//! through was decided by the rules. What it knows dies with the process, and then it trips again.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::decision::{Decision, Reason};
use crate::telemetry::HoldCause;

/// When the breaker trips.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BreakerLimits {
    /// More than so many of a hundred messages fail for technical reasons.
    pub share_percent: u64,
    /// Of at least so many messages.
    pub least_messages: u64,
}

/// What tripped a lane's breaker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tripped {
    /// When, in milliseconds since 1970.
    pub at_ms: i64,
    /// How many messages were looked at.
    pub messages: u64,
    /// How many of them failed for technical reasons.
    pub faulty: u64,
    /// For which, in this batch.
    pub reasons: BTreeMap<Reason, u64>,
}

/// What an operator lets a lane do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Release {
    /// Decide the batch again: what was wrong is mended. It may trip again.
    Again,
    /// Suppress what is faulty, and do not trip within this many messages.
    Suppress {
        /// How many.
        messages: u64,
    },
}

/// Where tripped breakers are seen and released.
#[derive(Debug, Default)]
pub struct BreakerBoard(Mutex<BTreeMap<u32, Lane>>);

#[derive(Debug)]
struct Lane {
    tripped: Tripped,
    release: Option<Release>,
}

impl BreakerBoard {
    /// The lanes whose breakers are tripped.
    pub fn tripped(&self) -> Vec<(u32, Tripped)> {
        self.lock().iter().map(|(lane, state)| (*lane, state.tripped.clone())).collect()
    }

    /// Releases a lane. Says what had tripped its breaker; `None` if it was not tripped.
    pub fn release(&self, lane: u32, release: Release) -> Option<Tripped> {
        let mut lanes = self.lock();
        let state = lanes.get_mut(&lane)?;
        state.release = Some(release);
        Some(state.tripped.clone())
    }

    fn trip(&self, lane: u32, tripped: Tripped) {
        self.lock().insert(lane, Lane { tripped, release: None });
    }

    /// Takes an operator's word for a lane, and the lane off the board with it.
    fn take_release(&self, lane: u32) -> Option<Release> {
        let mut lanes = self.lock();
        let release = lanes.get(&lane)?.release?;
        lanes.remove(&lane);
        Some(release)
    }

    fn forget(&self, lane: u32) {
        self.lock().remove(&lane);
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<u32, Lane>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One lane's breaker.
#[derive(Debug)]
pub struct Breaker {
    limits: BreakerLimits,
    board: Arc<BreakerBoard>,
    lane: u32,
    /// Messages and faulty ones since the last time there were enough: small batches count together.
    before: (u64, u64),
    /// So many messages are let through by an operator's word.
    spared: u64,
    is_tripped: bool,
}

impl Breaker {
    /// A breaker that has seen nothing.
    pub fn new(limits: BreakerLimits, board: Arc<BreakerBoard>, lane: u32) -> Self {
        Self { limits, board, lane, before: (0, 0), spared: 0, is_tripped: false }
    }

    /// Looks at a decided batch of which nothing is written yet.
    ///
    /// # Errors
    /// The batch must not be written: too much of it is faulty.
    pub(super) fn judge(&mut self, decisions: &[Decision], now_ms: i64) -> Result<(), HoldCause> {
        let messages = decisions.len() as u64;
        if self.spared > 0 {
            self.spared = self.spared.saturating_sub(messages);
            self.before = (0, 0);
            return Ok(());
        }
        let is_faulty = |decision: &&Decision| matches!(decision, Decision::Suppress(s) if s.primary.is_technical());
        let faulty = decisions.iter().filter(is_faulty).count() as u64;
        let joined = (self.before.0 + messages, self.before.1 + faulty);
        let tripping =
            [(messages, faulty), joined].into_iter().find(|seen| self.is_too_much(*seen));
        match tripping.filter(|_| faulty > 0) {
            Some(seen) => {
                self.trip(decisions, seen, now_ms);
                Err(HoldCause::BatchFaulty)
            }
            None => {
                let is_enough = joined.0 >= self.limits.least_messages;
                self.before = if is_enough { (0, 0) } else { joined };
                Ok(())
            }
        }
    }

    fn is_too_much(&self, (messages, faulty): (u64, u64)) -> bool {
        messages >= self.limits.least_messages
            && faulty.saturating_mul(100) > messages.saturating_mul(self.limits.share_percent)
    }

    fn trip(&mut self, decisions: &[Decision], (messages, faulty): (u64, u64), at_ms: i64) {
        let mut reasons = BTreeMap::new();
        for decision in decisions {
            if let Decision::Suppress(suppression) = decision
                && suppression.primary.is_technical()
            {
                *reasons.entry(suppression.primary).or_insert(0) += 1;
            }
        }
        let named: Vec<_> = reasons.iter().map(|(reason, n)| (reason.name(), *n)).collect();
        let lane = self.lane;
        tracing::error!(lane, messages, faulty, reasons = ?named, "lane.batch_faulty");
        self.board.trip(lane, Tripped { at_ms, messages, faulty, reasons });
        self.before = (0, 0);
        self.is_tripped = true;
    }

    /// Why the lane must wait, if it still must; takes an operator's word.
    pub(super) fn cause(&mut self) -> Option<HoldCause> {
        if !self.is_tripped {
            return None;
        }
        match self.board.take_release(self.lane) {
            None => Some(HoldCause::BatchFaulty),
            Some(release) => {
                self.is_tripped = false;
                if let Release::Suppress { messages } = release {
                    self.spared = messages;
                }
                None
            }
        }
    }

    /// The lane has given its partitions back: whoever has them now sees for itself.
    pub(super) fn forget(&mut self) {
        if self.is_tripped {
            self.board.forget(self.lane);
        }
        (self.is_tripped, self.before, self.spared) = (false, (0, 0), 0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decision::Suppression;

    const LIMITS: BreakerLimits = BreakerLimits { share_percent: 50, least_messages: 10 };

    fn breaker() -> (Breaker, Arc<BreakerBoard>) {
        let board = Arc::new(BreakerBoard::default());
        (Breaker::new(LIMITS, board.clone(), 3), board)
    }

    /// A batch of so many faulty messages and so many whose people said no.
    fn batch(faulty: usize, sound: usize) -> Vec<Decision> {
        let of = |reason| move || Decision::Suppress(Suppression::because(reason));
        let faulty = std::iter::repeat_with(of(Reason::Malformed)).take(faulty);
        faulty.chain(std::iter::repeat_with(of(Reason::Withdrawn)).take(sound)).collect()
    }

    fn judge(breaker: &mut Breaker, faulty: usize, sound: usize) -> bool {
        breaker.judge(&batch(faulty, sound), 7).is_err()
    }

    #[test]
    fn more_than_the_share_of_enough_messages_trips_and_no_less() {
        assert!(!judge(&mut breaker().0, 5, 5), "half is not more than half");
        assert!(judge(&mut breaker().0, 6, 4));
        assert!(!judge(&mut breaker().0, 9, 0), "nine are too few to say");
        assert!(!judge(&mut breaker().0, 0, 1_000), "people who said no are no fault");
    }

    #[test]
    fn small_batches_count_together() {
        let (mut breaker, _) = breaker();
        let tripped = (0..10).position(|_| judge(&mut breaker, 1, 0));
        assert_eq!(tripped, Some(9));
    }

    #[test]
    fn a_large_faulty_batch_trips_whatever_came_before_it() {
        let (mut breaker, _) = breaker();
        assert!(!judge(&mut breaker, 0, 9));
        assert!(judge(&mut breaker, 10, 0), "nineteen with ten faulty, but ten of ten now");
    }

    #[test]
    fn a_tripped_lane_waits_for_an_operator_and_may_trip_again() {
        let (mut breaker, board) = breaker();
        assert_eq!(board.release(3, Release::Again), None, "nothing is tripped");
        assert!(judge(&mut breaker, 10, 0));
        assert_eq!(breaker.cause(), Some(HoldCause::BatchFaulty));
        let tripped = board.release(3, Release::Again).expect("it is tripped");
        assert_eq!((tripped.messages, tripped.faulty, tripped.at_ms), (10, 10, 7));
        assert_eq!(tripped.reasons, BTreeMap::from([(Reason::Malformed, 10)]));
        assert_eq!(breaker.cause(), None);
        assert_eq!(board.tripped(), []);
        assert!(judge(&mut breaker, 10, 0), "nothing was mended");
    }

    #[test]
    fn an_operator_may_let_so_many_messages_be_suppressed() {
        let (mut breaker, board) = breaker();
        assert!(judge(&mut breaker, 10, 0));
        board.release(3, Release::Suppress { messages: 15 });
        assert_eq!(breaker.cause(), None);
        assert!(!judge(&mut breaker, 10, 0) && !judge(&mut breaker, 10, 0));
        assert!(judge(&mut breaker, 10, 0), "more were not meant");
    }

    #[test]
    fn a_lane_that_gives_its_partitions_back_is_off_the_board() {
        let (mut breaker, board) = breaker();
        assert!(judge(&mut breaker, 10, 0));
        breaker.forget();
        assert_eq!((breaker.cause(), board.tripped()), (None, vec![]));
    }
}
