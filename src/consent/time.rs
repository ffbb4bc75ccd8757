//! Time as the rules see it: whole seconds since 1970, always handed in.
//!
//! Knows no clock. Rounding is always down, and equal seconds are decided for the objection, so a
//! lost fraction can suppress a message but never allow one.

use std::fmt;

/// How much later something must be, in seconds, to lift, waive or unlink what lies in another partition
/// or topic: clocks of different brokers are compared there.
pub const CLOCK_TOLERANCE_S: u32 = 60;

/// Whole seconds since the Unix epoch (until the year 2106).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Seconds(pub u32);

impl Seconds {
    /// The seconds of a Kafka timestamp in milliseconds; `None` before 1970 or after 2106.
    pub fn from_millis(millis: i64) -> Option<Self> {
        u32::try_from(millis.div_euclid(1_000)).ok().map(Self)
    }

    /// The second of this timestamp, or the nearest that there is: 1970 or 2106.
    pub fn nearest_to_millis(millis: i64) -> Self {
        Self::from_millis(millis.max(0)).unwrap_or(Self(u32::MAX))
    }

    /// This instant moved later by `seconds`; stops at the end of time instead of wrapping.
    pub fn plus(self, seconds: u32) -> Self {
        Self(self.0.saturating_add(seconds))
    }

    /// How many seconds `self` lies after `earlier`; 0 if it does not.
    pub fn since(self, earlier: Self) -> u32 {
        self.0.saturating_sub(earlier.0)
    }
}

impl fmt::Display for Seconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}
