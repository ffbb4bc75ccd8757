//! Producers as those around a gate are: engines, consent writers, and one that hangs in a transaction.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use rdkafka::config::ClientConfig;
use rdkafka::message::{Header, OwnedHeaders};
use rdkafka::producer::{BaseRecord, DeliveryResult, Producer, ProducerContext, ThreadedProducer};
use rdkafka::{ClientContext, Message};

const TIMEOUT: Duration = Duration::from_secs(30);

/// A record to write. Without a partition the key decides, as Java's producers do it.
#[derive(Debug, Clone, Default)]
pub struct NewRecord<'a> {
    pub partition: Option<i32>,
    pub key: Option<&'a [u8]>,
    pub value: Option<&'a [u8]>,
    pub timestamp_ms: Option<i64>,
    pub headers: &'a [(&'a str, Option<&'a [u8]>)],
}

/// Where an acknowledged record lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    pub partition: i32,
    pub offset: i64,
}

/// An idempotent producer with acks=all and Java's partitioner.
pub struct Writer {
    producer: ThreadedProducer<Reports>,
    reports: Receiver<Report>,
    patience: Duration,
}

impl Writer {
    pub fn new(bootstrap: &str) -> Writer {
        Writer::with(&settings(bootstrap))
    }

    /// The same with client settings of the test's own.
    pub fn with(settings: &ClientConfig) -> Writer {
        let (producer, reports) = producer(settings);
        Writer { producer, reports, patience: TIMEOUT }
    }

    /// The same, but it waits for brokers that are away for long.
    pub fn patient(bootstrap: &str, patience: Duration) -> Writer {
        let mut settings = settings(bootstrap);
        settings.set("message.timeout.ms", patience.as_millis().to_string());
        Writer { patience, ..Writer::with(&settings) }
    }

    /// Writes records and returns where each lies, once all replicas in sync have them.
    pub fn write(&self, topic: &str, records: &[NewRecord<'_>]) -> Vec<Place> {
        write(&self.producer, &self.reports, topic, records, self.patience)
    }

    /// Writes one record and waits for its acknowledgement.
    pub fn write_one(&self, topic: &str, record: &NewRecord<'_>) -> Place {
        self.write(topic, std::slice::from_ref(record))[0]
    }
}

/// A producer inside a transaction, for tests of what others must not see.
pub struct Transaction {
    producer: ThreadedProducer<Reports>,
    reports: Receiver<Report>,
}

impl Transaction {
    /// Begins one. It stays open until it is ended, or the broker does so after a minute.
    pub fn begin(bootstrap: &str, transactional_id: &str) -> Transaction {
        Transaction::begin_with(&settings(bootstrap), transactional_id)
    }

    /// The same with client settings of the test's own.
    pub fn begin_with(settings: &ClientConfig, transactional_id: &str) -> Transaction {
        let mut settings = settings.clone();
        settings.set("transactional.id", transactional_id).set("transaction.timeout.ms", "60000");
        let (producer, reports) = producer(&settings);
        producer.init_transactions(TIMEOUT).expect("init_transactions");
        producer.begin_transaction().expect("begin_transaction");
        Transaction { producer, reports }
    }

    /// Writes records; returns when the broker has them, invisible to `read_committed`.
    pub fn write(&self, topic: &str, records: &[NewRecord<'_>]) -> Vec<Place> {
        write(&self.producer, &self.reports, topic, records, TIMEOUT)
    }

    /// Makes the records visible.
    pub fn commit(self) {
        self.producer.commit_transaction(TIMEOUT).expect("commit_transaction");
    }

    /// Throws the records away.
    pub fn abort(self) {
        self.producer.abort_transaction(TIMEOUT).expect("abort_transaction");
    }

    /// The producer itself, for what goes beyond one transaction.
    pub fn producer(&self) -> &ThreadedProducer<Reports> {
        &self.producer
    }
}

/// The settings that all of them share.
pub fn settings(bootstrap: &str) -> ClientConfig {
    let mut settings = ClientConfig::new();
    settings
        .set("bootstrap.servers", bootstrap)
        .set("enable.idempotence", "true")
        .set("acks", "all")
        .set("partitioner", "murmur2_random")
        .set("linger.ms", "1")
        .set("allow.auto.create.topics", "false");
    settings
}

fn producer(settings: &ClientConfig) -> (ThreadedProducer<Reports>, Receiver<Report>) {
    let (sender, reports) = channel();
    let producer = settings.create_with_context(Reports { sender }).expect("a producer");
    (producer, reports)
}

fn write(
    producer: &ThreadedProducer<Reports>,
    reports: &Receiver<Report>,
    topic: &str,
    records: &[NewRecord<'_>],
    patience: Duration,
) -> Vec<Place> {
    for (nth, record) in records.iter().enumerate() {
        send(producer, topic, record, nth);
    }
    let mut places: Vec<(usize, Place)> = (0..records.len())
        .map(|_| {
            let (nth, result) = reports.recv_timeout(patience).expect("an answer in time");
            (nth, result.unwrap_or_else(|error| panic!("{topic} refused a record: {error}")))
        })
        .collect();
    places.sort_by_key(|(nth, _)| *nth);
    places.into_iter().map(|(_, place)| place).collect()
}

fn send(producer: &ThreadedProducer<Reports>, topic: &str, record: &NewRecord<'_>, nth: usize) {
    let mut out = BaseRecord::<[u8], [u8], usize>::with_opaque_to(topic, nth);
    out.partition = record.partition;
    out.key = record.key;
    out.payload = record.value;
    out.timestamp = record.timestamp_ms;
    if !record.headers.is_empty() {
        let headers = OwnedHeaders::new_with_capacity(record.headers.len());
        out.headers =
            Some(record.headers.iter().fold(headers, |headers, (key, value)| {
                headers.insert(Header { key, value: *value })
            }));
    }
    producer.send(out).map_err(|(error, _)| error).expect("room in the queue");
}

/// The number of the record in its call, and what became of it.
type Report = (usize, Result<Place, String>);

/// Hands the broker's answers to who wrote.
pub struct Reports {
    sender: Sender<Report>,
}

impl ClientContext for Reports {}

impl ProducerContext for Reports {
    type DeliveryOpaque = usize;

    fn delivery(&self, result: &DeliveryResult<'_>, nth: usize) {
        let report = match result {
            Ok(message) => Ok(Place { partition: message.partition(), offset: message.offset() }),
            Err((error, _)) => Err(error.to_string()),
        };
        self.sender.send((nth, report)).ok(); // the writer may have gone
    }
}
