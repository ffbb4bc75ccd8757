//! Which records decided: those whose own contribution is what the state still holds.
//!
//! A record that lost (an older grant, an objection that a newer one replaced) is not named.

use super::record::Told;
use crate::consent::subject_state::Switch;
use crate::consent::text::is_too_late;
use crate::consent::{
    BusinessId, Category, Fact, Grant, Identity, IdentityRef, LinkChange, Mark, Seconds, State,
    Subject, TemplateRef, TemplateState,
};
use crate::decision::{
    Message, Reason, Rule, Waiver, granted_against, is_asked_for, is_pause_meant, still_objects,
};
use crate::index::{Against, AnswerFacts, FullFacts};
use crate::policy::{ConsentTexts, Policy, ScopeRule};

/// What was asked, and what the state answered.
pub(super) struct Asked<'a> {
    pub(super) policy: &'a Policy,
    pub(super) state: &'a State,
    pub(super) message: &'a Message<'a>,
    pub(super) scope: &'a str,
    pub(super) now: Seconds,
    pub(super) facts: &'a AnswerFacts<'a>,
}

/// What a record decided.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    /// It is why a rule found this reason, if the rule did.
    Reason(Reason),
    /// It is what a rule asks for: the grant that won or what made it stronger, the person's message.
    Rule(Rule),
}

/// The records that decided one message, and what.
pub(super) struct Deciders<'a> {
    found: Vec<(Part, &'a Told)>,
}

impl<'a> Deciders<'a> {
    /// Finds the records that decided one message.
    pub(super) fn find(asked: &Asked<'_>, known: &[&'a Told]) -> Self {
        let mut found: Vec<(Part, &Told)> = Vec::new();
        let AnswerFacts::Full(full) = asked.facts else {
            return Self { found };
        };
        for told in known {
            for fact in &told.folded.facts {
                let Some(part) = part_of(asked, full, fact) else {
                    continue;
                };
                let is_new =
                    |(of, named): &(Part, &Told)| *of != part || named.number != told.number;
                if found.iter().all(is_new) {
                    found.push((part, told));
                }
            }
        }
        Self { found }
    }

    /// The records behind one rule's answer.
    pub(super) fn of(&self, rule: Rule, reasons: &[Reason]) -> impl Iterator<Item = &'a Told> {
        let speaks = move |part| match part {
            Part::Rule(of) => of == rule,
            Part::Reason(reason) => Rule::of(reason) == rule && reasons.contains(&reason),
        };
        let found = self.found.iter().filter(move |(part, _)| speaks(*part));
        found.map(|(_, told)| *told)
    }
}

