//! A topic read whole, as it stood when the reader was opened.
//!
//! Committed records only, every byte checked, outside any group's offsets. The end is the high
//! watermark; a transaction that is open there is waited for, so that what is read misses nothing
//! that was written before. Who only looks does not wait: the end is then the last stable offset. An
//! offset that is gone is refused, never jumped over.

mod merged;
mod starts;

pub use merged::{MergedInput, read_merged};

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use rdkafka::config::{ClientConfig, FromClientConfigAndContext};
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::KafkaError;
use rdkafka::message::{BorrowedMessage, Message};
use rdkafka::{Offset as KafkaOffset, TopicPartitionList};

use super::ASK_LIMIT;
use super::clients::Clients;
use super::context::PlainContext;
use super::fault::fault_of;
use super::headers::{HeaderView, appended, each_header, each_text_header};
use super::lane::fitness_of;
use crate::consent::{Offset, Partition, Topic};
use crate::stream::ports::{AppendTime, Extent, Fitness, Header, RawConsent, TopicWidth};
use crate::stream::{Fault, FaultKind};

/// How long open transactions are waited for.
const STABLE_LIMIT: Duration = Duration::from_secs(120);
/// How long a topic may be silent before its end.
const SILENCE_LIMIT: Duration = Duration::from_secs(30);
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// Which part of a partition to read: from the first offset to before the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// The first offset.
    pub first: Offset,
    /// The offset after the last.
    pub next: Offset,
}

/// One record, borrowed from the client.
pub struct TopicRecord<'r> {
    pub(super) message: &'r BorrowedMessage<'r>,
}

impl TopicRecord<'_> {
    /// The topic.
    pub(super) fn topic(&self) -> &str {
        self.message.topic()
    }

    /// The partition.
    pub fn partition(&self) -> Partition {
        Partition(self.message.partition())
    }

    /// The offset.
    pub fn offset(&self) -> Offset {
        Offset(self.message.offset())
    }

    /// The key.
    pub fn key(&self) -> Option<&[u8]> {
        self.message.key()
    }

    /// The value; `None` for a tombstone.
    pub fn value(&self) -> Option<&[u8]> {
        self.message.payload()
    }

    /// The timestamp in milliseconds, whoever set it.
    pub fn timestamp_ms(&self) -> Option<i64> {
        self.message.timestamp().to_millis()
    }

    /// When it was appended, and who says so.
    pub fn appended(&self) -> AppendTime {
        appended(self.message)
    }

    /// The record as the consent loop takes it, from the topic of this role.
    pub fn to_consent(&self, topic: Topic) -> RawConsent {
        RawConsent {
            topic,
            partition: self.partition(),
            offset: self.offset(),
            appended: self.appended(),
            key: self.key().map(<[u8]>::to_vec),
            value: self.value().map(<[u8]>::to_vec),
        }
    }

    /// Whether a lane could have passed it on untouched to a topic that takes `bytes_max` bytes.
    pub fn fitness(&self, bytes_max: usize) -> Fitness {
        let (key, value) = (self.message.key(), self.message.payload());
        fitness_of(key, value, self.timestamp_ms(), bytes_max)
    }

    /// Shows every header in order.
    pub fn each_header(&self, show: impl FnMut(HeaderView<'_>)) {
        if let Some(headers) = self.message.headers() {
            each_header(headers, show);
        }
    }

    /// Shows the headers that a lane sees of this record.
    pub fn each_text_header<'h>(&'h self, show: &mut dyn FnMut(Header<'h>)) {
        if let Some(headers) = self.message.headers() {
            each_text_header(headers, show);
        }
    }
}

/// Reads one topic.
pub struct TopicReader {
    config: ClientConfig,
    topic: String,
    extents: Vec<Extent>,
}

impl TopicReader {
    /// Asks where every partition begins and ends, and waits until no transaction is open before
    /// those ends.
    ///
    /// # Errors
    /// A topic that is not there, a partition that does not answer, a transaction that does not end.
    pub fn open(clients: &Clients, topic: &str) -> Result<Self, Fault> {
        let uncommitted = client(&clients.ends("read_uncommitted"))?;
        let extents = extents(&uncommitted, topic)?;
        await_stable(&client(&clients.ends("read_committed"))?, topic, &extents)?;
        Ok(Self { config: clients.whole_topics(), topic: topic.to_string(), extents })
    }

    /// Asks where every partition begins and up to where it is committed. What lies behind a
    /// transaction that is open now is not there yet.
    ///
    /// # Errors
    /// A topic that is not there, or a partition that does not answer.
    pub fn open_committed(clients: &Clients, topic: &str) -> Result<Self, Fault> {
        let extents = extents(&client(&clients.ends("read_committed"))?, topic)?;
        Ok(Self { config: clients.whole_topics(), topic: topic.to_string(), extents })
    }

    /// The topic's name.
    pub fn topic(&self) -> &str {
        &self.topic
    }

    /// Every partition with its first and its next offset.
    pub fn extents(&self) -> &[Extent] {
        &self.extents
    }

    /// How many partitions it has, for the records of this role.
    pub fn width(&self, topic: Topic) -> TopicWidth {
        let partitions = i32::try_from(self.extents.len()).unwrap_or(i32::MAX);
        TopicWidth { topic, partitions }
    }

    /// All that the topic holds.
    pub fn whole(&self) -> BTreeMap<Partition, Span> {
        let span =
            |extent: &Extent| (extent.partition, Span { first: extent.begin, next: extent.end });
        self.extents.iter().map(span).collect()
    }

