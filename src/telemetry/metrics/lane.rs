//! What lanes report: messages, batches, decisions, time.

use std::sync::LazyLock;
use std::time::Duration;

use metrics::{Counter, Gauge, Histogram};

use super::catalogue as all;
use super::registry::{counter, gauge, histogram, labels};

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

pub(super) struct Lanes {
    messages: Counter,
    bytes: Counter,
    batch_messages: Histogram,
    decision: Histogram,
    stages: Vec<Histogram>,
    e2e: Histogram,
    assigned: Gauge,
}

pub(super) static LANES: LazyLock<Lanes> = LazyLock::new(|| Lanes {
    messages: counter(&all::MESSAGES_CONSUMED, &[]),
    bytes: counter(&all::BYTES_CONSUMED, &[]),
    batch_messages: histogram(&all::BATCH_MESSAGES, &[]),
    decision: histogram(&all::DECISION_DURATION, &[]),
    stages: Stage::NAMES.iter().map(|name| histogram(&all::BATCH_DURATION, &[name])).collect(),
    e2e: histogram(&all::E2E_LATENCY, &[]),
    assigned: gauge(&all::ASSIGNED_PARTITIONS, &[]),
});

/// Messages and bytes read: `consentgate_messages_consumed_total`, `consentgate_bytes_consumed_total`.
pub fn consumed(messages: u64, bytes: u64) {
    LANES.messages.increment(messages);
    LANES.bytes.increment(bytes);
}

/// One batch of so many messages, decided in this time: `consentgate_batch_messages`,
/// `consentgate_decision_duration_seconds` (the time of one), stage `decide`.
pub fn batch(messages: u32, decided_in: Duration) {
    LANES.batch_messages.record(f64::from(messages));
    if messages > 0 {
        LANES.decision.record(decided_in.as_secs_f64() / f64::from(messages));
    }
    stage(Stage::Decide, decided_in);
}

/// Time of one stage of a batch: `consentgate_batch_duration_seconds`.
pub fn stage(stage: Stage, took: Duration) {
    if let Some(histogram) = LANES.stages.get(stage as usize) {
        histogram.record(took.as_secs_f64());
    }
}

/// From the append of a transaction's oldest message to its commit:
/// `consentgate_e2e_latency_seconds`.
pub fn e2e_latency(oldest: Duration) {
    LANES.e2e.record(oldest.as_secs_f64());
}

/// A lane owns so many partitions more, or fewer: `consentgate_assigned_partitions`.
pub fn assigned(change: i32) {
    LANES.assigned.increment(f64::from(change));
}