/// What a fact decided, if anything.
fn part_of(asked: &Asked<'_>, full: &FullFacts<'_>, fact: &Fact) -> Option<Part> {
    let granted_at = full.to.grant.map(|grant| grant.at);
    match fact {
        Fact::Grant { subject, scope, grant } => {
            let won = full.to.grant.is_some_and(|won| won.at == grant.at);
            (asked.is_to(subject) && scope.as_str() == asked.scope && won)
                .then_some(Part::Rule(Rule::Grant))
        }
        Fact::Confirm { subject, grant, .. } => {
            let of_winner = full.to.grant.is_some_and(|won| won.event == *grant);
            (asked.is_to(subject) && of_winner).then_some(Part::Rule(Rule::Grant))
        }
        Fact::InvalidText { business, id, version } => asked
            .is_of_winner(business, id.as_deref(), version.as_deref())
            .then_some(Part::Reason(Reason::TextInvalid)),
        Fact::TextRetired { business, id, version, at } => {
            let is_late = full.to.grant.is_some_and(|won| is_too_late(Some(*at), won.at));
            (is_late && asked.is_of_winner(business, id.as_deref(), version.as_deref()))
                .then_some(Part::Reason(Reason::TextInvalid))
        }
        Fact::TextPublished { business, text, .. } => {
            let is_of_winner = asked.is_of_winner(business, Some(&*text.id), Some(&*text.version));
            (asked.wants_proof() && is_of_winner).then_some(Part::Rule(Rule::Grant))
        }
        Fact::ScopeObjection { subject, scope, mark } => {
            let newest = |against: &Against<'_>| against.scope_objections.contains(&(scope, *mark));
            let is_meant = scope.as_str() == asked.scope || !asked.policy.has_known(scope.as_str());
            let waived = asked.waiver(full).waives(None, *mark);
            (is_meant && !waived && asked.objects(full, subject, granted_at, *mark, newest))
                .then_some(Part::Reason(Reason::Withdrawn))
        }
        Fact::Objection { subject, class, mark } => {
            let newest = |against: &Against<'_>| against.objections.get(*class) == Some(*mark);
            let rule = asked.rule();
            let granted_at = granted_against(rule, *class, granted_at);
            let waived = asked.waiver(full).waives(Some(*class), *mark);
            (!waived && asked.objects(full, subject, granted_at, *mark, newest))
                .then_some(Part::Reason(Reason::of_objection(*class)))
        }
        Fact::Block(subject, at) => asked
            .has_switched(full, subject, *at, |against| against.block)
            .then_some(Part::Reason(Reason::Blocked)),
        Fact::Restrict(subject, at) => asked
            .has_switched(full, subject, *at, |against| against.restriction)
            .then_some(Part::Reason(Reason::Restricted)),
        Fact::Cooldown(subject, until) => {
            let runs = |against: &Against<'_>| against.cooldown == Some(*until);
            (asked.now < *until && asked.against(full, subject).any(runs))
                .then_some(Part::Reason(Reason::Cooldown))
        }
        Fact::GivenUp(subject, at) => {
            let state = asked.state.subjects.get(subject);
            let newest = state.and_then(|state| state.given_up) == Some(*at);
            (asked.is_to(subject) && newest && full.to.grant.is_none())
                .then_some(Part::Reason(Reason::NoGrant))
        }
        Fact::Link { business, ends, change: LinkChange::Linked(_) } => {
            let names = |end: &Identity| asked.names(end.as_ref());
            let counts = asked.is_business(business) && ends.iter().any(names);
            (counts && full.elsewhere.is_some()).then_some(Part::Rule(Rule::Objections))
        }
        Fact::Inbound { subject, message } => {
            let opens = full.to.wrote_at() == Some(message.at);
            (asked.is_to(subject) && asked.is_reply() && opens).then_some(Part::Rule(Rule::Window))
        }
        Fact::Requested(subject, at) => {
            let newest = full.to.asked_at() == Some(*at);
            (asked.is_to(subject) && newest && asked.is_asked_for(full))
                .then_some(Part::Rule(Rule::Grant))
        }
        Fact::Pause { business, target, at } => {
            let switch = full.pauses.and_then(|pauses| pauses.switch(target));
            let is_on = switch.is_some_and(|s| s.is_on() && s.on_at == Some(*at));
            let is_meant = is_pause_meant(asked.policy, asked.message, target);
            (is_on && is_meant && asked.is_business(business))
                .then_some(Part::Reason(Reason::Paused))
        }
        Fact::Template { business, template, said } => asked.of_template(business, template, said),
        Fact::Undecodable { business: Some(business), place, subject_named } => {
            let open = asked.state.quarantine.is_open(place, *subject_named);
            (open && asked.is_business(business))
                .then_some(Part::Reason(Reason::BusinessQuarantined))
        }
        Fact::Undecodable { business: None, .. }
        | Fact::ObjectingInbound(..)
        | Fact::Unblock(..)
        | Fact::Link { change: LinkChange::Unlinked(_), .. }
        | Fact::Unrestrict(..)
        | Fact::Resume { .. }
        | Fact::PauseAll { .. }
        | Fact::ResumeAll(_)
        | Fact::Void { .. } => None,
    }
}

