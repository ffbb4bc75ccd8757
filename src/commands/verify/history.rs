//! What the consent topics said, as of any positions.
//!
//! Facts are joined, so the state at some positions is the join of all facts before them, whatever
//! order batches are looked at in. What lies before every batch is joined once, at the start; the few
//! later facts of a person are joined when the person is asked for.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::epochs::{EpochId, Epochs};
use super::links::LinkHistory;
use crate::consent::{
    BusinessId, Class, Fact, Offset, Partition, Place, Positions, State, Subject, SubjectState,
    Topic,
};

/// How many views of the rare facts are kept.
const VIEWS_MAX: usize = 64;

/// A fact that some batches knew and others did not.
#[derive(Clone, Debug)]
struct Later {
    place: Place,
    epochs: Epochs,
    fact: Fact,
}

impl Later {
    fn is_known(&self, positions: &Positions, epoch: EpochId) -> bool {
        is_before(self.place, positions) && self.epochs.contain(epoch)
    }
}

/// All facts.
#[derive(Debug, Default)]
pub(super) struct History {
    /// Positions that every batch has reached.
    floor: Positions,
    base: State,
    later: HashMap<Subject, Vec<Later>>,
    /// The first fact about each business, by partition.
    first: HashMap<BusinessId, BTreeMap<(Topic, Partition), Offset>>,
    /// Facts about businesses and about the platform: few, and each concerns many people.
    rare: Vec<Later>,
    /// Those facts as of some positions, by how many of each partition are before them.
    views: HashMap<(Vec<usize>, EpochId), Arc<State>>,
    rare_places: BTreeMap<(Topic, Partition), Vec<Offset>>,
    /// Which identities were one person's.
    pub(super) links: LinkHistory,
    /// Where each erasure lies.
    erasures: HashMap<Subject, Vec<Place>>,
}

impl History {
    /// Knows nothing; `floor` must be reached by all positions that are asked about.
    pub(super) fn new(floor: Positions) -> Self {
        Self { floor, ..Self::default() }
    }

    /// Takes in a fact of the record at `place`. Facts of one partition come in order.
    pub(super) fn take(&mut self, place: Place, epochs: Epochs, fact: Fact) {
        if let Fact::Link { business, ends, change } = &fact {
            self.note_business(business, place);
            return self.links.take(business, ends, *change, (place, &epochs));
        }
        let Some(subject) = fact.subject() else {
            if let Some(business) = business_of(&fact) {
                self.note_business(&business, place);
            }
            let places = self.rare_places.entry((place.topic, place.partition)).or_default();
            places.push(place.offset);
            return self.rare.push(Later { place, epochs, fact });
        };
        self.note_business(&subject.business, place);
        if let Fact::Objection { class: Class::Erase, .. } = &fact {
            self.erasures.entry(subject.clone()).or_default().push(place);
        }
        if is_before(place, &self.floor) && epochs == Epochs::All {
            return self.base.join(fact);
        }
        let later = Later { place, epochs, fact: fact.clone() };
        match self.later.get_mut(subject) {
            Some(facts) => facts.push(later),
            None => drop(self.later.insert(subject.clone(), vec![later])),
        }
    }

    /// Where a person's erasures lie.
    pub(super) fn erasures_of(&self, subject: &Subject) -> &[Place] {
        self.erasures.get(subject).map_or(&[], Vec::as_slice)
    }

    fn note_business(&mut self, business: &BusinessId, place: Place) {
        let key = (place.topic, place.partition);
        match self.first.get_mut(business) {
            Some(first) => {
                let offset = first.entry(key).or_insert(place.offset);
                *offset = (*offset).min(place.offset);
            }
            None => {
                let first = BTreeMap::from([(key, place.offset)]);
                self.first.insert(business.clone(), first);
            }
        }
    }

    /// Whether any fact before these positions names the business.
    pub(super) fn knows(&self, business: &str, positions: &Positions) -> bool {
        self.first.get(business).is_some_and(|first| {
            first.iter().any(|(&(topic, partition), &offset)| {
                is_before(Place { topic, partition, offset }, positions)
            })
        })
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

    /// The state of a person. `None` if nobody said anything about them.
    pub(super) fn person_at(
        &self,
        subject: &Subject,
        positions: &Positions,
        epoch: EpochId,
    ) -> Option<Person<'_>> {
        let base = self.base.subjects.get(subject);
        let later = self.later.get(subject).map_or(&[][..], Vec::as_slice);
        let mut known = later.iter().filter(|later| later.is_known(positions, epoch)).peekable();
        if known.peek().is_none() {
            return base.map(Person::Base);
        }
        let mut state = State::default();
        if let Some(base) = base {
            state.subjects.insert(subject.clone(), base.clone());
        }
        for later in known {
            state.join(later.fact.clone());
        }
        state.subjects.remove(subject).map(|state| Person::Joined(Box::new(state)))
    }
}

/// The state of one person.
pub(super) enum Person<'h> {
    /// Nothing came after the start.
    Base(&'h SubjectState),
    /// Joined with what came later.
    Joined(Box<SubjectState>),
}

impl Person<'_> {
    pub(super) fn state(&self) -> &SubjectState {
        match self {
            Self::Base(state) => state,
            Self::Joined(state) => state,
        }
    }
}

/// Whether a record at `place` lies before these positions.
pub(super) fn is_before(place: Place, positions: &Positions) -> bool {
    positions.get(place.topic, place.partition).is_some_and(|next| place.offset < next)
}

/// The business that a fact makes known. One that is only quarantined is known while it is.
fn business_of(fact: &Fact) -> Option<BusinessId> {
    match fact {
        Fact::InvalidText { business, .. }
        | Fact::Template { business, .. }
        | Fact::TextPublished { business, .. }
        | Fact::TextRetired { business, .. }
        | Fact::Pause { business, .. }
        | Fact::Resume { business, .. } => Some(business.clone()),
        _ => None,
    }
}
