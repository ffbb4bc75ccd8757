//! A gate's topics on some Kafka, and those around the gate who write to them.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use consentgate::app::{Gate, Prepared, prepare};
use consentgate::kafka::Clients;
use consentgate::wire::consent::Produced;
use rdkafka::config::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::{Offset, TopicPartitionList};

use super::gate::{config, gate_toml, start, what_gates_wait_for};
use super::ledger::Ledger;
use super::producers::{NewRecord, Place, Writer};
use super::topics::GateTopics;
use super::world::{offer, phone};

const ASK: Duration = Duration::from_secs(20);
/// A producer's queue takes more than this.
const RECORDS_AT_ONCE: usize = 20_000;

/// The stage of one test.
pub struct Stage {
    pub kafka: String,
    pub topics: GateTopics,
    pub partitions: i32,
    writer: Mutex<Writer>,
}

impl Stage {
    /// Creates topics of a test's own.
    pub fn new(kafka: &str, test: &str, partitions: i32) -> Stage {
        let topics = GateTopics::named(test);
        topics.create(kafka, partitions);
        Stage::on(kafka, topics, partitions)
    }

    /// Stands on topics that exist.
    pub fn on(kafka: &str, topics: GateTopics, partitions: i32) -> Stage {
        let writer = Mutex::new(Writer::new(kafka));
        Stage { kafka: kafka.to_owned(), topics, partitions, writer }
    }

    /// Writes consent events; returns when all are acknowledged.
    pub fn consent(&self, events: &[Produced]) {
        for events in events.chunks(RECORDS_AT_ONCE) {
            let records: Vec<_> = events.iter().map(event_record).collect();
            self.writer().write(&self.topics.consent_events, &records);
        }
    }

    /// Writes an offer of the café to each of these people; message numbers count from `first`.
    pub fn offers(&self, people: &[u32], first: u64) -> Vec<Place> {
        let mut places = Vec::with_capacity(people.len());
        for (nth, people) in people.chunks(RECORDS_AT_ONCE).enumerate() {
            let first = first + (nth * RECORDS_AT_ONCE) as u64;
            let messages = people.iter().zip(first..);
            let messages: Vec<_> = messages
                .map(|(&person, number)| (phone(person), offer("cafe", person, number)))
                .collect();
            let records: Vec<_> = messages.iter().map(|(to, value)| message(to, value)).collect();
            places.extend(self.writer().write(&self.topics.outbound, &records));
        }
        places
    }

    /// One offer of the café.
    pub fn offer(&self, person: u32, number: u64) -> Place {
        self.offers(&[person], number)[0]
    }

    /// The stage's own writer.
    pub fn writer(&self) -> MutexGuard<'_, Writer> {
        self.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Clients of a gate on these topics; `more` is added to its `[gate]` section.
    pub fn clients(&self, more: &str) -> Clients {
        let config = config(&self.toml(more), "gate-0");
        Clients::new(config.kafka, config.gate)
    }

    /// The configuration of a gate on these topics; `more` is added to its `[gate]` section.
    pub fn toml(&self, more: &str) -> String {
        gate_toml(&self.kafka, &self.topics, more)
    }

    /// A gate in this process whose conditions are kept.
    pub fn prepared(&self, more: &str) -> Prepared {
        self.prepare(&self.toml(more))
    }

    /// The same with a configuration of the test's own.
    pub fn prepare(&self, toml: &str) -> Prepared {
        prepare(config(toml, "gate-0")).expect("the gate's conditions are kept")
    }

    /// A gate in this process, started.
    pub fn gate(&self) -> Gate {
        start(self.prepared("")).expect("the gate starts")
    }

    /// What became of the messages so far.
    pub fn ledger(&self) -> Ledger {
        Ledger::read(&self.kafka, &self.topics)
    }

    /// Up to where the gate's group has committed, summed over all partitions; 0 if Kafka does not say.
    pub fn decided_so_far(&self) -> i64 {
        let group = format!("gate-{}", self.topics.outbound);
        let (client, all) = asker(&self.kafka, &group, &self.topics.outbound, self.partitions);
        let committed = client.committed_offsets(all, Duration::from_secs(5));
        let offsets = committed.map(|list| {
            list.elements()
                .iter()
                .filter_map(|one| one.offset().to_raw().filter(|raw| *raw > 0))
                .sum()
        });
        offsets.unwrap_or(0)
    }

    /// Waits until the gate's group has committed the end of every input partition.
    pub fn await_drained(&self, limit: Duration) {
        let group = format!("gate-{}", self.topics.outbound);
        await_drained(&self.kafka, &group, &self.topics.outbound, self.partitions, limit);
    }
}

/// Waits until a group has committed the end of every partition of a topic.
pub fn await_drained(kafka: &str, group: &str, topic: &str, partitions: i32, limit: Duration) {
    let until = Instant::now() + limit;
    let lag_of = lag(kafka, group, topic, partitions);
    loop {
        let lag = lag_of();
        if lag == Some(0) {
            return;
        }
        assert!(
            Instant::now() < until,
            "not within {limit:?}: {lag:?} records are left; {}",
            what_gates_wait_for()
        );
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// A client that asks for a group's offsets, and the partitions to ask for.
fn asker(
    kafka: &str,
    group: &str,
    topic: &str,
    partitions: i32,
) -> (BaseConsumer, TopicPartitionList) {
    let client =
        ClientConfig::new().set("bootstrap.servers", kafka).set("group.id", group).create();
    let mut all = TopicPartitionList::new();
    (0..partitions).for_each(|partition| {
        all.add_partition(topic, partition);
    });
    (client.expect("a consumer"), all)
}

/// How many records a group has left; none while Kafka does not say.
fn lag(kafka: &str, group: &str, topic: &str, partitions: i32) -> impl Fn() -> Option<i64> {
    let (client, all) = asker(kafka, group, topic, partitions);
    move || {
        let committed = client.committed_offsets(all.clone(), ASK).ok()?;
        let mut lag = 0;
        for element in committed.elements() {
            let (begin, end) = client.fetch_watermarks(topic, element.partition(), ASK).ok()?;
            lag += match element.offset() {
                Offset::Offset(offset) => end - offset,
                _ => end - begin,
            };
        }
        Some(lag)
    }
}

/// A consent event as a record.
pub fn event_record(event: &Produced) -> NewRecord<'_> {
    NewRecord { key: Some(event.key.as_bytes()), value: Some(&event.value), ..NewRecord::default() }
}

/// A message as a record, keyed by its recipient, with headers.
pub fn message<'a>(to: &'a str, value: &'a [u8]) -> NewRecord<'a> {
    NewRecord {
        key: Some(to.as_bytes()),
        value: Some(value),
        headers: &[("trace", Some(b"t1")), ("empty", None)],
        ..NewRecord::default()
    }
}
