//! Where a number of runs have been.

use std::collections::BTreeMap;

use consentgate::telemetry::HoldCause;

use super::cluster::Why;
use super::log::Name;
use super::run::Outcome;

/// Counts of what happened.
#[derive(Debug, Default)]
pub(crate) struct Been {
    messages: u64,
    allowed: usize,
    audited: usize,
    restarts: u64,
    lanes: usize,
    aborted: usize,
    /// Times in which nothing might be decided, by why.
    windows: BTreeMap<&'static str, usize>,
    /// Holds, by cause.
    holds: BTreeMap<&'static str, usize>,
}

impl Been {
    pub(crate) fn add(&mut self, outcome: &Outcome) {
        let cluster = outcome.shared.borrow();
        self.messages += outcome.messages;
        self.allowed += cluster.log.all_committed(Name::Allowed).len();
        self.audited += cluster.log.all_committed(Name::Audit).len();
        self.restarts += cluster.restarts;
        self.aborted += cluster.log.aborted_count();
        self.lanes += outcome.holds.0.len();
        for window in &cluster.windows {
            let why = match window.why {
                Why::Ends => "ends",
                Why::OpenTransaction(_) => "open transaction",
                Why::Record(_) => "record",
                Why::Ahead(..) => "ahead",
            };
            *self.windows.entry(why).or_default() += 1;
        }
        for hold in outcome.holds.0.values().flatten() {
            *self.holds.entry(hold.cause.name()).or_default() += 1;
        }
    }

    /// Whether anything that a law speaks of has happened often enough.
    pub(crate) fn is_everywhere(&self) -> bool {
        use HoldCause as C;
        let causes = [
            C::IndexLoading,
            C::FenceStale,
            C::FenceError,
            C::ConsentTransactionOpen,
            C::ConsentUnattributedRecord,
            C::ConsentPartitionUnavailable,
            C::AppendAheadOfClock,
            C::KafkaUnreachable,
        ];
        let is_held = causes.iter().all(|cause| self.holds.contains_key(cause.name()));
        let is_shut = self.windows.len() == 4 && self.windows.values().all(|count| *count > 5);
        let is_busy = self.allowed > 300 && self.audited > 300 && self.aborted > 50;
        is_held && is_shut && is_busy && self.restarts > 100 && self.lanes > 300
    }
}
