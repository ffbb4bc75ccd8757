//! The append time that the rules see: the running maximum of a partition.
//!
//! A broker's clock may step back, but within one partition later records must not count as
//! earlier. A voided record's time is left out. Knows no rule. A time that lies ahead of the gate's
//! own clock is reported, and the gate holds until it is voided or the clock gets there.

use std::collections::{BTreeMap, BTreeSet};

use crate::consent::{Partition, Place, Seconds, Topic};

/// Running maxima of all partitions.
#[derive(Clone, Debug, Default)]
pub struct AppendClock {
    newest: BTreeMap<(Topic, Partition), Seconds>,
    voided: BTreeSet<Place>,
    ahead: BTreeMap<Place, Seconds>,
}

impl AppendClock {
    /// The append time of a record whose broker time is `at`.
    ///
    /// On `consent-activity` it is the raw time, for that topic is trimmed and its past is not known.
    pub fn observe(&mut self, place: Place, at: Seconds, now: Seconds, limit_s: u32) -> Seconds {
        if self.voided.contains(&place) {
            return self.newest.get(&(place.topic, place.partition)).copied().unwrap_or_default();
        }
        if at > now.plus(limit_s) {
            self.ahead.insert(place, at);
        }
        if !place.topic.is_kept_whole() {
            return at;
        }
        let newest = self.newest.entry((place.topic, place.partition)).or_insert(at);
        *newest = (*newest).max(at);
        *newest
    }

    /// Notes that a record is voided. Says whether that is news: its time may then stand in
    /// everything after it, and the index must be built again.
    pub fn void(&mut self, place: Place) -> bool {
        self.voided.insert(place)
    }

    /// The first record that lies ahead of `now` by more than the limit.
    pub fn ahead_of(&mut self, now: Seconds, limit_s: u32) -> Option<Place> {
        self.ahead.retain(|_, at| *at > now);
        let ahead = |(place, at): (&Place, &Seconds)| (*at > now.plus(limit_s)).then_some(*place);
        self.ahead.iter().find_map(ahead)
    }

    /// Starts again from the beginning of every partition; what is voided stays voided.
    pub fn restart(&mut self) {
        self.newest.clear();
        self.ahead.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::consent::Offset;

    fn place(offset: i64) -> Place {
        let (topic, partition) = (Topic::ConsentEvents, Partition(0));
        Place { topic, partition, offset: Offset(offset) }
    }

    #[test]
    fn a_step_back_of_the_brokers_clock_never_makes_a_later_record_earlier() {
        let mut clock = AppendClock::default();
        let now = Seconds(100);
        assert_eq!(clock.observe(place(0), Seconds(50), now, 300), Seconds(50));
        assert_eq!(clock.observe(place(1), Seconds(40), now, 300), Seconds(50));
    }

    #[test]
    fn what_is_kept_whole_has_a_running_clock_and_what_is_trimmed_its_own_times() {
        for topic in Topic::ALL {
            let at = |offset| Place { topic, ..place(offset) };
            let (mut clock, now) = (AppendClock::default(), Seconds(100));
            clock.observe(at(0), Seconds(50), now, 300);
            let expected = if topic.is_kept_whole() { 50 } else { 40 };
            assert_eq!(clock.observe(at(1), Seconds(40), now, 300), Seconds(expected), "{topic:?}");
        }
    }

    #[test]
    fn a_time_ahead_of_the_gates_clock_is_reported_until_voided() {
        let mut clock = AppendClock::default();
        let now = Seconds(100);
        clock.observe(place(0), Seconds(401), now, 300);
        assert_eq!(clock.ahead_of(now, 300), Some(place(0)));
        assert_eq!(clock.ahead_of(Seconds(101), 300), None);
        assert_eq!(clock.ahead_of(Seconds(101), 30), Some(place(0)));
        assert!(clock.void(place(0)));
        assert!(!clock.void(place(0)));
        clock.restart();
        assert_eq!(clock.observe(place(0), Seconds(401), now, 300), Seconds(0));
        assert_eq!(clock.observe(place(1), Seconds(60), now, 300), Seconds(60));
        assert_eq!(clock.ahead_of(now, 300), None);
    }
}
