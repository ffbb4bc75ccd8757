//! Names that no other test, process or run has used.

use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};

/// A short word for a topic, group or transactional id, unlike every other.
pub fn unique(word: &str) -> String {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let nth = NEXT.fetch_add(1, Ordering::Relaxed);
    format!("{word}-{:08x}-{nth}", random() as u32)
}

/// 64 random bits from the seed that the standard library takes for its hash maps.
pub fn random() -> u64 {
    RandomState::new().hash_one(std::process::id())
}
