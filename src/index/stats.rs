//! How much the index holds.
//!
//! Counts are exact; bytes are an estimate from the layout, without the allocator's rounding.

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

/// Estimated bytes by part of the index.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct IndexBytes {
    /// Slots of phone numbers.
    pub phones: u64,
    /// Slots of user ids.
    pub user_ids: u64,
    /// Grants.
    pub grants: u64,
    /// Objections, confirms, switches and other rare things.
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
