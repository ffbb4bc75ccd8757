//! What a verification that goes on reports.

use std::time::Duration;

use metrics::{Counter, Gauge};

use super::boards;
use super::catalogue as all;
use super::registry::{counter, gauge};

/// The numbers of a verification.
pub struct Verification {
    differences: Vec<(String, Counter)>,
    unchecked: Vec<(String, Counter)>,
    messages: Counter,
    rounds: Counter,
    behind_records: Gauge,
    behind_seconds: Gauge,
}

impl Verification {
    /// Lets the numbers begin, for these laws and these causes, and puts the versions down.
    pub fn begin(laws: &[String], causes: &[String], version: &str, librdkafka: &str) -> Self {
        boards::build_info(version, librdkafka);
        let of = |metric, names: &[String]| {
            names.iter().map(|name| (name.clone(), counter(metric, &[name]))).collect()
        };
        Self {
            differences: of(&all::VERIFY_DIFFERENCES, laws),
            unchecked: of(&all::VERIFY_UNCHECKED, causes),
            messages: counter(&all::VERIFY_MESSAGES, &[]),
            rounds: counter(&all::VERIFY_ROUNDS, &[]),
            behind_records: gauge(&all::VERIFY_BEHIND_RECORDS, &[]),
            behind_seconds: gauge(&all::VERIFY_BEHIND_SECONDS, &[]),
        }
    }

    /// A round came to its end, with so many messages decided again.
    pub fn round(&self, messages: u64) {
        self.rounds.increment(1);
        self.messages.increment(messages);
    }

    /// So many differences of a law.
    pub fn differ(&self, law: &str, count: u64) {
        increment(&self.differences, law, count);
    }

    /// So much could not be checked.
    pub fn leave(&self, cause: &str, count: u64) {
        increment(&self.unchecked, cause, count);
    }

    /// How far it is behind.
    pub fn behind(&self, records: u64, age: Duration) {
        self.behind_records.set(records as f64);
        self.behind_seconds.set(age.as_secs_f64());
    }
}

fn increment(counters: &[(String, Counter)], name: &str, count: u64) {
    if let Some((_, counter)) = counters.iter().find(|(known, _)| known == name) {
        counter.increment(count);
    }
}
