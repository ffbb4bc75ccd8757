//! What was said about one person, as of any positions.
//!
//! Facts before the floor are joined at once. Of the few later ones it is known where they lie; mostly
//! a batch knew all of them or none, and then nothing is joined to answer.

use std::sync::{Arc, Mutex, PoisonError};

use super::epochs::{EpochId, Epochs};
use super::history::is_before;
use crate::consent::{Class, Fact, Place, Positions, SubjectState};

/// Of more facts it is not remembered which were joined last.
const MASK_BITS: usize = u64::BITS as usize;

/// A fact that some batches knew and others did not.
#[derive(Clone, Debug)]
pub(super) struct Later {
    pub(super) place: Place,
    pub(super) epochs: Epochs,
    pub(super) fact: Fact,
}

impl Later {
    pub(super) fn is_known(&self, positions: &Positions, epoch: EpochId) -> bool {
        is_before(self.place, positions) && self.epochs.contain(epoch)
    }
}

/// One person.
#[derive(Debug, Default)]
pub(super) struct Told {
    /// What every batch knew.
    base: Option<Box<SubjectState>>,
    later: Vec<Later>,
    /// Everything; only if something is later.
    whole: Option<Box<SubjectState>>,
    /// What was last joined for positions between facts.
    last: Mutex<Option<Box<Between>>>,
    erasures: Vec<Place>,
}

/// The state with some of the later facts.
#[derive(Debug)]
struct Between {
    /// Which, by their place in the list.
    known: u64,
    state: Arc<SubjectState>,
}

impl Told {
    /// Takes in a fact that every batch knew.
    pub(super) fn take_early(&mut self, place: Place, fact: Fact) {
        self.note_erasure(place, &fact);
        self.forget_last();
        if let Some(whole) = &mut self.whole {
            whole.join(fact.clone());
        }
        self.base.get_or_insert_default().join(fact);
    }

    /// Takes in any other fact.
    pub(super) fn take_later(&mut self, later: Later) {
        self.note_erasure(later.place, &later.fact);
        self.forget_last();
        let whole = self.whole.get_or_insert_with(|| self.base.clone().unwrap_or_default());
        whole.join(later.fact.clone());
        // Nearly all have one or two, and there are many people.
        if self.later.len() < 4 {
            self.later.reserve_exact(1);
        }
        self.later.push(later);
    }

    /// Lets what lies before these positions be what every batch knew.
    pub(super) fn raise_floor(&mut self, floor: &Positions) {
        if self.later.is_empty() {
            return;
        }
        self.forget_last();
        let is_early = |later: &Later| is_before(later.place, floor) && later.epochs == Epochs::All;
        let (early, later): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.later).into_iter().partition(is_early);
        for early in early {
            self.base.get_or_insert_default().join(early.fact);
        }
        self.later = later;
        if self.later.is_empty() {
            self.whole = None;
        }
    }

    /// The state as of these positions; `None` if nobody said anything.
    pub(super) fn at(&self, positions: &Positions, epoch: EpochId) -> Option<Person<'_>> {
        let known = || self.later.iter().filter(|later| later.is_known(positions, epoch));
        match known().count() {
            0 => self.base.as_deref().map(Person::Held),
            count if count == self.later.len() => self.whole.as_deref().map(Person::Held),
            _ if self.later.len() > MASK_BITS => Some(Person::Joined(self.joined(known()).into())),
            _ => {
                let bits = self.later.iter().enumerate();
                let bits = bits.filter(|(_, later)| later.is_known(positions, epoch));
                let mask = bits.fold(0, |mask, (bit, _)| mask | 1 << bit);
                let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
                if let Some(between) = last.as_ref().filter(|between| between.known == mask) {
                    return Some(Person::Joined(between.state.clone()));
                }
                let state = Arc::new(self.joined(known()));
                *last = Some(Box::new(Between { known: mask, state: state.clone() }));
                Some(Person::Joined(state))
            }
        }
    }

    fn joined<'l>(&self, known: impl Iterator<Item = &'l Later>) -> SubjectState {
        let mut state = self.base.as_deref().cloned().unwrap_or_default();
        known.for_each(|later| state.join(later.fact.clone()));
        state
    }

    fn forget_last(&mut self) {
        *self.last.get_mut().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// Where the person's erasures lie.
    pub(super) fn erasures(&self) -> &[Place] {
        &self.erasures
    }

    fn note_erasure(&mut self, place: Place, fact: &Fact) {
        if let Fact::Objection { class: Class::Erase, .. } = fact {
            self.erasures.push(place);
        }
    }
}

/// The state of one person.
#[derive(Debug)]
pub(super) enum Person<'h> {
    /// As it is held.
    Held(&'h SubjectState),
    /// Joined for positions between facts.
    Joined(Arc<SubjectState>),
}

impl Person<'_> {
    pub(super) fn state(&self) -> &SubjectState {
        match self {
            Self::Held(state) => state,
            Self::Joined(state) => state,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::consent::{
        BusinessId, Identity, Offset, Partition, Seconds, Subject, SubjectState, Topic,
    };

    fn place(offset: i64) -> Place {
        let (topic, partition) = (Topic::ConsentEvents, Partition(0));
        Place { topic, partition, offset: Offset(offset) }
    }

    fn up_to(next: i64) -> Positions {
        [(Topic::ConsentEvents, Partition(0), Offset(next))].into_iter().collect()
    }

    fn fact(number: u32) -> Fact {
        let subject = Subject {
            business: BusinessId::parse("cafe").unwrap(),
            identity: Identity::parse("+12025550123").unwrap(),
        };
        match number % 3 {
            0 => Fact::Block(subject, Seconds(number)),
            1 => Fact::Restrict(subject, Seconds(number)),
            _ => Fact::Cooldown(subject, Seconds(number)),
        }
    }

    /// Of twelve facts the first `early` were known to every batch.
    fn told(early: i64) -> Told {
        let mut told = Told::default();
        for offset in 0..12 {
            let fact = fact(offset as u32);
            match offset < early {
                true => told.take_early(place(offset), fact),
                false => {
                    told.take_later(Later { place: place(offset), epochs: Epochs::All, fact });
                }
            }
        }
        told
    }

    fn joined(next: i64) -> Option<SubjectState> {
        let mut state = SubjectState::default();
        (0..next).for_each(|offset| state.join(fact(offset as u32)));
        (next > 0).then_some(state)
    }

    #[test]
    fn the_state_at_any_positions_is_the_join_of_all_facts_before_them() {
        for early in [0, 1, 5, 12] {
            for next in early..=12 {
                let told = told(early);
                let found =
                    told.at(&up_to(next), EpochId::default()).map(|person| person.state().clone());
                assert_eq!(found, joined(next), "early {early}, next {next}");
            }
        }
    }

    #[test]
    fn a_raised_floor_changes_no_answer_above_it() {
        for raised in 0..=12 {
            for next in raised..=12 {
                let mut told = told(2.min(raised));
                told.raise_floor(&up_to(raised));
                let found =
                    told.at(&up_to(next), EpochId::default()).map(|person| person.state().clone());
                assert_eq!(found, joined(next), "raised {raised}, next {next}");
            }
        }
    }

    #[test]
    fn an_early_fact_that_comes_behind_a_later_one_is_in_the_whole_state_too() {
        let mut told = Told::default();
        let later = Later { place: place(1), epochs: Epochs::All, fact: fact(1) };
        told.take_later(later);
        told.take_early(place(0), fact(0));
        let found = told.at(&up_to(2), EpochId::default()).map(|person| person.state().clone());
        assert_eq!(found, joined(2));
    }
}
