//! What is left of erased identities: a keyed hash and what protects the person.
//!
//! A tombstone keeps objections, blocks and restrictions, and confirms later than the erasure,
//! which may still meet their grant. It holds no identity and cannot be turned into one without the
//! key. Whoever asks for the same identity again finds it.

use hashbrown::HashMap;

use super::keys::TombstoneKey;
use super::rare::Rare;

/// The erased identities of one business.
#[derive(Default)]
pub(super) struct Tombstones(HashMap<TombstoneKey, Rare>);

impl Tombstones {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    pub(super) fn get(&self, key: &TombstoneKey) -> Option<&Rare> {
        self.0.get(key)
    }

    pub(super) fn get_mut(&mut self, key: &TombstoneKey) -> Option<&mut Rare> {
        self.0.get_mut(key)
    }

    pub(super) fn insert(&mut self, key: TombstoneKey, rare: Rare) {
        self.0.insert(key, rare);
    }

    /// The person came back by a later grant.
    pub(super) fn remove(&mut self, key: &TombstoneKey) -> Option<Rare> {
        self.0.remove(key)
    }

    /// Objections on erased identities.
    pub(super) fn objection_count(&self) -> usize {
        self.0.values().map(Rare::objection_count).sum()
    }

    /// Bytes of hashes and marks.
    pub(super) fn bytes(&self) -> usize {
        let marks: usize = self.0.values().map(Rare::bytes).sum();
        self.0.allocation_size() + marks
    }
}
