//! One consumed record, borrowed from librdkafka.

use rdkafka::message::{BorrowedMessage, Message, OwnedHeaders};

use super::oversize::Oversize;
use crate::consent::{Offset, Partition};
use crate::kafka::headers::each_text_header;
use crate::stream::ports::{Fitness, Header, RecordView};

/// Room for what Kafka adds to a record: batch header, lengths, timestamps.
const RECORD_OVERHEAD_BYTES: usize = 512;

/// A record of the outbound topic.
pub struct Record<'a> {
    message: BorrowedMessage<'a>,
    fitness: Fitness,
}

impl<'a> Record<'a> {
    pub(super) fn new(message: BorrowedMessage<'a>, bytes_max: usize, oversize: &Oversize) -> Self {
        let (partition, offset) = (Partition(message.partition()), Offset(message.offset()));
        let fitness = match oversize.has(partition, offset) {
            true => Fitness::Unforwardable,
            false => fitness_of(&message, bytes_max),
        };
        Self { message, fitness }
    }

    pub(super) fn key(&self) -> Option<&[u8]> {
        self.message.key()
    }

    /// A copy of the headers, made without a look at them, so keys that are not UTF-8 pass.
    pub(super) fn headers(&self) -> Option<OwnedHeaders> {
        self.message.headers().map(rdkafka::message::BorrowedHeaders::detach)
    }
}

/// Whether the output takes a record as it is, if it takes `bytes_max` bytes at most.
pub(in crate::kafka) fn fitness_of(message: &BorrowedMessage<'_>, bytes_max: usize) -> Fitness {
    let bytes = message.payload().map_or(0, <[u8]>::len) + message.key().map_or(0, <[u8]>::len);
    // A timestamp of zero or none cannot be kept: librdkafka would write the current time.
    let dated = message.timestamp().to_millis().is_some_and(|millis| millis > 0);
    let fits = bytes.saturating_add(RECORD_OVERHEAD_BYTES) <= bytes_max;
    if dated && fits { Fitness::Forwardable } else { Fitness::Unforwardable }
}

impl RecordView for Record<'_> {
    fn partition(&self) -> Partition {
        Partition(self.message.partition())
    }

    fn offset(&self) -> Offset {
        Offset(self.message.offset())
    }

    fn value(&self) -> Option<&[u8]> {
        self.message.payload()
    }

    fn each_header<'r>(&'r self, show: &mut dyn FnMut(Header<'r>)) {
        if let Some(headers) = self.message.headers() {
            each_text_header(headers, show);
        }
    }

    fn fitness(&self) -> Fitness {
        self.fitness
    }

    fn timestamp_ms(&self) -> Option<i64> {
        self.message.timestamp().to_millis()
    }
}
