//! One record batch (magic 2): a view of its 61-byte header and its raw body.
//!
//! Knows nothing of single records, except to find a time in an uncompressed
//! batch. The base offset and the leader epoch lie outside the checksum, so
//! they are patched in a copy of the header; the body stays the slice of the
//! request it arrived in. Bytes that do not parse are an error, never a guess.

use bytes::{BufMut, Bytes, BytesMut};
use kafka_protocol::ResponseError;

/// Bytes of a batch header; the records follow.
pub(super) const HEADER_BYTES: usize = 61;
/// Bytes before the part that the batch's own length field counts.
const LENGTH_PREFIX_BYTES: usize = 12;
/// The checksum covers everything from here on.
const CRC_FROM: usize = 21;

const COMPRESSION_MASK: i16 = 0x07;
const LOG_APPEND_TIME: i16 = 0x08;
const TRANSACTIONAL: i16 = 0x10;
const CONTROL: i16 = 0x20;

/// How a transaction ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// Its records become visible.
    Commit,
    /// Its records stay hidden from `read_committed`.
    Abort,
}

/// A record batch. The fields of the header are read from its bytes.
#[derive(Clone, Debug)]
pub(super) struct Batch {
    head: [u8; HEADER_BYTES],
    body: Bytes,
}

impl Batch {
    /// The single batch of a Produce request's partition. No batch, a second
    /// batch or another magic is `InvalidRecord`, as Kafka answers; a length
    /// or a checksum that does not fit is `CorruptMessage`.
    pub(super) fn from_produce(records: &Bytes) -> Result<Self, ResponseError> {
        let head: [u8; HEADER_BYTES] = records
            .get(..HEADER_BYTES)
            .and_then(|bytes| bytes.try_into().ok())
            .ok_or(ResponseError::InvalidRecord)?;
        let batch = Self { head, body: records.slice(HEADER_BYTES..) };
        if batch.head[16] != 2 {
            return Err(ResponseError::InvalidRecord);
        }
        let length = i32::from_be_bytes(batch.field(8));
        let total = usize::try_from(length)
            .map_err(|_| ResponseError::CorruptMessage)?
            .saturating_add(LENGTH_PREFIX_BYTES);
        if total < records.len() {
            return Err(ResponseError::InvalidRecord);
        }
        if total > records.len() || batch.checksum() != u32::from_be_bytes(batch.field(17)) {
            return Err(ResponseError::CorruptMessage);
        }
        batch.check_shape()?;
        Ok(batch)
    }

    /// What a client may not send: control batches, empty batches, offsets
    /// that do not count the records.
    fn check_shape(&self) -> Result<(), ResponseError> {
        let count = i32::from_be_bytes(self.field(57));
        let counted = count > 0 && i64::from(count) == self.offsets();
        if !counted || self.attributes() & CONTROL != 0 {
            return Err(ResponseError::InvalidRecord);
        }
        Ok(())
    }

    /// The control batch that ends a transaction in one partition.
    pub(super) fn marker(producer: i64, epoch: i16, outcome: Outcome, now_ms: i64) -> Self {
        let kind: i16 = match outcome {
            Outcome::Abort => 0,
            Outcome::Commit => 1,
        };
        let mut record = BytesMut::with_capacity(17);
        // Length 16, attributes 0, time and offset deltas 0 (zigzag varints).
        record.put_slice(&[32, 0, 0, 0]);
        // Key of 4 bytes: version and kind. Value of 6: version, coordinator epoch.
        record.put_u8(8);
        record.put_i16(0);
        record.put_i16(kind);
        record.put_u8(12);
        record.put_i16(0);
        record.put_i32(0);
        // No headers.
        record.put_u8(0);
        let mut head = [0; HEADER_BYTES];
        head[16] = 2;
        let mut batch = Self { head, body: record.freeze() };
        let length = HEADER_BYTES - LENGTH_PREFIX_BYTES + batch.body.len();
        batch.patch(8, &i32::try_from(length).unwrap_or(i32::MAX).to_be_bytes());
        batch.patch(21, &(TRANSACTIONAL | CONTROL).to_be_bytes());
        batch.patch(27, &now_ms.to_be_bytes());
        batch.patch(35, &now_ms.to_be_bytes());
        batch.patch(43, &producer.to_be_bytes());
        batch.patch(51, &epoch.to_be_bytes());
        batch.patch(53, &(-1i32).to_be_bytes());
        batch.patch(57, &1i32.to_be_bytes());
        batch.reseal();
        batch
    }

