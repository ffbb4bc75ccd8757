//! When the quick yes is due, worked out from the plain state and nothing else.

use crate::consent::{BusinessId, IdentityRef, State, Subject};
use crate::index::{AnswerFacts, Detail, Quarantined, Query, Standing, answer_from_state};

/// The answer of the plain state, cut short where the index may.
pub(super) fn answer<'s>(state: &'s State, query: &Query<'_>) -> AnswerFacts<'s> {
    let facts = answer_from_state(state, query);
    let (AnswerFacts::Full(full), Some(business)) = (&facts, BusinessId::parse(query.business))
    else {
        return facts;
    };
    let suppresses = |also: &Standing<'_>| {
        also.is_blocked()
            || also.is_restricted()
            || also.newest_objection().is_some()
            || also.against.as_ref().is_some_and(|against| against.cooldown.is_some())
    };
    let stands = query.to.is_some_and(|to| grant_stands(state, &business, to, query.scope))
        && full.quarantined == Quarantined::No
        && full.pauses.is_none()
        && !full.also.iter().flatten().any(suppresses);
    if query.detail == Detail::Quick && stands { AnswerFacts::Stands } else { facts }
}

/// Whether nothing at all needs to be looked at about a grant.
pub(super) fn grant_stands(
    state: &State,
    business: &BusinessId,
    identity: IdentityRef<'_>,
    scope: &str,
) -> bool {
    let Some(subject) = state.subjects.get(&subject(business, identity)) else {
        return false;
    };
    let Some(grant) = subject.grants.get(scope) else {
        return false;
    };
    let business = state.businesses.get(business);
    let mut texts = grant.texts();
    let marks = subject.scope_objections.values().copied();
    let objections = marks.chain(subject.objections.newest());
    grant.valid_until.is_none()
        && grant.other_texts.is_empty()
        && !texts.any(|text| business.is_some_and(|business| business.is_invalid(text)))
        && !subject.block.is_on()
        && !subject.restriction.is_on()
        && subject.cooldown.is_none()
        && objections.map(|mark| mark.at).all(|at| at < grant.at)
}

fn subject(business: &BusinessId, identity: IdentityRef<'_>) -> Subject {
    Subject { business: business.clone(), identity: identity.to_owned() }
}
