//! What few subjects have: objections, confirms, switches, cool-downs, conversations, links, further texts
//! of one grant.
//!
//! A short list of 16-byte facts, joined by the same rules as
//! [`SubjectState`](crate::consent::SubjectState). It knows no identity, so the same list is what a
//! tombstone keeps.

use prefetch_index::prefetch_index;

use crate::consent::objection::join_mark;
use crate::consent::subject_state::Switch;
use crate::consent::{
    Class, Conversation, EventId, Inbounds, LinkReach, Mark, Objections, Seconds,
};

use super::hot::ScopeIx;
use super::links::NodeIx;
use super::texts::TextIx;

/// One side of a switch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    Block,
    Unblock,
    Restrict,
    Unrestrict,
}

/// One rare fact of one subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RareFact {
    Objection(Class, Seconds, EventId),
    ScopeObjection(ScopeIx, Seconds, EventId),
    Confirm(Seconds, EventId),
    Switched(Side, Seconds),
    /// Marketing waits until before this second.
    Cooldown(Seconds),
    /// The person wrote this message.
    Inbound(Seconds, EventId),
    /// By this message the person objected.
    ObjectingInbound(EventId),
    /// The person asked for a code.
    Requested(Seconds),
    /// The person gave this identity up.
    GivenUp(Seconds),
    /// Where its links are.
    Node(NodeIx),
    /// The winning grant for this scope has this text too.
    OtherText(ScopeIx, TextIx),
}

/// The rare facts of one subject, at most one of a kind, and the newest inbound messages.
#[derive(Clone, Debug, Default)]
pub(super) struct Rare(Box<[RareFact]>);

impl Rare {
    /// Brings the facts near.
    pub(super) fn bring(&self) {
        prefetch_index(&self.0, 0);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Joins a fact: the later of a kind stays. An erasure drops what it hides.
    pub(super) fn join(&mut self, fact: RareFact) {
        if let RareFact::Inbound(at, event) = fact {
            self.join_inbound(Mark { at, event });
        } else {
            self.join_one(fact);
        }
        if let Some(erased_at) = self.erased_at() {
            self.retain(|fact| permitted_at(fact).is_none_or(|at| at > erased_at));
        }
    }

    fn join_one(&mut self, fact: RareFact) {
        match self.0.iter_mut().find(|old| is_same_kind(old, &fact)) {
            Some(old) => *old = later(*old, fact),
            None => self.push(fact),
        }
    }

    fn join_inbound(&mut self, message: Mark) {
        let mut inbounds = self.inbounds();
        inbounds.join(message);
        self.retain(|fact| !matches!(fact, RareFact::Inbound(..)));
        for Mark { at, event } in inbounds.iter() {
            self.push(RareFact::Inbound(at, event));
        }
    }

    /// Replaces the further texts of the grant for a scope.
    pub(super) fn set_other_texts(&mut self, scope: ScopeIx, texts: &[TextIx]) {
        self.retain(|fact| !matches!(fact, RareFact::OtherText(of, _) if *of == scope));
        for text in texts {
            self.push(RareFact::OtherText(scope, *text));
        }
    }

    /// The further texts of the grant for a scope.
    pub(super) fn other_texts(&self, scope: ScopeIx) -> impl Iterator<Item = TextIx> + '_ {
        self.0.iter().filter_map(move |fact| match fact {
            RareFact::OtherText(of, text) if *of == scope => Some(*text),
            _ => None,
        })
    }

    /// The time of the newest erasure: what permits and is not later is hidden.
    pub(super) fn erased_at(&self) -> Option<Seconds> {
        self.objections().get(Class::Erase).map(|mark| mark.at)
    }

    /// Whether an erasure hides what permitted at this time.
    pub(super) fn hides(&self, at: Seconds) -> bool {
        self.erased_at().is_some_and(|erased_at| at <= erased_at)
    }

    /// The newest objection of each class.
    pub(super) fn objections(&self) -> Objections {
        let mut objections = Objections::default();
        for fact in &self.0 {
            if let RareFact::Objection(class, at, event) = *fact {
                objections.join(class, Mark { at, event });
            }
        }
        objections
    }

