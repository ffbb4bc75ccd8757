//! How long the next message of a partition has been waiting, by what was seen of the log's end.
//!
//! No timestamp is asked, so a writer's clock changes nothing and an idle topic is never late. It is
//! a lower bound: what lay there before the first look counts from that look.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use crate::consent::Offset;
use crate::telemetry::metrics::Lag;

/// How many looks are kept; above it every other one goes.
const LOOKS_MAX: usize = 128;

/// The looks at one partition's end that lie past its position.
#[derive(Debug, Default)]
pub(super) struct LagHistory {
    looks: VecDeque<(Instant, Offset)>,
}

impl LagHistory {
    /// The lag at this look.
    pub(super) fn look(&mut self, position: Offset, end: Offset, now: Instant) -> Lag {
        while self.looks.front().is_some_and(|(_, seen)| *seen <= position) {
            self.looks.pop_front();
        }
        let last = self.looks.back().map(|(_, seen)| *seen);
        if last.is_some_and(|seen| seen > end) {
            // The log was cut: what was seen before says nothing about this one.
            self.looks.clear();
        }
        if end > position && last != Some(end) {
            self.looks.push_back((now, end));
        }
        if self.looks.len() > LOOKS_MAX {
            let mut nth = 0;
            self.looks.retain(|_| {
                nth += 1;
                nth % 2 == 1
            });
        }
        let first = self.looks.front();
        Lag {
            messages: u64::try_from(end.0 - position.0).unwrap_or(0),
            age: first.map_or(Duration::ZERO, |(at, _)| now.duration_since(*at)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Looks every second at (position, end); the ages in seconds.
    fn ages(looks: &[(i64, i64)]) -> Vec<u64> {
        let (mut history, start) = (LagHistory::default(), Instant::now());
        let age = |(second, &(position, end)): (usize, &(i64, i64))| {
            let now = start + Duration::from_secs(second as u64);
            history.look(Offset(position), Offset(end), now).age.as_secs()
        };
        looks.iter().enumerate().map(age).collect()
    }

    #[test]
    fn an_idle_topic_is_never_late() {
        assert_eq!(ages(&[(5, 5), (5, 5), (5, 6), (6, 6)]), [0, 0, 0, 0]);
    }

    #[test]
    fn a_stuck_position_grows_older_by_the_clock() {
        assert_eq!(ages(&[(5, 6), (5, 6), (5, 9), (5, 9)]), [0, 1, 2, 3]);
    }

    #[test]
    fn a_position_that_moves_is_as_late_as_its_own_next_message() {
        assert_eq!(ages(&[(0, 10), (0, 20), (10, 30), (25, 30)]), [0, 1, 1, 1]);
    }

    #[test]
    fn a_log_that_was_cut_starts_anew() {
        assert_eq!(ages(&[(0, 10), (0, 10), (0, 4), (0, 4)]), [0, 1, 0, 1]);
    }

    #[test]
    fn a_long_history_is_thinned_and_keeps_its_oldest_look() {
        let mut history = LagHistory::default();
        let start = Instant::now();
        for second in 0..1_000 {
            let now = start + Duration::from_secs(second);
            let lag = history.look(Offset(0), Offset(1 + second.cast_signed()), now);
            assert_eq!(lag.age.as_secs(), second);
        }
        assert!(history.looks.len() <= LOOKS_MAX);
    }
}
