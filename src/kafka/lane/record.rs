//! One consumed record, borrowed from librdkafka.

use super::oversize::Oversize;
use crate::consent::{Offset, Partition};
use crate::kafka::native::{NativeHeaders, NativeMessage};
use crate::stream::ports::{Fitness, Header, RecordView};

/// Room for what Kafka adds to a record: batch header, lengths, timestamps.
const RECORD_OVERHEAD_BYTES: usize = 512;

/// A record of the outbound topic.
pub struct Record<'a> {
    message: NativeMessage<'a>,
    fitness: Fitness,
}

impl<'a> Record<'a> {
    pub(super) fn new(message: NativeMessage<'a>, bytes_max: usize, oversize: &Oversize) -> Self {
        let (partition, offset) = (message.partition(), message.offset());
        let fitness = match oversize.has(partition, offset) {
            true => Fitness::Unforwardable,
            false => fitness_of(message.key(), message.value(), message.timestamp_ms(), bytes_max),
        };
        Self { message, fitness }
    }

    pub(super) fn key(&self) -> Option<&[u8]> {
        self.message.key()
    }

    /// A copy of the headers, made without a look at them, so keys that are not UTF-8 pass.
    pub(super) fn headers(&self) -> Option<NativeHeaders> {
        self.message.headers()
    }
}

/// Whether the output takes a record as it is, if it takes `bytes_max` bytes at most.
pub(in crate::kafka) fn fitness_of(
    key: Option<&[u8]>,
    value: Option<&[u8]>,
    timestamp_ms: Option<i64>,
    bytes_max: usize,
) -> Fitness {
    let bytes = value.map_or(0, <[u8]>::len) + key.map_or(0, <[u8]>::len);
    // A timestamp of zero or none cannot be kept: librdkafka would write the current time.
    let dated = timestamp_ms.is_some_and(|millis| millis > 0);
    let fits = bytes.saturating_add(RECORD_OVERHEAD_BYTES) <= bytes_max;
    if dated && fits { Fitness::Forwardable } else { Fitness::Unforwardable }
}

impl RecordView for Record<'_> {
    fn partition(&self) -> Partition {
        self.message.partition()
    }

    fn offset(&self) -> Offset {
        self.message.offset()
    }

    fn value(&self) -> Option<&[u8]> {
        self.message.value()
    }

    fn each_header<'r>(&'r self, show: &mut dyn FnMut(Header<'r>)) {
        self.message.each_header(|name, value| {
            if let Ok(name) = std::str::from_utf8(name) {
                show(Header { name, value });
            }
        });
    }

    fn fitness(&self) -> Fitness {
        self.fitness
    }

    fn timestamp_ms(&self) -> Option<i64> {
        self.message.timestamp_ms()
    }
}
