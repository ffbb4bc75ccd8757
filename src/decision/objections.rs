//! Which objections speak against a message.
//!
//! An objection is overcome only by a grant that is later than it. On another identity of the same
//! person clocks of different brokers are compared, so there the grant must be later by more than a
//! minute. An objection to a scope that the policy has never known counts against every scope.

use super::conversation::Waiver;
use super::judge::{Judgement, effective_scope};
use super::message::Message;
use super::reason::Reason;
use crate::consent::{CLOCK_TOLERANCE_S, Class, IdentityRef, Mark, Seconds};
use crate::index::{Against, FullFacts, Standing};
use crate::policy::{Policy, ScopeRule};

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
    is_not_overcome(granted_at, mark, tolerance_s)
}

fn is_not_overcome(granted_at: Option<Seconds>, mark: Mark, tolerance_s: u32) -> bool {
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

/// What is known of each identity that the message names.
pub(super) fn standings<'f, 'i>(full: &'f FullFacts<'i>) -> impl Iterator<Item = &'f Standing<'i>> {
    std::iter::once(&full.to).chain(full.also.iter().flatten().map(Box::as_ref))
}

/// All that was said against sending, wherever it counts.
pub(super) fn all_against<'f, 'i>(
    full: &'f FullFacts<'i>,
) -> impl Iterator<Item = &'f Against<'i>> {
    standings(full)
        .filter_map(|standing| standing.against.as_deref())
        .chain(full.elsewhere.as_deref())
}

/// The same with where it was said, on identities that the message names and elsewhere.
fn spoken<'f, 'm: 'f>(
    message: &'f Message<'m>,
    full: &'f FullFacts<'_>,
) -> impl Iterator<Item = (On<'m>, &'f Against<'f>)> {
    let others = message.also.iter().copied().zip(&full.also);
    let others = others.filter_map(|(on, standing)| Some((on, standing.as_deref()?)));
    let standings = std::iter::once((message.to, &full.to)).chain(others);
    let named =
        standings.filter_map(|(on, standing)| Some((On::Named(on), standing.against.as_deref()?)));
    named.chain(full.elsewhere.as_deref().map(|against| (On::Elsewhere, against)))
}

/// The newest objection of any class and to any scope, wherever it counts.
pub(super) fn newest_objection(full: &FullFacts<'_>) -> Option<Mark> {
    all_against(full).filter_map(Against::newest_objection).max()
}

/// Where an objection was said.
#[derive(Clone, Copy)]
enum On<'m> {
    /// On an identity that the message names.
    Named(Option<IdentityRef<'m>>),
    /// On others that are linked to it, or on another form of it.
    Elsewhere,
}

/// One objection that is about a message.
#[derive(Clone, Copy)]
pub(super) struct Objection<'m> {
    on: On<'m>,
    /// Of which class; `None` = to one scope.
    pub(super) class: Option<Class>,
    pub(super) mark: Mark,
}

/// The objections to the message's scope and to all, wherever they count.
pub(super) fn meant_objections<'f, 'm: 'f>(
    policy: &'f Policy,
    message: &'f Message<'m>,
    full: &'f FullFacts<'_>,
) -> impl Iterator<Item = Objection<'m>> + 'f {
    let scope = effective_scope(message);
    spoken(message, full).flat_map(move |(on, against)| {
        let is_meant = move |name: &str| name == scope || !policy.has_known(name);
        let scoped = against.scope_objections.iter();
        let scoped = scoped.filter(move |(name, _)| is_meant(name.as_str()));
        let scoped = scoped.map(move |&(_, mark)| Objection { on, class: None, mark });
        let classed = Class::ALL.into_iter().filter_map(move |class| {
            let mark = against.objections.get(class)?;
            Some(Objection { on, class: Some(class), mark })
        });
        scoped.chain(classed)
    })
}

/// Finds the objections that neither a grant overcomes nor the message passes over.
pub(super) fn object(
    policy: &Policy,
    rule: Option<ScopeRule>,
    message: &Message<'_>,
    (waiver, granted_at): (Waiver, Option<Seconds>),
    full: &FullFacts<'_>,
    found: &mut Judgement,
) {
    for Objection { on, class, mark } in meant_objections(policy, message, full) {
        let granted_at = match class {
            Some(class) => granted_against(rule, class, granted_at),
            None => granted_at,
        };
        let objects = match on {
            On::Named(on) => still_objects(message, on, granted_at, mark),
            On::Elsewhere => is_not_overcome(granted_at, mark, CLOCK_TOLERANCE_S),
        };
        if !waiver.waives(class, mark) && objects {
            found.find(class.map_or(Reason::Withdrawn, Reason::of_objection));
        }
    }
}
