//! The rules, one after the other, on one message.
//!
//! Each rule looks for itself, so all reasons are found and not only the first. Where two readings of the
//! documents differ, the reason only may hold.

mod agreed;
mod grounds;
mod reply;
mod sending;

use super::fact::{List, Target};
use super::links;
use super::log::{Business, Log};
use super::message::Message;
use super::person::Known;
use super::policy::{Policy, Rules};
use super::template::{self, strictness};
use super::verdict::Verdict;
use super::words::{Identity, seconds};
use super::{Positions, pause};
use crate::spec::audit::Reason;
use crate::spec::outbound::Category;

const MINUTE: i64 = 60;
const DAY: i64 = 86_400;
const CODE_SERVES_FOR: i64 = 600;
const FAREWELL_WITHIN: i64 = 300;
/// Of what a person wrote so much is remembered.
const REMEMBERED: usize = 2;

/// How what is said of an identity counts on the address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Relation {
    /// It is the address.
    Own,
    /// The message names it, or it is another form of one that it names.
    Named,
    Linked,
}

/// One identity that counts.
struct Other<'b> {
    who: &'b Identity,
    relation: Relation,
    known: Known<'b>,
}

struct Case<'c> {
    log: &'c Log,
    policy: &'c Policy,
    rules: &'c Rules,
    business: Option<&'c Business>,
    message: &'c Message,
    at: &'c Positions,
    now: i64,
    scope: &'c str,
    declared: Category,
    category: Category,
    template: template::Known,
    people: Vec<Other<'c>>,
}

/// What stands against a message at these positions and at this instant.
pub(crate) fn judge(
    log: &Log,
    policy: &Policy,
    message: &Message,
    at: &Positions,
    now_ms: i64,
) -> Verdict {
    let mut verdict = Verdict { hold: hold(log, at), ..Verdict::default() };
    let said = &message.said;
    let number = policy.senders.get(&said.sender);
    let name = business_of(policy, message);
    let foreign = !said.sender.is_empty() && number.map(String::as_str) != Some(name);
    let unnamed = said.sender.is_empty() && policy.senders_registered;
    let watched = !policy.senders.is_empty() || policy.senders_registered;
    verdict.must_if(watched && foreign || unnamed, Reason::SenderUnregistered);
    let forms = [&message.to, &message.also].map(|who| who.as_ref().and_then(Identity::variant));
    let case = Case::new((log, policy, at), message, name, &forms, seconds(now_ms));
    case.business(&mut verdict, name);
    case.message(&mut verdict);
    case.lists(&mut verdict);
    case.person(&mut verdict);
    case.template(&mut verdict);
    case.place_and_time(&mut verdict);
    verdict
}

/// What was known of the people of a message, for the text of a violation: times in seconds before the
/// decision, no names.
pub(crate) fn grounds(
    log: &Log,
    policy: &Policy,
    message: &Message,
    at: &Positions,
    now_ms: i64,
) -> String {
    let forms = [&message.to, &message.also].map(|who| who.as_ref().and_then(Identity::variant));
    let name = business_of(policy, message);
    Case::new((log, policy, at), message, name, &forms, seconds(now_ms)).grounds()
}

/// The business that the message names, or whose number it is sent from.
fn business_of<'m>(policy: &'m Policy, message: &'m Message) -> &'m str {
    match message.said.business_id.as_str() {
        "" => policy.senders.get(&message.said.sender).map_or("", String::as_str),
        name => name,
    }
}

/// What makes every lane wait.
fn hold(log: &Log, at: &Positions) -> Option<&'static str> {
    let waits = log.waits.iter().any(|wait| at.show(wait.place) && !log.is_voided(*wait, at));
    match waits {
        true => Some("a consent record that names nobody is not voided"),
        false => pause::is_everything(log, at).then_some("everything is paused"),
    }
}

