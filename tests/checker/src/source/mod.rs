//! Where records come from: a Kafka, or memory in tests.
//!
//! A source shows what a reader under `read_committed` sees, in the order of offsets, and knows nothing of
//! what is in it. What cannot be read whole is an error, never a shorter topic.

pub(crate) mod kafka;
#[cfg(test)]
pub(crate) mod memory;
pub(crate) mod varint;

use crate::error::Result;
use varint::Cursor;

/// Topics that can be read.
pub(crate) trait Source: Sync {
    /// How many partitions a topic has.
    fn partitions(&self, topic: &str) -> Result<i32>;

    /// Shows every committed record of a partition, up to its end when the reading began.
    fn read(
        &self,
        topic: &str,
        partition: i32,
        each: &mut dyn FnMut(&Record<'_>),
    ) -> Result<Extent>;
}

/// What a partition holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Extent {
    /// The first offset that is kept.
    pub(crate) start: i64,
    /// Behind the last record that a transaction no longer holds back.
    pub(crate) stable_end: i64,
    /// Behind the last record.
    pub(crate) end: i64,
}

/// One record, borrowed from what was fetched.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Record<'a> {
    pub(crate) offset: i64,
    pub(crate) timestamp_ms: i64,
    pub(crate) key: Option<&'a [u8]>,
    pub(crate) value: Option<&'a [u8]>,
    pub(crate) headers: Headers<'a>,
}

/// A record's headers as they lie in it; checked when the record was read.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Headers<'a> {
    pub(crate) count: usize,
    pub(crate) bytes: &'a [u8],
}

/// Name and value. A name need not be text.
pub(crate) type Header<'a> = (&'a [u8], Option<&'a [u8]>);

impl<'a> Headers<'a> {
    /// Reads the headers behind a record's value; `None` if they are none.
    pub(crate) fn checked(count: usize, bytes: &'a [u8]) -> Option<Self> {
        let headers = Self { count, bytes };
        let mut cursor = Cursor(bytes);
        for _ in 0..count {
            header(&mut cursor)?;
        }
        cursor.0.is_empty().then_some(headers)
    }

    /// All of them, in order.
    pub(crate) fn each(self) -> impl Iterator<Item = Header<'a>> {
        let mut cursor = Cursor(self.bytes);
        (0..self.count).map_while(move |_| header(&mut cursor))
    }
}

fn header<'a>(cursor: &mut Cursor<'a>) -> Option<Header<'a>> {
    let name = cursor.prefixed()??;
    Some((name, cursor.prefixed()?))
}
