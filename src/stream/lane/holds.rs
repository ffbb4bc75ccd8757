//! What a lane has waited for, until a receipt has said so.
//!
//! A finished hold is a field of the next receipt. One that lasts gets a receipt of its own, and so does one
//! from before there was a lane, so that a long silence in the log has its cause beside it.

use crate::stream::clock::ClockReading;
use crate::telemetry::HoldCause;
use crate::wire::receipt::Hold;

/// How long a hold may last before it gets a receipt of its own, and how often that is renewed.
pub(super) const HOLD_RECEIPT_EVERY_MS: i64 = 60_000;

/// The holds that no receipt has told of yet.
#[derive(Debug, Default)]
pub(super) struct Holds {
    /// From before there was a lane.
    past: Vec<Hold>,
    finished: Vec<Hold>,
    current: Option<Current>,
}

#[derive(Clone, Copy, Debug)]
struct Current {
    cause: HoldCause,
    began: ClockReading,
    told: ClockReading,
}

impl Holds {
    /// Notes that the lane holds. Says whether that is new or for another cause than before.
    pub(super) fn hold(&mut self, cause: HoldCause, now: ClockReading) -> bool {
        match self.current {
            Some(current) if current.cause == cause => false,
            _ => {
                self.end(now);
                self.current = Some(Current { cause, began: now, told: now });
                true
            }
        }
    }

    /// Notes that the lane goes on. Says whether it was holding.
    pub(super) fn end(&mut self, now: ClockReading) -> bool {
        let Some(current) = self.current.take() else {
            return false;
        };
        self.finished.push(current.finished(now));
        true
    }

    /// Notes a hold from before there was a lane, which has ended.
    pub(super) fn note_past(&mut self, cause: HoldCause, began_ms: i64, ended_ms: i64) {
        let ended_ms = Some(ended_ms.max(began_ms));
        self.past.push(Hold { cause: cause.name().to_string(), began_ms, ended_ms });
    }

    /// Whether no receipt has told yet of a hold from before there was a lane. None may come by itself: the
    /// messages that waited may be another lane's by now.
    pub(super) fn owes_past(&self) -> bool {
        !self.past.is_empty()
    }

    /// What the lane holds for.
    pub(super) fn cause(&self) -> Option<HoldCause> {
        self.current.map(|current| current.cause)
    }

    /// Whether the current hold has lasted so long that it needs a receipt of its own.
    pub(super) fn is_due(&self, now: ClockReading) -> bool {
        self.current.is_some_and(|current| now.ms_since(current.told) >= HOLD_RECEIPT_EVERY_MS)
    }

    /// What the next receipt has to tell: what is over, and the current hold if it is due.
    pub(super) fn to_tell(&self, now: ClockReading) -> Vec<Hold> {
        let due = self.current.filter(|_| self.is_due(now)).map(|current| current.lasting());
        self.past.iter().chain(&self.finished).cloned().chain(due).collect()
    }

    /// Notes that a receipt with [`Holds::to_tell`] is committed.
    pub(super) fn told(&mut self, now: ClockReading) {
        self.past.clear();
        self.finished.clear();
        if self.is_due(now)
            && let Some(current) = &mut self.current
        {
            current.told = now;
        }
    }
}

impl Current {
    fn lasting(self) -> Hold {
        let (cause, began_ms) = (self.cause.name().to_string(), self.began.wall_ms);
        Hold { cause, began_ms, ended_ms: None }
    }

    /// The hold as a receipt tells it when it is over. It is as long as the monotonic clock says: a wall
    /// clock that was set meanwhile would make it cover times at which the lane decided. Whoever held for a
    /// wrong clock had the right one at the end, everybody else at the beginning.
    fn finished(self, ended: ClockReading) -> Hold {
        let lasted_ms = ended.ms_since(self.began);
        let (began_ms, ended_ms) = match self.cause {
            HoldCause::AppendAheadOfClock | HoldCause::ClockSkew => {
                ((ended.wall_ms - lasted_ms).max(0), ended.wall_ms)
            }
            _ => (self.began.wall_ms, self.began.wall_ms + lasted_ms),
        };
        Hold { cause: self.cause.name().to_string(), began_ms, ended_ms: Some(ended_ms) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::index::Tick;

    /// Both clocks, in milliseconds.
    fn at(tick_ms: u64, wall_ms: i64) -> ClockReading {
        ClockReading { tick: Tick(tick_ms * 1_000_000), wall_ms }
    }

    /// Both clocks as long as nobody sets one.
    fn after(ms: u64) -> ClockReading {
        at(ms, 1_000_000 + ms.cast_signed())
    }

    /// When the only hold began and ended.
    fn span(holds: &Holds, now: ClockReading) -> (i64, Option<i64>) {
        match &holds.to_tell(now)[..] {
            [hold] => (hold.began_ms, hold.ended_ms),
            holds => panic!("{holds:?}"),
        }
    }

    #[test]
    fn a_finished_hold_is_told_once() {
        let mut holds = Holds::default();
        assert!(holds.hold(HoldCause::FenceStale, after(1_000)));
        assert!(!holds.hold(HoldCause::FenceStale, after(2_000)));
        assert!(holds.end(after(3_000)));
        assert_eq!(span(&holds, after(3_000)), (1_001_000, Some(1_003_000)));
        holds.told(after(3_000));
        assert_eq!(holds.to_tell(after(3_000)), []);
    }

    #[test]
    fn a_clock_that_is_set_while_a_lane_holds_makes_the_hold_no_longer() {
        for set_ms in [-3_600_000, 3_600_000] {
            let mut holds = Holds::default();
            holds.hold(HoldCause::FenceStale, at(0, 9_000_000));
            holds.end(at(5_000, 9_005_000 + set_ms));
            assert_eq!(span(&holds, at(5_000, 0)), (9_000_000, Some(9_005_000)));
        }
    }

    #[test]
    fn a_hold_for_a_wrong_clock_is_told_by_the_right_one() {
        for wrong_by_ms in [-3_600_000, 3_600_000] {
            let mut holds = Holds::default();
            holds.hold(HoldCause::AppendAheadOfClock, at(0, 9_000_000 + wrong_by_ms));
            holds.end(at(5_000, 9_005_000));
            assert_eq!(span(&holds, at(5_000, 0)), (9_000_000, Some(9_005_000)));
        }
    }

    #[test]
    fn a_hold_from_before_the_lane_ends_no_earlier_than_it_began() {
        let mut holds = Holds::default();
        holds.note_past(HoldCause::TopicUnusable, 5_000, 4_000);
        assert_eq!(span(&holds, after(0)), (5_000, Some(5_000)));
    }

    #[test]
    fn a_long_hold_is_told_every_minute_while_it_lasts() {
        let mut holds = Holds::default();
        holds.hold(HoldCause::FenceStale, after(0));
        assert!(!holds.is_due(after(59_999)));
        assert!(holds.is_due(after(60_000)));
        assert_eq!(span(&holds, after(60_000)), (1_000_000, None));
        holds.told(after(60_000));
        assert!(!holds.is_due(after(119_999)));
        assert!(holds.is_due(after(120_000)));
    }
}
