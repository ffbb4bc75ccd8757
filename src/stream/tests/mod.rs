//! What the tests of this room share: a clock to turn and records of one consent partition.

mod consent_loop;
mod fence_board;
mod fence_loop;
mod sender_watch;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::clock::Clock;
use super::ports::{AppendTime, RawConsent};
use super::shared_index::SharedIndex;
use crate::consent::{Offset, Partition, Topic};
use crate::index::{ConsentIndex, IndexKeys, Tick};
use crate::wire::proto::consent::{ConsentEvent, Kind};

/// Seconds since 1970 at which the turnable clock starts.
pub(super) const START_S: i64 = 1_000_000;

/// A clock that stands until it is turned.
#[derive(Debug, Default)]
pub(super) struct TestClock(AtomicU64);

impl TestClock {
    pub(super) fn advance_ms(&self, ms: u64) {
        self.0.fetch_add(ms * 1_000_000, Ordering::Relaxed);
    }
}

impl Clock for TestClock {
    fn tick(&self) -> Tick {
        Tick(self.0.load(Ordering::Relaxed))
    }

    fn wall_ms(&self) -> i64 {
        START_S * 1_000 + (self.0.load(Ordering::Relaxed) / 1_000_000).cast_signed()
    }
}

pub(super) fn new_index() -> ConsentIndex {
    ConsentIndex::new(IndexKeys { mixing: 7, user_ids: [1; 16], tombstones: [2; 16] })
}

pub(super) fn shared_index() -> Arc<SharedIndex> {
    Arc::new(SharedIndex::new(new_index()))
}

/// A record of partition 0 of the log of record, appended so many seconds after the start.
pub(super) fn raw(offset: i64, after_s: i64, key: &str, value: &[u8]) -> RawConsent {
    RawConsent {
        topic: Topic::ConsentEvents,
        partition: Partition(0),
        offset: Offset(offset),
        appended: AppendTime::Broker((START_S + after_s) * 1_000),
        key: (!key.is_empty()).then(|| key.as_bytes().to_vec()),
        value: Some(value.to_vec()),
    }
}

/// Somebody withdraws from everything.
pub(super) fn withdraw() -> ConsentEvent {
    ConsentEvent {
        event_id: "e-2".to_string(),
        business_id: "acme".to_string(),
        phone: "+12025550101".to_string(),
        kind: Kind::Withdraw.into(),
        ..ConsentEvent::default()
    }
}
