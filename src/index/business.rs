//! One business: its directory, its grants and what is known of it as a whole.
//!
//! Knows no other business. When one of its number spaces is used up it counts as quarantined, so
//! that nothing is sent on what it could not hold.

use std::slice::from_ref;

use prefetch_index::prefetch_index;

use crate::consent::state::BusinessState;
use crate::consent::{
    BusinessId, Crowd, Edition, PauseTarget, Pauses, ScopeName, Seconds, TextRef,
};

use super::answer::Quarantined;
use super::directory::Directory;
use super::keys::KeyedHashes;
use super::links::Links;
use super::names::NameIx;
use super::ranked::Ranked;
use super::rare::Rare;
use super::scopes::Scopes;
use super::texts::Texts;
use super::tombstones::Tombstones;

/// All that is known of one business. What every query reads lies together at the front.
#[repr(C)]
pub(super) struct Business {
    /// Whether the flags alone may answer: nothing speaks against the business as a whole.
    quick: bool,
    /// Whether there are bitmaps that must agree with the flags.
    pub large: bool,
    has_facts: bool,
    quarantined: bool,
    overflowed: bool,
    pub scopes: Scopes,
    pub directory: Directory,
    pub rare: Ranked<Rare>,
    pub texts: Texts,
    pub tombstones: Tombstones,
    pub links: Links,
    pub state: BusinessState,
    pub name: BusinessId,
    /// Objections of subjects in the directory.
    pub objections: usize,
}

impl Business {
    pub(super) fn new(name: BusinessId) -> Self {
        Self {
            quick: true,
            large: false,
            directory: Directory::new(),
            scopes: Scopes::new(),
            rare: Ranked::new(),
            texts: Texts::new(),
            tombstones: Tombstones::default(),
            links: Links::default(),
            state: BusinessState::default(),
            name,
            has_facts: false,
            quarantined: false,
            overflowed: false,
            objections: 0,
        }
    }

    /// Brings near what every query reads.
    pub(super) fn bring(&self) {
        prefetch_index(from_ref(self), 0);
        self.directory.bring();
        prefetch_index(from_ref(&self.texts), 0);
    }

    /// Whether the flags alone may answer.
    pub(super) fn is_quick(&self) -> bool {
        self.quick
    }

    /// Whether any fact names the business, or an unreadable record does that nobody has voided.
    pub(super) fn is_known(&self) -> bool {
        self.has_facts || self.quarantined
    }

    /// Whether a record of the business waits to be voided.
    pub(super) fn quarantined(&self) -> Quarantined {
        let crowded = self.links.crowd() == Crowd::Somebody;
        if self.quarantined || self.overflowed || crowded {
            Quarantined::Yes
        } else {
            Quarantined::No
        }
    }

    /// Whether it is quarantined, and its kill switches if any is on. Far memory is read only where there is
    /// trouble.
    pub(super) fn trouble(&self) -> (Quarantined, Option<&Pauses>) {
        match self.quick {
            true => (Quarantined::No, None),
            false => (self.quarantined(), self.state.pauses_on()),
        }
    }

    /// A fact about the business or one of its subjects arrived.
    pub(super) fn has_fact(&mut self) {
        self.has_facts = true;
    }

    /// Says whether a record of the business waits to be voided.
    pub(super) fn set_quarantined(&mut self, quarantined: bool) {
        self.quarantined = quarantined;
        self.weigh();
    }

    /// Says that something could not be held.
    pub(super) fn overflow(&mut self) {
        self.overflowed = true;
        self.weigh();
    }

    /// Joins a pause.
    pub(super) fn pause(&mut self, target: PauseTarget, at: Seconds) {
        self.has_facts = true;
        self.state.pauses.pause(target, at);
        self.weigh();
    }

    /// Joins a resume.
    pub(super) fn resume(&mut self, target: PauseTarget, at: Seconds) {
        self.has_facts = true;
        self.state.pauses.resume(target, at);
        self.weigh();
    }

    /// Joins a pattern of texts on which no grant stands any longer.
    pub(super) fn invalidate(
        &mut self,
        hashes: &KeyedHashes,
        id: Option<String>,
        version: Option<String>,
    ) {
        self.state.invalid_texts.insert((id.clone(), version.clone()));
        self.weigh_texts(hashes, id.as_deref(), version.as_deref());
    }

    /// Joins a pattern of texts on which no later grant stands.
    pub(super) fn retire(
        &mut self,
        hashes: &KeyedHashes,
        id: Option<String>,
        version: Option<String>,
        at: Seconds,
    ) {
        self.state.texts.retire(id.clone(), version.clone(), at);
        self.weigh_texts(hashes, id.as_deref(), version.as_deref());
    }

    /// Joins what a text says; `scopes` are those that it names.
    pub(super) fn publish(
        &mut self,
        hashes: &KeyedHashes,
        text: &TextRef,
        edition: &Edition,
        scopes: impl IntoIterator<Item = (ScopeName, NameIx)>,
    ) {
        scopes.into_iter().for_each(|(scope, number)| self.texts.name_scope(scope, number));
        self.state.texts.publish(text, edition);
        self.weigh_texts(hashes, Some(&text.id), Some(&text.version));
    }

    fn weigh_texts(&mut self, hashes: &KeyedHashes, id: Option<&str>, version: Option<&str>) {
        self.has_facts = true;
        let changed = self.texts.weigh(id, version, &self.state);
        self.refresh_texts(hashes, &changed);
    }

    /// Says whether the flags alone may answer.
    pub(super) fn weigh(&mut self) {
        self.quick = self.quarantined() == Quarantined::No && !self.state.pauses.is_any_on();
    }
}
