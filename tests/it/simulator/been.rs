//! Where a number of runs have been.

use std::collections::BTreeMap;

use consentgate::telemetry::HoldCause;

use super::cluster::Why;
use super::laws::{Fates, fenced};
use super::log::Name;
use super::world::Outcome;

/// Counts of what happened.
#[derive(Debug, Default)]
pub(crate) struct Been {
    pub(crate) runs: u64,
    pub(crate) messages: u64,
    /// Messages fetched after an objection that nothing had lifted.
    pub(crate) pairs: usize,
    allowed: usize,
    audited: usize,
    restarts: u64,
    lanes: usize,
    aborted: usize,
    cuts: usize,
    killed: usize,
    stopped: usize,
    frozen: usize,
    thrown_out: usize,
    clocks: usize,
    /// Partitions that changed hands one by one.
    moved: usize,
    /// Questions that were answered before anybody had heard them.
    unheard: usize,
    /// Late EndTxn that the epoch turned away.
    late: usize,
    /// Times in which nothing might be decided, by why.
    windows: BTreeMap<&'static str, usize>,
    /// Holds, by cause.
    holds: BTreeMap<&'static str, usize>,
}

impl Been {
    pub(crate) fn add(&mut self, outcome: &Outcome) {
        self.runs += 1;
        self.pairs += fenced::pairs(outcome, &Fates::of(outcome));
        let cluster = outcome.shared.borrow();
        self.messages += outcome.messages;
        self.allowed += cluster.log.all_committed(Name::Allowed).len();
        self.audited += cluster.log.all_committed(Name::Audit).len();
        self.restarts += cluster.restarts;
        self.aborted += cluster.log.aborted_count();
        self.cuts += cluster.log.cuts().count();
        self.late += cluster.producers.fenced;
        self.moved += cluster.group.moved;
        self.unheard += cluster.group.unheard;
        self.lanes += outcome.holds.0.len();
        self.killed += outcome.mishaps.killed;
        self.stopped += outcome.mishaps.stopped;
        self.frozen += outcome.mishaps.frozen;
        self.thrown_out += outcome.mishaps.thrown_out;
        self.clocks += outcome.mishaps.clocks;
        for window in &cluster.windows {
            let why = match window.why {
                Why::Ends => "ends",
                Why::Leader(..) => "no leader",
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
            C::ClockSkew,
            C::PlatformPaused,
            C::KafkaUnreachable,
        ];
        let is_held = causes.iter().all(|cause| self.holds.contains_key(cause.name()));
        let is_shut = self.windows.len() == 5 && self.windows.values().all(|count| *count > 5);
        let is_busy = self.allowed > 300 && self.audited > 300 && self.aborted > 50;
        let mishaps =
            [self.killed, self.stopped, self.frozen, self.thrown_out, self.clocks, self.cuts];
        let is_hard = mishaps.iter().all(|count| *count > 10) && self.late > 5;
        let is_shared_piecewise = self.moved > 100 && self.unheard > 3;
        let is_often_new = self.restarts > 100 && self.lanes > 300;
        is_held
            && is_shut
            && is_busy
            && is_hard
            && is_shared_piecewise
            && is_often_new
            && self.pairs > 300
    }
}
