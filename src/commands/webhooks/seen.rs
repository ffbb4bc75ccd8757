//! What was published within the days that Meta repeats a delivery.
//!
//! Fingerprints of 128 bits, for one that two facts share would drop the second, and that may be an
//! opt-out. About 30 bytes each; they are forgotten by whole days, a day late rather than early.

use std::collections::{BTreeMap, HashSet};
use std::time::Duration;

const DAY_MS: i64 = 24 * 3_600_000;

/// Fingerprints of published events, by the day on which they were appended.
#[derive(Debug, Default)]
pub(super) struct Seen {
    by_day: BTreeMap<i64, HashSet<u128>>,
}

impl Seen {
    /// Whether it was published.
    pub(super) fn contains(&self, fingerprint: u128) -> bool {
        self.by_day.values().any(|day| day.contains(&fingerprint))
    }

    /// Remembers one that was published at this time.
    pub(super) fn insert(&mut self, fingerprint: u128, at_ms: i64) {
        self.by_day.entry(at_ms.div_euclid(DAY_MS)).or_default().insert(fingerprint);
    }

    /// Forgets what was published longer ago than this.
    pub(super) fn forget(&mut self, now_ms: i64, remember: Duration) {
        let remember_ms = i64::try_from(remember.as_millis()).unwrap_or(i64::MAX);
        let first_day = now_ms.saturating_sub(remember_ms).div_euclid(DAY_MS);
        self.by_day.retain(|day, _| *day >= first_day);
    }

    /// How many are remembered.
    pub(super) fn len(&self) -> usize {
        self.by_day.values().map(HashSet::len).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_remembered_for_all_its_days_and_no_longer_than_one_more() {
        let remember = Duration::from_secs(8 * 24 * 3_600);
        let published = 100 * DAY_MS + DAY_MS / 2;
        let is_known_after = |days: i64| {
            let mut seen = Seen::default();
            seen.insert(7, published);
            seen.forget(published + days * DAY_MS, remember);
            seen.contains(7)
        };
        assert!(is_known_after(0) && is_known_after(8));
        assert!(!is_known_after(9));
        assert!(!Seen::default().contains(7));
    }
}
