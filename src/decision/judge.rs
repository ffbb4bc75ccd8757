//! The rules in their order, and what each of them finds.
//!
//! Pure, on plain facts: no permit is made here. The first finding is the primary reason; all are
//! kept. Where two rules could apply the stricter does.

use super::conversation::{Waiver, is_asked_for, is_founded, is_window_open};
use super::known::{is_no_reply, is_unusable, known};
use super::message::{Message, OptOutPath};
use super::objections::{all_against, object};
use super::pauses::is_paused;
use super::permit::Suppression;
use super::reason::{Reason, ReasonMask};
use super::stands;
use crate::consent::{Category, IdentityRef, Seconds, Strength, TemplateStanding};
use crate::index::{
    Against, AnswerFacts, FullFacts, Quarantined, StandingGrant, TextProof, TextValidity,
};
use crate::policy::{ConsentTexts, MessageRules, NeedsGrant, Policy, ScopeRule, Terms, rule_of};

/// The scope whose grant an authentication message needs.
pub(super) const AUTHENTICATION_SCOPE: &str = "authentication";

/// What the rules found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Judgement {
    primary: Option<Reason>,
    mask: ReasonMask,
    not_before: Option<Seconds>,
}

impl Judgement {
    /// The first finding; `None` if the message may go.
    pub fn primary(&self) -> Option<Reason> {
        self.primary
    }

    /// All findings.
    pub fn mask(&self) -> ReasonMask {
        self.mask
    }

    /// From when the message may go, if it is only too early.
    pub fn not_before(&self) -> Option<Seconds> {
        self.not_before
    }

    /// The suppression, if anything was found.
    pub fn suppression(&self) -> Option<Suppression> {
        let (all, not_before) = (self.mask, self.not_before);
        self.primary.map(|primary| Suppression { primary, all, not_before })
    }

    pub(super) fn find(&mut self, reason: Reason) {
        self.primary.get_or_insert(reason);
        self.mask.insert(reason);
    }

    fn find_if(&mut self, holds: bool, reason: Reason) {
        if holds {
            self.find(reason);
        }
    }
}

/// Asks every rule about one message, of whose template this is known.
pub fn judge(
    policy: &Policy,
    now: Seconds,
    message: &Message<'_>,
    template: TemplateStanding,
    facts: &AnswerFacts<'_>,
) -> Judgement {
    let known = message.known_by(template);
    let terms = policy.terms(message.business, effective_scope(&known));
    judge_under(policy, terms, now, &Meant { message, template }, facts)
}

/// A message as it was written, and what is known of its template.
#[derive(Clone, Copy, Debug)]
pub(super) struct Meant<'m, 'a> {
    pub(super) message: &'m Message<'a>,
    pub(super) template: TemplateStanding,
}

/// Asks every rule about one message of which it is known what it needs.
pub(super) fn judge_under(
    policy: &Policy,
    terms: Terms,
    now: Seconds,
    meant: &Meant<'_, '_>,
    facts: &AnswerFacts<'_>,
) -> Judgement {
    let mut found = Judgement::default();
    let (declared, template) = (meant.message.category, meant.template);
    let mut room = None;
    let message = known(meant.message, template, &mut room);
    let (rule, needed) = (terms.rule(), policy.messages(terms));
    let category = rule.map_or(message.category, |rule| rule.category(message.category));
    let full = match facts {
        AnswerFacts::Full(full) => Some(full),
        _ => None,
    };
    judge_business(policy, message, facts, full, &mut found);
    found.find_if(is_too_late(needed, message, [declared, category], now), Reason::Expired);
    found.find_if(message.to.is_none(), Reason::IdentityUnreadable);
    found.find_if(is_unsuited(message), Reason::IdentityUnsuited);
    if let Some(full) = full {
        judge_never_waived(full, &mut found);
    }
    judge_scope(meant, rule, &mut found);
    let is_asked_for = full.is_some_and(|f| is_asked_for(policy, message, category, f, now));
    if let Some(full) = full.filter(|_| !is_asked_for) {
        let waiver = Waiver::new(category, rule, message, full, now);
        let granted_at = lifting_grant(needed, category, full);
        object(policy, rule, message, (waiver, granted_at), full, &mut found);
    }
    if rule_of(category).needs == NeedsGrant::Conversation {
        judge_reply(category, rule, message, now, full, &mut found);
    } else if !is_asked_for {
        judge_permission(rule, needed.consent_texts, now, facts, full, &mut found);
    }
    let is_unusable = is_unusable(needed.templates, category, template);
    found.find_if(is_unusable, Reason::TemplateUnusable);
    let needs_way_out = needed.opt_out_path.includes(category);
    let has_none = message.opt_out_path == OptOutPath::Missing;
    found.find_if(needs_way_out && has_none, Reason::NoOptOutPath);
    let promotes = category == Category::Marketing;
    found.find_if(promotes && is_refused_there(policy, message), Reason::CountryRule);
    found.find_if(promotes && is_cooling(full, now), Reason::Cooldown);
    found.not_before = needed.quiet_hours.over_at(category, message.people(), now);
    found.find_if(found.not_before.is_some(), Reason::QuietHours);
    found
}

