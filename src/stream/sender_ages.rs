//! How old the oldest unread decision can be, by what was seen of the partition's end.
//!
//! No timestamp is asked: a record's is its message's, not its decision's. A record at or after an
//! end that was seen was not yet committed then. It is an upper bound: what lay there before the
//! first look has no known age.

use std::collections::VecDeque;
use std::time::Duration;

use crate::consent::Offset;
use crate::index::Tick;

/// So finely the longest age that matters is told apart.
const STEPS: u32 = 64;

/// The looks at one partition's end.
#[derive(Debug, Default)]
pub(super) struct SenderAges {
    /// Instants and ends, oldest first, both growing.
    looks: VecDeque<(Tick, Offset)>,
}

impl SenderAges {
    /// Notes an end that was asked for at `asked_at`. `longest` is the age that matters.
    pub(super) fn look(&mut self, asked_at: Tick, end: Offset, longest: Duration) {
        if self.looks.back().is_some_and(|(_, seen)| end < *seen) {
            // The log was cut or made anew: what was seen before says nothing about this one.
            self.looks.clear();
        }
        let step = longest / STEPS;
        match self.looks.back_mut() {
            // Nothing new: the record that comes next is younger than this look.
            Some((at, seen)) if *seen == end => *at = asked_at,
            Some((at, _)) if between(*at, asked_at) < step => {}
            _ => self.looks.push_back((asked_at, end)),
        }
        // Of the looks that are older than all that matters, one is enough.
        while self.looks.get(1).is_some_and(|(at, _)| between(*at, asked_at) > longest) {
            self.looks.pop_front();
        }
    }

    /// At most so old is the decision on the record at this offset; `None` if nobody knows.
    pub(super) fn age(&self, record: Offset, now: Tick) -> Option<Duration> {
        let before = self.looks.iter().rev().find(|(_, end)| *end <= record);
        before.map(|(at, _)| between(*at, now))
    }
}

fn between(earlier: Tick, later: Tick) -> Duration {
    Duration::from_nanos(later.0.saturating_sub(earlier.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONGEST: Duration = Duration::from_secs(64);

    fn at(second: u64) -> Tick {
        Tick(second * 1_000_000_000)
    }

    /// Looks at these (second, end).
    fn seen(looks: &[(u64, i64)]) -> SenderAges {
        let mut ages = SenderAges::default();
        looks.iter().for_each(|(second, end)| ages.look(at(*second), Offset(*end), LONGEST));
        ages
    }

    fn age(ages: &SenderAges, record: i64, now: u64) -> Option<u64> {
        ages.age(Offset(record), at(now)).map(|age| age.as_secs())
    }

    #[test]
    fn a_record_is_no_older_than_the_last_look_that_did_not_see_it() {
        let ages = seen(&[(0, 10), (5, 10), (10, 20), (20, 30)]);
        assert_eq!(age(&ages, 10, 30), Some(25));
        assert_eq!(age(&ages, 19, 30), Some(25));
        assert_eq!(age(&ages, 20, 30), Some(20));
        assert_eq!(age(&ages, 30, 30), Some(10));
    }

    #[test]
    fn what_lay_there_before_the_first_look_has_no_known_age() {
        assert_eq!(age(&seen(&[(0, 10), (1, 20)]), 9, 2), None);
    }

    #[test]
    fn a_log_that_was_cut_has_no_known_ages() {
        let ages = seen(&[(0, 10), (5, 20), (6, 3)]);
        assert_eq!((age(&ages, 2, 7), age(&ages, 3, 7)), (None, Some(1)));
    }

    #[test]
    fn few_looks_are_kept_and_an_age_errs_by_a_step_at_most_and_upward() {
        let mut ages = SenderAges::default();
        for tenth in 0..10_000_u64 {
            let end = Offset(i64::try_from(tenth).unwrap());
            ages.look(Tick(tenth * 100_000_000), end, LONGEST);
        }
        assert!(ages.looks.len() <= 67, "{}", ages.looks.len());
        // The record at 9,900 came 10 s before the last look, which was at 999.9 s.
        let told = ages.age(Offset(9_900), Tick(999_900_000_000)).unwrap();
        assert!((9_900..=11_000).contains(&told.as_millis()), "{told:?}");
        assert!(ages.age(Offset(100), Tick(999_900_000_000)).is_none_or(|age| age > LONGEST));
    }
}
