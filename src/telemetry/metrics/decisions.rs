//! What lanes decided, by scope.
//!
//! Scopes are free text of a policy, so they are bounded: those of the policy only, and of many the
//! first. All others share one label.

use metrics::Counter;

use super::catalogue::DECISIONS;
use super::registry::counter;
use crate::consent::RouteName;
use crate::decision::{Reason, ScopeTally};

/// How many scopes have a label of their own.
pub const SCOPE_LABELS_MAX: usize = 13;

/// The label of all other scopes.
const OTHER: &str = "other";

/// The counters of one policy's scopes: `consentgate_decisions_total`.
#[derive(Debug)]
pub struct Decisions {
    /// By rank, at most [`SCOPE_LABELS_MAX`].
    scopes: Vec<Row>,
    other: Row,
}

#[derive(Debug)]
struct Row {
    allowed: Counter,
    /// In the order of the reasons.
    suppressed: Vec<(Reason, Counter)>,
}

impl Decisions {
    /// Lets a route's counters of these scopes begin, which come in the order of their ranks.
    pub fn of_scopes<'s>(route: RouteName, scopes: impl Iterator<Item = &'s str>) -> Self {
        let begin = |scope| Row::begin(route, scope);
        let scopes = scopes.take(SCOPE_LABELS_MAX).map(begin).collect();
        Self { scopes, other: begin(OTHER) }
    }

    /// Adds what a committed transaction decided.
    pub fn add(&self, tally: &ScopeTally) {
        for (scope, reason, count) in tally.fates() {
            let own = scope.and_then(|rank| self.scopes.get(rank));
            if let Some(counter) = own.unwrap_or(&self.other).counter(reason) {
                counter.increment(count);
            }
        }
    }
}

impl Row {
    fn begin(route: RouteName, scope: &str) -> Self {
        let of = |decision, reason| counter(&DECISIONS, &[decision, reason, scope, route.label()]);
        let suppressed = |reason: Reason| (reason, of("suppress", reason.name()));
        Self { allowed: of("allow", "none"), suppressed: Reason::ALL.map(suppressed).into() }
    }

    fn counter(&self, reason: Option<Reason>) -> Option<&Counter> {
        match reason {
            None => Some(&self.allowed),
            Some(reason) => {
                let mut counters = self.suppressed.iter();
                counters.find(|(of, _)| *of == reason).map(|(_, counter)| counter)
            }
        }
    }
}
