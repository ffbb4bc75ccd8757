//! The log of one partition: batches in offset order, and which of them are
//! stable.
//!
//! Knows no topic, no socket and no transaction coordinator; it is told where
//! a transaction ends. Nothing behind the last stable offset is ever shown to
//! a `read_committed` reader, and nothing at or behind it is trimmed.

mod read;

use std::collections::{HashMap, VecDeque};

use kafka_protocol::ResponseError;

pub(super) use read::Slice;

use super::batch::{Batch, Outcome};
use super::producer_state::{ProducerState, Verdict};

/// What a reader is allowed to see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Isolation {
    /// Everything up to the high watermark.
    ReadUncommitted,
    /// Everything up to the last stable offset.
    ReadCommitted,
}

impl Isolation {
    /// From the number in Fetch and `ListOffsets` requests.
    pub(super) fn from_wire(level: i8) -> Self {
        match level {
            0 => Self::ReadUncommitted,
            _ => Self::ReadCommitted,
        }
    }
}

#[derive(Debug)]
struct Stored {
    base: i64,
    last: i64,
    batch: Batch,
}

/// A transaction that was aborted in this partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Aborted {
    pub(super) producer: i64,
    pub(super) first_offset: i64,
    marker_offset: i64,
}

/// The batches of a partition and the state that follows from them.
#[derive(Debug, Default)]
pub(super) struct PartitionLog {
    batches: VecDeque<Stored>,
    start: i64,
    end: i64,
    bytes: u64,
    producers: HashMap<i64, ProducerState>,
    /// First offset of each open transaction, by producer id.
    ongoing: HashMap<i64, i64>,
    /// In the order of their markers.
    aborted: Vec<Aborted>,
    /// Leader epochs with the offset at which each began.
    epochs: Vec<(i32, i64)>,
}

impl PartitionLog {
    /// First offset that is still there.
    pub(super) fn start(&self) -> i64 {
        self.start
    }

    /// The offset that the next record gets: the high watermark, since every
    /// replica shares this log.
    pub(super) fn end(&self) -> i64 {
        self.end
    }

    /// The offset before which every transaction has ended.
    pub(super) fn last_stable(&self) -> i64 {
        self.ongoing.values().copied().min().unwrap_or(self.end)
    }

    /// Where a reader of this isolation has to stop.
    pub(super) fn limit(&self, isolation: Isolation) -> i64 {
        match isolation {
            Isolation::ReadUncommitted => self.end,
            Isolation::ReadCommitted => self.last_stable(),
        }
    }

    /// Whether a producer's batch is the next one, a repetition, or refused.
    pub(super) fn check_sequence(&self, batch: &Batch) -> Result<Verdict, ResponseError> {
        let Some((id, epoch, sequence)) = batch.producer() else {
            return Ok(Verdict::Append);
        };
        match self.producers.get(&id) {
            Some(state) => state.check(epoch, sequence, batch.offsets()),
            None => Ok(Verdict::Append),
        }
    }

    /// Appends a batch that was checked. Returns its base offset.
    pub(super) fn append(&mut self, batch: Batch, leader_epoch: i32) -> i64 {
        let base = self.end;
        if let Some((id, epoch, sequence)) = batch.producer() {
            self.producers.entry(id).or_insert_with(|| ProducerState::new(epoch)).record(
                epoch,
                sequence,
                batch.offsets(),
                base,
            );
            if batch.is_transactional() {
                self.ongoing.entry(id).or_insert(base);
            }
        }
        self.push(batch, leader_epoch);
        base
    }

    /// Ends a producer's transaction here with a control batch, which takes
    /// an offset like any record.
    pub(super) fn end_transaction(
        &mut self,
        producer: i64,
        epoch: i16,
        outcome: Outcome,
        leader_epoch: i32,
        now_ms: i64,
    ) {
        if let Some(first_offset) = self.ongoing.remove(&producer)
            && outcome == Outcome::Abort
        {
            self.aborted.push(Aborted { producer, first_offset, marker_offset: self.end });
        }
        self.producers
            .entry(producer)
            .or_insert_with(|| ProducerState::new(epoch))
            .advance_epoch(epoch);
        self.push(Batch::marker(producer, epoch, outcome, now_ms), leader_epoch);
    }

    fn push(&mut self, mut batch: Batch, leader_epoch: i32) {
        if self.epochs.last().is_none_or(|(epoch, _)| *epoch < leader_epoch) {
            self.epochs.push((leader_epoch, self.end));
        }
        let base = self.end;
        batch.place(base, leader_epoch);
        self.end = base + batch.offsets();
        self.bytes += batch.size() as u64;
        self.batches.push_back(Stored { base, last: self.end - 1, batch });
    }

    /// The newest epoch not above `epoch`, and the offset where it ended.
    pub(super) fn epoch_end(&self, epoch: i32) -> Option<(i32, i64)> {
        let after = self.epochs.partition_point(|(known, _)| *known <= epoch);
        let (known, _) = self.epochs.get(after.checked_sub(1)?)?;
        let end = self.epochs.get(after).map_or(self.end, |(_, start)| *start);
        Some((*known, end))
    }

    /// Moves the start of the log up to `offset`, which may lie inside a
    /// batch. The batches before it are dropped.
    pub(super) fn delete_before(&mut self, offset: i64) {
        self.start = self.start.max(offset.min(self.end));
        while self.batches.front().is_some_and(|stored| stored.last < self.start) {
            if let Some(stored) = self.batches.pop_front() {
                self.bytes -= stored.batch.size() as u64;
            }
        }
        let start = self.start;
        self.aborted.retain(|a| a.marker_offset >= start);
    }

    /// Drops the oldest batches while there are more than `bytes_max`, and
    /// stops at the last stable offset.
    pub(super) fn trim(&mut self, bytes_max: u64) {
        while self.bytes > bytes_max && self.batches.len() > 1 {
            let Some(next) = self.batches.get(1).map(|stored| stored.base) else {
                return;
            };
            if next > self.last_stable() {
                return;
            }
            self.delete_before(next);
        }
    }

    /// Index of the batch that holds `offset`, or of the next one.
    fn position(&self, offset: i64) -> usize {
        self.batches.partition_point(|stored| stored.last < offset)
    }
}
