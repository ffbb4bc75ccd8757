//! What transactions report: results, outputs, replaced producers, rebalances, broken invariants.

use std::sync::LazyLock;
use std::time::Duration;

use metrics::{Counter, Histogram};

use super::catalogue as all;
use super::registry::{counter, histogram, labels};
use super::route::RouteMeters;

labels! {
    /// How a transaction ended.
    TransactionResult {
        /// It was committed.
        Commit = "commit",
        /// It was aborted.
        Abort = "abort",
        /// Another producer took over.
        Fenced = "fenced",
        /// Nobody knows; the committed offsets tell.
        Indeterminate = "indeterminate",
    }
}

labels! {
    /// A topic that the gate writes.
    OutputTopic {
        /// What may leave.
        Allowed = "allowed",
        /// What was suppressed.
        Audit = "audit",
        /// One a transaction.
        Receipts = "receipts",
    }
}

labels! {
    /// Why a producer was replaced.
    ReplaceReason {
        /// An end of a transaction may have been sent twice (KAFKA-17754).
        Tainted = "tainted",
        /// Another producer with the same id took over.
        Fenced = "fenced",
        /// The client is of no use any longer, or the result of a transaction is not known.
        Fatal = "fatal",
    }
}

labels! {
    /// How the assignment changed.
    RebalanceKind {
        /// Partitions came.
        Assign = "assign",
        /// Partitions went, in order.
        Revoke = "revoke",
        /// Partitions are somebody else's already.
        Lost = "lost",
    }
}

labels! {
    /// The part of the gate that found a broken invariant.
    BrokenIn {
        /// The consent loop.
        Consent = "consent",
        /// The fence loop.
        Fence = "fence",
        /// A lane.
        Lane = "lane",
        /// None of them: a loop panicked.
        Other = "other",
    }
}

/// The meters of one route's transactions.
pub(super) struct Transactions {
    results: Vec<(Counter, Histogram)>,
    outputs: Vec<Counter>,
    replacements: Vec<Counter>,
    rebalances: Vec<Counter>,
}

impl Transactions {
    /// Lets every series begin.
    pub(super) fn begin(route: &str) -> Self {
        let counters = |metric: &all::Metric, names: &[&str]| {
            names.iter().map(|name| counter(metric, &[name, route])).collect()
        };
        let result = |name: &&str| {
            let results = counter(&all::TRANSACTIONS, &[name, route]);
            (results, histogram(&all::TRANSACTION_DURATION, &[name, route]))
        };
        Self {
            results: TransactionResult::NAMES.iter().map(result).collect(),
            outputs: counters(&all::MESSAGES_PRODUCED, OutputTopic::NAMES),
            replacements: counters(&all::PRODUCER_REPLACEMENTS, ReplaceReason::NAMES),
            rebalances: counters(&all::REBALANCES, RebalanceKind::NAMES),
        }
    }
}

/// Whoever finds a broken invariant, the gate as a whole ends.
pub(super) static INVARIANTS: LazyLock<Vec<Counter>> = LazyLock::new(|| {
    BrokenIn::NAMES.iter().map(|name| counter(&all::INVARIANT_VIOLATIONS, &[name])).collect()
});

fn add(counters: &[Counter], index: usize, count: u64) {
    if let Some(counter) = counters.get(index) {
        counter.increment(count);
    }
}

impl RouteMeters {
    /// One transaction ended: `consentgate_transactions_total`,
    /// `consentgate_transaction_duration_seconds`.
    pub fn transaction(&self, result: TransactionResult, lasted: Duration) {
        if let Some((results, durations)) = self.transactions.results.get(result as usize) {
            results.increment(1);
            durations.record(lasted.as_secs_f64());
        }
    }

    /// Records of a committed transaction: `consentgate_messages_produced_total`.
    pub fn produced(&self, topic: OutputTopic, records: u64) {
        add(&self.transactions.outputs, topic as usize, records);
    }

    /// A producer was replaced: `consentgate_producer_replacements_total`.
    pub fn producer_replaced(&self, reason: ReplaceReason) {
        add(&self.transactions.replacements, reason as usize, 1);
    }

    /// The assignment changed: `consentgate_rebalances_total`.
    pub fn rebalanced(&self, kind: RebalanceKind) {
        add(&self.transactions.rebalances, kind as usize, 1);
    }
}

/// A broken invariant: `consentgate_invariant_violations_total`.
pub fn invariant_broken(part: BrokenIn) {
    add(&INVARIANTS, part as usize, 1);
}