/// When the person last agreed, as far as it lifts what was said against sending.
///
/// A message that needs the grant is suppressed if the grant proves nothing. A reply needs none, so
/// there a grant that proves nothing must not lift anything either.
fn lifting_grant(
    needed: &MessageRules,
    category: Category,
    full: &FullFacts<'_>,
) -> Option<Seconds> {
    let needs_none = rule_of(category).needs == NeedsGrant::Conversation;
    let grant = full.to.grant.as_ref().filter(|grant| {
        let is_good = grant.text == TextValidity::Valid && is_proven(grant, needed.consent_texts);
        is_good || !needs_none
    });
    grant.map(|grant| grant.at)
}

/// The scope whose grant counts: an authentication message is about `authentication` alone.
pub(super) fn effective_scope<'a>(message: &Message<'a>) -> &'a str {
    match message.category {
        Category::Authentication if message.scope.is_empty() => AUTHENTICATION_SCOPE,
        _ => message.scope,
    }
}

fn judge_business(
    policy: &Policy,
    message: &Message<'_>,
    facts: &AnswerFacts<'_>,
    full: Option<&FullFacts<'_>>,
    found: &mut Judgement,
) {
    let is_registered = policy.senders().allow(message.business, message.sender);
    found.find_if(!is_registered, Reason::SenderUnregistered);
    found.find_if(matches!(facts, AnswerFacts::UnknownBusiness), Reason::BusinessUnknown);
    if let Some(full) = full {
        found.find_if(full.quarantined == Quarantined::Yes, Reason::BusinessQuarantined);
        let paused = full.pauses.is_some_and(|pauses| is_paused(policy, message, pauses));
        found.find_if(paused, Reason::Paused);
    }
}

/// Whether the message is past its deadline, or has been on its way for longer than it may. Of what
/// it says it is, what its template is and what counts the shortest limit holds. A message from the
/// future was sent now.
fn is_too_late(
    needed: &MessageRules,
    message: &Message<'_>,
    [declared, counts]: [Category; 2],
    now: Seconds,
) -> bool {
    let of = |category| needed.max_ages.of(category);
    let max_age_s = of(counts).min(of(declared)).min(of(message.category));
    let is_old = message.sent_at.is_none_or(|sent_at| now.since(sent_at) > max_age_s);
    is_old || message.deadline.is_some_and(|deadline| now >= deadline)
}

/// The platform refuses authentication templates to user ids (its error 131062). What counts is the
/// address that it uses: with a number beside it a user id is not asked.
fn is_unsuited(message: &Message<'_>) -> bool {
    message.category == Category::Authentication
        && matches!(message.to, Some(IdentityRef::UserId(_)))
}