    /// Reads these parts, which must lie within the extents. Records of one partition come in order;
    /// partitions are interleaved.
    ///
    /// # Errors
    /// An offset that is gone, or a topic that falls silent before its end.
    pub fn read(
        &self,
        spans: &BTreeMap<Partition, Span>,
        mut each: impl FnMut(&TopicRecord<'_>),
    ) -> Result<(), Fault> {
        self.read_while(spans, |record| {
            each(record);
            ControlFlow::Continue(())
        })
    }

    /// Reads these parts until `each` has seen enough, or to their ends.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub fn read_while(
        &self,
        spans: &BTreeMap<Partition, Span>,
        mut each: impl FnMut(&TopicRecord<'_>) -> ControlFlow<()>,
    ) -> Result<(), Fault> {
        let mut unfinished = spans.clone();
        unfinished.retain(|_, span| span.first < span.next);
        // A new client each time: one that has paused partitions would keep them paused.
        let consumer = client(&self.config)?;
        // A client that does not know the topic yet looks for its leaders once a second only.
        let fault = |error: KafkaError| fault_of(&format!("reading topic {}", self.topic), &error);
        consumer.fetch_metadata(Some(&self.topic), ASK_LIMIT).map_err(fault)?;
        self.assign(&consumer, &unfinished)?;
        let mut silence = Silence::default();
        while !unfinished.is_empty() {
            match consumer.poll(LOOK_EVERY) {
                Some(Ok(message)) => {
                    let record = TopicRecord { message: &message };
                    let Some(span) = unfinished.get(&record.partition()) else {
                        continue;
                    };
                    if record.offset() < span.next && each(&record).is_break() {
                        return Ok(());
                    }
                    if record.offset().next() >= span.next {
                        self.finish(&consumer, &mut unfinished, record.partition())?;
                    }
                }
                Some(Err(KafkaError::PartitionEOF(partition))) => {
                    self.finish(&consumer, &mut unfinished, Partition(partition))?;
                }
                Some(Err(error)) => {
                    let fault = fault(error);
                    if fault.kind != FaultKind::Retriable || silence.is_too_long() {
                        return Err(fault);
                    }
                    continue;
                }
                None if silence.is_too_long() => {
                    let what = format!("topic {} fell silent before its end", self.topic);
                    return Err(Fault::new(FaultKind::Retriable, what));
                }
                None => continue,
            }
            silence.end();
        }
        Ok(())
    }

    fn assign(
        &self,
        consumer: &BaseConsumer<PlainContext>,
        spans: &BTreeMap<Partition, Span>,
    ) -> Result<(), Fault> {
        let mut list = TopicPartitionList::new();
        for (partition, span) in spans {
            let first = KafkaOffset::Offset(span.first.0);
            list.add_partition_offset(&self.topic, partition.0, first)
                .map_err(|error| fault_of("listing partitions", &error))?;
        }
        consumer.assign(&list).map_err(|error| fault_of("assigning", &error))
    }

    /// A partition is read to its end once; what comes later is not asked for.
    fn finish(
        &self,
        consumer: &BaseConsumer<PlainContext>,
        unfinished: &mut BTreeMap<Partition, Span>,
        partition: Partition,
    ) -> Result<(), Fault> {
        if unfinished.remove(&partition).is_none() {
            return Ok(());
        }
        let mut list = TopicPartitionList::new();
        list.add_partition(&self.topic, partition.0);
        consumer.pause(&list).map_err(|error| fault_of("pausing", &error))
    }
}

/// How long nothing was heard. Reads no clock while records come.
#[derive(Debug, Default)]
struct Silence {
    since: Option<Instant>,
}

impl Silence {
    fn is_too_long(&mut self) -> bool {
        self.since.get_or_insert_with(Instant::now).elapsed() > SILENCE_LIMIT
    }

    fn end(&mut self) {
        self.since = None;
    }
}

fn client(config: &ClientConfig) -> Result<BaseConsumer<PlainContext>, Fault> {
    BaseConsumer::from_config_and_context(config, PlainContext)
        .map_err(|error| fault_of("making a client", &error))
}

fn extents(asker: &BaseConsumer<PlainContext>, topic: &str) -> Result<Vec<Extent>, Fault> {
    let fault = |error: KafkaError| fault_of(&format!("asking about topic {topic}"), &error);
    let metadata = asker.fetch_metadata(Some(topic), ASK_LIMIT).map_err(fault)?;
    let found = metadata.topics().iter().find(|found| found.name() == topic);
    let partitions = found.map_or(&[][..], |found| found.partitions());
    if partitions.is_empty() {
        let what = format!("topic {topic} is not there, or may not be read");
        return Err(Fault::new(FaultKind::Refused, what));
    }
    let extent_of = |partition: i32| {
        let (begin, end) = asker.fetch_watermarks(topic, partition, ASK_LIMIT).map_err(fault)?;
        let (begin, end) = (Offset(begin), Offset(end));
        Ok(Extent { partition: Partition(partition), begin, end, at: None })
    };
    partitions.iter().map(|partition| extent_of(partition.id())).collect()
}

/// Waits until the last stable offset of every partition has reached its end.
fn await_stable(
    asker: &BaseConsumer<PlainContext>,
    topic: &str,
    extents: &[Extent],
) -> Result<(), Fault> {
    let began = Instant::now();
    for extent in extents {
        loop {
            let (_, stable) = asker
                .fetch_watermarks(topic, extent.partition.0, ASK_LIMIT)
                .map_err(|error| fault_of(&format!("asking about topic {topic}"), &error))?;
            if stable >= extent.end.0 {
                break;
            }
            if began.elapsed() > STABLE_LIMIT {
                let partition = extent.partition;
                let what =
                    format!("a transaction stays open in topic {topic} partition {partition}");
                return Err(Fault::new(FaultKind::Retriable, what));
            }
            std::thread::sleep(LOOK_EVERY);
        }
    }
    Ok(())
}
