//! Answers from the plain state: what every answer of the index must equal.
//!
//! Slow and without a fence, so no permit can be made of it: it serves stories, `verify` and the
//! laws that hold the index to the fold. It knows no policy and no clock, and it never gives the
//! quick yes, which is the index's own shortcut.

use crate::consent::state::BusinessState;
use crate::consent::subject_state::is_kept;
use crate::consent::{
    BusinessId, Crowd, IdentityRef, LinkReach, State, Strength, Subject, SubjectState,
    TemplateStanding,
};

use super::answer::{AnswerFacts, FullFacts, Quarantined};
use super::query::{Query, variants};
use super::standing::{Against, Known, Standing, StandingGrant, TextProof, TextValidity, boxed};

/// What the state says about one query, in full whatever detail is asked for.
pub fn answer_from_state<'s>(state: &'s State, query: &Query<'_>) -> AnswerFacts<'s> {
    let Some(name) = BusinessId::parse(query.business) else {
        return AnswerFacts::UnknownBusiness;
    };
    let quarantined = state.quarantine.covers(&name);
    let known = quarantined
        || state.businesses.contains_key(&name)
        || state.subjects.keys().any(|s| s.business == name);
    if !known {
        return AnswerFacts::UnknownBusiness;
    }
    let business = state.businesses.get(&name);
    let crowded = business.is_some_and(|known| known.links.crowd() == Crowd::Somebody);
    let parts = Parts {
        quarantined: if quarantined || crowded { Quarantined::Yes } else { Quarantined::No },
        business,
    };
    answer_from_parts(parts, query, &Everybody { state, name: &name, business })
}

/// What the state says of a template, for a message that names it and this language.
pub fn template_from_state(
    state: &State,
    business: &str,
    name: &str,
    language: &str,
) -> TemplateStanding {
    let business = state.businesses.get(business);
    business.map(|known| known.templates.standing(name, language)).unwrap_or_default()
}

/// What is known of a business as a whole.
#[derive(Clone, Copy, Debug)]
pub struct Parts<'s> {
    /// Whether a record of the business waits to be voided, or somebody has too many identities.
    pub quarantined: Quarantined,
    /// Its texts and kill switches, if there are any.
    pub business: Option<&'s BusinessState>,
}

/// The customers of one business, for who does not hold them all in one [`State`].
pub trait People<'s> {
    /// What is known of one.
    fn state(&self, identity: IdentityRef<'_>) -> Option<&'s SubjectState>;
    /// What is known of those that reach one over links and are not named, and how far.
    fn linked(
        &self,
        identity: IdentityRef<'_>,
        is_named: &dyn Fn(IdentityRef<'_>) -> bool,
    ) -> Vec<(&'s SubjectState, LinkReach)>;
}

/// The customers of one business in the state of everything.
struct Everybody<'s, 'b> {
    state: &'s State,
    name: &'b BusinessId,
    business: Option<&'s BusinessState>,
}

impl<'s> People<'s> for Everybody<'s, '_> {
    fn state(&self, identity: IdentityRef<'_>) -> Option<&'s SubjectState> {
        let subject = Subject { business: self.name.clone(), identity: identity.to_owned() };
        self.state.subjects.get(&subject)
    }

    fn linked(
        &self,
        identity: IdentityRef<'_>,
        is_named: &dyn Fn(IdentityRef<'_>) -> bool,
    ) -> Vec<(&'s SubjectState, LinkReach)> {
        let Some(business) = self.business else {
            return Vec::new();
        };
        let reached = business.links.reached(&identity.to_owned());
        let others = reached.into_iter().filter(|(other, _)| !is_named(other.as_ref()));
        others.filter_map(|(other, reach)| Some((self.state(other.as_ref())?, reach))).collect()
    }
}

/// What is said about one query by the state of a known business and of single subjects.
pub fn answer_from_parts<'s>(
    parts: Parts<'s>,
    query: &Query<'_>,
    people: &impl People<'s>,
) -> AnswerFacts<'s> {
    let standing = |identity| standing(people.state(identity), parts.business, query.scope);
    let [first, second] = query.also;
    let named = [query.to, first, second];
    let variants = variants(named);
    let everybody = || named.iter().chain(&variants).flatten().copied();
    let is_known = |identity: IdentityRef<'_>| everybody().any(|known| known == identity);
    let reaching = everybody().flat_map(|one| people.linked(one, &is_known));
    let reaching = reaching.map(|(subject, reach)| against(subject).over(reach));
    let on_variants = variants.iter().flatten().filter_map(|variant| people.state(*variant));
    let on_variants = on_variants.map(|subject| against(subject).on_a_variant());
    AnswerFacts::Full(FullFacts {
        quarantined: parts.quarantined,
        pauses: parts.business.and_then(BusinessState::pauses_on),
        to: query.to.map(standing).unwrap_or_default(),
        also: query.also.map(|also| Some(Box::new(standing(also?)))),
        elsewhere: Against::newest_of(on_variants.chain(reaching)),
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
    Standing {
        known: Known::Yes,
        against: against(subject).unless_empty(),
        grant: grant(subject, business, scope),
        conversation: boxed(subject.conversation()),
    }
}

fn against(subject: &SubjectState) -> Against<'_> {
    let scope_objections = subject.scope_objections.iter();
    Against {
        block: subject.block,
        restriction: subject.restriction,
        objections: subject.objections,
        scope_objections: scope_objections.map(|(scope, mark)| (scope, *mark)).collect(),
        cooldown: subject.cooldown,
        objecting_inbounds: subject.objecting_inbounds.iter().copied().collect(),
    }
}

fn grant(
    subject: &SubjectState,
    business: Option<&BusinessState>,
    scope: &str,
) -> Option<StandingGrant> {
    let grant = subject.grants.get(scope)?;
    let grant = Some(grant).filter(|grant| is_kept(subject.given_up, grant.at))?;
    let may_carry = |text| business.is_none_or(|business| business.may_carry(text, grant.at));
    let proves = |text| business.is_some_and(|business| business.texts.proves(text, scope));
    Some(StandingGrant {
        at: grant.at,
        strength: if subject.confirms.contains_key(&grant.event) {
            Strength::Double
        } else {
            grant.strength
        },
        valid_until: grant.valid_until,
        text: if grant.texts().all(may_carry) {
            TextValidity::Valid
        } else {
            TextValidity::Invalid
        },
        proof: if grant.texts().all(proves) { TextProof::Complete } else { TextProof::Missing },
        event: grant.event,
    })
}
