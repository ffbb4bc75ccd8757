//! Writes and reads a partition's log without a client library.

use std::io;
use std::time::Duration;

use super::batch::{RawRecord, decode, encode};
use super::coordinator::leader_address;
use super::{Api, Connection, Reader, Writer};

const TIMEOUT: Duration = Duration::from_secs(10);
const ALL_REPLICAS: i16 = -1;

/// Appends records as one batch with acks=all, and returns the offset of the first.
pub fn produce_raw(
    bootstrap: &str,
    topic: &str,
    partition: i32,
    records: &[RawRecord],
) -> io::Result<i64> {
    let mut connection = to_leader(bootstrap, topic, partition)?;
    let mut body = Writer::default();
    body.i16(-1).i16(ALL_REPLICAS).i32(5000); // no transactional id
    body.i32(1).string(topic).i32(1).i32(partition).bytes(&encode(records));
    let mut answer = connection.call(Api::PRODUCE, 7, &body)?;
    answer.i32()?; // one topic
    answer.string()?;
    answer.i32()?; // one partition
    answer.i32()?;
    check(answer.i16()?, "produce")?;
    answer.i64()
}

/// All data records of a partition up to its high watermark, aborted ones among them.
///
/// For topics whose batches are uncompressed (`compression.type=uncompressed` makes them so).
pub fn read_raw(bootstrap: &str, topic: &str, partition: i32) -> io::Result<Vec<RawRecord>> {
    let mut connection = to_leader(bootstrap, topic, partition)?;
    let mut records = Vec::new();
    let mut position = 0;
    loop {
        let mut batches = fetch(&mut connection, topic, partition, position)?;
        let decoded = decode(&mut batches)?;
        // A batch comes whole, though the position may lie inside it.
        records.extend(decoded.records.into_iter().filter(|record| record.offset >= position));
        match decoded.next_offset {
            Some(next) if next > position => position = next,
            _ => return Ok(records),
        }
    }
}

fn fetch(
    connection: &mut Connection,
    topic: &str,
    partition: i32,
    position: i64,
) -> io::Result<Reader> {
    let mut body = Writer::default();
    // A consumer; no wait; at least 0 and at most 4 MiB; read_uncommitted.
    body.i32(-1).i32(0).i32(0).i32(4 << 20).i8(0);
    body.i32(1).string(topic).i32(1).i32(partition).i64(position).i32(4 << 20);
    let mut answer = connection.call(Api::FETCH, 4, &body)?;
    answer.i32()?; // throttle
    answer.i32()?; // one topic
    answer.string()?;
    answer.i32()?; // one partition
    answer.i32()?;
    check(answer.i16()?, "fetch")?;
    answer.i64()?; // high watermark
    answer.i64()?; // last stable offset
    for _ in 0..answer.i32()? {
        answer.take(8 + 8)?; // an aborted transaction
    }
    let length = usize::try_from(answer.i32()?).unwrap_or(0);
    Ok(Reader::new(answer.take(length)?.to_vec()))
}

fn to_leader(bootstrap: &str, topic: &str, partition: i32) -> io::Result<Connection> {
    Connection::open(&leader_address(bootstrap, topic, partition), TIMEOUT)
}

fn check(error: i16, what: &str) -> io::Result<()> {
    match error {
        0 => Ok(()),
        code => Err(io::Error::other(format!("the broker answered {what} with error {code}"))),
    }
}
