//! What was said about one person, as of any positions.
//!
//! Facts before the floor are joined at once. Of the few later ones it is known where they lie, and what
//! was last joined of them is remembered: mostly the next batch knew the same.

use std::sync::{Arc, Mutex, PoisonError};

use smallvec::SmallVec;

use super::epochs::{EpochId, Epochs};
use super::history::is_before;
use crate::consent::{Class, Fact, Place, Positions, SubjectState};

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
    /// What most people do not have.
    more: Option<Box<More>>,
}

#[derive(Debug, Default)]
struct More {
    later: Vec<Later>,
    /// The state that was last asked for and rests on later facts: batches come in order.
    last: Mutex<Option<Joined>>,
    erasures: Vec<Place>,
}

/// The state with some of the later facts.
#[derive(Clone, Debug)]
struct Joined {
    known: Mask,
    state: Arc<SubjectState>,
}

/// Which of the later facts, by their place in the list.
type Mask = SmallVec<[u64; 2]>;

impl Told {
    /// Takes in a fact that every batch knew.
    pub(super) fn take_early(&mut self, place: Place, fact: Fact) {
        self.note_erasure(place, &fact);
        if let Some(more) = &mut self.more {
            more.forget_last();
        }
        self.base.get_or_insert_default().join(fact);
    }

    /// Takes in any other fact.
    pub(super) fn take_later(&mut self, later: Later) {
        self.note_erasure(later.place, &later.fact);
        let more = self.more.get_or_insert_default();
        more.forget_last();
        // Nearly all have one or two, and there are many people.
        if more.later.len() < 4 {
            more.later.reserve_exact(1);
        }
        more.later.push(later);
    }

    /// Lets what lies before these positions be what every batch knew.
    pub(super) fn raise_floor(&mut self, floor: &Positions) {
        let Some(more) = &mut self.more else {
            return;
        };
        more.forget_last();
        let is_early = |later: &Later| is_before(later.place, floor) && later.epochs == Epochs::All;
        let (early, later): (Vec<_>, Vec<_>) =
            std::mem::take(&mut more.later).into_iter().partition(is_early);
        more.later = later;
        if more.later.is_empty() && more.erasures.is_empty() {
            self.more = None;
        }
        for early in early {
            self.base.get_or_insert_default().join(early.fact);
        }
    }

    /// The state as of these positions; `None` if nobody said anything.
    pub(super) fn at(&self, positions: &Positions, epoch: EpochId) -> Option<Person<'_>> {
        let base = || self.base.as_deref().map(Person::Held);
        let Some(more) = &self.more else {
            return base();
        };
        let known = more.known(positions, epoch);
        if known.iter().all(|word| *word == 0) {
            return base();
        }
        let mut last = more.last.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(joined) = last.as_ref().filter(|joined| joined.known == known) {
            return Some(Person::Joined(joined.state.clone()));
        }
        let mut state = self.base.as_deref().cloned().unwrap_or_default();
        let facts = more.later.iter().filter(|later| later.is_known(positions, epoch));
        facts.for_each(|later| state.join(later.fact.clone()));
        let state = Arc::new(state);
        *last = Some(Joined { known, state: state.clone() });
        Some(Person::Joined(state))
    }

    /// Where the person's erasures lie.
    pub(super) fn erasures(&self) -> &[Place] {
        self.more.as_ref().map_or(&[], |more| &more.erasures)
    }

    fn note_erasure(&mut self, place: Place, fact: &Fact) {
        if let Fact::Objection { class: Class::Erase, .. } = fact {
            self.more.get_or_insert_default().erasures.push(place);
        }
    }
}

impl More {
    fn known(&self, positions: &Positions, epoch: EpochId) -> Mask {
        let word = |facts: &[Later]| {
            let bits = facts.iter().enumerate();
            let bits = bits.filter(|(_, later)| later.is_known(positions, epoch));
            bits.fold(0, |word, (bit, _)| word | 1 << bit)
        };
        self.later.chunks(u64::BITS as usize).map(word).collect()
    }

    fn forget_last(&mut self) {
        *self.last.get_mut().unwrap_or_else(PoisonError::into_inner) = None;
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
    fn what_is_remembered_answers_for_no_other_positions() {
        let told = told(3);
        for next in [12, 5, 12, 4, 3, 9, 9, 5] {
            let found = told.at(&up_to(next), EpochId::default());
            assert_eq!(found.map(|person| person.state().clone()), joined(next), "next {next}");
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
    fn an_early_fact_that_comes_behind_a_later_one_is_in_the_state_too() {
        let mut told = Told::default();
        let later = Later { place: place(1), epochs: Epochs::All, fact: fact(1) };
        told.take_later(later);
        told.at(&up_to(2), EpochId::default());
        told.take_early(place(0), fact(0));
        let found = told.at(&up_to(2), EpochId::default()).map(|person| person.state().clone());
        assert_eq!(found, joined(2));
    }
}
