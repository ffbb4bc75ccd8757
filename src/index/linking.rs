//! Joins links into a business, and keeps the flags of all that they reach.
//!
//! What is said on one identity may speak against another, so whatever changes one of a person's
//! identities makes the flags of all of them anew.

use crate::consent::{IdentityRef, LinkChange, LinkReach};

use super::business::Business;
use super::flags::Touched;
use super::keys::KeyedHashes;
use super::links::{NodeIx, Whereabouts};
use super::rare::Rare;
use super::subjects::SubjectFact;

impl Business {
    /// Joins a change of the link between two identities.
    pub(super) fn join_link(
        &mut self,
        hashes: &KeyedHashes,
        ends: [IdentityRef<'_>; 2],
        change: LinkChange,
        large_at: usize,
    ) {
        self.has_fact();
        let [one, other] = ends.map(|identity| self.node(hashes, identity, large_at));
        let (Some(one), Some(other)) = (one, other) else {
            // What cannot be held may cover anybody.
            self.overflow();
            return;
        };
        self.links.join(one, other, change);
        self.weigh();
        self.refresh_person(hashes, one);
    }

    /// The node of an identity, new or known.
    fn node(
        &mut self,
        hashes: &KeyedHashes,
        identity: IdentityRef<'_>,
        large_at: usize,
    ) -> Option<NodeIx> {
        let known = self.find(hashes, identity);
        if let Some(node) = known.and_then(|at| self.rare_at(at)).and_then(Rare::node) {
            return Some(node);
        }
        let node = self.links.next()?;
        self.join_subject(hashes, identity, SubjectFact::Node(node), large_at);
        let at = self.find(hashes, identity)?;
        self.links.add(at);
        // Its fact came before it could be found by its node.
        self.refresh_person(hashes, node);
        Some(node)
    }

    /// Where the facts about an identity lie, if there are any.
    pub(super) fn find(
        &self,
        hashes: &KeyedHashes,
        identity: IdentityRef<'_>,
    ) -> Option<Whereabouts> {
        let key = hashes.identity(identity);
        if let Some(entry) = self.directory.get(&key) {
            return Some(Whereabouts::Directory(key, entry.id));
        }
        if self.tombstones.is_empty() {
            return None;
        }
        let tombstone = hashes.tombstone(self.name.as_str(), identity);
        self.tombstones.get(&tombstone).map(|_| Whereabouts::Tombstone(tombstone))
    }

    /// The facts themselves.
    pub(super) fn rare_at(&self, at: Whereabouts) -> Option<&Rare> {
        match at {
            Whereabouts::Directory(_, id) => self.rare.get(id),
            Whereabouts::Tombstone(key) => self.tombstones.get(&key),
        }
    }

    /// What is known of the identities that reach this one, and how far it counts.
    pub(super) fn linked(&self, node: NodeIx) -> impl Iterator<Item = (NodeIx, &Rare, LinkReach)> {
        self.links.reached(node).into_iter().filter_map(|(other, reach)| {
            let rare = self.links.whereabouts(other).and_then(|at| self.rare_at(at))?;
            Some((other, rare, reach))
        })
    }

    /// Makes the flags of all identities that this one reaches, and its own, anew.
    pub(super) fn refresh_person(&mut self, hashes: &KeyedHashes, node: NodeIx) {
        let reached = self.links.reached(node);
        for node in reached.into_iter().map(|(other, _)| other).chain([node]) {
            if let Some(Whereabouts::Directory(key, id)) = self.links.whereabouts(node) {
                self.refresh(hashes, &key, id, Touched::All);
                self.refresh_variant(hashes, &key);
            }
        }
    }
}
