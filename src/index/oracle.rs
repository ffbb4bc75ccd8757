//! Answers from the plain state: what every answer of the index must equal.
//!
//! Slow and without a fence, so no permit can be made of it: it serves stories, `verify` and the
//! laws that hold the index to the fold. It knows no policy and no clock, and it never gives the
//! quick yes, which is the index's own shortcut.

use crate::consent::state::BusinessState;
use crate::consent::{BusinessId, IdentityRef, State, Strength, Subject, SubjectState};

use super::answer::{AnswerFacts, FullFacts, Quarantined};
use super::query::Query;
use super::standing::{Against, Known, Standing, StandingGrant, TextValidity, boxed};

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
    let parts = Parts {
        quarantined: if quarantined { Quarantined::Yes } else { Quarantined::No },
        business: state.businesses.get(&business),
    };
    answer_from_parts(parts, query, |identity| {
        state.subjects.get(&Subject { business: business.clone(), identity: identity.to_owned() })
    })
}

/// What is known of a business as a whole.
#[derive(Clone, Copy, Debug)]
pub struct Parts<'s> {
    /// Whether a record of the business waits to be voided.
    pub quarantined: Quarantined,
    /// Its texts and kill switches, if there are any.
    pub business: Option<&'s BusinessState>,
}

/// What is said about one query by the state of a known business and of single subjects, for who
/// does not hold it all in one [`State`].
pub fn answer_from_parts<'s>(
    parts: Parts<'s>,
    query: &Query<'_>,
    subject_of: impl Fn(IdentityRef<'_>) -> Option<&'s SubjectState>,
) -> AnswerFacts<'s> {
    let standing = |identity| standing(subject_of(identity), parts.business, query.scope);
    AnswerFacts::Full(FullFacts {
        quarantined: parts.quarantined,
        pauses: parts.business.and_then(BusinessState::pauses_on),
        to: query.to.map(standing).unwrap_or_default(),
        also: query.also.map(|also| also.map(standing)),
    })
}

fn standing<'s>(
    subject: Option<&'s SubjectState>,
    business: Option<&BusinessState>,
    scope: &str,
) -> Standing<'s> {
    let Some(subject) = subject else {
        return Standing::default();
    };
    let scope_objections = subject.scope_objections.iter();
    let against = Against {
        block: subject.block,
        restriction: subject.restriction,
        objections: subject.objections,
        scope_objections: scope_objections.map(|(scope, mark)| (scope, *mark)).collect(),
        cooldown: subject.cooldown,
    };
    Standing {
        known: Known::Yes,
        against: against.unless_empty(),
        grant: grant(subject, business, scope),
        conversation: boxed(subject.conversation()),
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
