//! The fence that writes: a heartbeat in each consent partition, acknowledged by all replicas in sync.
//!
//! A leader that was deposed and cut off gets no acknowledgement, so a heartbeat that is acknowledged
//! lies behind everything that was acknowledged before it. The index has it when it has read the
//! heartbeat back. A partition whose heartbeat is not acknowledged in time has no end. Each question
//! writes one record a partition, so the caller asks seldom.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rdkafka::client::ClientContext;
use rdkafka::config::{FromClientConfigAndContext, RDKafkaLogLevel};
use rdkafka::error::KafkaError;
use rdkafka::message::Message;
use rdkafka::producer::{BaseProducer, BaseRecord, DeliveryResult, Producer, ProducerContext};

use super::clients::Clients;
use super::consent_source::ConsentTopic;
use super::context::log;
use super::ends::LogEnds;
use super::fault::fault_of;
use super::serving::serve_and_wait;
use crate::consent::{Offset, Partition, Topic};
use crate::stream::Fault;
use crate::stream::ports::{EndAnswer, Ends, EndsPort, OpenTransaction};

/// How long a heartbeat may take to be acknowledged.
const ANSWER_LIMIT: Duration = Duration::from_millis(1_000);

/// A heartbeat as a topic's format writes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Beat {
    /// The record's key: it names nobody.
    pub key: Vec<u8>,
    /// The event.
    pub value: Vec<u8>,
}

/// Which heartbeat was acknowledged: a late one belongs to an earlier question.
#[derive(Clone, Copy, Debug)]
struct Beaten {
    question: u64,
    place: (Topic, Partition),
}

/// The acknowledgements of the last question.
#[derive(Debug, Default)]
struct Acknowledged {
    question: u64,
    ends: BTreeMap<(Topic, Partition), Result<Offset, String>>,
}

#[derive(Debug, Default)]
struct BeatContext {
    acknowledged: Mutex<Acknowledged>,
}

impl BeatContext {
    fn acknowledged(&self) -> MutexGuard<'_, Acknowledged> {
        self.acknowledged.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl ClientContext for BeatContext {
    fn log(&self, level: RDKafkaLogLevel, facility: &str, line: &str) {
        log(level, facility, line);
    }

    fn error(&self, error: KafkaError, reason: &str) {
        tracing::warn!(%error, reason, "kafka.beat");
    }

    fn stats_raw(&self, _statistics: &[u8]) {}
}

impl ProducerContext for BeatContext {
    type DeliveryOpaque = Box<Beaten>;

    fn delivery(&self, result: &DeliveryResult<'_>, beaten: Box<Beaten>) {
        let mut acknowledged = self.acknowledged();
        if acknowledged.question == beaten.question {
            let end = match result {
                Ok(message) => Ok(Offset(message.offset() + 1)),
                Err((error, _)) => Err(error.to_string()),
            };
            acknowledged.ends.insert(beaten.place, end);
        }
    }
}

/// Asks for log ends by writing.
pub struct BeatEnds {
    topics: Vec<(ConsentTopic, Beat)>,
    producer: BaseProducer<BeatContext>,
    question: u64,
    /// Knows the cluster and finds open transactions.
    log_ends: LogEnds,
}

impl BeatEnds {
    /// A writer of heartbeats for these topics.
    ///
    /// # Errors
    /// A client could not be made.
    pub fn open(clients: &Clients, topics: Vec<(ConsentTopic, Beat)>) -> Result<Self, Fault> {
        let config = clients.beat(ANSWER_LIMIT);
        let producer = BaseProducer::from_config_and_context(&config, BeatContext::default())
            .map_err(|error| fault_of("making the writer of heartbeats", &error))?;
        let plain = topics.iter().map(|(topic, _)| topic.clone()).collect();
        Ok(Self { log_ends: LogEnds::open(clients, plain)?, topics, producer, question: 0 })
    }

    fn places(&self) -> impl Iterator<Item = (&ConsentTopic, &Beat, Partition)> {
        self.topics.iter().flat_map(|(topic, beat)| {
            (0..topic.partitions).map(move |partition| (topic, beat, Partition(partition)))
        })
    }

    fn write(&self) {
        for (topic, beat, partition) in self.places() {
            let place = (topic.role, partition);
            let beaten = Box::new(Beaten { question: self.question, place });
            let record = BaseRecord::with_opaque_to(&topic.name, beaten)
                .partition(partition.0)
                .key(&beat.key)
                .payload(&beat.value);
            if let Err((error, _)) = self.producer.send(record) {
                let end = Err(error.to_string());
                self.producer.context().acknowledged().ends.insert(place, end);
            }
        }
    }
}

impl EndsPort for BeatEnds {
    fn ends(&mut self) -> Result<Ends, Fault> {
        self.question += 1;
        let deadline = Instant::now() + ANSWER_LIMIT;
        *self.producer.context().acknowledged() =
            Acknowledged { question: self.question, ends: BTreeMap::new() };
        self.write();
        while self.producer.in_flight_count() > 0 && Instant::now() < deadline {
            serve_and_wait(&self.producer);
        }
        let ends = std::mem::take(&mut self.producer.context().acknowledged().ends);
        let answer = |(topic, _, partition): (&ConsentTopic, &Beat, Partition)| {
            let late = || Err("its heartbeat is not acknowledged in time".to_owned());
            let end = ends.get(&(topic.role, partition)).cloned().unwrap_or_else(late);
            EndAnswer { topic: topic.role, partition, end }
        };
        let answers = self.places().map(answer).collect();
        Ok(Ends { cluster_id: self.log_ends.cluster_id()?, answers })
    }

    fn open_transaction(&mut self) -> Result<Option<OpenTransaction>, Fault> {
        self.log_ends.open_transaction()
    }
}