impl<'c> Case<'c> {
    fn new(
        (log, policy, at): (&'c Log, &'c Policy, &'c Positions),
        message: &'c Message,
        name: &str,
        forms: &'c [Option<Identity>; 2],
        now: i64,
    ) -> Self {
        let business = log.businesses.get(name);
        let rules = policy.of(name);
        let declared = message.declared();
        let said = &message.said;
        let template = match (business, said.template.as_str()) {
            (None, _) | (_, "") => template::Known::default(),
            (Some(business), template) => {
                template::known(log, business, template, &said.template_language, at)
            }
        };
        let sold = rules.is_marketing(&said.scope).then_some(Category::Marketing);
        let strictest = [Some(declared), template.category, sold].into_iter().flatten();
        let category = match declared {
            Category::Service | Category::Farewell => declared,
            _ => strictest.max_by_key(|one| strictness(*one)).unwrap_or(declared),
        };
        let scope = match (category, said.scope.as_str()) {
            (Category::Authentication, "") => "authentication",
            (_, scope) => scope,
        };
        let people = match business {
            Some(business) => people(log, business, message, forms, at),
            None => Vec::new(),
        };
        Self {
            log,
            policy,
            rules,
            business,
            message,
            at,
            now,
            scope,
            declared,
            category,
            template,
            people,
        }
    }

    fn business(&self, verdict: &mut Verdict, name: &str) {
        let Some(business) = self.business else {
            return verdict.must(Reason::BusinessUnknown);
        };
        let shows =
            |(place, first): (&(super::Topic, i32), &i64)| *first < self.at.of(place.0, place.1);
        if !business.known.iter().any(shows) {
            match business.named.iter().any(shows) {
                true => verdict.may(
                    Reason::BusinessUnknown,
                    "whether a business is known of which only texts, templates or unreadable records are",
                ),
                false => verdict.must(Reason::BusinessUnknown),
            }
        }
        let waiting = self.waits(business);
        let crowd = links::has_crowd(self.log, business, self.at);
        verdict.must_if(waiting || crowd, Reason::BusinessQuarantined);
        if waiting {
            // The person in its key will have withdrawn.
            let why = "what an unreadable record says before it is voided";
            verdict.may(Reason::Withdrawn, why);
            if self.category == Category::Authentication {
                // Who asked for a code may then have asked before they withdrew.
                verdict.may(Reason::NoGrant, why);
            }
        }
        let said = &self.message.said;
        for target in pause::of_business(self.log, business, self.at) {
            let paused = match target {
                Target::Business => true,
                Target::Campaign(campaign) => **campaign == *said.campaign_id,
                Target::Template(template) => **template == *said.template,
                Target::Scope(scope) => {
                    let unknown = !self.policy.knows(scope);
                    if unknown && self.scope.is_empty() {
                        verdict.may(Reason::Paused, "a pause of an unknown scope, and no scope");
                    }
                    **scope == *self.scope || unknown && !self.scope.is_empty()
                }
            };
            verdict.must_if(paused, Reason::Paused);
        }
        debug_assert!(!name.contains('/'), "no business has such a name");
    }

    /// Whether a record that cannot be read is not voided.
    fn waits(&self, business: &Business) -> bool {
        let mut shown = business.waits.iter().filter(|wait| self.at.show(wait.place));
        shown.any(|wait| !self.log.is_voided(*wait, self.at))
    }

    /// What the message says of itself.
    fn message(&self, verdict: &mut Verdict) {
        let said = &self.message.said;
        let is_reply = matches!(self.declared, Category::Service | Category::Farewell);
        let odd_code = self.declared == Category::Authentication
            && !matches!(said.scope.as_str(), "" | "authentication");
        verdict.must_if(
            odd_code || is_reply && self.template.category.is_some(),
            Reason::Contradictory,
        );
        let limits = [self.declared, self.category].map(|one| self.rules.max_age(one));
        let limit = limits.into_iter().flatten().min();
        let age = self.now - seconds(self.message.sent_ms);
        let old = limit.is_some_and(|limit| age > limit);
        let over = self.message.deadline().is_some_and(|deadline| self.now >= deadline);
        verdict.must_if(old || over, Reason::Expired);
        match &self.message.to {
            None => verdict.must(Reason::IdentityUnreadable),
            Some(Identity::User(_)) if self.category == Category::Authentication => {
                verdict.must(Reason::IdentityUnsuited);
            }
            Some(Identity::User(_)) if self.declared == Category::Authentication => {
                verdict.may(Reason::IdentityUnsuited, "a code that counts as more, to a user id");
            }
            Some(_) => {}
        }
        let known = self.rules.scopes.contains_key(self.scope);
        if self.policy.retired.contains(self.scope) {
            verdict.may(Reason::ScopeUnknown, "a message of a retired scope");
        } else if is_reply && !known && !self.scope.is_empty() {
            verdict.may(Reason::ScopeUnknown, "a reply of an unknown scope");
        } else if !is_reply && !known {
            verdict.must(Reason::ScopeUnknown);
            // Whether what is unknown counts as marketing in every other rule too, and whether a grant of it
            // lifts anything, is not said.
            for reason in [
                Reason::Withdrawn,
                Reason::PlatformStop,
                Reason::Complained,
                Reason::WrongNumber,
                Reason::Erased,
                Reason::ObjectionUnknown,
                Reason::NoOptOutPath,
                Reason::CountryRule,
                Reason::Cooldown,
                Reason::QuietHours,
                Reason::NoGrant,
                Reason::GrantExpired,
                Reason::GrantTooWeak,
                Reason::TextInvalid,
                Reason::ProofMissing,
            ] {
                verdict.may(reason, "a message of an unknown scope");
            }
        }
    }

    /// What is never waived.
    fn lists(&self, verdict: &mut Verdict) {
        for (list, reason) in [(List::Block, Reason::Blocked), (List::Restrict, Reason::Restricted)]
        {
            let on = |other: &Other<'_>| {
                let on = other.known.listed_at(list);
                on.is_some_and(|at| self.counts_here(other, at))
            };
            verdict.must_if(self.people.iter().any(on), reason);
        }
    }

