//! Which objections speak against a message.
//!
//! An objection is overcome only by a grant that is later than it. On another identity of the same
//! person clocks of different brokers are compared, so there the grant must be later by more than a
//! minute. An objection to a scope that the policy has never known counts against every scope.

use super::judge::{Judgement, effective_scope};
use super::message::Message;
use super::reason::Reason;
use crate::consent::{Category, Class, IdentityRef, Mark, Seconds};
use crate::index::{Against, FullFacts};
use crate::policy::{Policy, ScopeRule, Waives, rule_of};

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

/// From when a grant for a scope with this rule counts against objections of a class.
///
/// Only agreeing to marketing lifts the platform's marketing stop; a grant for a scope that informs,
/// or that the policy does not know, leaves it standing.
pub fn granted_against(
    rule: Option<ScopeRule>,
    class: Class,
    granted_at: Option<Seconds>,
) -> Option<Seconds> {
    let lifts = class != Class::PlatformStop || rule.is_some_and(ScopeRule::promotes);
    granted_at.filter(|_| lifts)
}

/// Finds the objections on all identities of the message.
pub(super) fn object(
    policy: &Policy,
    rule: Option<ScopeRule>,
    message: &Message<'_>,
    category: Category,
    full: &FullFacts<'_>,
    found: &mut Judgement,
) {
    let granted_at = full.to.grant.as_ref().map(|grant| grant.at);
    let waives = rule_of(category).waives;
    let others = message.also.iter().copied().zip(&full.also);
    let others = others.filter_map(|(on, standing)| Some((on, standing.as_ref()?)));
    let standings = std::iter::once((message.to, &full.to)).chain(others);
    let spoken = standings.filter_map(|(on, standing)| Some((on, standing.against.as_deref()?)));
    for (on, against) in spoken {
        let scoped = |mark| still_objects(message, on, granted_at, mark);
        object_to_scopes(policy, effective_scope(message), against, scoped, found);
        let classed = |class, mark| {
            let granted_at = granted_against(rule, class, granted_at);
            still_objects(message, on, granted_at, mark)
        };
        object_by_class(waives, against, classed, found);
    }
}

fn object_to_scopes(
    policy: &Policy,
    scope: &str,
    against: &Against<'_>,
    counts: impl Fn(Mark) -> bool,
    found: &mut Judgement,
) {
    for &(name, mark) in &against.scope_objections {
        let is_meant = name.as_str() == scope || !policy.has_known(name.as_str());
        if is_meant && counts(mark) {
            found.find(Reason::Withdrawn);
        }
    }
}

fn object_by_class(
    waives: Waives,
    against: &Against<'_>,
    counts: impl Fn(Class, Mark) -> bool,
    found: &mut Judgement,
) {
    for class in Class::ALL {
        let waived = waives == Waives::PlatformStop && waives.may_waive(class);
        let objects = against.objections.get(class).is_some_and(|mark| counts(class, mark));
        if !waived && objects {
            found.find(Reason::of_objection(class));
        }
    }
}
