//! Which objections speak against a message.
//!
//! An objection is overcome only by a grant that is later than it. On another identity of the same
//! person clocks of different brokers are compared, so there the grant must be later by more than a
//! minute. An objection to a scope that the policy has never known counts against every scope.

use super::judge::{Judgement, effective_scope};
use super::message::Message;
use super::reason::Reason;
use crate::consent::{Category, Class, IdentityRef, Mark, Seconds};
use crate::index::{FullFacts, Standing};
use crate::policy::{Policy, ScopeClass, Waives, rule_of};

/// How much later than an objection on another partition a grant must be, in seconds.
const CLOCK_TOLERANCE_S: u32 = 60;

/// Whether an objection on the identity `on` is not overcome by a grant on the address.
///
/// An identity that is named twice lies in one partition, under one clock.
pub fn still_objects(
    message: &Message<'_>,
    on: Option<IdentityRef<'_>>,
    granted_at: Option<Seconds>,
    mark: Mark,
) -> bool {
    let tolerance_s = if on == message.to { 0 } else { CLOCK_TOLERANCE_S };
    granted_at.is_none_or(|at| at <= mark.at.plus(tolerance_s))
}

/// From when a grant for the message's scope counts against objections of a class.
///
/// Only agreeing to marketing lifts the platform's marketing stop; a grant for a scope that informs,
/// or that the policy does not know, leaves it standing.
pub fn granted_against(
    policy: &Policy,
    message: &Message<'_>,
    class: Class,
    granted_at: Option<Seconds>,
) -> Option<Seconds> {
    let rule = policy.scope(effective_scope(message));
    let promotes = rule.is_some_and(|rule| rule.class == ScopeClass::Marketing);
    granted_at.filter(|_| class != Class::PlatformStop || promotes)
}

/// Finds the objections on all identities of the message.
pub(super) fn object(
    policy: &Policy,
    message: &Message<'_>,
    category: Category,
    full: &FullFacts<'_>,
    found: &mut Judgement,
) {
    let granted_at = full.to.grant.as_ref().map(|grant| grant.at);
    let waives = rule_of(category).waives;
    let others = message.also.iter().copied().zip(&full.also);
    let others = others.filter_map(|(on, standing)| Some((on, standing.as_ref()?)));
    for (on, standing) in std::iter::once((message.to, &full.to)).chain(others) {
        let scoped = |mark| still_objects(message, on, granted_at, mark);
        object_to_scopes(policy, effective_scope(message), standing, scoped, found);
        let classed = |class, mark| {
            let granted_at = granted_against(policy, message, class, granted_at);
            still_objects(message, on, granted_at, mark)
        };
        object_by_class(waives, standing, classed, found);
    }
}

fn object_to_scopes(
    policy: &Policy,
    scope: &str,
    standing: &Standing<'_>,
    counts: impl Fn(Mark) -> bool,
    found: &mut Judgement,
) {
    let Some(against) = &standing.against else {
        return;
    };
    for &(name, mark) in &against.scope_objections {
        let is_meant = name.as_str() == scope || !policy.has_known(name.as_str());
        if is_meant && counts(mark) {
            found.find(Reason::Withdrawn);
        }
    }
}

fn object_by_class(
    waives: Waives,
    standing: &Standing<'_>,
    counts: impl Fn(Class, Mark) -> bool,
    found: &mut Judgement,
) {
    let Some(against) = &standing.against else {
        return;
    };
    for class in Class::ALL {
        let waived = waives == Waives::PlatformStop && waives.may_waive(class);
        let objects = against.objections.get(class).is_some_and(|mark| counts(class, mark));
        if !waived && objects {
            found.find(Reason::of_objection(class));
        }
    }
}
