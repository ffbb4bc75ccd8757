//! Joins a fact into one subject of a business.
//!
//! The rules are those of [`SubjectState`](crate::consent::SubjectState), in the index's layout. It
//! also moves a subject between the directory and the tombstones: erased without a later grant, only
//! the tombstone remains; a later grant brings all marks back.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use crate::consent::{Class, EventId, Grant, IdentityRef, Mark, Seconds};

use super::business::Business;
use super::cell::Cell;
use super::flags::Touched;
use super::hot::{LocalId, ScopeIx};
use super::keys::{IdentityKey, KeyedHashes};
use super::links::{NodeIx, Whereabouts};
use super::names::NameIx;
use super::rare::{Rare, RareFact, Side};
use super::texts::TextIx;

/// A fact about one subject.
pub(super) enum SubjectFact {
    Grant(NameIx, Grant),
    Confirm(EventId, Seconds),
    ScopeObjection(NameIx, Mark),
    Objection(Class, Mark),
    Switched(Side, Seconds),
    Cooldown(Seconds),
    Inbound(Mark),
    ObjectingInbound(EventId),
    Requested(Seconds),
    GivenUp(Seconds),
    Node(NodeIx),
}

impl SubjectFact {
    fn erases(&self) -> bool {
        matches!(self, Self::Objection(Class::Erase, _))
    }
}

impl Business {
    /// Joins a fact about the person behind `identity`.
    pub(super) fn join_subject(
        &mut self,
        hashes: &KeyedHashes,
        identity: IdentityRef<'_>,
        fact: SubjectFact,
        large_at: usize,
    ) {
        self.has_fact();
        let key = hashes.identity(identity);
        let erases = fact.erases();
        let id = match self.directory.get(&key) {
            Some(entry) => Some(entry.id),
            None => self.admit(hashes, identity, key, &fact, large_at),
        };
        let touched = self.join_at(hashes, identity, id, fact);
        let node = self.node_of(hashes, identity, id);
        match id {
            Some(id) if erases && self.has_no_grant(id) => {
                self.bury(hashes, identity, &key, id);
            }
            // A linked one is refreshed with all that it reaches.
            Some(id) if node.is_none() => self.refresh(hashes, &key, id, touched),
            _ => {}
        }
        if let Some(node) = node {
            self.refresh_person(hashes, node);
        }
        self.refresh_variant(hashes, &key);
    }

    /// The node of a person, in the directory at this local id or else among the tombstones.
    fn node_of(
        &self,
        hashes: &KeyedHashes,
        identity: IdentityRef<'_>,
        id: Option<LocalId>,
    ) -> Option<NodeIx> {
        if self.links.is_empty() {
            return None;
        }
        let rare = match id {
            Some(id) => self.rare.get(id),
            None => self.tombstones.get(&hashes.tombstone(self.name.as_str(), identity)),
        };
        rare.and_then(Rare::node)
    }

    /// Enters a person who is not in the directory; `None` if the fact belongs to a tombstone.
    fn admit(
        &mut self,
        hashes: &KeyedHashes,
        identity: IdentityRef<'_>,
        key: IdentityKey,
        fact: &SubjectFact,
        large_at: usize,
    ) -> Option<LocalId> {
        let mut kept = None;
        if fact.erases() || !self.tombstones.is_empty() {
            let tombstone = hashes.tombstone(self.name.as_str(), identity);
            match (self.tombstones.get(&tombstone), fact) {
                (Some(rare), SubjectFact::Grant(_, grant)) if !rare.hides(grant.at) => {
                    kept = self.tombstones.remove(&tombstone);
                }
                (Some(_), _) => return None,
                (None, _) if fact.erases() => {
                    self.tombstones.insert(tombstone, Rare::default());
                    return None;
                }
                (None, _) => {}
            }
        }
        let Some(id) = self.directory.enter(key) else {
            self.overflow();
            return None;
        };
        if let Some(rare) = kept {
            if let Some(node) = rare.node() {
                self.links.moved(node, Whereabouts::Directory(key, id));
            }
            self.objections += rare.objection_count();
            self.rare.set(id, rare);
        }
        self.grow_large(large_at);
        Some(id)
    }