    /// Puts the batch at its place in a log. The checksum stays right.
    pub(super) fn place(&mut self, base_offset: i64, leader_epoch: i32) {
        self.patch(0, &base_offset.to_be_bytes());
        self.patch(12, &leader_epoch.to_be_bytes());
    }

    /// Overwrites the writer's times with the append time, as a topic with
    /// `LogAppendTime` does. The checksum is made anew.
    pub(super) fn stamp_append_time(&mut self, now_ms: i64) {
        let attributes = self.attributes() | LOG_APPEND_TIME;
        self.patch(21, &attributes.to_be_bytes());
        self.patch(35, &now_ms.to_be_bytes());
        self.reseal();
    }

    /// Bytes of the whole batch.
    pub(super) fn size(&self) -> usize {
        HEADER_BYTES + self.body.len()
    }

    /// Number of offsets that the batch takes.
    pub(super) fn offsets(&self) -> i64 {
        i64::from(i32::from_be_bytes(self.field(23))) + 1
    }

    pub(super) fn base_timestamp(&self) -> i64 {
        i64::from_be_bytes(self.field(27))
    }

    pub(super) fn max_timestamp(&self) -> i64 {
        i64::from_be_bytes(self.field(35))
    }

    /// The producer's id, epoch and first sequence; none without idempotence.
    pub(super) fn producer(&self) -> Option<(i64, i16, i32)> {
        let id = i64::from_be_bytes(self.field(43));
        let epoch = i16::from_be_bytes(self.field(51));
        let sequence = i32::from_be_bytes(self.field(53));
        (id >= 0).then_some((id, epoch, sequence))
    }

    pub(super) fn is_transactional(&self) -> bool {
        self.attributes() & TRANSACTIONAL != 0
    }

    /// Every record has the batch's time, or the records cannot be read here.
    fn is_uniform_or_opaque(&self) -> bool {
        self.attributes() & (COMPRESSION_MASK | LOG_APPEND_TIME) != 0
    }

    /// The first record not older than `timestamp`: its offset delta and its
    /// time. In a compressed batch the first record stands for all, so the
    /// answer is never later than the right one.
    pub(super) fn find_time(&self, timestamp: i64) -> (i64, i64) {
        let opaque = (0, self.max_timestamp());
        if self.is_uniform_or_opaque() {
            return opaque;
        }
        let mut rest = &self.body[..];
        while let Some((length, after_length)) = varint(rest) {
            let Some(record) =
                usize::try_from(length).ok().and_then(|length| after_length.get(..length))
            else {
                break;
            };
            rest = &after_length[record.len()..];
            let times = record.get(1..).and_then(varint);
            let Some((time_delta, (offset_delta, _))) =
                times.and_then(|(delta, after)| Some((delta, varint(after)?)))
            else {
                break;
            };
            let time = self.base_timestamp() + time_delta;
            if time >= timestamp {
                return (offset_delta, time);
            }
        }
        opaque
    }

    /// The first `count` bytes, as they go out in a Fetch answer. Only the
    /// header is copied.
    pub(super) fn first_bytes(&self, count: usize) -> [Bytes; 2] {
        let from_head = count.min(HEADER_BYTES);
        let from_body = (count - from_head).min(self.body.len());
        [Bytes::copy_from_slice(&self.head[..from_head]), self.body.slice(..from_body)]
    }

    fn attributes(&self) -> i16 {
        i16::from_be_bytes(self.field(21))
    }

    fn checksum(&self) -> u32 {
        crc32c::crc32c_append(crc32c::crc32c(&self.head[CRC_FROM..]), &self.body)
    }

    fn reseal(&mut self) {
        let checksum = self.checksum();
        self.patch(17, &checksum.to_be_bytes());
    }

    fn field<const N: usize>(&self, at: usize) -> [u8; N] {
        let mut bytes = [0; N];
        bytes.copy_from_slice(&self.head[at..at + N]);
        bytes
    }

    fn patch(&mut self, at: usize, bytes: &[u8]) {
        self.head[at..at + bytes.len()].copy_from_slice(bytes);
    }
}

/// A zigzag varint and what follows it.
fn varint(bytes: &[u8]) -> Option<(i64, &[u8])> {
    let mut value = 0u64;
    for (index, byte) in bytes.iter().take(10).enumerate() {
        value |= u64::from(byte & 0x7f) << (7 * index);
        if byte & 0x80 == 0 {
            let signed = (value >> 1).cast_signed() ^ -(value & 1).cast_signed();
            return Some((signed, &bytes[index + 1..]));
        }
    }
    None
}
