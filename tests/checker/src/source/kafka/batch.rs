//! Record batches as they lie in a fetch answer: version 2, each with its checksum.
//!
//! Knows no transactions: it says of a batch whose it is and whether it controls one. What is damaged is
//! an error, for a batch that is skipped might be a lost message.

use std::borrow::Cow;

use super::compression::decompress;
use crate::source::varint::Cursor;
use crate::source::{Headers, Record};

/// Offset and length come before what the length counts.
const HEAD: usize = 12;
const LOG_APPEND_TIME: i16 = 0x08;
const TRANSACTIONAL: i16 = 0x10;
const CONTROL: i16 = 0x20;
const CODEC: i16 = 0x07;

/// One batch.
pub(super) struct Batch<'a> {
    pub(super) base_offset: i64,
    pub(super) last_offset: i64,
    pub(super) producer: i64,
    attributes: i16,
    base_timestamp: i64,
    max_timestamp: i64,
    count: i32,
    records: &'a [u8],
}

/// Why bytes are no batch.
pub(super) type Flaw = &'static str;

impl<'a> Batch<'a> {
    /// The next batch of a fetch; `None` at the end, which a broker may cut in the midst of a batch.
    pub(super) fn next(bytes: &mut &'a [u8]) -> Result<Option<Self>, Flaw> {
        let mut head = Cursor(bytes);
        let (Some(base), Some(length)) = (head.array::<8>(), head.array::<4>()) else {
            return Ok(None);
        };
        let length =
            usize::try_from(i32::from_be_bytes(length)).map_err(|_| "a negative length")?;
        let Some((batch, rest)) = bytes.split_at_checked(HEAD + length) else {
            return Ok(None);
        };
        *bytes = rest;
        let body = batch.get(HEAD..).ok_or("a batch that is too short")?;
        Self::read(i64::from_be_bytes(base), body).map(Some)
    }

    fn read(base_offset: i64, body: &'a [u8]) -> Result<Self, Flaw> {
        let short = "a batch that is too short";
        let mut at = Cursor(body);
        let _leader_epoch = at.take(4).ok_or(short)?;
        if at.array() != Some([2_u8]) {
            return Err("a batch of an old version, which this reader does not know");
        }
        let checksum = u32::from_be_bytes(at.array().ok_or(short)?);
        if crc32c::crc32c(at.0) != checksum {
            return Err("a batch whose checksum is wrong");
        }
        let attributes = i16::from_be_bytes(at.array().ok_or(short)?);
        let last_delta = i32::from_be_bytes(at.array().ok_or(short)?);
        let base_timestamp = i64::from_be_bytes(at.array().ok_or(short)?);
        let max_timestamp = i64::from_be_bytes(at.array().ok_or(short)?);
        let producer = i64::from_be_bytes(at.array().ok_or(short)?);
        let _epoch_and_sequence = at.take(6).ok_or(short)?;
        let count = i32::from_be_bytes(at.array().ok_or(short)?);
        let last_offset = base_offset + i64::from(last_delta);
        let records = at.0;
        Ok(Self {
            base_offset,
            last_offset,
            producer,
            attributes,
            base_timestamp,
            max_timestamp,
            count,
            records,
        })
    }

    pub(super) fn is_transactional(&self) -> bool {
        self.attributes & TRANSACTIONAL != 0
    }

    pub(super) fn is_control(&self) -> bool {
        self.attributes & CONTROL != 0
    }

    /// Whether this control batch ends a transaction by an abort.
    pub(super) fn is_abort(&self) -> Result<bool, Flaw> {
        let mut abort = None;
        self.each(&mut |record| {
            let kind = record.key.and_then(|key| key.get(2..4)?.try_into().ok());
            abort = kind.map(|kind| i16::from_be_bytes(kind) == 0);
        })?;
        abort.ok_or("a control record that says nothing")
    }

    /// Shows every record.
    pub(super) fn each(&self, show: &mut dyn FnMut(&Record<'_>)) -> Result<(), Flaw> {
        let records: Cow<'_, [u8]> = decompress(self.attributes & CODEC, self.records)?;
        let mut at = Cursor(&records);
        for _ in 0..self.count {
            let bytes = at.prefixed().flatten().ok_or("a record that is cut short")?;
            let record = self.record(bytes).ok_or("a record that cannot be read")?;
            show(&record);
        }
        match at.0.is_empty() {
            true => Ok(()),
            false => Err("bytes behind the last record of a batch"),
        }
    }

    fn record<'r>(&self, bytes: &'r [u8]) -> Option<Record<'r>> {
        let mut at = Cursor(bytes);
        let _attributes = at.take(1)?;
        let timestamp = self.base_timestamp + at.varlong()?;
        let offset = self.base_offset + at.varlong()?;
        let (key, value) = (at.prefixed()?, at.prefixed()?);
        let count = usize::try_from(at.varlong()?).ok()?;
        let headers = Headers::checked(count, at.0)?;
        let broker_time = self.attributes & LOG_APPEND_TIME != 0;
        let timestamp_ms = if broker_time { self.max_timestamp } else { timestamp };
        Some(Record { offset, timestamp_ms, key, value, headers })
    }
}
