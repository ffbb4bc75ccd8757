//! Writes records of a topic to the same topic again, marked, in transactions.
//!
//! There is one such writer: whoever opens one shuts every earlier one out, and what that one had not
//! committed never was. So who opens it first and then looks what is there sees all that was written.

use std::time::{Duration, Instant};

use rdkafka::client::ClientContext;
use rdkafka::config::{FromClientConfigAndContext, RDKafkaLogLevel};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::{Header, Message, OwnedHeaders};
use rdkafka::producer::{BaseProducer, BaseRecord, DeliveryResult, Producer, ProducerContext};
use rdkafka::util::Timeout;

use super::clients::Clients;
use super::context::log;
use super::fault::fault_of;
use super::serving::serve_and_wait;
use super::topic_reader::TopicRecord;
use crate::stream::{Fault, FaultKind};

/// How long a call, or the way of all records of a transaction, may take.
const LIMIT: Duration = Duration::from_secs(30);

struct RedriveContext;

impl ClientContext for RedriveContext {
    fn log(&self, level: RDKafkaLogLevel, facility: &str, line: &str) {
        log(level, facility, line);
    }

    fn error(&self, error: KafkaError, reason: &str) {
        tracing::warn!(%error, reason, "kafka.redrive");
    }

    fn stats_raw(&self, _statistics: &[u8]) {}
}

impl ProducerContext for RedriveContext {
    type DeliveryOpaque = ();

    /// A record that is lost takes its transaction with it: the commit says so.
    fn delivery(&self, _: &DeliveryResult<'_>, (): ()) {}
}

/// The writer.
pub struct RedriveWriter {
    producer: BaseProducer<RedriveContext>,
    topic: String,
    is_open: bool,
}

impl RedriveWriter {
    /// Shuts every earlier writer to the topic out.
    ///
    /// # Errors
    /// Kafka is not reached, or does not let us.
    pub fn open(clients: &Clients, topic: &str) -> Result<Self, Fault> {
        let producer =
            BaseProducer::from_config_and_context(&clients.redrive(topic), RedriveContext)
                .map_err(|error| fault_of("making a writer", &error))?;
        producer.poll(Duration::ZERO);
        producer
            .init_transactions(LIMIT)
            .map_err(|error| fault_of("initialising transactions", &error))?;
        Ok(Self { producer, topic: topic.to_owned(), is_open: false })
    }

    /// Queues a copy: the same partition, key, value, timestamp and headers, and one header more.
    ///
    /// # Errors
    /// The copy was refused, for example as too large.
    pub fn write(
        &mut self,
        record: &TopicRecord<'_>,
        (name, value): (&str, &str),
    ) -> Result<(), Fault> {
        if !self.is_open {
            self.producer
                .begin_transaction()
                .map_err(|error| fault_of("beginning a transaction", &error))?;
            self.is_open = true;
        }
        let message = record.message;
        // Detached without a look at them, so that names that are no text pass.
        let headers = message.headers().map(rdkafka::message::BorrowedHeaders::detach);
        let headers = headers.unwrap_or_else(|| OwnedHeaders::new_with_capacity(1));
        let mut copy = BaseRecord::<[u8], [u8]>::to(&self.topic).partition(message.partition());
        copy.key = message.key();
        copy.payload = message.payload();
        copy.timestamp = record.timestamp_ms();
        copy.headers = Some(headers.insert(Header { key: name, value: Some(value) }));
        let until = Instant::now() + LIMIT;
        loop {
            match self.producer.send(copy) {
                Ok(()) => {
                    self.producer.poll(Duration::ZERO);
                    return Ok(());
                }
                Err((error, again))
                    if error.rdkafka_error_code() == Some(RDKafkaErrorCode::QueueFull)
                        && Instant::now() < until =>
                {
                    copy = again;
                    serve_and_wait(&self.producer);
                }
                Err((error, _)) => return Err(fault_of("writing a copy", &error)),
            }
        }
    }

    /// Commits what was written since the last commit.
    ///
    /// # Errors
    /// None of it was written, or, after a time-out, nobody knows: the next look at the topic tells.
    pub fn commit(&mut self) -> Result<(), Fault> {
        if !self.is_open {
            return Ok(());
        }
        let until = Instant::now() + LIMIT;
        while self.producer.in_flight_count() > 0 {
            if Instant::now() > until {
                let what = "copies were not acknowledged in time";
                return Err(Fault::new(FaultKind::Retriable, what));
            }
            serve_and_wait(&self.producer);
        }
        self.producer
            .commit_transaction(Timeout::After(LIMIT))
            .map_err(|error| fault_of("committing copies", &error))?;
        self.is_open = false;
        Ok(())
    }
}
