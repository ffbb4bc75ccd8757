//! A clock whose hands the test turns.
//!
//! Every look at it is later than the one before, so that no two events share an instant. The wall
//! clock can be set back, the monotonic one cannot, and the brokers have a clock of their own.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use consentgate::index::Tick;
use consentgate::stream::Clock;

/// Where the wall clock starts, in milliseconds since 1970.
const START_MS: i64 = 1_700_000_000_000;
const NS_PER_MS: u64 = 1_000_000;

/// Both hands.
#[derive(Debug, Default)]
pub(crate) struct ModelClock {
    ns: AtomicU64,
    set_back_ms: AtomicI64,
}

impl ModelClock {
    /// Turns both hands.
    pub(crate) fn advance(&self, ms: u64) {
        self.ns.fetch_add(ms * NS_PER_MS, Ordering::Relaxed);
    }

    /// The brokers' clock, in milliseconds since 1970. It is never set back: across topics the rules
    /// compare clocks, and the laws take their order for the true one.
    pub(crate) fn broker_ms(&self) -> i64 {
        START_MS + (self.ns.load(Ordering::Relaxed) / NS_PER_MS).cast_signed()
    }

    /// Sets the gate's wall clock back.
    pub(crate) fn set_back(&self, ms: i64) {
        self.set_back_ms.fetch_add(ms, Ordering::Relaxed);
    }
}

impl Clock for ModelClock {
    fn tick(&self) -> Tick {
        Tick(self.ns.fetch_add(1, Ordering::Relaxed) + 1)
    }

    fn wall_ms(&self) -> i64 {
        self.broker_ms() - self.set_back_ms.load(Ordering::Relaxed)
    }
}
