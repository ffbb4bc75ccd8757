//! All metrics of the gate: name, kind, labels, meaning. This file is the metrics manual.
//!
//! Every label is one of a closed list, or a partition number up to a bound, so that one instance
//! has at most [`SERIES_MAX`] series, whatever its traffic, and [`ROUTE_SERIES_MAX`] more for each further
//! route. Businesses are no label. The first route's series have no `route`: they are those of a gate that
//! has no other, so its dashboards and alerts see no jump when a route is added.

/// The most series of one instance with one route.
pub const SERIES_MAX: usize = 2_200;
/// The most series that each further route adds.
pub const ROUTE_SERIES_MAX: usize = 1_300;

/// What a metric counts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    /// It only grows.
    Counter,
    /// It goes up and down.
    Gauge,
    /// It counts observations by size, up to these bounds.
    Histogram(&'static [f64]),
}

impl Kind {
    /// The name in the exposition.
    pub fn name(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::Gauge => "gauge",
            Self::Histogram(_) => "histogram",
        }
    }
}

/// One metric.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Metric {
    /// Its name.
    pub name: &'static str,
    /// What it counts.
    pub kind: Kind,
    /// Its label names.
    pub labels: &'static [&'static str],
    /// What it means, in lines.
    about: &'static [&'static str],
}

impl Metric {
    /// What it means, in one line.
    pub fn help(&self) -> String {
        let words: Vec<&str> = self.about.iter().map(|line| line.trim()).collect();
        words.join(" ")
    }
}

/// 1 µs to 10 ms: one decision.
const MICROS: &[f64] = &[1e-6, 2e-6, 5e-6, 1e-5, 2e-5, 5e-5, 1e-4, 2e-4, 5e-4, 1e-3, 1e-2];
/// 100 µs to 10 s: a stage, a fence, a transaction.
const MILLIS: &[f64] =
    &[1e-4, 2.5e-4, 5e-4, 1e-3, 2.5e-3, 5e-3, 1e-2, 2.5e-2, 5e-2, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0];
/// 1 ms to 60 s: from end to end.
const LATENCY: &[f64] =
    &[1e-3, 5e-3, 1e-2, 2.5e-2, 5e-2, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0];
/// 1 to 10,000 messages.
const COUNTS: &[f64] = &[1.0, 3.0, 10.0, 30.0, 100.0, 300.0, 1_000.0, 3_000.0, 10_000.0];