impl Asked<'_> {
    fn category(&self) -> Category {
        let declared = self.message.category;
        self.rule().map_or(declared, |rule| rule.category(declared))
    }

    fn rule(&self) -> Option<ScopeRule> {
        self.policy.terms(self.message.business, self.scope).rule()
    }

    fn is_reply(&self) -> bool {
        self.message.category.is_reply()
    }

    fn is_asked_for(&self, full: &FullFacts<'_>) -> bool {
        is_asked_for(self.policy, self.message, self.category(), full, self.now)
    }

    fn waiver(&self, full: &FullFacts<'_>) -> Waiver {
        Waiver::new(self.category(), self.rule(), self.message, full, self.now)
    }

    fn is_business(&self, business: &BusinessId) -> bool {
        business.as_str() == self.message.business
    }

    /// What was said of the message's template speaks for its rule, unless newer words made it void.
    fn of_template(
        &self,
        business: &BusinessId,
        template: &TemplateRef,
        said: &TemplateState,
    ) -> Option<Part> {
        let known = self.state.businesses.get(business)?;
        let counts = known.templates.counts(template, said, self.message.template_language);
        (self.is_business(business) && template.name() == self.message.template && counts)
            .then_some(Part::Rule(Rule::Template))
    }

    fn is(&self, subject: &Subject, identity: Option<IdentityRef<'_>>) -> bool {
        self.is_business(&subject.business) && identity == Some(subject.identity.as_ref())
    }

    fn is_to(&self, subject: &Subject) -> bool {
        self.is(subject, self.message.to)
    }

    fn names(&self, identity: IdentityRef<'_>) -> bool {
        self.message.to == Some(identity) || self.message.also.contains(&Some(identity))
    }

    /// What was said against a subject, wherever the message names it, or elsewhere.
    fn against<'f>(
        &self,
        full: &'f FullFacts<'f>,
        subject: &Subject,
    ) -> impl Iterator<Item = &'f Against<'f>> {
        let to = self.is_to(subject).then_some(&full.to);
        let others = self.message.also.iter().zip(&full.also);
        let others = others.filter(|(identity, _)| self.is(subject, **identity));
        let others = others.filter_map(|(_, standing)| standing.as_deref());
        let named = to.into_iter().chain(others).filter_map(|s| s.against.as_deref());
        let is_elsewhere =
            self.is_business(&subject.business) && !self.names(subject.identity.as_ref());
        named.chain(full.elsewhere.as_deref().filter(|_| is_elsewhere))
    }

    /// Whether a mark is the newest of its kind and no grant has overcome it.
    fn objects(
        &self,
        full: &FullFacts<'_>,
        subject: &Subject,
        granted_at: Option<Seconds>,
        mark: Mark,
        newest: impl Fn(&Against<'_>) -> bool,
    ) -> bool {
        let on = Some(subject.identity.as_ref());
        still_objects(self.message, on, granted_at, mark) && self.against(full, subject).any(newest)
    }

    /// Whether it was this event that last switched something on.
    fn has_switched(
        &self,
        full: &FullFacts<'_>,
        subject: &Subject,
        at: Seconds,
        switch: fn(&Against<'_>) -> Switch,
    ) -> bool {
        self.against(full, subject)
            .map(switch)
            .any(|switch| switch.is_on() && switch.on_at == Some(at))
    }

    /// Whether an invalidation means a text of the winning grant.
    /// Whether a grant needs a text that is published.
    fn wants_proof(&self) -> bool {
        let terms = self.policy.terms(self.message.business, self.scope);
        self.policy.messages(terms).consent_texts == ConsentTexts::Published
    }

    fn is_of_winner(&self, business: &BusinessId, id: Option<&str>, version: Option<&str>) -> bool {
        let to = self
            .message
            .to
            .map(|to| Subject { business: business.clone(), identity: to.to_owned() });
        let grant = to
            .and_then(|to| self.state.subjects.get(&to))
            .and_then(|subject| subject.grants.get(self.scope));
        let is_named = |grant: &Grant| grant.texts().any(|text| text.is_named_by(id, version));
        self.is_business(business) && grant.is_some_and(is_named)
    }
}
