//! How many withdrawals a second are taken: a bucket that fills by itself.
//!
//! It keeps a flood from Kafka and from this process. Who is turned away is told that nothing has changed
//! yet and asked to try again, for an opt-out is put off at most, never refused.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// A bucket of permissions.
#[derive(Debug)]
pub(super) struct Rate {
    each: Duration,
    burst: Duration,
    /// When the bucket would be full.
    full_at: Mutex<Instant>,
}

impl Rate {
    /// So many a second, and as many at once.
    pub(super) fn per_second(count: u32, now: Instant) -> Self {
        let each = Duration::from_secs(1) / count.max(1);
        Self { each, burst: Duration::from_secs(1), full_at: Mutex::new(now) }
    }

    /// Whether one more may go now.
    pub(super) fn allows(&self, now: Instant) -> bool {
        let mut full_at = self.full_at.lock().unwrap_or_else(PoisonError::into_inner);
        let after = (*full_at).max(now) + self.each;
        let is_allowed = after.duration_since(now) <= self.burst;
        if is_allowed {
            *full_at = after;
        }
        is_allowed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_holds_as_many_as_it_may_and_the_next_one_as_many_again() {
        let began = Instant::now();
        let rate = Rate::per_second(10, began);
        let allowed = |at| (0..50).filter(|_| rate.allows(at)).count();
        assert_eq!(allowed(began), 10);
        assert_eq!(allowed(began + Duration::from_millis(100)), 1);
        assert_eq!(allowed(began + Duration::from_secs(5)), 10);
    }
}