macro_rules! catalogue {
    ($($(#[doc = $about:literal])* $id:ident = $kind:expr, $name:literal $([$($label:literal),*])?;)*) => {
        $(
            $(#[doc = $about])*
            pub(super) const $id: Metric = Metric {
                name: $name,
                kind: $kind,
                labels: &[$($($label),*)?],
                about: &[$($about),*],
            };
        )*

        /// All metrics, in the order of the manual.
        pub const ALL: &[Metric] = &[$($id),*];
    };
}

catalogue! {
    // Messages.
    /// Messages decided, by outcome (allow, suppress), primary reason (none when allowed) and scope
    /// (16 of the policy's at most; other).
    DECISIONS = Kind::Counter, "consentgate_decisions_total" ["decision", "reason", "scope", "route"];
    /// Messages taken up for a decision; what is read again after an abort counts again.
    MESSAGES_CONSUMED = Kind::Counter, "consentgate_messages_consumed_total" ["route"];
    /// Bytes of the values of these messages.
    BYTES_CONSUMED = Kind::Counter, "consentgate_bytes_consumed_total" ["route"];
    /// Records of committed transactions, by the role of their topic (allowed, audit, receipts).
    MESSAGES_PRODUCED = Kind::Counter, "consentgate_messages_produced_total" ["topic", "route"];
    /// Messages in a batch.
    BATCH_MESSAGES = Kind::Histogram(COUNTS), "consentgate_batch_messages" ["route"];
    /// Time of a batch or transaction by stage (poll, fence, decode, decide, produce, commit).
    BATCH_DURATION = Kind::Histogram(MILLIS), "consentgate_batch_duration_seconds" ["stage", "route"];
    /// Time of one decision: a batch's time divided by its messages.
    DECISION_DURATION = Kind::Histogram(MICROS), "consentgate_decision_duration_seconds" ["route"];
    /// From the append of a transaction's oldest message to its commit.
    E2E_LATENCY = Kind::Histogram(LATENCY), "consentgate_e2e_latency_seconds" ["route"];
    /// Messages between the position and the end, for each partition this instance owns.
    CONSUMER_LAG_MESSAGES = Kind::Gauge, "consentgate_consumer_lag_messages" ["topic", "partition", "route"];
    /// How long the next message has been waiting, as far as this instance saw it; 0 at the end.
    CONSUMER_LAG_SECONDS = Kind::Gauge, "consentgate_consumer_lag_seconds" ["topic", "partition", "route"];
    /// Offsets of the allowed topic that the sender has not read, in the partition with most of them.
    SENDER_LAG_MESSAGES = Kind::Gauge, "consentgate_sender_lag_messages" ["route"];
    /// At most so old is the oldest decision that the sender has not read, in any partition.
    SENDER_LAG_SECONDS = Kind::Gauge, "consentgate_sender_lag_seconds" ["route"];

    // Questions over HTTP; only where [api] has a token file.
    /// Questions by kind (recheck, check) and result (answered, held, busy, refused, unauthorized).
    API_QUESTIONS = Kind::Counter, "consentgate_api_questions_total" ["kind", "result"];
    /// Messages and people that answers told of, by outcome and primary reason.
    API_DECISIONS = Kind::Counter, "consentgate_api_decisions_total" ["kind", "decision", "reason"];
    /// Time from a question's arrival to its answer, the wait for the fence among it.
    API_DURATION = Kind::Histogram(MILLIS), "consentgate_api_duration_seconds" ["kind"];

    // Transactions.
    /// Transactions by result (commit, abort, fenced, indeterminate).
    TRANSACTIONS = Kind::Counter, "consentgate_transactions_total" ["result", "route"];
    /// Time from begin to end of a transaction, by result.
    TRANSACTION_DURATION = Kind::Histogram(MILLIS), "consentgate_transaction_duration_seconds" ["result", "route"];
    /// Producers replaced, by reason (tainted, fenced, fatal).
    PRODUCER_REPLACEMENTS = Kind::Counter, "consentgate_producer_replacements_total" ["reason", "route"];
    /// Changes of the assignment by kind (assign, revoke, lost).
    REBALANCES = Kind::Counter, "consentgate_rebalances_total" ["kind", "route"];
    /// Partitions of the route's outbound topic that this instance owns and may decide.
    ASSIGNED_PARTITIONS = Kind::Gauge, "consentgate_assigned_partitions" ["route"];
    /// Broken invariants, by the part that found it; anything above 0 is a defect, and the gate ends.
    INVARIANT_VIOLATIONS = Kind::Counter, "consentgate_invariant_violations_total" ["part"];

    // Consent.
    /// Consent records applied to the index, by kind of event.
    CONSENT_EVENTS_APPLIED = Kind::Counter, "consentgate_consent_events_applied_total" ["event"];
    /// Consent records refused or taken with doubt, by reason.
    CONSENT_EVENTS_REJECTED = Kind::Counter, "consentgate_consent_events_rejected_total" ["reason"];
    /// From the append of a consent record to its being in the index.
    CONSENT_APPLY_DURATION = Kind::Histogram(LATENCY), "consentgate_consent_apply_duration_seconds" ["event"];
    /// Time since the index last had all that the consent topics held; grows while it has not.
    CONSENT_STALENESS = Kind::Gauge, "consentgate_consent_staleness_seconds";
    /// Records behind an open transaction: high watermark minus last stable offset.
    CONSENT_HW_MINUS_LSO = Kind::Gauge, "consentgate_consent_hw_minus_lso_messages" ["topic", "partition"];
    /// From asking the log ends to having applied them, for each fence.
    FENCE_DURATION = Kind::Histogram(MILLIS), "consentgate_fence_duration_seconds";
    /// How long a batch waited for its fence.
    FENCE_WAIT = Kind::Histogram(MILLIS), "consentgate_fence_wait_seconds" ["route"];
    /// Fences that failed, by the cause for which the gate would hold.
    FENCE_ERRORS = Kind::Counter, "consentgate_fence_errors_total" ["cause"];

    // Index.
    /// Entries in the index by kind (subjects, grants, objections, tombstones).
    INDEX_ENTRIES = Kind::Gauge, "consentgate_index_entries" ["kind"];
    /// Businesses in the index.
    INDEX_BUSINESSES = Kind::Gauge, "consentgate_index_businesses";
    /// Bitmaps of standing grants in the index.
    INDEX_BITMAPS = Kind::Gauge, "consentgate_index_bitmaps";
    /// Estimated bytes of the index.
    INDEX_BYTES = Kind::Gauge, "consentgate_index_bytes";
    /// Times that the index was dropped and built anew.
    INDEX_REBUILDS = Kind::Counter, "consentgate_index_rebuilds_total";
    /// How much of the consent topics was read since the start, 0 to 1.
    BOOTSTRAP_PROGRESS = Kind::Gauge, "consentgate_bootstrap_progress_ratio";
    /// How long it took from the start to the first fence; 0 until then.
    BOOTSTRAP_DURATION = Kind::Gauge, "consentgate_bootstrap_duration_seconds";

    // Webhooks; only `consentgate webhooks` has them.
    /// Bodies of webhooks that are done with.
    WEBHOOKS_BODIES = Kind::Counter, "consentgate_webhooks_bodies_total";
    /// Consent events that were published and acknowledged, by kind.
    WEBHOOKS_EVENTS = Kind::Counter, "consentgate_webhooks_events_published_total" ["event"];
    /// Consent events that had been published before: Meta had sent the webhook again.
    WEBHOOKS_REPEATED = Kind::Counter, "consentgate_webhooks_events_repeated_total";
    /// What else bodies gave to say, by note; unplaced_opt_out and unreadable_opt_out need a person.
    WEBHOOKS_NOTES = Kind::Counter, "consentgate_webhooks_notes_total" ["reason"];

    // Verification; only `consentgate verify --continuous` has them.
    /// Differences between what was promised and what the topics hold, by law; must stay 0.
    VERIFY_DIFFERENCES = Kind::Counter, "consentgate_verify_differences_total" ["kind"];
    /// What could not be checked, by cause.
    VERIFY_UNCHECKED = Kind::Counter, "consentgate_verify_unchecked_total" ["cause"];
    /// Messages that were decided again.
    VERIFY_MESSAGES = Kind::Counter, "consentgate_verify_messages_total";
    /// Rounds that came to their end; one that stands still is a verifier that does.
    VERIFY_ROUNDS = Kind::Counter, "consentgate_verify_rounds_total";
    /// Input records that are not verified yet.
    VERIFY_BEHIND_RECORDS = Kind::Gauge, "consentgate_verify_behind_records";
    /// How long ago the last verified decision was made where records are left; 0 if none are.
    VERIFY_BEHIND_SECONDS = Kind::Gauge, "consentgate_verify_behind_seconds";

    // The gate as a whole.
    /// 1 while messages of the route are decided, else 0.
    READY = Kind::Gauge, "consentgate_ready" ["route"];
    /// 1 for each cause for which the route holds, else 0.
    HOLD = Kind::Gauge, "consentgate_hold" ["cause", "route"];
    /// 1, with the versions as labels.
    BUILD_INFO = Kind::Gauge, "consentgate_build_info" ["version", "librdkafka"];
    /// Processor time of the process.
    PROCESS_CPU = Kind::Counter, "process_cpu_seconds_total";
    /// Resident memory of the process.
    PROCESS_MEMORY = Kind::Gauge, "process_resident_memory_bytes";
    /// Open file descriptors.
    PROCESS_OPEN_FDS = Kind::Gauge, "process_open_fds";
    /// Threads.
    PROCESS_THREADS = Kind::Gauge, "process_threads";
    /// When the process started, in seconds since 1970.
    PROCESS_START_TIME = Kind::Gauge, "process_start_time_seconds";
}
