//! When the quick yes is due, worked out from the plain state and nothing else.

use crate::consent::subject_state::is_kept;
use crate::consent::{BusinessId, Class, IdentityRef, Seconds, State, Subject};
use crate::index::{AnswerFacts, Detail, Quarantined, Query, Standing, answer_from_state};

/// The answer of the plain state, cut short where the index may.
pub(super) fn answer<'s>(state: &'s State, query: &Query<'_>) -> AnswerFacts<'s> {
    let facts = answer_from_state(state, query);
    let (AnswerFacts::Full(full), Some(business)) = (&facts, BusinessId::parse(query.business))
    else {
        return facts;
    };
    let suppresses = |(identity, also): (&Option<IdentityRef<'_>>, &Option<Box<Standing<'_>>>)| {
        let also = also.clone().unwrap_or_default();
        let over = identity.map(|identity| said_elsewhere(state, &business, identity));
        // Where only the other form is known, all is weighed.
        let is_known = |id| state.subjects.get(&subject(&business, id));
        let is_held = |id| is_known(id).is_some_and(|state| !state.is_erased());
        let variant = identity.and_then(IdentityRef::variant).filter(|id| is_known(*id).is_some());
        variant.is_some() && !identity.is_some_and(is_held)
            || over.is_some_and(|over| !over.is_empty())
            || also.against.as_ref().is_some_and(|against| {
                against.block.is_on()
                    || against.restriction.is_on()
                    || against.newest_objection().is_some()
                    || against.cooldown.is_some()
            })
    };
    let stands = query.to.is_some_and(|to| grant_stands(state, &business, to, query.scope))
        && full.quarantined == Quarantined::No
        && full.pauses.is_none()
        && !query.also.iter().zip(&full.also).any(suppresses);
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
    let over = said_elsewhere(state, business, identity);
    let business = state.businesses.get(business);
    let mut texts = grant.texts();
    let marks = subject.scope_objections.values().copied();
    let objections = marks.chain(subject.objections.newest());
    grant.valid_until.is_none()
        && grant.other_texts.is_empty()
        && texts.all(|text| {
            business.is_some_and(|business| {
                business.may_carry(text, grant.at) && business.texts.proves(text, scope)
            })
        })
        && !subject.block.is_on()
        && !subject.restriction.is_on()
        && subject.cooldown.is_none()
        && is_kept(subject.given_up, grant.at)
        && over.iter().all(|said| said.is_some_and(|at| at.plus(60) < grant.at))
        && objections.map(|mark| mark.at).all(|at| at < grant.at)
}

/// What speaks against an identity over its links: when, or for what is switched on never overcome.
fn over_links(
    state: &State,
    business: &BusinessId,
    identity: IdentityRef<'_>,
) -> Vec<Option<Seconds>> {
    let Some(known) = state.businesses.get(business) else {
        return Vec::new();
    };
    let identity = identity.to_owned();
    let mut said = Vec::new();
    for (other, reach) in known.links.reached(&identity) {
        let other = &state.subjects[&subject(business, other.as_ref())];
        let classes = Class::ALL.into_iter().filter(|class| *class != Class::Number);
        let classed = classes.filter_map(|class| other.objections.get(class));
        let marks = classed.chain(other.scope_objections.values().copied());
        said.extend(marks.map(|mark| mark.at).filter(|at| reach.covers(*at)).map(Some));
        let switches = [other.block, other.restriction].into_iter();
        said.extend(switches.filter(|switch| switch.is_on_over(reach)).map(|_| None));
    }
    said
}

/// The same, and what was said on the other form of the number, and over its links.
fn said_elsewhere(
    state: &State,
    business: &BusinessId,
    identity: IdentityRef<'_>,
) -> Vec<Option<Seconds>> {
    let mut said = over_links(state, business, identity);
    let variant = identity.variant();
    let known = variant.and_then(|variant| state.subjects.get(&subject(business, variant)));
    if let (Some(variant), Some(known)) = (variant, known) {
        if known.is_erased() {
            return vec![None];
        }
        let marks = known.scope_objections.values().copied().chain(known.objections.newest());
        said.extend(marks.map(|mark| Some(mark.at)));
        let imposes = known.block.is_on() || known.restriction.is_on() || known.cooldown.is_some();
        said.extend(imposes.then_some(None));
        said.extend(over_links(state, business, variant));
    }
    said
}

fn subject(business: &BusinessId, identity: IdentityRef<'_>) -> Subject {
    Subject { business: business.clone(), identity: identity.to_owned() }
}
