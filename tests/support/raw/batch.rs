//! Records in their batches (format 2), uncompressed, byte for byte.
//!
//! A header's name may be any bytes here; client libraries insist on UTF-8.

use std::io;

use super::{Reader, Writer};

const BATCH_HEADER: usize = 61;
const CONTROL: i16 = 0x20;

/// A record as it lies in the log.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RawRecord {
    pub offset: i64,
    pub timestamp_ms: i64,
    pub key: Option<Vec<u8>>,
    pub value: Option<Vec<u8>>,
    pub headers: Vec<RawHeader>,
}

/// A header, its name not necessarily text.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RawHeader {
    pub name: Vec<u8>,
    pub value: Option<Vec<u8>>,
}

/// One batch with these records; their offsets are left to the broker.
pub(super) fn encode(records: &[RawRecord]) -> Vec<u8> {
    let first = records.first().map_or(0, |record| record.timestamp_ms);
    let newest = records.iter().map(|record| record.timestamp_ms).max().unwrap_or(first);
    let last = i32::try_from(records.len()).expect("few records") - 1;
    let mut body = Writer::default(); // all that the checksum covers
    body.i16(0).i32(last).i64(first).i64(newest).i64(-1).i16(-1).i32(-1).i32(last + 1);
    for (delta, record) in (0..).zip(records) {
        let mut one = Writer::default();
        one.i8(0).varint(record.timestamp_ms - first).varint(delta);
        one.varbytes(record.key.as_deref()).varbytes(record.value.as_deref());
        one.varint(record.headers.len() as i64);
        for header in &record.headers {
            one.varbytes(Some(&header.name)).varbytes(header.value.as_deref());
        }
        body.varbytes(Some(one.as_slice()));
    }
    let checksum = crc32c(body.as_slice());
    let mut batch = Writer::default();
    batch.i64(0).i32(i32::try_from(body.as_slice().len() + 9).expect("a small batch"));
    batch.i32(-1).i8(2).raw(&checksum.to_be_bytes()).raw(body.as_slice());
    batch.as_slice().to_vec()
}

/// Makes a batch's checksum fit what it covers.
pub fn checksum_at(batch: &mut [u8]) {
    let checksum = crc32c(&batch[21..]);
    batch[17..21].copy_from_slice(&checksum.to_be_bytes());
}

/// The data records of whole batches; the broker cuts the last one short.
pub(super) fn decode(batches: &mut Reader) -> io::Result<Decoded> {
    let mut decoded = Decoded { records: Vec::new(), next_offset: None };
    while batches.left() >= BATCH_HEADER {
        let base_offset = batches.i64()?;
        let length = batches.i32()? as usize;
        if batches.left() < length {
            break;
        }
        let mut batch = Reader::new(batches.take(length)?.to_vec());
        decoded.next_offset = Some(decode_batch(base_offset, &mut batch, &mut decoded.records)?);
    }
    Ok(decoded)
}

#[derive(Debug)]
pub(super) struct Decoded {
    pub(super) records: Vec<RawRecord>,
    /// Behind the last whole batch, if there was one.
    pub(super) next_offset: Option<i64>,
}

fn decode_batch(base: i64, batch: &mut Reader, records: &mut Vec<RawRecord>) -> io::Result<i64> {
    batch.take(4 + 1 + 4)?; // leader epoch, format, checksum
    let attributes = batch.i16()?;
    if attributes & 0x07 != 0 {
        return Err(io::Error::new(io::ErrorKind::Unsupported, "a compressed batch"));
    }
    let next = base + i64::from(batch.i32()?) + 1;
    let first_timestamp = batch.i64()?;
    let last_timestamp = batch.i64()?;
    batch.take(8 + 2 + 4)?; // producer id, epoch, sequence
    for _ in 0..batch.i32()? {
        batch.varint()?; // length
        batch.i8()?; // attributes
        let timestamp = first_timestamp + batch.varint()?;
        let offset = base + batch.varint()?;
        let (key, value) = (batch.varbytes()?, batch.varbytes()?);
        let mut headers = Vec::new();
        for _ in 0..batch.varint()? {
            let name = batch.varbytes()?.unwrap_or_default();
            headers.push(RawHeader { name, value: batch.varbytes()? });
        }
        let append_time = attributes & 0x08 != 0;
        let timestamp_ms = if append_time { last_timestamp } else { timestamp };
        if attributes & CONTROL == 0 {
            records.push(RawRecord { offset, timestamp_ms, key, value, headers });
        }
    }
    Ok(next)
}

/// Castagnoli's checksum, one bit at a time: batches here are small.
fn crc32c(bytes: &[u8]) -> u32 {
    let step = |crc: u32| {
        if crc & 1 == 1 { (crc >> 1) ^ 0x82f6_3b78 } else { crc >> 1 }
    };
    let fold = |crc: u32, byte: &u8| (0..8).fold(crc ^ u32::from(*byte), |crc, _| step(crc));
    !bytes.iter().fold(!0, fold)
}
