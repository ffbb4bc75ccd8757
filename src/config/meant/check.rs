//! Collects what is wrong while the settings are checked one after another.
//!
//! A check goes on after a problem, so that all of them are reported in one run.

use std::ops::RangeInclusive;
use std::time::Duration;

use crate::config::assemble::Origins;
use crate::config::problem::Problem;
use crate::config::value::Span;
use crate::consent::RouteName;

/// The problems so far.
pub(super) struct Check<'o> {
    origins: &'o Origins,
    route: RouteName,
    problems: Vec<Problem>,
}

impl<'o> Check<'o> {
    pub(super) fn new(origins: &'o Origins, route: RouteName) -> Self {
        Self { origins, route, problems: Vec::new() }
    }

    pub(super) fn into_problems(self) -> Vec<Problem> {
        self.problems
    }

    /// Takes over what another has found.
    pub(super) fn join(&mut self, other: Self) {
        self.problems.extend(other.problems);
    }

    /// Notes a problem with a key.
    pub(super) fn refuse(
        &mut self,
        key: &str,
        what: impl Into<String>,
        allowed: impl Into<String>,
        hint: impl Into<String>,
    ) {
        let key = self.origins.written(self.route, key);
        let problem = Problem::new(self.origins.of(&key), key, what);
        self.problems.push(problem.allowed(allowed).hint(hint));
    }

    /// A duration within its limits.
    pub(super) fn span(&mut self, key: &str, span: Span, limits: RangeInclusive<Span>) -> Duration {
        if !limits.contains(&span) {
            let allowed = format!("{} to {}", limits.start(), limits.end());
            self.refuse(key, format!("\"{span}\" is out of range"), allowed, "");
        }
        span.0
    }

    /// A number within its limits.
    pub(super) fn count(&mut self, key: &str, count: u32, limits: RangeInclusive<u32>) -> u32 {
        if !limits.contains(&count) {
            let allowed = format!("{} to {}", limits.start(), limits.end());
            self.refuse(key, format!("{count} is out of range"), allowed, "");
        }
        count
    }

    /// A name of Kafka's: 1 to `len_max` of `a-z A-Z 0-9 . _ -`.
    pub(super) fn kafka_name(&mut self, key: &str, name: &str, len_max: usize) -> Option<String> {
        let legal = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
        let is_name = !name.is_empty() && name.len() <= len_max && name.chars().all(legal);
        if is_name && name != "." && name != ".." {
            return Some(name.to_owned());
        }
        let allowed = format!("1 to {len_max} of a-z A-Z 0-9 . _ -");
        self.refuse(key, format!("\"{name}\" is no name that Kafka takes"), allowed, "");
        None
    }
}