    /// Joins a fact at its local id, or without one into the tombstone.
    fn join_at(
        &mut self,
        hashes: &KeyedHashes,
        identity: IdentityRef<'_>,
        id: Option<LocalId>,
        fact: SubjectFact,
    ) -> Touched {
        let fact = match fact {
            SubjectFact::Grant(scope, grant) => {
                return id.map_or(Touched::Nothing, |id| self.join_grant(id, scope, &grant));
            }
            SubjectFact::Confirm(grant, at) => RareFact::Confirm(at, grant),
            SubjectFact::Objection(class, mark) => RareFact::Objection(class, mark.at, mark.event),
            SubjectFact::Switched(side, at) => RareFact::Switched(side, at),
            SubjectFact::Cooldown(until) => RareFact::Cooldown(until),
            SubjectFact::Inbound(message) => RareFact::Inbound(message.at, message.event),
            SubjectFact::ObjectingInbound(inbound) => RareFact::ObjectingInbound(inbound),
            SubjectFact::Requested(at) => RareFact::Requested(at),
            SubjectFact::GivenUp(at) => RareFact::GivenUp(at),
            SubjectFact::Node(node) => RareFact::Node(node),
            SubjectFact::ScopeObjection(scope, mark) => match self.scopes.number(scope) {
                Some(scope) => RareFact::ScopeObjection(scope, mark.at, mark.event),
                None => {
                    self.overflow();
                    RareFact::Objection(Class::Unknown, mark.at, mark.event)
                }
            },
        };
        match id {
            Some(id) => {
                self.join_rare(id, fact);
                Touched::All
            }
            None => {
                let tombstone = hashes.tombstone(self.name.as_str(), identity);
                if let Some(rare) = self.tombstones.get_mut(&tombstone) {
                    rare.join(fact);
                }
                Touched::Nothing
            }
        }
    }

    fn join_rare(&mut self, id: LocalId, fact: RareFact) {
        let mut rare = self.rare.remove(id).unwrap_or_default();
        let objections = rare.objection_count();
        rare.join(fact);
        self.objections += rare.objection_count() - objections;
        if let RareFact::Objection(Class::Erase, at, _) = fact {
            self.hide_grants(id, &mut rare, at);
        }
        if !rare.is_empty() {
            self.rare.set(id, rare);
        }
    }

    /// Drops the grants that an erasure hides.
    fn hide_grants(&mut self, id: LocalId, rare: &mut Rare, erased_at: Seconds) {
        for (number, scope) in self.scopes.iter_mut() {
            if scope.grants.get(id).is_some_and(|cell| cell.at <= erased_at) {
                scope.grants.remove(id);
                rare.set_other_texts(number, &[]);
            }
        }
    }

    fn join_grant(&mut self, id: LocalId, name: NameIx, grant: &Grant) -> Touched {
        if self.rare.get(id).is_some_and(|rare| rare.hides(grant.at)) {
            return Touched::Nothing;
        }
        let Some(scope) = self.scopes.number(name) else {
            self.overflow();
            return Touched::Nothing;
        };
        let old = self.scopes.get(scope).and_then(|s| s.grants.get(id));
        match old.map(|old| (old, old.at.cmp(&grant.at))) {
            Some((_, Ordering::Greater)) => return Touched::Nothing,
            Some((old, Ordering::Equal)) => {
                if let Some(mut winner) = self.unpack(id, scope, &old) {
                    winner.join(grant.clone());
                    self.set_grant(id, scope, &winner);
                }
            }
            Some((_, Ordering::Less)) | None => self.set_grant(id, scope, grant),
        }
        Touched::Scope(scope)
    }

    /// The grant that a cell and its further texts stand for.
    fn unpack(&self, id: LocalId, scope: ScopeIx, cell: &Cell) -> Option<Grant> {
        let rare = self.rare.get(id);
        let others = rare.into_iter().flat_map(|rare| rare.other_texts(scope));
        let other_texts: BTreeSet<_> =
            others.filter_map(|number| self.texts.get(number).cloned()).collect();
        Some(Grant {
            at: cell.at,
            strength: cell.strength,
            valid_until: cell.valid_until,
            text: self.texts.get(cell.text)?.clone(),
            event: cell.event,
            other_texts,
        })
    }

    fn set_grant(&mut self, id: LocalId, scope: ScopeIx, grant: &Grant) {
        let mut number = |text| self.texts.number(text, &self.state);
        let text = number(&grant.text);
        let others: Option<Vec<TextIx>> = grant.other_texts.iter().map(number).collect();
        let (Some(text), Some(others)) = (text, others) else {
            self.overflow();
            return;
        };
        if let Some(scope) = self.scopes.get_mut(scope) {
            scope.grants.set(id, &Cell::of(grant, text));
        }
        if !others.is_empty() || self.rare.has(id) {
            let mut rare = self.rare.remove(id).unwrap_or_default();
            rare.set_other_texts(scope, &others);
            if !rare.is_empty() {
                self.rare.set(id, rare);
            }
        }
    }

    fn has_no_grant(&self, id: LocalId) -> bool {
        self.scopes.iter().all(|(_, scope)| !scope.grants.has(id))
    }

    /// Takes an erased person out of the directory; only the tombstone remains.
    fn bury(
        &mut self,
        hashes: &KeyedHashes,
        identity: IdentityRef<'_>,
        key: &IdentityKey,
        id: LocalId,
    ) {
        let rare = self.rare.remove(id).unwrap_or_default();
        self.objections -= rare.objection_count();
        for (_, scope) in self.scopes.iter_mut() {
            scope.standing.remove(id.0);
        }
        self.directory.remove(key);
        let tombstone = hashes.tombstone(self.name.as_str(), identity);
        if let Some(node) = rare.node() {
            self.links.moved(node, Whereabouts::Tombstone(tombstone));
        }
        self.tombstones.insert(tombstone, rare);
    }
}
