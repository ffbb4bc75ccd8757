//! What the lanes of one route report: messages, batches, time, transactions.

use std::time::Duration;

use metrics::{Counter, Gauge, Histogram};

use super::catalogue as all;
use super::registry::{counter, gauge, histogram, labels};
use super::transaction::Transactions;
use crate::consent::RouteName;

labels! {
    /// A stage of a batch.
    Stage {
        /// Reading from Kafka's client.
        Poll = "poll",
        /// Waiting for the proof that the index has everything.
        Fence = "fence",
        /// Reading the fields.
        Decode = "decode",
        /// Asking index and policy.
        Decide = "decide",
        /// Handing records to Kafka's client.
        Produce = "produce",
        /// Draining and committing the transaction.
        Commit = "commit",
    }
}

/// The meters of one route. Made anew they go on with the same counts.
pub struct RouteMeters {
    pub(super) transactions: Transactions,
    messages: Counter,
    bytes: Counter,
    batch_messages: Histogram,
    decision: Histogram,
    stages: Vec<Histogram>,
    e2e: Histogram,
    fence_wait: Histogram,
    assigned: Gauge,
}

impl RouteMeters {
    /// Lets every series of a route begin.
    pub fn begin(route: RouteName) -> Self {
        let label = route.label();
        let stage = |name: &&str| histogram(&all::BATCH_DURATION, &[name, label]);
        Self {
            transactions: Transactions::begin(label),
            messages: counter(&all::MESSAGES_CONSUMED, &[label]),
            bytes: counter(&all::BYTES_CONSUMED, &[label]),
            batch_messages: histogram(&all::BATCH_MESSAGES, &[label]),
            decision: histogram(&all::DECISION_DURATION, &[label]),
            stages: Stage::NAMES.iter().map(stage).collect(),
            e2e: histogram(&all::E2E_LATENCY, &[label]),
            fence_wait: histogram(&all::FENCE_WAIT, &[label]),
            assigned: gauge(&all::ASSIGNED_PARTITIONS, &[label]),
        }
    }

    /// Messages and bytes read: `consentgate_messages_consumed_total`,
    /// `consentgate_bytes_consumed_total`.
    pub fn consumed(&self, messages: u64, bytes: u64) {
        self.messages.increment(messages);
        self.bytes.increment(bytes);
    }

    /// One batch of so many messages, decided in this time: `consentgate_batch_messages`,
    /// `consentgate_decision_duration_seconds` (the time of one), stage `decide`.
    pub fn batch(&self, messages: u32, decided_in: Duration) {
        self.batch_messages.record(f64::from(messages));
        if messages > 0 {
            self.decision.record(decided_in.as_secs_f64() / f64::from(messages));
        }
        self.stage(Stage::Decide, decided_in);
    }

    /// Time of one stage of a batch: `consentgate_batch_duration_seconds`.
    pub fn stage(&self, stage: Stage, took: Duration) {
        if let Some(histogram) = self.stages.get(stage as usize) {
            histogram.record(took.as_secs_f64());
        }
    }

    /// How long a batch waited for its fence: `consentgate_fence_wait_seconds`.
    pub fn fence_waited(&self, waited: Duration) {
        self.fence_wait.record(waited.as_secs_f64());
    }

    /// From the append of a transaction's oldest message to its commit:
    /// `consentgate_e2e_latency_seconds`.
    pub fn e2e_latency(&self, oldest: Duration) {
        self.e2e.record(oldest.as_secs_f64());
    }

    /// A lane owns so many partitions more, or fewer: `consentgate_assigned_partitions`.
    pub fn assigned(&self, change: i32) {
        self.assigned.increment(f64::from(change));
    }
}

impl std::fmt::Debug for RouteMeters {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("RouteMeters")
    }
}
