//! The append clock as each batch knew it.
//!
//! A void takes a record's time out of the running maximum, for the records after it too. A batch
//! that had not read the void yet was decided with the time in it. So there is one clock for each set
//! of voids that some batch knew; nearly always that is one clock, and no void at all.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::history::is_before;
use crate::consent::{Place, Positions, Seconds};
use crate::stream::AppendClock;

/// A set of voids that some batch knew.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct EpochId(usize);

/// In which epochs a fact is one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Epochs {
    /// In all.
    All,
    /// In these.
    Only(Arc<[EpochId]>),
}

impl Epochs {
    pub(super) fn contain(&self, epoch: EpochId) -> bool {
        match self {
            Self::All => true,
            Self::Only(epochs) => epochs.contains(&epoch),
        }
    }
}

/// A void, and the record that it names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct VoidAt {
    pub(super) place: Place,
    pub(super) names: Place,
}

/// One clock for each set of voids.
#[derive(Clone, Debug, Default)]
pub(super) struct Clocks {
    voids: Vec<VoidAt>,
    sets: BTreeMap<BTreeSet<Place>, EpochId>,
    clocks: Vec<AppendClock>,
}

impl Clocks {
    /// Clocks for all sets of these voids that the given positions have reached.
    pub(super) fn new<'p>(
        voids: Vec<VoidAt>,
        positions: impl Iterator<Item = &'p Positions>,
    ) -> Self {
        let mut clocks = Self { voids, ..Self::default() };
        // Without any batch one clock is needed to find the voids.
        let sets: BTreeSet<_> = positions.map(|positions| clocks.set_at(positions)).collect();
        for (number, set) in sets.into_iter().enumerate() {
            let mut clock = AppendClock::default();
            for place in &set {
                clock.void(*place);
            }
            clocks.clocks.push(clock);
            clocks.sets.insert(set, EpochId(number));
        }
        clocks
    }

    /// A clock that knows no void.
    pub(super) fn plain() -> Self {
        Self::new(Vec::new(), std::iter::once(&Positions::default()))
    }

    /// Whether these clocks are what [`Clocks::plain`] is.
    pub(super) fn is_plain(&self) -> bool {
        self.sets.keys().all(BTreeSet::is_empty)
    }

    /// The epoch of a batch with these positions.
    pub(super) fn epoch_at(&self, positions: &Positions) -> EpochId {
        if self.is_plain() {
            return EpochId::default();
        }
        self.sets.get(&self.set_at(positions)).copied().unwrap_or_default()
    }

    /// Whether there is a clock for what a batch knew of these voids.
    pub(super) fn fit(&self, voids: &[VoidAt], positions: &Positions) -> bool {
        self.sets.contains_key(&set_of(voids, positions))
    }

    fn set_at(&self, positions: &Positions) -> BTreeSet<Place> {
        set_of(&self.voids, positions)
    }

    /// The append time of a record in each epoch, epochs of the same time together.
    pub(super) fn observe(&mut self, place: Place, broker_time: Seconds) -> Vec<(Seconds, Epochs)> {
        // Whether a time lies ahead of some wall clock is no matter here.
        let never = (Seconds(u32::MAX), u32::MAX);
        let mut times: BTreeMap<Seconds, Vec<EpochId>> = BTreeMap::new();
        for (number, clock) in self.clocks.iter_mut().enumerate() {
            let at = clock.observe(place, broker_time, never.0, never.1);
            times.entry(at).or_default().push(EpochId(number));
        }
        let all = self.clocks.len();
        let epochs_of = |epochs: Vec<EpochId>| match epochs.len() == all {
            true => Epochs::All,
            false => Epochs::Only(epochs.into()),
        };
        times.into_iter().map(|(at, epochs)| (at, epochs_of(epochs))).collect()
    }
}

/// Which records were voided as of these positions.
fn set_of(voids: &[VoidAt], positions: &Positions) -> BTreeSet<Place> {
    let known = voids.iter().filter(|void| is_before(void.place, positions));
    known.map(|void| void.names).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::consent::{Offset, Partition, Topic};

    fn place(offset: i64) -> Place {
        let (topic, partition) = (Topic::ConsentEvents, Partition(0));
        Place { topic, partition, offset: Offset(offset) }
    }

    fn up_to(next: i64) -> Positions {
        [(Topic::ConsentEvents, Partition(0), Offset(next))].into_iter().collect()
    }

    #[test]
    fn without_voids_there_is_one_clock_for_all() {
        let mut clocks = Clocks::new(Vec::new(), [up_to(1), up_to(9)].iter());
        assert!(clocks.is_plain());
        assert_eq!(clocks.observe(place(0), Seconds(5)), [(Seconds(5), Epochs::All)]);
        assert_eq!(clocks.observe(place(1), Seconds(4)), [(Seconds(5), Epochs::All)]);
    }

    #[test]
    fn a_batch_before_a_void_keeps_the_voided_time_and_one_behind_it_does_not() {
        let void = VoidAt { place: place(2), names: place(0) };
        let (before, behind) = (up_to(2), up_to(3));
        let mut clocks = Clocks::new(vec![void], [&before, &behind].into_iter());
        clocks.observe(place(0), Seconds(900));
        let times = clocks.observe(place(1), Seconds(10));
        let time_at = |positions: &Positions| {
            let epoch = clocks.epoch_at(positions);
            let time = times.iter().find(|(_, epochs)| epochs.contain(epoch));
            time.map(|(at, _)| *at)
        };
        assert_eq!(time_at(&before), Some(Seconds(900)));
        assert_eq!(time_at(&behind), Some(Seconds(10)));
    }

    #[test]
    fn a_void_that_no_batch_has_read_changes_nothing() {
        let void = VoidAt { place: place(7), names: place(0) };
        assert!(Clocks::new(vec![void], std::iter::once(&up_to(3))).is_plain());
    }
}
