//! The least that a loop between two topics can do: read, write, commit.
//!
//! It looks into no record and leaves no receipt.

use std::collections::BTreeMap;
use std::time::Duration;

use consentgate::consent::{Offset, Partition};
use consentgate::index::Tick;
use consentgate::stream::ports::{CommitOffset, LaneEvent, LanePort, PollLimits, RecordView};
use consentgate::stream::{Clock, LaneSettings};

use super::{Port, StandingClock};

/// Such a loop, at the pace of a lane.
pub(crate) struct BareLoop {
    pub(crate) port: Port,
    clock: StandingClock,
    settings: LaneSettings,
    next: BTreeMap<Partition, Offset>,
    began_at: Option<Tick>,
    /// Records that are not committed yet.
    open: u64,
}

impl BareLoop {
    /// A loop that owns all partitions.
    pub(crate) fn new(port: Port, clock: StandingClock, settings: LaneSettings) -> Self {
        let event = port.poll(limits(&settings), &mut Vec::new());
        assert!(matches!(event, Ok(LaneEvent::Assigned(_))), "the first poll assigns");
        Self { port, clock, settings, next: BTreeMap::new(), began_at: None, open: 0 }
    }

    /// Moves so many records, and commits what is due.
    pub(crate) fn forward(&mut self, records: u64) {
        let mut left = records;
        while left > 0 {
            left -= self.step();
            if self.is_commit_due() {
                self.commit();
            }
        }
    }

    /// One batch.
    fn step(&mut self) -> u64 {
        let mut batch = Vec::with_capacity(self.settings.batch_records);
        self.port.poll(limits(&self.settings), &mut batch).expect("the log in memory never fails");
        if self.began_at.is_none() {
            self.port.begin().expect("the log in memory never fails");
            self.began_at = Some(self.clock.tick());
        }
        for record in &batch {
            self.port.forward(record);
            self.next.insert(record.partition(), record.offset().next());
        }
        self.open += batch.len() as u64;
        batch.len() as u64
    }

    fn is_commit_due(&self) -> bool {
        let age_ns = self.began_at.map_or(0, |began_at| self.clock.tick().0 - began_at.0);
        Duration::from_nanos(age_ns) >= self.settings.commit_every
            || self.open >= self.settings.commit_records
    }

    fn commit(&mut self) {
        let offset = |(&partition, &next): (&Partition, &Offset)| CommitOffset {
            partition,
            next,
            metadata: String::new(),
        };
        let offsets: Vec<_> = self.next.iter().map(offset).collect();
        self.port.commit(&offsets).expect("the log in memory never fails");
        (self.began_at, self.open) = (None, 0);
    }
}

fn limits(settings: &LaneSettings) -> PollLimits {
    let wait = Duration::ZERO;
    PollLimits { records: settings.batch_records, first: wait, collect: wait }
}
