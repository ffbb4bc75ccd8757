//! Where lanes look whether the sender keeps up.
//!
//! Knows no Kafka. What nobody has looked at, or not for longer than the limit, counts as behind: a
//! decision whose age nobody knows is not made. The answer that lets a lane go on costs it one load.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicI32, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::consent::Partition;
use crate::index::Tick;
use crate::telemetry::HoldCause;

/// How the sender stands in one partition of the allowed topic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It keeps up.
    Near,
    /// It is too far behind.
    Behind,
}

/// The board. Written by one watch, read by all lanes.
#[derive(Debug)]
pub struct SenderBoard {
    silence_limit: Duration,
    /// Until this instant every partition below `width` counts as near, by what was seen.
    near_until: AtomicU64,
    width: AtomicI32,
    seen: Mutex<BTreeMap<Partition, Seen>>,
}

#[derive(Clone, Copy, Debug)]
struct Seen {
    asked_at: Tick,
    standing: Standing,
}

impl SenderBoard {
    /// A board on which nothing was seen yet. What was seen counts for `silence_limit`.
    pub fn new(silence_limit: Duration) -> Self {
        Self {
            silence_limit,
            near_until: AtomicU64::new(0),
            width: AtomicI32::new(0),
            seen: Mutex::default(),
        }
    }

    /// Puts down what was asked at one instant, of a topic of so many partitions. What is not among
    /// `standings` keeps what was seen before, and its age.
    pub fn put(&self, asked_at: Tick, width: i32, standings: &[(Partition, Standing)]) {
        let mut seen = self.lock();
        for (partition, standing) in standings {
            seen.insert(*partition, Seen { asked_at, standing: *standing });
        }
        let until = |partition| seen.get(&Partition(partition)).map_or(0, |seen| self.until(*seen));
        let near_until = (0..width).map(until).min().unwrap_or(0);
        // A lane that sees the new width before the new instant looks once more, under the lock.
        self.near_until.store(0, Ordering::Release);
        self.width.store(width, Ordering::Release);
        self.near_until.store(near_until, Ordering::Release);
    }

    /// Why a lane that owns these partitions must wait, if it must. They come in order.
    pub fn cause(
        &self,
        now: Tick,
        mut owned: impl DoubleEndedIterator<Item = Partition>,
    ) -> Option<HoldCause> {
        let last = owned.next_back()?;
        let is_known = last.0 < self.width.load(Ordering::Acquire);
        if is_known && now.0 < self.near_until.load(Ordering::Acquire) {
            return None;
        }
        let seen = self.lock();
        let is_near = |partition: Partition| {
            seen.get(&partition).is_some_and(|seen| now.0 < self.until(*seen))
        };
        let all_near = owned.chain([last]).all(is_near);
        (!all_near).then_some(HoldCause::SenderBehind)
    }

    /// Until when a lane may go on by what was seen.
    fn until(&self, seen: Seen) -> u64 {
        let limit_ns = u64::try_from(self.silence_limit.as_nanos()).unwrap_or(u64::MAX);
        match seen.standing {
            Standing::Near => seen.asked_at.0.saturating_add(limit_ns),
            Standing::Behind => 0,
        }
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<Partition, Seen>> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
