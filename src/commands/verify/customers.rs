//! One business as the consent topics tell of it: its people, and the links between them.

use hashbrown::HashMap;

use super::epochs::{EpochId, Epochs};
use super::history::is_before;
use super::links::LinkHistory;
use super::told::{Later, Person, Told};
use crate::consent::{Fact, Identity, Place, Positions};

/// One business.
#[derive(Debug, Default)]
pub(super) struct Customers {
    people: HashMap<Identity, Told>,
    /// Which identities were one person's.
    pub(super) links: LinkHistory,
    /// The first fact in each partition.
    first: Vec<Place>,
}

impl Customers {
    /// Notes a fact of the record at `place`. Facts of one partition come in order.
    pub(super) fn note(&mut self, place: Place) {
        let is_here =
            |first: &&mut Place| (first.topic, first.partition) == (place.topic, place.partition);
        match self.first.iter_mut().find(is_here) {
            Some(first) => first.offset = first.offset.min(place.offset),
            None => self.first.push(place),
        }
    }

    /// Takes in a fact about a person that every batch knew.
    pub(super) fn take_early(&mut self, identity: &Identity, place: Place, fact: Fact) {
        self.told_mut(identity).take_early(place, fact);
    }

    /// Takes in any other fact about a person.
    pub(super) fn take_later(
        &mut self,
        identity: &Identity,
        (place, epochs): (Place, Epochs),
        fact: Fact,
    ) {
        self.told_mut(identity).take_later(Later { place, epochs, fact });
    }

    /// Lets what lies before these positions be what every batch knew.
    pub(super) fn raise_floor(&mut self, floor: &Positions) {
        self.people.values_mut().for_each(|told| told.raise_floor(floor));
    }

    /// Whether any fact before these positions names the business.
    pub(super) fn is_known(&self, positions: &Positions) -> bool {
        self.first.iter().any(|first| is_before(*first, positions))
    }

    /// The state of a person. `None` if nobody said anything about them.
    pub(super) fn person_at(
        &self,
        identity: &Identity,
        positions: &Positions,
        epoch: EpochId,
    ) -> Option<Person<'_>> {
        self.people.get(identity)?.at(positions, epoch)
    }

    /// Where a person's erasures lie.
    pub(super) fn erasures_of(&self, identity: &Identity) -> &[Place] {
        self.people.get(identity).map_or(&[], Told::erasures)
    }

    fn told_mut(&mut self, identity: &Identity) -> &mut Told {
        self.people.entry_ref(identity).or_default()
    }
}
