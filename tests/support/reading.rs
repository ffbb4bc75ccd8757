//! Reads topics whole, as a sender or an auditor would.
//!
//! It owns what it returns. Header names that are not text make rust-rdkafka panic; such headers come
//! back as [`Headers::NotText`], and `raw::read_raw` shows them byte for byte.

use std::panic::AssertUnwindSafe;
use std::time::{Duration, Instant};

use rdkafka::config::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::KafkaError;
use rdkafka::message::{BorrowedMessage, Headers as _, Message};
use rdkafka::{Offset, TopicPartitionList};

use super::quiet::caught;

const TIMEOUT: Duration = Duration::from_secs(30);

/// Which records a reader sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Isolation {
    Committed,
    Uncommitted,
}

/// A record that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadRecord {
    pub partition: i32,
    pub offset: i64,
    pub timestamp_ms: Option<i64>,
    pub key: Option<Vec<u8>>,
    pub value: Option<Vec<u8>>,
    pub headers: Headers,
}

/// A record's headers, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Headers {
    Text(Vec<(String, Option<Vec<u8>>)>),
    /// A name is not UTF-8.
    NotText,
}

/// All records of all partitions from the first to the end, by partition and offset. The end is the
/// last stable offset for [`Isolation::Committed`], else the high watermark.
pub fn read_all(bootstrap: &str, topic: &str, isolation: Isolation) -> Vec<ReadRecord> {
    let consumer = reader(bootstrap, isolation);
    let mut unfinished = assign_all(&consumer, topic);
    let mut records = Vec::new();
    let until = Instant::now() + TIMEOUT;
    let mut last_error = None; // a broker that is away is such an error, and may come back
    while unfinished > 0 {
        assert!(Instant::now() < until, "{topic} cannot be read to its end: {last_error:?}");
        match consumer.poll(Duration::from_millis(100)) {
            None => {}
            Some(Ok(message)) => records.push(owned(&message)),
            Some(Err(KafkaError::PartitionEOF(partition))) => {
                unfinished -= 1;
                pause(&consumer, topic, partition);
            }
            Some(Err(error)) => last_error = Some(error),
        }
    }
    records.sort_by_key(|record| (record.partition, record.offset));
    records
}

/// The values of these records as text, for short assertions.
pub fn texts(records: &[ReadRecord]) -> Vec<String> {
    let text = |value: &Vec<u8>| String::from_utf8_lossy(value).into_owned();
    records.iter().map(|record| record.value.as_ref().map_or_else(String::new, text)).collect()
}

/// The committed offset of a group, or none.
pub fn committed(bootstrap: &str, group: &str, topic: &str, partition: i32) -> Option<i64> {
    let consumer: BaseConsumer = ClientConfig::new()
        .set("bootstrap.servers", bootstrap)
        .set("group.id", group)
        .create()
        .expect("a consumer");
    let mut asked = TopicPartitionList::new();
    asked.add_partition(topic, partition);
    let answer = consumer.committed_offsets(asked, TIMEOUT).expect("the broker answers");
    match answer.find_partition(topic, partition)?.offset() {
        Offset::Offset(offset) => Some(offset),
        _ => None,
    }
}

fn reader(bootstrap: &str, isolation: Isolation) -> BaseConsumer {
    let level = match isolation {
        Isolation::Committed => "read_committed",
        Isolation::Uncommitted => "read_uncommitted",
    };
    ClientConfig::new()
        .set("bootstrap.servers", bootstrap)
        .set("group.id", "reads-all-and-commits-nothing")
        .set("enable.auto.commit", "false")
        .set("enable.partition.eof", "true")
        .set("isolation.level", level)
        .set("auto.offset.reset", "error")
        .set("check.crcs", "true")
        .set("fetch.wait.max.ms", "10") // an empty partition holds up the others for so long
        .create()
        .expect("a consumer")
}

fn assign_all(consumer: &BaseConsumer, topic: &str) -> usize {
    let metadata = consumer.fetch_metadata(Some(topic), TIMEOUT).expect("the broker answers");
    let found = metadata.topics().iter().find(|found| found.name() == topic);
    let partitions = found.map_or(&[][..], |found| found.partitions());
    assert!(!partitions.is_empty(), "{topic} does not exist");
    let mut all = TopicPartitionList::new();
    for partition in partitions {
        all.add_partition_offset(topic, partition.id(), Offset::Beginning).expect("a valid offset");
    }
    consumer.assign(&all).expect("assigned");
    partitions.len()
}

/// A partition counts as ended once; what comes later is not asked for.
fn pause(consumer: &BaseConsumer, topic: &str, partition: i32) {
    let mut ended = TopicPartitionList::new();
    ended.add_partition(topic, partition);
    consumer.pause(&ended).expect("paused");
}

fn owned(message: &BorrowedMessage<'_>) -> ReadRecord {
    ReadRecord {
        partition: message.partition(),
        offset: message.offset(),
        timestamp_ms: message.timestamp().to_millis(),
        key: message.key().map(<[u8]>::to_vec),
        value: message.payload().map(<[u8]>::to_vec),
        headers: headers(message),
    }
}

fn headers(message: &BorrowedMessage<'_>) -> Headers {
    let Some(headers) = message.headers() else {
        return Headers::Text(Vec::new());
    };
    let read = caught(AssertUnwindSafe(|| {
        headers.iter().map(|one| (one.key.to_owned(), one.value.map(<[u8]>::to_vec))).collect()
    }));
    read.map_or(Headers::NotText, Headers::Text)
}
