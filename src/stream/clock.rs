//! Time for the loops, handed in, so that a test can turn the hands.
//!
//! The only clocks of the gate are behind this trait: a monotonic one for waiting and order, and the
//! wall clock for the instant that a whole batch is decided for.

use std::time::{Instant, SystemTime, UNIX_EPOCH};

use crate::index::Tick;

/// Both clocks.
pub trait Clock: Send + Sync {
    /// Monotonic nanoseconds.
    fn tick(&self) -> Tick;
    /// Milliseconds since 1970.
    fn wall_ms(&self) -> i64;
    /// What both say now.
    fn read(&self) -> ClockReading {
        ClockReading { tick: self.tick(), wall_ms: self.wall_ms() }
    }
}

/// What both clocks said at an instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClockReading {
    /// The monotonic one.
    pub tick: Tick,
    /// The wall clock, in milliseconds since 1970.
    pub wall_ms: i64,
}

impl ClockReading {
    /// Milliseconds since an earlier reading, by the clock that nobody sets.
    pub fn ms_since(self, earlier: Self) -> i64 {
        let passed_ns = self.tick.0.saturating_sub(earlier.tick.0);
        i64::try_from(passed_ns / 1_000_000).unwrap_or(i64::MAX)
    }
}

/// The clocks of the machine.
#[derive(Debug)]
pub struct SystemClock {
    origin: Instant,
}

impl SystemClock {
    /// Starts the monotonic clock at zero.
    pub fn start() -> Self {
        Self { origin: Instant::now() }
    }
}

impl Clock for SystemClock {
    fn tick(&self) -> Tick {
        // A u64 of nanoseconds lasts 584 years.
        Tick(u64::try_from(self.origin.elapsed().as_nanos()).unwrap_or(u64::MAX))
    }

    fn wall_ms(&self) -> i64 {
        wall_ms()
    }
}

/// The machine's wall clock in milliseconds since 1970, for what is no loop.
pub fn wall_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

impl<C: Clock> Clock for std::sync::Arc<C> {
    fn tick(&self) -> Tick {
        (**self).tick()
    }

    fn wall_ms(&self) -> i64 {
        (**self).wall_ms()
    }
}
