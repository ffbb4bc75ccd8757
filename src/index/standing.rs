//! What is known of one identity for one scope.
//!
//! Plain data, without a verdict: which objection covers which message, and whether a grant is still
//! valid, is decided by whoever knows the policy and the time.

use crate::consent::subject_state::Switch;
use crate::consent::{
    Conversation, EventId, LinkReach, Mark, Objections, ScopeName, Seconds, Strength,
};

/// Whether the index knows an identity.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Known {
    /// At least one fact names it. An erased identity is known by its tombstone.
    Yes,
    /// No fact names it.
    #[default]
    No,
}

/// Whether all texts of a grant may carry it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextValidity {
    /// None was invalidated, and none retired before the grant.
    Valid,
    /// At least one was: the grant does not stand.
    Invalid,
}

/// Whether all texts of a grant prove what was agreed to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextProof {
    /// Each is published, without contradiction, and names the scope and WhatsApp.
    Complete,
    /// At least one is not, or does not.
    Missing,
}

/// The winning grant for the scope that was asked for. It may be older than what speaks against it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StandingGrant {
    /// From when it counts.
    pub at: Seconds,
    /// `Double` if it says so itself or was confirmed.
    pub strength: Strength,
    /// Until when it is valid; `None` = without end.
    pub valid_until: Option<Seconds>,
    /// Whether its texts may carry it.
    pub text: TextValidity,
    /// Whether its texts prove it.
    pub proof: TextProof,
    /// Its event.
    pub event: EventId,
}

/// What is known of one identity. The default is an identity that nobody knows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Standing<'i> {
    /// Whether any fact names it.
    pub known: Known,
    /// What was said against sending to it; `None` where nothing was, as for most.
    pub against: Option<Box<Against<'i>>>,
    /// The winning grant for the scope that was asked for.
    pub grant: Option<StandingGrant>,
    /// What the person last wrote or asked for; `None` where nothing, as for most.
    pub conversation: Option<Box<Conversation>>,
}

/// What was said against sending to one identity, however old.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Against<'i> {
    /// The business's own list.
    pub block: Switch,
    /// Restriction of processing.
    pub restriction: Switch,
    /// Objections by class.
    pub objections: Objections,
    /// Objections to single scopes: of all scopes, in the order of their names.
    pub scope_objections: Vec<(&'i ScopeName, Mark)>,
    /// The first second in which marketing need not wait any longer, however long ago.
    pub cooldown: Option<Seconds>,
    /// The inbound messages by which the person objected, in order: they speak for no sending.
    pub objecting_inbounds: Vec<EventId>,
}

impl<'i> Against<'i> {
    /// What of it counts on an identity that this one reaches so far: what is about the person, not
    /// what is about a number. A message stays an objection however far it reaches.
    pub(super) fn over(mut self, reach: LinkReach) -> Self {
        for switch in [&mut self.block, &mut self.restriction] {
            let on_at = switch.on_at.filter(|_| switch.is_on_over(reach));
            *switch = Switch { on_at, off_at: None };
        }
        self.objections = self.objections.over(reach);
        self.scope_objections.retain(|(_, mark)| reach.covers(mark.at));
        self.cooldown = None;
        self
    }

    /// What of it counts on the other form of a phone number: all of it, as far as it still holds.
    pub(super) fn on_a_variant(mut self) -> Self {
        for switch in [&mut self.block, &mut self.restriction] {
            let on_at = switch.on_at.filter(|_| switch.is_on());
            *switch = Switch { on_at, off_at: None };
        }
        self
    }

    /// The newest of all, in whatever order they come; `None` if nothing was said.
    pub(super) fn newest_of(all: impl Iterator<Item = Self>) -> Option<Box<Self>> {
        let mut newest = Self::default();
        all.for_each(|against| newest.join(against));
        newest.unless_empty()
    }

    /// Joins what counts from elsewhere.
    fn join(&mut self, other: Self) {
        self.block.on_at = self.block.on_at.max(other.block.on_at);
        self.restriction.on_at = self.restriction.on_at.max(other.restriction.on_at);
        self.objections.join_all(&other.objections);
        self.cooldown = self.cooldown.max(other.cooldown);
        self.objecting_inbounds.extend(other.objecting_inbounds);
        self.objecting_inbounds.sort_unstable();
        self.objecting_inbounds.dedup();
        for (scope, mark) in other.scope_objections {
            let by_name = |(known, _): &(&ScopeName, Mark)| known.as_str().cmp(scope.as_str());
            match self.scope_objections.binary_search_by(by_name) {
                Ok(at) => {
                    if let Some((_, newest)) = self.scope_objections.get_mut(at) {
                        *newest = (*newest).max(mark);
                    }
                }
                Err(at) => self.scope_objections.insert(at, (scope, mark)),
            }
        }
    }
}

impl Standing<'_> {
    /// When the person last wrote: this opens the window.
    pub fn wrote_at(&self) -> Option<Seconds> {
        self.conversation.as_ref()?.wrote_at()
    }

    /// When the person last asked for a code.
    pub fn asked_at(&self) -> Option<Seconds> {
        self.conversation.as_ref()?.asked_at
    }

    /// The newest objection of any class and to any scope.
    pub fn newest_objection(&self) -> Option<Mark> {
        self.against.as_ref().and_then(|against| against.newest_objection())
    }
}

impl Against<'_> {
    /// Whether marketing waits.
    pub fn is_cooling(&self, now: Seconds) -> bool {
        self.cooldown.is_some_and(|until| now < until)
    }

    /// Itself, unless nothing was said.
    pub(super) fn unless_empty(self) -> Option<Box<Self>> {
        if self == Self::default() { None } else { Some(Box::new(self)) }
    }

    /// The newest objection of any class and to any scope.
    pub fn newest_objection(&self) -> Option<Mark> {
        let scoped = self.scope_objections.iter().map(|(_, mark)| *mark).max();
        self.objections.newest().max(scoped)
    }
}

/// Most people have no conversation, so it takes room only where there is one.
pub(super) fn boxed(conversation: Conversation) -> Option<Box<Conversation>> {
    (!conversation.is_empty()).then(|| Box::new(conversation))
}