    /// Whether what was said on an identity counts on the address.
    fn counts_here(&self, other: &Other<'_>, said: i64) -> bool {
        let (Some(business), Relation::Linked) = (self.business, other.relation) else {
            return true;
        };
        let named = self.people.iter().filter(|one| one.relation != Relation::Linked);
        let mut named = named.map(|one| one.who);
        named.any(|one| links::reaches(self.log, business, (other.who, said), one, self.at))
    }

    fn own(&self) -> Option<&Known<'c>> {
        let own = self.people.iter().find(|other| other.relation == Relation::Own);
        own.map(|other| &other.known)
    }

    /// Objections, grants and the window.
    fn person(&self, verdict: &mut Verdict) {
        match self.declared {
            Category::Service => self.reply(verdict),
            Category::Farewell => self.farewell(verdict),
            _ => self.agreed(verdict),
        }
    }
}

/// Everybody on whom something may be said that counts.
fn people<'b>(
    log: &Log,
    business: &'b Business,
    message: &'b Message,
    forms: &'b [Option<Identity>; 2],
    at: &Positions,
) -> Vec<Other<'b>> {
    let mut people: Vec<Other<'b>> = Vec::new();
    let mut add = |who: &'b Identity, relation| {
        if people.iter().all(|other| other.who != who) {
            let known = Known::of(log, business, who, at);
            people.push(Other { who, relation, known });
        }
    };
    let to = message.to.as_ref();
    if let Some(to) = to {
        add(to, Relation::Own);
    }
    let named = [&forms[0], &message.also, &forms[1]].into_iter().flatten();
    let named: Vec<&'b Identity> = named.collect();
    named.iter().for_each(|one| add(one, Relation::Named));
    for one in to.into_iter().chain(named) {
        links::ever(log, business, one, at).into_iter().for_each(|one| add(one, Relation::Linked));
    }
    people
}
