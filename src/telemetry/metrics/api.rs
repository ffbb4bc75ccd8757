//! What is asked over HTTP, in counts.

use std::sync::LazyLock;
use std::time::Duration;

use metrics::{Counter, Histogram};

use super::catalogue as all;
use super::registry::{counter, histogram, labels};
use crate::decision::{Reason, Tally};

labels! {
    /// What was asked.
    Asked {
        /// Messages, just before they are sent.
        Recheck = "recheck",
        /// How many people could be reached.
        Check = "check",
    }
}

labels! {
    /// What became of a question.
    AskedResult {
        /// It was answered.
        Answered = "answered",
        /// The gate holds.
        Held = "held",
        /// There were too many at once.
        Busy = "busy",
        /// It was no question that could be answered.
        Refused = "refused",
        /// Nobody who may ask.
        Unauthorized = "unauthorized",
    }
}

struct ApiMeters {
    questions: Vec<Vec<Counter>>,
    took: Vec<Histogram>,
    allowed: Vec<Counter>,
    suppressed: Vec<Vec<Counter>>,
}

/// Made when the first question comes, so that a gate that answers none has no series of it.
static API: LazyLock<ApiMeters> = LazyLock::new(|| {
    let kinds = Asked::NAMES;
    let results = |kind: &&'static str| -> Vec<Counter> {
        let of_result = |result: &&str| counter(&all::API_QUESTIONS, &[kind, result]);
        AskedResult::NAMES.iter().map(of_result).collect()
    };
    let reasons = |kind: &&'static str| -> Vec<Counter> {
        let of_reason =
            |reason: Reason| counter(&all::API_DECISIONS, &[kind, "suppress", reason.name()]);
        Reason::ALL.map(of_reason).into()
    };
    ApiMeters {
        questions: kinds.iter().map(results).collect(),
        took: kinds.iter().map(|kind| histogram(&all::API_DURATION, &[kind])).collect(),
        allowed: kinds
            .iter()
            .map(|kind| counter(&all::API_DECISIONS, &[kind, "allow", "none"]))
            .collect(),
        suppressed: kinds.iter().map(reasons).collect(),
    }
});

/// A question came: `consentgate_api_questions_total`.
pub fn asked(asked: Asked, result: AskedResult) {
    let of_kind = API.questions.get(asked as usize);
    if let Some(counter) = of_kind.and_then(|counters| counters.get(result as usize)) {
        counter.increment(1);
    }
}

/// What a question's answer says: `consentgate_api_decisions_total`, `consentgate_api_duration_seconds`.
pub fn asked_fates(asked: Asked, tally: &Tally, took: Duration) {
    let kind = asked as usize;
    if let Some(histogram) = API.took.get(kind) {
        histogram.record(took.as_secs_f64());
    }
    if let Some(counter) = API.allowed.get(kind) {
        counter.increment(tally.allowed_count());
    }
    for (reason, count) in tally.by_reason() {
        let at = Reason::ALL.iter().position(|other| *other == reason);
        let of_kind = API.suppressed.get(kind);
        if let Some(counter) = of_kind.zip(at).and_then(|(counters, at)| counters.get(at)) {
            counter.increment(count);
        }
    }
}
