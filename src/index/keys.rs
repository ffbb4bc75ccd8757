//! The keys of the index's hashes.
//!
//! They are secrets of one instance (mixing, user ids) or of one deployment (tombstones). Without
//! them nobody can choose identities that collide, and a tombstone cannot be turned back into an
//! identity. `Debug` never shows them.

use std::fmt;

/// Keys for hashing identities.
#[derive(Clone, PartialEq, Eq)]
pub struct IndexKeys {
    /// Places phone numbers in the directory. May differ from start to start.
    pub mixing: u64,
    /// Hashes user ids. May differ from start to start.
    pub user_ids: [u8; 16],
    /// Hashes erased identities. Must be the same wherever tombstones are carried to.
    pub tombstones: [u8; 16],
}

impl fmt::Debug for IndexKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("IndexKeys(***)")
    }
}
