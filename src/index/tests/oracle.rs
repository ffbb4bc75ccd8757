//! The same answers, worked out from the plain state and nothing else.

use crate::consent::state::BusinessState;
use crate::consent::{BusinessId, Grant, IdentityRef, State, Strength, Subject, SubjectState};
use crate::index::{
    AnswerFacts, Detail, FullFacts, Known, Quarantined, Query, Standing, StandingGrant,
    TextValidity,
};

pub(super) fn answer<'s>(state: &'s State, query: &Query<'_>) -> AnswerFacts<'s> {
    let Some(business) = BusinessId::parse(query.business) else {
        return AnswerFacts::UnknownBusiness;
    };
    let quarantined = state.quarantine.covers(&business);
    let known = state.businesses.contains_key(&business)
        || state.subjects.keys().any(|s| s.business == business);
    if !known && !quarantined {
        return AnswerFacts::UnknownBusiness;
    }
    let standing = |identity| standing(state, &business, identity, query.scope);
    let facts = FullFacts {
        quarantined: if quarantined { Quarantined::Yes } else { Quarantined::No },
        business_objection: state.businesses.get(&business).and_then(|b| b.objection),
        to: query.to.map(standing).unwrap_or_default(),
        also: query.also.map(|also| also.map(standing)),
    };
    let stands = query.to.is_some_and(|to| grant_stands(state, &business, to, query.scope))
        && facts.quarantined == Quarantined::No
        && facts.business_objection.is_none()
        && facts.also.iter().flatten().all(|also| !also.suppresses());
    if query.detail == Detail::Quick && stands {
        return AnswerFacts::Stands;
    }
    AnswerFacts::Full(Box::new(facts))
}

/// Whether nothing at all needs to be looked at about a grant.
pub(super) fn grant_stands(
    state: &State,
    business: &BusinessId,
    identity: IdentityRef<'_>,
    scope: &str,
) -> bool {
    let Some(subject) = find(state, business, identity) else {
        return false;
    };
    let Some(grant) = subject.grants.get(scope) else {
        return false;
    };
    let marks = subject.scope_objections.values().copied();
    let objections = marks.chain(subject.objections.newest());
    grant.valid_until.is_none()
        && grant.other_texts.is_empty()
        && !is_invalid(grant, state.businesses.get(business))
        && !subject.block.is_on()
        && !subject.restriction.is_on()
        && objections.map(|mark| mark.at).all(|at| at < grant.at)
}

fn find<'s>(
    state: &'s State,
    business: &BusinessId,
    identity: IdentityRef<'_>,
) -> Option<&'s SubjectState> {
    state.subjects.get(&Subject { business: business.clone(), identity: identity.to_owned() })
}

fn standing<'s>(
    state: &'s State,
    business: &BusinessId,
    identity: IdentityRef<'_>,
    scope: &str,
) -> Standing<'s> {
    let Some(subject) = find(state, business, identity) else {
        return Standing::default();
    };
    let grant = subject.grants.get(scope).map(|grant| StandingGrant {
        at: grant.at,
        strength: if subject.confirms.contains_key(&grant.event) {
            Strength::Double
        } else {
            grant.strength
        },
        valid_until: grant.valid_until,
        text: if is_invalid(grant, state.businesses.get(business)) {
            TextValidity::Invalid
        } else {
            TextValidity::Valid
        },
        event: grant.event,
    });
    let scope_objections = subject.scope_objections.iter();
    Standing {
        known: Known::Yes,
        block: subject.block,
        restriction: subject.restriction,
        objections: subject.objections,
        scope_objections: scope_objections.map(|(scope, mark)| (scope, *mark)).collect(),
        grant,
    }
}

fn is_invalid(grant: &Grant, business: Option<&BusinessState>) -> bool {
    business.is_some_and(|business| grant.texts().any(|text| business.is_invalid(text)))
}
