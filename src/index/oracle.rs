//! Answers from the plain state: what every answer of the index must equal.
//!
//! Slow and without a fence, so no permit can be made of it: it serves stories, `verify` and the
//! laws that hold the index to the fold. It knows no policy and no clock, and it never gives the
//! quick yes, which is the index's own shortcut.

use crate::consent::state::BusinessState;
use crate::consent::{BusinessId, IdentityRef, State, Strength, Subject, SubjectState};

use super::answer::{AnswerFacts, FullFacts, Quarantined};
use super::query::Query;
use super::standing::{Known, Standing, StandingGrant, TextValidity};

/// What the state says about one query, in full whatever detail is asked for.
pub fn answer_from_state<'s>(state: &'s State, query: &Query<'_>) -> AnswerFacts<'s> {
    let Some(business) = BusinessId::parse(query.business) else {
        return AnswerFacts::UnknownBusiness;
    };
    let quarantined = state.quarantine.covers(&business);
    let known = quarantined
        || state.businesses.contains_key(&business)
        || state.subjects.keys().any(|s| s.business == business);
    if !known {
        return AnswerFacts::UnknownBusiness;
    }
    let standing = |identity| standing(state, &business, identity, query.scope);
    AnswerFacts::Full(Box::new(FullFacts {
        quarantined: if quarantined {
            Quarantined::Yes
        } else {
            Quarantined::No
        },
        business_objection: state.businesses.get(&business).and_then(|b| b.objection),
        to: query.to.map(standing).unwrap_or_default(),
        also: query.also.map(|also| also.map(standing)),
    }))
}

fn standing<'s>(
    state: &'s State,
    business: &BusinessId,
    identity: IdentityRef<'_>,
    scope: &str,
) -> Standing<'s> {
    let subject = Subject {
        business: business.clone(),
        identity: identity.to_owned(),
    };
    let Some(subject) = state.subjects.get(&subject) else {
        return Standing::default();
    };
    Standing {
        known: Known::Yes,
        block: subject.block,
        restriction: subject.restriction,
        objections: subject.objections,
        scope_objections: subject
            .scope_objections
            .iter()
            .map(|(scope, mark)| (scope, *mark))
            .collect(),
        grant: grant(subject, state.businesses.get(business), scope),
    }
}

fn grant(
    subject: &SubjectState,
    business: Option<&BusinessState>,
    scope: &str,
) -> Option<StandingGrant> {
    let grant = subject.grants.get(scope)?;
    let is_invalid = |text| business.is_some_and(|business| business.is_invalid(text));
    Some(StandingGrant {
        at: grant.at,
        strength: if subject.confirms.contains_key(&grant.event) {
            Strength::Double
        } else {
            grant.strength
        },
        valid_until: grant.valid_until,
        text: if grant.texts().any(is_invalid) {
            TextValidity::Invalid
        } else {
            TextValidity::Valid
        },
        event: grant.event,
    })
}