    /// The newest objection to each scope.
    pub(super) fn scope_objections(&self) -> impl Iterator<Item = (ScopeIx, Mark)> + '_ {
        self.0.iter().filter_map(|fact| match *fact {
            RareFact::ScopeObjection(scope, at, event) => Some((scope, Mark { at, event })),
            _ => None,
        })
    }

    /// The newest objection of any class and to any scope.
    pub(super) fn newest_objection(&self) -> Option<Mark> {
        let mut newest = self.objections().newest();
        for (_, mark) in self.scope_objections() {
            join_mark(&mut newest, mark);
        }
        newest
    }

    /// How many objections there are.
    pub(super) fn objection_count(&self) -> usize {
        let is_objection = |fact: &&RareFact| {
            matches!(fact, RareFact::Objection(..) | RareFact::ScopeObjection(..))
        };
        self.0.iter().filter(is_objection).count()
    }

    /// Whether the grant of this event was confirmed.
    pub(super) fn confirms(&self, grant: EventId) -> bool {
        self.0.iter().any(|fact| matches!(fact, RareFact::Confirm(_, of) if *of == grant))
    }

    /// The business's own list.
    pub(super) fn block(&self) -> Switch {
        self.switch(Side::Block, Side::Unblock)
    }

    /// Restriction of processing.
    pub(super) fn restriction(&self) -> Switch {
        self.switch(Side::Restrict, Side::Unrestrict)
    }

    /// The second in which the last cool-down ends.
    pub(super) fn cooldown(&self) -> Option<Seconds> {
        self.0.iter().find_map(|fact| match *fact {
            RareFact::Cooldown(until) => Some(until),
            _ => None,
        })
    }

    /// Where its links are, if it was ever linked.
    pub(super) fn node(&self) -> Option<NodeIx> {
        self.0.iter().find_map(|fact| match *fact {
            RareFact::Node(node) => Some(node),
            _ => None,
        })
    }

    /// When the person last gave this identity up.
    pub(super) fn given_up(&self) -> Option<Seconds> {
        self.0.iter().find_map(|fact| match *fact {
            RareFact::GivenUp(at) => Some(at),
            _ => None,
        })
    }

    /// The newest objection that counts on an identity which this one reaches so far.
    pub(super) fn newest_objection_over(&self, reach: LinkReach) -> Option<Mark> {
        let mut newest = self.objections().over(reach).newest();
        for (_, mark) in self.scope_objections().filter(|(_, mark)| reach.covers(mark.at)) {
            join_mark(&mut newest, mark);
        }
        newest
    }

    /// Whether a block or a restriction counts on an identity which this one reaches so far.
    pub(super) fn imposes_over(&self, reach: LinkReach) -> bool {
        self.block().is_on_over(reach) || self.restriction().is_on_over(reach)
    }

    /// What the person last wrote or asked for.
    pub(super) fn conversation(&self) -> Conversation {
        let asked_at = self.0.iter().find_map(|fact| match *fact {
            RareFact::Requested(at) => Some(at),
            _ => None,
        });
        Conversation { wrote: self.inbounds(), asked_at }
    }

    /// The inbound messages that are objections, in order.
    pub(super) fn objecting_inbounds(&self) -> Vec<EventId> {
        let objecting = self.0.iter().filter_map(|fact| match *fact {
            RareFact::ObjectingInbound(inbound) => Some(inbound),
            _ => None,
        });
        let mut objecting: Vec<_> = objecting.collect();
        objecting.sort_unstable();
        objecting
    }

    fn inbounds(&self) -> Inbounds {
        let mut inbounds = Inbounds::default();
        for fact in &self.0 {
            if let RareFact::Inbound(at, event) = *fact {
                inbounds.join(Mark { at, event });
            }
        }
        inbounds
    }

    /// Whether anything ever imposed needs to be weighed beside a grant that is later than all
    /// objections. Whether a cool-down is over is not known here: no clock.
    pub(super) fn is_imposed_on(&self) -> bool {
        self.block().is_on() || self.restriction().is_on() || self.cooldown().is_some()
    }

    /// Whether anything speaks against sending.
    pub(super) fn suppresses(&self) -> bool {
        self.objection_count() > 0 || self.is_imposed_on()
    }

    /// Bytes of the list.
    pub(super) fn bytes(&self) -> usize {
        self.0.len() * size_of::<RareFact>()
    }

    fn switch(&self, on: Side, off: Side) -> Switch {
        let mut switch = Switch::default();
        for fact in &self.0 {
            match *fact {
                RareFact::Switched(side, at) if side == on => switch.on(at),
                RareFact::Switched(side, at) if side == off => switch.off(at),
                _ => {}
            }
        }
        switch
    }

    fn push(&mut self, fact: RareFact) {
        let mut facts = std::mem::take(&mut self.0).into_vec();
        facts.reserve_exact(1);
        facts.push(fact);
        self.0 = facts.into_boxed_slice();
    }

    fn retain(&mut self, keep: impl Fn(&RareFact) -> bool) {
        if !self.0.iter().all(&keep) {
            let mut facts = std::mem::take(&mut self.0).into_vec();
            facts.retain(keep);
            self.0 = facts.into_boxed_slice();
        }
    }
}

/// Whether of two facts only one can stay.
fn is_same_kind(old: &RareFact, new: &RareFact) -> bool {
    match (old, new) {
        (RareFact::Objection(old, ..), RareFact::Objection(new, ..)) => old == new,
        (RareFact::ScopeObjection(old, ..), RareFact::ScopeObjection(new, ..)) => old == new,
        (RareFact::Confirm(_, old), RareFact::Confirm(_, new)) => old == new,
        (RareFact::Switched(old, _), RareFact::Switched(new, _)) => old == new,
        (RareFact::Cooldown(_), RareFact::Cooldown(_))
        | (RareFact::Requested(_), RareFact::Requested(_))
        | (RareFact::GivenUp(_), RareFact::GivenUp(_))
        | (RareFact::Node(_), RareFact::Node(_)) => true,
        (old, new) => old == new,
    }
}

/// The later of two facts of one kind; at equal times the one of the greater event.
fn later(old: RareFact, new: RareFact) -> RareFact {
    if age(&new) > age(&old) { new } else { old }
}

/// When something permitted that an erasure hides.
fn permitted_at(fact: &RareFact) -> Option<Seconds> {
    match *fact {
        RareFact::Confirm(at, _) | RareFact::Inbound(at, _) | RareFact::Requested(at) => Some(at),
        _ => None,
    }
}

fn age(fact: &RareFact) -> (Seconds, EventId) {
    match *fact {
        RareFact::Objection(_, at, event)
        | RareFact::ScopeObjection(_, at, event)
        | RareFact::Confirm(at, event)
        | RareFact::Inbound(at, event) => (at, event),
        RareFact::Switched(_, at)
        | RareFact::Cooldown(at)
        | RareFact::Requested(at)
        | RareFact::GivenUp(at) => (at, EventId::default()),
        RareFact::OtherText(..) | RareFact::ObjectingInbound(_) | RareFact::Node(_) => {
            (Seconds::default(), EventId::default())
        }
    }
}

#[cfg(test)]
#[path = "tests/rare.rs"]
mod tests;
