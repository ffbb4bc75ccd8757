//! Reading a partition's log: bytes from an offset on, and offsets for times.
//!
//! Changes nothing. What lies behind the reader's limit is never given.

use bytes::Bytes;

use super::{Aborted, Isolation, PartitionLog};

/// What a read gave: raw bytes, and the aborted transactions among them.
#[derive(Debug, Default)]
pub(in super::super) struct Slice {
    pub(in super::super) pieces: Vec<Bytes>,
    pub(in super::super) bytes: usize,
    pub(in super::super) aborted: Vec<Aborted>,
}

impl PartitionLog {
    /// Bytes that a reader at `offset` could get now, counted up to `enough`.
    pub(in super::super) fn available(
        &self,
        offset: i64,
        isolation: Isolation,
        enough: usize,
    ) -> usize {
        let limit = self.limit(isolation);
        let mut bytes = 0;
        for stored in self.batches.range(self.position(offset)..) {
            if stored.base >= limit || bytes >= enough {
                break;
            }
            bytes += stored.batch.size();
        }
        bytes
    }

    /// Reads from `offset` on. The first batch comes whole if `whole_first`
    /// is set, else only if it fits; the last one may be cut short, as a
    /// broker that reads from files does.
    pub(in super::super) fn read(
        &self,
        offset: i64,
        isolation: Isolation,
        bytes_max: usize,
        whole_first: bool,
    ) -> Slice {
        let limit = self.limit(isolation);
        let mut slice = Slice::default();
        let mut upper = offset;
        for stored in self.batches.range(self.position(offset)..) {
            if stored.base >= limit || (slice.bytes >= bytes_max && slice.bytes > 0) {
                break;
            }
            let first = slice.bytes == 0;
            let room = bytes_max.saturating_sub(slice.bytes);
            if first && !whole_first && stored.batch.size() > room {
                break;
            }
            let take = if first { stored.batch.size() } else { stored.batch.size().min(room) };
            slice.pieces.extend(stored.batch.first_bytes(take));
            slice.bytes += take;
            upper = stored.last + 1;
        }
        if isolation == Isolation::ReadCommitted {
            slice.aborted = self.aborted_between(offset, upper);
        }
        slice
    }

    fn aborted_between(&self, from: i64, upper: i64) -> Vec<Aborted> {
        let at = self.aborted.partition_point(|a| a.marker_offset < from);
        self.aborted
            .iter()
            .skip(at)
            .filter(|aborted| aborted.first_offset < upper)
            .copied()
            .collect()
    }

    /// The first offset whose record is not older than `timestamp`, with that
    /// record's time. Exact but for compressed batches with the writer's
    /// times, where it is the start of the right batch.
    pub(in super::super) fn offset_for_time(
        &self,
        timestamp: i64,
        isolation: Isolation,
    ) -> Option<(i64, i64)> {
        let limit = self.limit(isolation);
        let stored =
            self.batches.iter().find(|stored| stored.batch.max_timestamp() >= timestamp)?;
        let (delta, time) = stored.batch.find_time(timestamp);
        (stored.base + delta < limit).then_some((stored.base + delta, time))
    }

    /// Offset and time of the record with the newest time, if there is one.
    pub(in super::super) fn newest_record(&self) -> Option<(i64, i64)> {
        let newest = self.batches.iter().map(|s| s.batch.max_timestamp()).max()?;
        self.offset_for_time(newest, Isolation::ReadUncommitted)
    }
}
