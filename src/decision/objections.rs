//! Which objections speak against a message.
//!
//! An objection is overcome only by a grant that is later than it. On another identity of the same
//! person clocks of different brokers are compared, so there the grant must be later by more than a
//! minute. An objection to a scope that the policy has never known counts against every scope.

use super::judge::{Judgement, effective_scope};
use super::message::Message;
use super::reason::Reason;
use crate::consent::{Category, Class, Mark, Seconds};
use crate::index::{FullFacts, Standing};
use crate::policy::{Policy, Waives, rule_of};

/// How much later than an objection on another partition a grant must be, in seconds.
pub(super) const CLOCK_TOLERANCE_S: u32 = 60;

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
    let scope = effective_scope(message);
    object_on(policy, scope, waives, &full.to, granted_at, 0, found);
    for (named, other) in message.also.iter().zip(&full.also) {
        // The same identity named twice lies in one partition, under one clock.
        let tolerance_s = if *named == message.to {
            0
        } else {
            CLOCK_TOLERANCE_S
        };
        if let Some(other) = other {
            object_on(policy, scope, waives, other, granted_at, tolerance_s, found);
        }
    }
}

fn object_on(
    policy: &Policy,
    scope: &str,
    waives: Waives,
    standing: &Standing<'_>,
    granted_at: Option<Seconds>,
    tolerance_s: u32,
    found: &mut Judgement,
) {
    let covers = |mark: Mark| granted_at.is_none_or(|at| at <= mark.at.plus(tolerance_s));
    for &(name, mark) in &standing.scope_objections {
        let counts = name.as_str() == scope || !policy.has_known(name.as_str());
        if counts && covers(mark) {
            found.find(Reason::Withdrawn);
        }
    }
    for class in Class::ALL {
        let waived = waives == Waives::PlatformStop && waives.may_waive(class);
        if !waived && standing.objections.get(class).is_some_and(covers) {
            found.find(reason_of(class));
        }
    }
}

/// The reason that names a class of objection.
pub(super) fn reason_of(class: Class) -> Reason {
    match class {
        Class::AllScopes => Reason::Withdrawn,
        Class::PlatformStop => Reason::PlatformStop,
        Class::Complaint => Reason::Complained,
        Class::Number => Reason::WrongNumber,
        Class::Erase => Reason::Erased,
        Class::Unknown => Reason::ObjectionUnknown,
    }
}