fn judge_never_waived(full: &FullFacts<'_>, found: &mut Judgement) {
    let is_any = |test: fn(&Against<'_>) -> bool| all_against(full).any(test);
    found.find_if(is_any(|against| against.block.is_on()), Reason::Blocked);
    found.find_if(is_any(|against| against.restriction.is_on()), Reason::Restricted);
}

/// Whether marketing to any identity that counts waits. The quick yes says that it does not.
fn is_cooling(full: Option<&FullFacts<'_>>, now: Seconds) -> bool {
    full.is_some_and(|full| all_against(full).any(|against| against.is_cooling(now)))
}

/// Whether no marketing goes to where anybody is whom the message names.
fn is_refused_there(policy: &Policy, message: &Message<'_>) -> bool {
    message.people().any(|identity| policy.refuses_marketing_to(identity))
}

/// What a message says that it is must fit its scope and its template, whatever it counts as.
fn judge_scope(meant: &Meant<'_, '_>, rule: Option<ScopeRule>, found: &mut Judgement) {
    let message = meant.message;
    if message.category.is_reply() {
        let is_none = is_no_reply(message.category, meant.template);
        return found.find_if(is_none, Reason::Contradictory);
    }
    found.find_if(rule.is_none(), Reason::ScopeUnknown);
    let strays = message.category == Category::Authentication
        && effective_scope(message) != AUTHENTICATION_SCOPE;
    found.find_if(strays, Reason::Contradictory);
}

/// A reply needs no grant but a message of the person, and a farewell an objection too.
fn judge_reply(
    category: Category,
    rule: Option<ScopeRule>,
    message: &Message<'_>,
    now: Seconds,
    full: Option<&FullFacts<'_>>,
    found: &mut Judgement,
) {
    let is_open = full.is_some_and(|full| is_window_open(full, now));
    found.find_if(!is_open, Reason::WindowClosed);
    let is_founded = full.is_some_and(|full| is_founded(rule, message, full, now));
    found.find_if(category == Category::Farewell && !is_founded, Reason::FarewellUnfounded);
}

fn judge_permission(
    rule: Option<ScopeRule>,
    texts: ConsentTexts,
    now: Seconds,
    facts: &AnswerFacts<'_>,
    full: Option<&FullFacts<'_>>,
    found: &mut Judgement,
) {
    let wanted = rule.map_or(Strength::Double, |rule| rule.strength);
    if stands(facts) {
        // The quick yes vouches for one act, not for a confirmed one, nor for a recent one.
        let may_be_over = rule.is_some_and(|rule| rule.valid_for_s.is_some());
        found.find_if(may_be_over, Reason::GrantExpired);
        found.find_if(wanted > Strength::Single, Reason::GrantTooWeak);
        return;
    }
    found.find_if(matches!(facts, AnswerFacts::Inconsistent), Reason::IndexInconsistent);
    match full.and_then(|full| full.to.grant.as_ref()) {
        Some(grant) => {
            judge_grant(grant, rule, wanted, now, found);
            found.find_if(!is_proven(grant, texts), Reason::ProofMissing);
        }
        None => found.find(Reason::NoGrant),
    }
}

/// Whether the grant's texts prove what was agreed to, if they must.
pub(super) fn is_proven(grant: &StandingGrant, texts: ConsentTexts) -> bool {
    texts == ConsentTexts::Any || grant.proof == TextProof::Complete
}

/// The first second in which a grant stands no longer under its scope's rule, by its own word or by
/// the policy's; `None` = it stands until somebody takes it back.
pub fn stands_until(grant: &StandingGrant, rule: Option<ScopeRule>) -> Option<Seconds> {
    let by_rule = rule.and_then(|rule| rule.over_at(grant.at));
    grant.valid_until.into_iter().chain(by_rule).min()
}

fn judge_grant(
    grant: &StandingGrant,
    rule: Option<ScopeRule>,
    wanted: Strength,
    now: Seconds,
    found: &mut Judgement,
) {
    let is_over = stands_until(grant, rule).is_some_and(|until| now >= until);
    found.find_if(is_over, Reason::GrantExpired);
    found.find_if(grant.strength < wanted, Reason::GrantTooWeak);
    found.find_if(grant.text == TextValidity::Invalid, Reason::TextInvalid);
}
