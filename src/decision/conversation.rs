//! What the person's own conversation permits, and what it passes over.
//!
//! Knows one person's answer and one instant. Messages and objections lie in different topics under
//! clocks of different brokers, so what waives must be later by more than a minute. Without a message
//! of the person nothing is open, nothing is waived.

use super::message::Message;
use super::objections::{all_against, meant_objections, newest_objection};
use crate::consent::{CLOCK_TOLERANCE_S, Category, Class, Mark, Seconds};
use crate::index::FullFacts;
use crate::policy::{NeedsGrant, Policy, ScopeRule, Waives, rule_of};

/// How long a conversation stays open after the person's last message: Meta's customer service
/// window.
const WINDOW_S: u32 = 24 * 3_600;
/// How long a request for a code is good.
const REQUEST_S: u32 = 10 * 60;
/// How long after an objection a farewell may answer it.
const FAREWELL_S: u32 = 5 * 60;

/// Whether the person wrote to the business in the last 24 hours.
pub(super) fn is_window_open(full: &FullFacts<'_>, now: Seconds) -> bool {
    full.to.wrote_at().is_some_and(|at| is_in_window(at, now))
}

fn is_in_window(at: Seconds, now: Seconds) -> bool {
    now.since(at) < WINDOW_S
}

/// Whether the person has just asked for a code, later than all that speaks against sending one.
pub fn is_asked_for(
    policy: &Policy,
    message: &Message<'_>,
    category: Category,
    full: &FullFacts<'_>,
    now: Seconds,
) -> bool {
    let rule = rule_of(category);
    let needs = rule.needs == NeedsGrant::ForScopeOrRequest;
    let Some(asked_at) = full.to.asked_at().filter(|_| needs) else {
        return false;
    };
    let is_fresh = now.since(asked_at) <= REQUEST_S;
    is_fresh
        && meant_objections(policy, message, full).all(|objection| {
            Waiver::of(rule.waives).waives(objection.class, objection.mark)
                || is_later(asked_at, objection.mark)
        })
}

/// Whether a farewell answers the person's newest objection, soon after it, and sells nothing.
pub(super) fn is_founded(
    rule: Option<ScopeRule>,
    message: &Message<'_>,
    full: &FullFacts<'_>,
    now: Seconds,
) -> bool {
    let promotes = rule.is_some_and(ScopeRule::promotes);
    let named = newest_objection(full).filter(|newest| message.answers == Some(newest.event));
    !promotes && named.is_some_and(|named| now.since(named.at) <= FAREWELL_S)
}

/// When the person last wrote something by which no identity of theirs objected.
fn waives_at(full: &FullFacts<'_>) -> Option<Seconds> {
    let objects =
        |message| all_against(full).any(|against| against.objecting_inbounds.contains(&message));
    full.to.conversation.as_ref()?.waives_at(objects)
}

fn is_later(at: Seconds, mark: Mark) -> bool {
    at > mark.at.plus(CLOCK_TOLERANCE_S)
}

/// Which objections a message passes over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Waiver {
    waives: Waives,
    /// For a reply: when the person last wrote something that is no objection.
    wrote_at: Option<Seconds>,
    /// For a farewell: the objection that it answers.
    answers: Option<Mark>,
}

impl Waiver {
    /// What is passed over whatever the person wrote.
    const fn of(waives: Waives) -> Self {
        Self { waives, wrote_at: None, answers: None }
    }

    /// What a message of this category passes over.
    pub fn new(
        category: Category,
        rule: Option<ScopeRule>,
        message: &Message<'_>,
        full: &FullFacts<'_>,
        now: Seconds,
    ) -> Self {
        let plain = Self::of(rule_of(category).waives);
        match plain.waives {
            Waives::Nothing | Waives::PlatformStop => plain,
            Waives::OlderThanInbound => {
                let wrote_at = waives_at(full).filter(|at| is_in_window(*at, now));
                Self { wrote_at, ..plain }
            }
            Waives::TheOneNamed => {
                let newest = newest_objection(full);
                Self { answers: newest.filter(|_| is_founded(rule, message, full, now)), ..plain }
            }
        }
    }

    /// Whether this objection is passed over; `None` as class means an objection to one scope.
    pub fn waives(self, class: Option<Class>, mark: Mark) -> bool {
        let of_class = class.is_none_or(|class| self.waives.may_waive(class));
        of_class
            && match self.waives {
                Waives::Nothing => false,
                Waives::PlatformStop => class.is_some(),
                Waives::OlderThanInbound => self.wrote_at.is_some_and(|at| is_later(at, mark)),
                Waives::TheOneNamed => self.answers.is_some_and(|named| mark <= named),
            }
    }
}
