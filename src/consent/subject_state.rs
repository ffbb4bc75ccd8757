//! One subject's state: a join of facts.
//!
//! Knows no policy and no clock. What objects only ever grows later; what is hidden by an erasure
//! is gone from the state in whatever order the events came.

use std::collections::{BTreeMap, BTreeSet};

use super::conversation::{Conversation, Inbounds};
use super::fact::Fact;
use super::grant::Grant;
use super::ids::{EventId, ScopeName};
use super::link::LinkReach;
use super::objection::{Class, Mark, Objections, join_mark};
use super::time::{CLOCK_TOLERANCE_S, Seconds};

/// A switch with two sides, for example block and unblock: the newest wins, equal means on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Switch {
    /// When it was last switched on.
    pub on_at: Option<Seconds>,
    /// When it was last switched off.
    pub off_at: Option<Seconds>,
}

impl Switch {
    /// Joins a switching on.
    pub fn on(&mut self, at: Seconds) {
        self.on_at = self.on_at.max(Some(at));
    }

    /// Joins a switching off.
    pub fn off(&mut self, at: Seconds) {
        self.off_at = self.off_at.max(Some(at));
    }

    /// Whether it is on, and counts on an identity that is reached so far.
    pub fn is_on_over(&self, reach: LinkReach) -> bool {
        self.is_on() && self.on_at.is_some_and(|at| reach.covers(at))
    }

    /// Whether it is on.
    pub fn is_on(&self) -> bool {
        self.on_at.is_some() && self.on_at >= self.off_at
    }
}

/// What is known of one subject.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SubjectState {
    /// The newest grant for each scope.
    pub grants: BTreeMap<ScopeName, Grant>,
    /// The newest objection to each scope.
    pub scope_objections: BTreeMap<ScopeName, Mark>,
    /// The newest objection of each class.
    pub objections: Objections,
    /// Grants that were confirmed, with the newest time.
    pub confirms: BTreeMap<EventId, Seconds>,
    /// The business's own list.
    pub block: Switch,
    /// Restriction of processing.
    pub restriction: Switch,
    /// The first second in which marketing need not wait any longer. Neither a grant nor an erasure
    /// ends it sooner: it is the platform's word, not the person's.
    pub cooldown: Option<Seconds>,
    /// When the person last gave this identity up for another one.
    pub given_up: Option<Seconds>,
    /// What the person last wrote.
    pub inbounds: Inbounds,
    /// The inbound messages that are objections.
    pub objecting_inbounds: BTreeSet<EventId>,
    /// When the person last asked for a code.
    pub requested_at: Option<Seconds>,
}

impl SubjectState {
    /// Joins a fact about this subject; what is about nobody alone changes nothing here.
    pub fn join(&mut self, fact: Fact) {
        match fact {
            Fact::Grant { scope, grant, .. } => self.join_grant(scope, grant),
            Fact::Confirm { grant, at, .. } => self.join_confirm(grant, at),
            Fact::ScopeObjection { scope, mark, .. } => self.join_scope_objection(scope, mark),
            Fact::Objection { class, mark, .. } => self.join_objection(class, mark),
            Fact::Block(_, at) => self.block.on(at),
            Fact::Unblock(_, at) => self.block.off(at),
            Fact::Restrict(_, at) => self.restriction.on(at),
            Fact::Unrestrict(_, at) => self.restriction.off(at),
            Fact::Cooldown(_, until) => self.join_cooldown(until),
            Fact::GivenUp(_, at) => self.join_given_up(at),
            Fact::Inbound { message, .. } => self.join_inbound(message),
            Fact::ObjectingInbound(_, inbound) => {
                self.objecting_inbounds.insert(inbound);
            }
            Fact::Requested(_, at) => self.join_request(at),
            Fact::Link { .. }
            | Fact::Pause { .. }
            | Fact::Resume { .. }
            | Fact::PauseAll { .. }
            | Fact::ResumeAll(_)
            | Fact::InvalidText { .. }
            | Fact::Template { .. }
            | Fact::TextPublished { .. }
            | Fact::TextRetired { .. }
            | Fact::Undecodable { .. }
            | Fact::Void { .. } => {}
        }
    }

    /// Joins a grant, unless an erasure hides it.
    pub fn join_grant(&mut self, scope: ScopeName, grant: Grant) {
        if self.is_hidden(grant.at) {
            return;
        }
        match self.grants.get_mut(&scope) {
            Some(old) => old.join(grant),
            None => {
                self.grants.insert(scope, grant);
            }
        }
    }

    /// Joins a confirmation, unless an erasure hides it.
    pub fn join_confirm(&mut self, grant: EventId, at: Seconds) {
        if !self.is_hidden(at) {
            let newest = self.confirms.entry(grant).or_insert(at);
            *newest = (*newest).max(at);
        }
    }

    /// Joins an objection to one scope.
    pub fn join_scope_objection(&mut self, scope: ScopeName, mark: Mark) {
        let mut slot = self.scope_objections.get(&scope).copied();
        join_mark(&mut slot, mark);
        if let Some(newest) = slot {
            self.scope_objections.insert(scope, newest);
        }
    }

    /// Joins an objection of a class; an erasure hides what is not later than it.
    pub fn join_objection(&mut self, class: Class, mark: Mark) {
        self.objections.join(class, mark);
        if class == Class::Erase {
            self.grants.retain(|_, grant| grant.at > mark.at);
            self.confirms.retain(|_, at| *at > mark.at);
            self.inbounds.hide(mark.at);
            self.requested_at = self.requested_at.filter(|at| *at > mark.at);
        }
    }

    /// Joins a cool-down: the one that ends last counts.
    pub fn join_cooldown(&mut self, until: Seconds) {
        self.cooldown = self.cooldown.max(Some(until));
    }

    /// Joins an inbound message, unless an erasure hides it.
    pub fn join_inbound(&mut self, message: Mark) {
        if !self.is_hidden(message.at) {
            self.inbounds.join(message);
        }
    }

    /// Joins a request for a code, unless an erasure hides it.
    pub fn join_request(&mut self, at: Seconds) {
        if !self.is_hidden(at) {
            self.requested_at = self.requested_at.max(Some(at));
        }
    }

    /// Joins the giving up of this identity.
    pub fn join_given_up(&mut self, at: Seconds) {
        self.given_up = self.given_up.max(Some(at));
    }

    /// What the person last wrote or asked for.
    pub fn conversation(&self) -> Conversation {
        Conversation { wrote: self.inbounds.clone(), asked_at: self.requested_at }
    }

    /// Whether the subject is erased and has agreed to nothing since: then only a keyed tombstone
    /// may keep this state, never the identity.
    pub fn is_erased(&self) -> bool {
        self.objections.get(Class::Erase).is_some() && self.grants.is_empty()
    }

    fn is_hidden(&self, at: Seconds) -> bool {
        self.objections.get(Class::Erase).is_some_and(|erase| at <= erase.at)
    }
}

/// Whether a grant is later than the giving up of its identity, which was told in another partition.
pub fn is_kept(given_up: Option<Seconds>, granted_at: Seconds) -> bool {
    given_up.is_none_or(|at| granted_at > at.plus(CLOCK_TOLERANCE_S))
}
