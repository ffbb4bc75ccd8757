//! The index itself: facts in, answers out.
//!
//! Knows no policy and no clock. Answers are given through a fenced view only.

use crate::consent::state::BusinessState;
use crate::consent::{
    BusinessId, Fact, IdentityRef, Offset, Partition, Place, Positions, State, Strength, Subject,
    SubjectState, Topic,
};

use super::answer::{AnswerFacts, FullFacts, Quarantined};
use super::keys::IndexKeys;
use super::query::{Detail, Query};
use super::standing::{Known, Standing, StandingGrant, TextValidity};
use super::stats::IndexStats;

/// The state of consent, ready to answer.
#[derive(Debug)]
pub struct ConsentIndex {
    state: State,
    positions: Positions,
    _keys: IndexKeys,
}

impl ConsentIndex {
    /// An index that knows nothing.
    pub fn new(keys: IndexKeys) -> Self {
        Self {
            state: State::default(),
            positions: Positions::default(),
            _keys: keys,
        }
    }

    /// Joins a fact. Order and repetition do not matter.
    pub fn apply(&mut self, fact: Fact) {
        self.state.join(fact);
    }

    /// Says that all records of a partition before `next` are applied.
    pub fn advance(&mut self, topic: Topic, partition: Partition, next: Offset) {
        self.positions.advance(topic, partition, next);
    }

    /// The next offset to apply, of every partition.
    pub fn positions(&self) -> &Positions {
        &self.positions
    }

    /// The record that holds the whole gate, if any.
    pub fn holding(&self) -> Option<Place> {
        self.state.holding()
    }

    /// How much is held.
    pub fn stats(&self) -> IndexStats {
        let mut stats = IndexStats::default();
        for subject in self.state.subjects.values() {
            stats.subjects += 1;
            stats.grants += subject.grants.len() as u64;
        }
        stats
    }

    pub(super) fn answer<'i>(&'i self, query: &Query<'_>) -> AnswerFacts<'i> {
        let Some(business) = BusinessId::parse(query.business) else {
            return AnswerFacts::UnknownBusiness;
        };
        let quarantined = self.state.quarantine.covers(&business);
        let known = self.state.businesses.contains_key(&business)
            || self.state.subjects.keys().any(|s| s.business == business);
        if !known && !quarantined {
            return AnswerFacts::UnknownBusiness;
        }
        let facts = FullFacts {
            quarantined: if quarantined {
                Quarantined::Yes
            } else {
                Quarantined::No
            },
            business_objection: self
                .state
                .businesses
                .get(&business)
                .and_then(|state| state.objection),
            to: self.standing(&business, query.to, query.scope),
            also: query
                .also
                .map(|also| also.map(|id| self.standing(&business, Some(id), query.scope))),
        };
        if query.detail == Detail::Quick && stands(&facts) {
            return AnswerFacts::Stands;
        }
        AnswerFacts::Full(Box::new(facts))
    }

    fn standing(
        &self,
        business: &BusinessId,
        identity: Option<IdentityRef<'_>>,
        scope: &str,
    ) -> Standing<'_> {
        let subject = identity.map(|identity| Subject {
            business: business.clone(),
            identity: identity.to_owned(),
        });
        let Some(state) = subject.and_then(|subject| self.state.subjects.get(&subject)) else {
            return Standing::default();
        };
        Standing {
            known: Known::Yes,
            block: state.block,
            restriction: state.restriction,
            objections: state.objections,
            scope_objections: state
                .scope_objections
                .iter()
                .map(|(scope, mark)| (scope, *mark))
                .collect(),
            grant: grant_of(state, self.state.businesses.get(business), scope),
        }
    }
}

fn grant_of(
    state: &SubjectState,
    business: Option<&BusinessState>,
    scope: &str,
) -> Option<StandingGrant> {
    let grant = state.grants.get(scope)?;
    let invalid =
        business.is_some_and(|business| grant.texts().any(|text| business.is_invalid(text)));
    Some(StandingGrant {
        at: grant.at,
        strength: if state.confirms.contains_key(&grant.event) {
            Strength::Double
        } else {
            grant.strength
        },
        valid_until: grant.valid_until,
        text: if invalid {
            TextValidity::Invalid
        } else {
            TextValidity::Valid
        },
        event: grant.event,
    })
}

fn stands(facts: &FullFacts<'_>) -> bool {
    let to = &facts.to;
    facts.quarantined == Quarantined::No
        && facts.business_objection.is_none()
        && !to.block.is_on()
        && !to.restriction.is_on()
        && to.grant.is_some_and(|grant| {
            grant.valid_until.is_none()
                && grant.text == TextValidity::Valid
                && to
                    .newest_objection()
                    .is_none_or(|objection| grant.at > objection.at)
        })
        && facts.also.iter().flatten().all(|also| !also.suppresses())
}
