//! What a lane has waited for, until a receipt has said so.
//!
//! A finished hold is a field of the next receipt. One that lasts gets a receipt of its own, so that
//! a long silence in the log has its cause beside it.

use crate::telemetry::HoldCause;
use crate::wire::receipt::Hold;

/// How long a hold may last before it gets a receipt of its own, and how often that is renewed.
pub const HOLD_RECEIPT_EVERY_MS: i64 = 60_000;

/// The holds that no receipt has told of yet.
#[derive(Debug, Default)]
pub struct Holds {
    current: Option<Current>,
    finished: Vec<Hold>,
}

#[derive(Clone, Copy, Debug)]
struct Current {
    cause: HoldCause,
    began_ms: i64,
    told_ms: i64,
}

impl Holds {
    /// Notes that the lane holds. Says whether that is new or for another cause than before.
    pub fn hold(&mut self, cause: HoldCause, now_ms: i64) -> bool {
        match self.current {
            Some(current) if current.cause == cause => false,
            _ => {
                self.end(now_ms);
                self.current = Some(Current { cause, began_ms: now_ms, told_ms: now_ms });
                true
            }
        }
    }

    /// Notes that the lane goes on. Says whether it was holding.
    pub fn end(&mut self, now_ms: i64) -> bool {
        let Some(current) = self.current.take() else {
            return false;
        };
        self.finished.push(current.told(Some(now_ms)));
        true
    }

    /// What the lane holds for.
    pub fn cause(&self) -> Option<HoldCause> {
        self.current.map(|current| current.cause)
    }

    /// Whether the current hold has lasted so long that it needs a receipt of its own.
    pub fn is_due(&self, now_ms: i64) -> bool {
        self.current.is_some_and(|current| now_ms - current.told_ms >= HOLD_RECEIPT_EVERY_MS)
    }

    /// What the next receipt has to tell: finished holds, and the current one if it is due.
    pub fn to_tell(&self, now_ms: i64) -> Vec<Hold> {
        let due = self.current.filter(|_| self.is_due(now_ms)).map(|current| current.told(None));
        self.finished.iter().cloned().chain(due).collect()
    }

    /// Notes that a receipt with [`Holds::to_tell`] is committed.
    pub fn told(&mut self, now_ms: i64) {
        self.finished.clear();
        if self.is_due(now_ms) {
            if let Some(current) = &mut self.current {
                current.told_ms = now_ms;
            }
        }
    }
}

impl Current {
    /// The hold as a receipt tells it. The wall clock may have been set back meanwhile, but no hold
    /// ends before it began.
    fn told(self, ended_ms: Option<i64>) -> Hold {
        let ended_ms = ended_ms.map(|ended_ms| ended_ms.max(self.began_ms));
        Hold { cause: self.cause.name().to_string(), began_ms: self.began_ms, ended_ms }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finished_hold_is_told_once() {
        let mut holds = Holds::default();
        assert!(holds.hold(HoldCause::FenceStale, 1_000));
        assert!(!holds.hold(HoldCause::FenceStale, 2_000));
        assert!(holds.end(3_000));
        assert_eq!(holds.to_tell(3_000).len(), 1);
        holds.told(3_000);
        assert_eq!(holds.to_tell(3_000), []);
    }

    #[test]
    fn a_clock_that_is_set_back_ends_a_hold_no_earlier_than_it_began() {
        let mut holds = Holds::default();
        holds.hold(HoldCause::FenceStale, 5_000);
        holds.end(4_000);
        let told = holds.to_tell(4_000);
        assert_eq!(
            told.first().map(|hold| (hold.began_ms, hold.ended_ms)),
            Some((5_000, Some(5_000)))
        );
    }

    #[test]
    fn a_long_hold_is_told_every_minute_while_it_lasts() {
        let mut holds = Holds::default();
        holds.hold(HoldCause::FenceStale, 0);
        assert!(!holds.is_due(59_999));
        assert!(holds.is_due(60_000));
        assert_eq!(holds.to_tell(60_000).first().map(|hold| hold.ended_ms), Some(None));
        holds.told(60_000);
        assert!(!holds.is_due(119_999));
        assert!(holds.is_due(120_000));
    }
}
