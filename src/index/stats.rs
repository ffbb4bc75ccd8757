//! How much the index holds.
//!
//! Counts are exact; bytes are an estimate from the layout, without the allocator's rounding.

use super::business::Business;
use super::rare::RareFact;

/// What the index holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct IndexStats {
    /// Businesses with at least one fact.
    pub businesses: u64,
    /// Identities in the directories (erased ones are not).
    pub subjects: u64,
    /// Grants, standing or not, one for each subject and scope.
    pub grants: u64,
    /// Objections, one for each subject and class or scope.
    pub objections: u64,
    /// Erased identities.
    pub tombstones: u64,
    /// Bitmaps of standing grants.
    pub bitmaps: u64,
    /// Bytes by part.
    pub bytes: IndexBytes,
}

impl IndexStats {
    /// Adds what one business holds.
    pub(super) fn add(&mut self, business: &Business) {
        if business.is_known() {
            self.businesses += 1;
        }
        self.subjects += business.directory.len() as u64;
        self.objections += (business.objections + business.tombstones.objection_count()) as u64;
        self.tombstones += business.tombstones.len() as u64;
        let (phones, user_ids) = business.directory.bytes();
        self.bytes.phones += phones as u64;
        self.bytes.user_ids += user_ids as u64;
        self.bytes.rare += (business.rare.bytes() + business.links.bytes()) as u64;
        self.bytes.rare += (business.objections * size_of::<RareFact>()) as u64;
        self.bytes.texts += business.texts.bytes() as u64;
        self.bytes.tombstones += business.tombstones.bytes() as u64;
        for (_, scope) in business.scopes.iter() {
            self.grants += scope.grants.len() as u64;
            self.bytes.grants += scope.grants.bytes() as u64;
            if !scope.standing.is_empty() {
                self.bitmaps += 1;
                self.bytes.bitmaps += scope.standing.serialized_size() as u64;
            }
        }
    }
}

/// Estimated bytes by part of the index.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct IndexBytes {
    /// Slots of phone numbers.
    pub phones: u64,
    /// Slots of user ids.
    pub user_ids: u64,
    /// Grants.
    pub grants: u64,
    /// Objections, confirms, switches, links and other rare things.
    pub rare: u64,
    /// Bitmaps of standing grants.
    pub bitmaps: u64,
    /// Texts.
    pub texts: u64,
    /// Erased identities.
    pub tombstones: u64,
}

impl IndexBytes {
    /// All parts together.
    pub fn total(&self) -> u64 {
        self.phones
            + self.user_ids
            + self.grants
            + self.rare
            + self.bitmaps
            + self.texts
            + self.tombstones
    }
}
