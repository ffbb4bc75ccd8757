//! What librdkafka costs by itself: a loop that moves records and decides nothing.
//!
//! The measure beside the gate, never part of it. The same settings as a lane's clients where they
//! apply, but at least once: no transaction, no fence, no decoding. Offsets are committed only after
//! all records before them are acknowledged.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use rdkafka::config::FromClientConfigAndContext;
use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::{BorrowedMessage, Message};
use rdkafka::producer::{BaseProducer, BaseRecord, DeliveryResult, Producer, ProducerContext};
use rdkafka::{ClientContext, TopicPartitionList};

use super::clients::Clients;
use super::context::PlainContext;
use super::fault::fault_of;
use super::serving::serve_and_wait;
use crate::stream::{Fault, FaultKind};

/// How often offsets are committed.
const COMMIT_EVERY: Duration = Duration::from_secs(1);
/// Delivery reports are served once in so many records.
const SERVE_EVERY: u32 = 512;
/// How long records may take to be acknowledged.
const DRAIN_LIMIT: Duration = Duration::from_secs(30);

/// Ends the loop at the first record that was not delivered.
#[derive(Debug, Default)]
struct BareContext {
    failed: AtomicBool,
}

impl ClientContext for BareContext {}

impl ProducerContext for BareContext {
    type DeliveryOpaque = ();

    fn delivery(&self, result: &DeliveryResult<'_>, (): ()) {
        if result.is_err() {
            self.failed.store(true, Ordering::Relaxed);
        }
    }
}

/// Moves records from one topic to another until the process is ended.
///
/// # Errors
/// Kafka was not reached, or did not take a record.
pub fn run_bare_loop(clients: &Clients, from: &str, to: &str) -> Result<(), Fault> {
    let consumer: BaseConsumer<PlainContext> =
        BaseConsumer::from_config_and_context(&clients.bare_consumer(), PlainContext)
            .map_err(|error| fault_of("making a consumer", &error))?;
    let producer =
        BaseProducer::from_config_and_context(&clients.bare_producer(), BareContext::default())
            .map_err(|error| fault_of("making a producer", &error))?;
    consumer.subscribe(&[from]).map_err(|error| fault_of("subscribing", &error))?;
    let bare = BareLoop { consumer, producer, to };
    loop {
        bare.until_commit()?;
        bare.commit()?;
    }
}

struct BareLoop<'t> {
    consumer: BaseConsumer<PlainContext>,
    producer: BaseProducer<BareContext>,
    to: &'t str,
}

impl BareLoop<'_> {
    fn until_commit(&self) -> Result<(), Fault> {
        let began = Instant::now();
        let mut sent = 0u32;
        loop {
            match self.consumer.poll(Duration::from_millis(100)) {
                Some(Ok(message)) => self.send(&message)?,
                Some(Err(error)) => return Err(fault_of("polling", &error)),
                None => return Ok(()),
            }
            sent += 1;
            if sent.is_multiple_of(SERVE_EVERY) {
                self.producer.poll(Duration::ZERO);
                if began.elapsed() >= COMMIT_EVERY {
                    return Ok(());
                }
            }
        }
    }

    fn send(&self, message: &BorrowedMessage<'_>) -> Result<(), Fault> {
        let mut record: BaseRecord<'_, [u8], [u8]> =
            BaseRecord::to(self.to).partition(message.partition());
        if let Some(timestamp_ms) = message.timestamp().to_millis() {
            record = record.timestamp(timestamp_ms);
        }
        if let Some(value) = message.payload() {
            record = record.payload(value);
        }
        if let Some(key) = message.key() {
            record = record.key(key);
        }
        if let Some(headers) = message.headers() {
            record = record.headers(headers.detach());
        }
        loop {
            match self.producer.send(record) {
                Ok(()) => return Ok(()),
                Err((KafkaError::MessageProduction(RDKafkaErrorCode::QueueFull), back)) => {
                    serve_and_wait(&self.producer);
                    record = back;
                }
                Err((error, _)) => return Err(fault_of("sending", &error)),
            }
        }
    }

    fn commit(&self) -> Result<(), Fault> {
        let began = Instant::now();
        while self.producer.in_flight_count() > 0 {
            if began.elapsed() > DRAIN_LIMIT {
                let what = "records were not acknowledged in time";
                return Err(Fault::new(FaultKind::Fatal, what));
            }
            serve_and_wait(&self.producer);
        }
        if self.producer.context().failed.load(Ordering::Relaxed) {
            return Err(Fault::new(FaultKind::Fatal, "a record was not delivered"));
        }
        let positions = self.consumer.position().map_err(|error| fault_of("positions", &error))?;
        if !is_known(&positions) {
            return Ok(());
        }
        self.consumer
            .commit(&positions, CommitMode::Sync)
            .map_err(|error| fault_of("committing", &error))
    }
}

/// Whether there is anything to commit.
fn is_known(positions: &TopicPartitionList) -> bool {
    positions
        .elements()
        .iter()
        .any(|element| matches!(element.offset(), rdkafka::Offset::Offset(_)))
}
