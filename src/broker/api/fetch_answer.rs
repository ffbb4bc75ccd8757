//! The bytes of a Fetch answer.
//!
//! Put together by hand in every version, because its records are spliced in
//! from the log without a copy. Knows no state: all was read before.

use bytes::{BufMut, Bytes, BytesMut};
use kafka_protocol::ResponseError;
use kafka_protocol::messages::FetchRequest;

use crate::broker::dispatch::Call;
use crate::broker::frame::{Answer, Request};
use crate::broker::log::{Isolation, PartitionLog, Slice};

/// From this version on numbers of variable length and tagged fields.
const FLEXIBLE: i16 = 12;
/// From this version on topics have ids in place of names.
pub(super) const BY_ID: i16 = 13;

/// One partition's part of the answer.
pub(super) struct Part {
    error: i16,
    high_watermark: i64,
    last_stable: i64,
    start: i64,
    pub(super) slice: Slice,
}

impl Part {
    pub(super) fn refused(error: ResponseError) -> Self {
        Self {
            error: error.code(),
            high_watermark: -1,
            last_stable: -1,
            start: -1,
            slice: Slice::default(),
        }
    }

    pub(super) fn read(
        log: &PartitionLog,
        offset: i64,
        isolation: Isolation,
        bytes_max: usize,
        whole_first: bool,
    ) -> Self {
        Self {
            error: 0,
            high_watermark: log.end(),
            last_stable: log.last_stable(),
            start: log.start(),
            slice: log.read(offset, isolation, bytes_max, whole_first),
        }
    }
}

/// Encodes the parts, which are in the order of the request.
pub(super) fn encode(
    call: &Call,
    request: &Request,
    fetch: &FetchRequest,
    isolation: Isolation,
    parts: Vec<Part>,
) -> Answer {
    let version = request.version;
    let mut answer = Answer::new(request);
    let out = answer.buffer();
    // Throttle time; then the error of the whole and a session, from 7 on.
    out.put_i32(0);
    if version >= 7 {
        out.put_i16(call.fault.map_or(0, |error| error.code()));
        out.put_i32(0);
    }
    count(out, version, fetch.topics.len());
    let mut parts = parts.into_iter();
    for topic in &fetch.topics {
        let out = answer.buffer();
        if version >= BY_ID {
            out.put_slice(topic.topic_id.as_bytes());
        } else {
            name(out, version, topic.topic.as_str());
        }
        count(out, version, topic.partitions.len());
        for (asked, part) in topic.partitions.iter().zip(parts.by_ref()) {
            encode_part(&mut answer, version, isolation, asked.partition, part);
        }
        no_tags(answer.buffer(), version);
    }
    no_tags(answer.buffer(), version);
    answer
}

fn encode_part(answer: &mut Answer, version: i16, isolation: Isolation, index: i32, part: Part) {
    let out = answer.buffer();
    out.put_i32(index);
    out.put_i16(part.error);
    out.put_i64(part.high_watermark);
    out.put_i64(part.last_stable);
    if version >= 5 {
        out.put_i64(part.start);
    }
    if isolation == Isolation::ReadCommitted {
        count(out, version, part.slice.aborted.len());
        for aborted in &part.slice.aborted {
            out.put_i64(aborted.producer);
            out.put_i64(aborted.first_offset);
            no_tags(out, version);
        }
    } else if version >= FLEXIBLE {
        // A null list.
        out.put_u8(0);
    } else {
        out.put_i32(-1);
    }
    if version >= 11 {
        // No preferred read replica.
        out.put_i32(-1);
    }
    count(out, version, part.slice.bytes);
    answer.splice(part.slice.pieces.into_iter().filter(|p: &Bytes| !p.is_empty()));
    no_tags(answer.buffer(), version);
}

/// The length of a list or of bytes.
fn count(out: &mut BytesMut, version: i16, length: usize) {
    if version < FLEXIBLE {
        out.put_i32(i32::try_from(length).unwrap_or(i32::MAX));
        return;
    }
    let mut left = length + 1;
    while left >= 0x80 {
        out.put_u8((left & 0x7f) as u8 | 0x80);
        left >>= 7;
    }
    out.put_u8((left & 0x7f) as u8);
}

fn name(out: &mut BytesMut, version: i16, name: &str) {
    if version < FLEXIBLE {
        out.put_i16(i16::try_from(name.len()).unwrap_or(i16::MAX));
    } else {
        count(out, version, name.len());
    }
    out.put_slice(name.as_bytes());
}

fn no_tags(out: &mut BytesMut, version: i16) {
    if version >= FLEXIBLE {
        out.put_u8(0);
    }
}
