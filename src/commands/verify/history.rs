//! What the consent topics said, as of any positions.
//!
//! Facts are joined, so the state at some positions is the join of all facts before them, whatever
//! order batches are looked at in. What lies before every batch is joined once, at the start; the few
//! later facts of a person are joined when the person is asked for.

use std::collections::BTreeMap;
use std::sync::Arc;

use hashbrown::HashMap;

use super::customers::Customers;
use super::epochs::{EpochId, Epochs};
use super::told::Later;
use crate::consent::{BusinessId, Fact, Offset, Partition, Place, Positions, State, Topic};

/// How many views of the rare facts are kept.
const VIEWS_MAX: usize = 64;
/// How many later facts there may be before a higher floor is worth the walk.
const LATE_MAX: usize = 50_000;

/// All facts.
#[derive(Debug, Default)]
pub(super) struct History {
    /// Positions that every batch has reached.
    floor: Positions,
    customers: HashMap<BusinessId, Customers>,
    /// How many facts of people came after the floor.
    late: usize,
    /// Facts about businesses and about the platform: few, and each concerns many people.
    rare: Vec<Later>,
    /// Those facts as of some positions, by how many of each partition are before them.
    views: HashMap<(Vec<usize>, EpochId), Arc<State>>,
    rare_places: BTreeMap<(Topic, Partition), Vec<Offset>>,
}

impl History {
    /// Knows nothing; `floor` must be reached by all positions that are asked about.
    pub(super) fn new(floor: Positions) -> Self {
        Self { floor, ..Self::default() }
    }

    /// Takes in a fact of the record at `place`. Facts of one partition come in order.
    pub(super) fn take(&mut self, place: Place, epochs: Epochs, fact: Fact) {
        if let Fact::Link { business, ends, change } = &fact {
            let customers = self.customers_mut(business, place);
            return customers.links.take(ends, *change, (place, &epochs));
        }
        let Some(subject) = fact.subject().cloned() else {
            if let Some(business) = business_of(&fact) {
                self.customers_mut(business, place);
            }
            let places = self.rare_places.entry((place.topic, place.partition)).or_default();
            places.push(place.offset);
            return self.rare.push(Later { place, epochs, fact });
        };
        let is_early = is_before(place, &self.floor) && epochs == Epochs::All;
        self.late += usize::from(!is_early);
        let customers = self.customers_mut(&subject.business, place);
        match is_early {
            true => customers.take_early(&subject.identity, place, fact),
            false => customers.take_later(&subject.identity, (place, epochs), fact),
        }
    }

    /// What is known of a business, if anything is.
    pub(super) fn customers(&self, business: &str) -> Option<&Customers> {
        self.customers.get(business)
    }

    /// The positions that every batch must have reached.
    pub(super) fn floor(&self) -> &Positions {
        &self.floor
    }

    /// From now on nobody asks about positions before these. Does nothing where that would save little.
    pub(super) fn raise_floor(&mut self, floor: Positions) {
        if self.late < LATE_MAX || !floor.cover(&self.floor) {
            return;
        }
        self.late = 0;
        self.customers.values_mut().for_each(|customers| customers.raise_floor(&floor));
        self.floor = floor;
    }

    /// Facts about businesses and about the platform, joined; no people.
    pub(super) fn businesses_at(&mut self, positions: &Positions, epoch: EpochId) -> Arc<State> {
        let count = |(&(topic, partition), offsets): (&(Topic, Partition), &Vec<Offset>)| {
            let next = positions.get(topic, partition).unwrap_or_default();
            offsets.partition_point(|offset| *offset < next)
        };
        let counts: Vec<usize> = self.rare_places.iter().map(count).collect();
        if self.views.len() > VIEWS_MAX {
            self.views.clear();
        }
        let rare = &self.rare;
        let view = self.views.entry((counts, epoch)).or_insert_with(|| {
            let mut state = State::default();
            for later in rare.iter().filter(|later| later.is_known(positions, epoch)) {
                state.join(later.fact.clone());
            }
            Arc::new(state)
        });
        view.clone()
    }

    fn customers_mut(&mut self, business: &BusinessId, place: Place) -> &mut Customers {
        let customers = self.customers.entry_ref(business).or_default();
        customers.note(place);
        customers
    }
}

/// Whether a record at `place` lies before these positions.
pub(super) fn is_before(place: Place, positions: &Positions) -> bool {
    positions.get(place.topic, place.partition).is_some_and(|next| place.offset < next)
}

/// The business that a fact makes known. One that is only quarantined is known while it is.
fn business_of(fact: &Fact) -> Option<&BusinessId> {
    match fact {
        Fact::InvalidText { business, .. }
        | Fact::Template { business, .. }
        | Fact::TextPublished { business, .. }
        | Fact::TextRetired { business, .. }
        | Fact::Pause { business, .. }
        | Fact::Resume { business, .. } => Some(business),
        _ => None,
    }
}
