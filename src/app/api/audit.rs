//! What was asked and answered, in counts: metrics at once, a log line a minute.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::decision::Tally;
use crate::telemetry::metrics::{self, Asked, AskedResult};

/// How often a line is written, while anybody asks.
const LINE_EVERY: Duration = Duration::from_secs(60);

/// The counts since the last line.
#[derive(Debug)]
pub(super) struct Audit(Mutex<Counts>);

#[derive(Debug)]
struct Counts {
    since: Instant,
    questions: [u64; 2],
    unanswered: u64,
    allowed: u64,
    suppressed: u64,
}

impl Counts {
    fn none() -> Self {
        Self { since: Instant::now(), questions: [0; 2], unanswered: 0, allowed: 0, suppressed: 0 }
    }
}

impl Audit {
    pub(super) fn new() -> Self {
        Self(Mutex::new(Counts::none()))
    }

    /// A question was answered.
    pub(super) fn answered(&self, asked: Asked, tally: &Tally, took: Duration) {
        metrics::asked(asked, AskedResult::Answered);
        metrics::asked_fates(asked, tally, took);
        self.count(|counts| {
            counts.questions[asked as usize] += 1;
            counts.allowed += tally.allowed_count();
            counts.suppressed += tally.suppressed_count();
        });
    }

    /// A question was not answered.
    pub(super) fn unanswered(&self, asked: Asked, result: AskedResult) {
        metrics::asked(asked, result);
        self.count(|counts| counts.unanswered += 1);
    }

    fn count(&self, add: impl FnOnce(&mut Counts)) {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        add(&mut counts);
        if counts.since.elapsed() >= LINE_EVERY {
            let told = std::mem::replace(&mut *counts, Counts::none());
            drop(counts);
            let [rechecks, checks] = told.questions;
            let (unanswered, allowed, suppressed) =
                (told.unanswered, told.allowed, told.suppressed);
            tracing::info!(rechecks, checks, unanswered, allowed, suppressed, "api.asked");
        }
    }
}
