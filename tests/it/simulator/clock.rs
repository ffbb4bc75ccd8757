//! Clocks whose hands the test turns.
//!
//! Every look at one is later than the look before, so that no two events share an instant. A gate's
//! wall clock can be set back and set right again, the monotonic one cannot, and the brokers have a
//! clock of their own.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use consentgate::index::Tick;
use consentgate::stream::Clock;

/// Where the wall clock starts, in milliseconds since 1970.
const START_MS: i64 = 1_700_000_000_000;
const NS_PER_MS: u64 = 1_000_000;

/// Both hands of one machine.
#[derive(Debug, Default)]
pub(crate) struct ModelClock {
    ns: Arc<AtomicU64>,
    set_back_ms: AtomicI64,
}

impl ModelClock {
    /// A clock of another machine, whose hands turn with these.
    pub(crate) fn of_another_machine(&self) -> Arc<Self> {
        Arc::new(Self { ns: self.ns.clone(), set_back_ms: AtomicI64::new(0) })
    }

    /// Turns both hands, on all machines.
    pub(crate) fn advance(&self, ms: u64) {
        self.ns.fetch_add(ms * NS_PER_MS, Ordering::Relaxed);
    }

    /// The brokers' clock, in milliseconds since 1970. It is never set back: across topics the rules
    /// compare clocks, and the laws take their order for the true one.
    pub(crate) fn broker_ms(&self) -> i64 {
        START_MS + (self.ns.load(Ordering::Relaxed) / NS_PER_MS).cast_signed()
    }

    /// The wall clock of this machine is so much behind from now on.
    pub(crate) fn set_back(&self, ms: i64) {
        self.set_back_ms.store(ms, Ordering::Relaxed);
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
