//! Writes events at a rate. What is not acknowledged is an error, never forgotten.

use std::time::{Duration, Instant};

use crate::app::AppError;
use crate::commands::exit::Failure;
use crate::commands::simulate::Rate;
use crate::kafka::{Clients, EventWriter};
use crate::stream::Fault;
use crate::wire::consent::Produced;
use crate::wire::formats::EventFormat;

/// Delivery reports are served once in so many records.
const SERVE_EVERY: u64 = 500;
/// What was not written in time is not caught up with, but for so much: a long stretch of rows without
/// an event must not end in a flood.
const CREDIT_MAX: Duration = Duration::from_millis(50);
/// A pause shorter than this is not worth a switch of threads.
const PAUSE_MIN: Duration = Duration::from_millis(1);

/// Writes to the log of record.
pub(super) struct Publisher<'c> {
    writer: EventWriter,
    topic: &'c str,
    format: &'c EventFormat,
    rate: Rate,
    /// When the next event may go.
    due: Instant,
    written: u64,
}

impl<'c> Publisher<'c> {
    /// A writer that begins now.
    ///
    /// # Errors
    /// The client cannot be made.
    pub(super) fn open(
        clients: &Clients,
        topic: &'c str,
        format: &'c EventFormat,
        rate: Rate,
    ) -> Result<Self, Failure> {
        let writer = EventWriter::open(clients).map_err(AppError::Kafka)?;
        Ok(Self { writer, topic, format, rate, due: Instant::now(), written: 0 })
    }

    /// Queues one event.
    ///
    /// # Errors
    /// Kafka refused it.
    pub(super) fn write(&mut self, event: &Produced) -> Result<(), Failure> {
        self.wait();
        let event = self.format.write(event.clone());
        self.writer
            .write(self.topic, None, event.key.as_bytes(), &event.value)
            .map_err(|fault| self.stopped(fault))?;
        self.written += 1;
        if self.written.is_multiple_of(SERVE_EVERY) {
            self.writer.serve();
        }
        Ok(())
    }

    fn wait(&mut self) {
        let Rate::PerSecond(rate) = self.rate else { return };
        let left = self.due.saturating_duration_since(Instant::now());
        if left >= PAUSE_MIN {
            self.writer.serve();
            std::thread::sleep(left);
        }
        let now = Instant::now();
        let earliest = now.checked_sub(CREDIT_MAX).unwrap_or(now);
        self.due = self.due.max(earliest) + Duration::from_secs(1) / rate;
    }

    /// Waits until all replicas have all of it.
    ///
    /// # Errors
    /// A record was not acknowledged.
    pub(super) fn flush(&self) -> Result<(), Failure> {
        self.writer.flush().map_err(|fault| self.stopped(fault))
    }

    fn stopped(&self, fault: Fault) -> Failure {
        let failure = Failure::from(AppError::Kafka(fault));
        let message = format!(
            "the import stopped after {} events: {failure}; run the same command again, what is in \
             the log is not written twice",
            self.written
        );
        Failure::new(failure.exit(), message)
    }
}
