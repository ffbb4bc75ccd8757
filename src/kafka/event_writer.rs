//! Writes records that are not decisions: consent events, first messages, a simulated world.
//!
//! Idempotent, acknowledged by all replicas, keys partitioned as Java's default does it. A record
//! that was not acknowledged is an error, never forgotten.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use rdkafka::client::ClientContext;
use rdkafka::config::{FromClientConfigAndContext, RDKafkaLogLevel};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::{Header, Message, OwnedHeaders};
use rdkafka::producer::{BaseProducer, BaseRecord, DeliveryResult, Producer, ProducerContext};

use super::clients::Clients;
use super::context::log;
use super::fault::fault_of;
use super::serving::{serve, serve_and_wait};
use crate::consent::{Offset, Partition};
use crate::stream::ports::ROLLED_HEADER;
use crate::stream::{Fault, FaultKind};

/// How long records may take to be acknowledged once nothing more is queued.
const FLUSH_LIMIT: Duration = Duration::from_secs(60);

/// Counts what was not acknowledged, and remembers where the last record lies.
#[derive(Debug, Default)]
struct Deliveries {
    failed: AtomicU64,
    last: std::sync::Mutex<Option<(Partition, Offset)>>,
}

impl ClientContext for Deliveries {
    fn log(&self, level: RDKafkaLogLevel, facility: &str, line: &str) {
        log(level, facility, line);
    }

    fn error(&self, error: KafkaError, reason: &str) {
        tracing::warn!(%error, reason, "kafka.writer");
    }

    fn stats_raw(&self, _statistics: &[u8]) {}
}

impl ProducerContext for Deliveries {
    type DeliveryOpaque = ();

    fn delivery(&self, result: &DeliveryResult<'_>, (): ()) {
        match result {
            Ok(message) => {
                let place = (Partition(message.partition()), Offset(message.offset()));
                let mut last = self.last.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
                *last = Some(place);
            }
            Err((error, _)) => {
                tracing::warn!(%error, "kafka.delivery_failed");
                self.failed.fetch_add(1, Ordering::Relaxed);
            }
        }
    }
}

/// A writer of single records.
pub struct EventWriter {
    producer: BaseProducer<Deliveries>,
}

impl EventWriter {
    /// A writer.
    ///
    /// # Errors
    /// The client could not be made.
    pub fn open(clients: &Clients) -> Result<Self, Fault> {
        let config = clients.event_writer();
        let producer = BaseProducer::from_config_and_context(&config, Deliveries::default())
            .map_err(|error| fault_of("making a writer", &error))?;
        Ok(Self { producer })
    }

    /// Queues a record; a full queue is waited out. Its partition is the key's, unless one is given.
    ///
    /// # Errors
    /// The record was refused, for example as too large.
    pub fn write(
        &self,
        topic: &str,
        partition: Option<Partition>,
        key: &[u8],
        value: &[u8],
    ) -> Result<(), Fault> {
        let mut record = BaseRecord::to(topic).key(key).payload(value);
        if let Some(partition) = partition {
            record = record.partition(partition.0);
        }
        self.queue(record)
    }

    /// Queues a tombstone: in a compacted topic nothing stands under this key any longer.
    ///
    /// # Errors
    /// The record was refused.
    pub fn remove(&self, topic: &str, key: &[u8]) -> Result<(), Fault> {
        self.queue(BaseRecord::to(topic).key(key))
    }

    /// Queues a copy of a consent record in this partition, with the time of its first append.
    ///
    /// # Errors
    /// The record was refused, for example as too large.
    pub fn write_rolled(
        &self,
        topic: &str,
        partition: Partition,
        (key, value): (Option<&[u8]>, Option<&[u8]>),
        original_ms: i64,
    ) -> Result<(), Fault> {
        let digits = original_ms.to_string();
        let header = Header { key: ROLLED_HEADER, value: Some(&digits) };
        let headers = OwnedHeaders::new_with_capacity(1).insert(header);
        let mut record =
            BaseRecord::<[u8], [u8]>::to(topic).partition(partition.0).headers(headers);
        if let Some(key) = key {
            record = record.key(key);
        }
        if let Some(value) = value {
            record = record.payload(value);
        }
        self.queue(record)
    }

    fn queue(&self, mut record: BaseRecord<'_, [u8], [u8]>) -> Result<(), Fault> {
        loop {
            match self.producer.send(record) {
                Ok(()) => return Ok(()),
                Err((error, back))
                    if error.rdkafka_error_code() == Some(RDKafkaErrorCode::QueueFull) =>
                {
                    serve_and_wait(&self.producer);
                    record = back;
                }
                Err((error, _)) => return Err(fault_of("writing a record", &error)),
            }
        }
    }

    /// Serves delivery reports without waiting; call it every few hundred records.
    pub fn serve(&self) {
        serve(&self.producer);
    }

    /// Waits until everything queued is acknowledged by all replicas.
    ///
    /// # Errors
    /// A record was not acknowledged.
    pub fn flush(&self) -> Result<(), Fault> {
        let began = Instant::now();
        while self.producer.in_flight_count() > 0 && began.elapsed() < FLUSH_LIMIT {
            serve_and_wait(&self.producer);
        }
        let failed = self.producer.context().failed.swap(0, Ordering::Relaxed);
        let unknown = self.producer.in_flight_count();
        if failed > 0 || unknown > 0 {
            let what = format!("{failed} records were refused, {unknown} not acknowledged in time");
            return Err(Fault::new(FaultKind::Retriable, what));
        }
        Ok(())
    }

    /// Where the record lies that was acknowledged last.
    pub fn last_place(&self) -> Option<(Partition, Offset)> {
        *self.producer.context().last.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}
