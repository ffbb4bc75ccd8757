//! The plain decision: the same rules in the same order, straight on the plain map.
//!
//! Knows only what the made-up world sends: one identity a message, marketing and utility, no
//! quarantine. It stops at the first reason, which is less than the gate does: that goes on and keeps
//! all reasons.

use consentgate::consent::{Category, Class, Mark, Seconds, SubjectState};
use consentgate::decision::{Message, OptOutPath, Reason};
use consentgate::index::TextValidity;
use consentgate::policy::{Policy, ScopeClass, ScopeRule};

use super::{Company, Plain, Wanted, standing};

impl Plain {
    /// Decides a batch: `None` lets a message go, else the primary reason.
    pub(crate) fn decide_batch(
        &self,
        policy: &Policy,
        now: Seconds,
        messages: &[Result<Message<'_>, Reason>],
        decisions: &mut Vec<Option<Reason>>,
    ) {
        // As in the gate: mostly the rule is that of the message before.
        let mut last = ("", policy.scope(""));
        for message in messages {
            decisions.push(match message {
                Err(reason) => Some(*reason),
                Ok(message) => {
                    if last.0 != message.scope {
                        last = (message.scope, policy.scope(message.scope));
                    }
                    match self.companies.get(message.business) {
                        None => Some(Reason::BusinessUnknown),
                        Some(company) => primary(policy, last.1, now, message, &company),
                    }
                }
            });
        }
    }
}

fn primary(
    policy: &Policy,
    rule: Option<ScopeRule>,
    now: Seconds,
    message: &Message<'_>,
    company: &Company,
) -> Option<Reason> {
    let category = rule.map_or(message.category, |rule| rule.category(message.category));
    let max_ages = &policy.platform().messages().max_ages;
    let max_age_s = max_ages.of(category).min(max_ages.of(message.category));
    let is_old = message.sent_at.is_none_or(|sent_at| now.since(sent_at) > max_age_s);
    if is_old || message.deadline.is_some_and(|deadline| now >= deadline) {
        return Some(Reason::Expired);
    }
    let Some(to) = message.to else {
        return Some(Reason::IdentityUnreadable);
    };
    let person = company.people.get(&Wanted(to));
    let rare = person.and_then(|person| person.rare.as_deref());
    if rare.is_some_and(|rare| rare.block.is_on()) {
        return Some(Reason::Blocked);
    }
    if rare.is_some_and(|rare| rare.restriction.is_on()) {
        return Some(Reason::Restricted);
    }
    let Some(rule) = rule else {
        return Some(Reason::ScopeUnknown);
    };
    let grant = person.and_then(|person| standing(company, person, message.scope));
    let granted_at = grant.map(|grant| grant.at);
    let objection =
        rare.and_then(|rare| objection(policy, rule, category, message.scope, granted_at, rare));
    if objection.is_some() {
        return objection;
    }
    let Some(grant) = grant else {
        return Some(Reason::NoGrant);
    };
    if grant.valid_until.is_some_and(|until| now >= until) {
        return Some(Reason::GrantExpired);
    }
    if grant.strength < rule.strength {
        return Some(Reason::GrantTooWeak);
    }
    if grant.text == TextValidity::Invalid {
        return Some(Reason::TextInvalid);
    }
    let has_no_way_out = message.opt_out_path == OptOutPath::Missing;
    (category == Category::Marketing && has_no_way_out).then_some(Reason::NoOptOutPath)
}

/// The first objection that no later grant overcomes.
fn objection(
    policy: &Policy,
    rule: ScopeRule,
    category: Category,
    scope: &str,
    granted_at: Option<Seconds>,
    rare: &SubjectState,
) -> Option<Reason> {
    let stands =
        |mark: Mark, granted_at: Option<Seconds>| granted_at.is_none_or(|at| at <= mark.at);
    for (name, mark) in &rare.scope_objections {
        let is_meant = name.as_str() == scope || !policy.has_known(name.as_str());
        if is_meant && stands(*mark, granted_at) {
            return Some(Reason::Withdrawn);
        }
    }
    let promotes = rule.class == ScopeClass::Marketing;
    Class::ALL.into_iter().find_map(|class| {
        let is_stop = class == Class::PlatformStop;
        let lifted_at = granted_at.filter(|_| promotes || !is_stop);
        let is_waived = is_stop && category != Category::Marketing;
        let objects = rare.objections.get(class).is_some_and(|mark| stands(mark, lifted_at));
        (objects && !is_waived).then(|| Reason::of_objection(class))
    })
}
