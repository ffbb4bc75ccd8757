//! Writes events at a rate. What is not acknowledged is an error, never forgotten.

use crate::app::AppError;
use crate::commands::exit::Failure;
use crate::commands::simulate::{Pace, Rate};
use crate::kafka::{Clients, EventWriter};
use crate::stream::Fault;
use crate::wire::consent::Produced;

/// Delivery reports are served once in so many records.
const SERVE_EVERY: u64 = 500;

/// Writes to the log of record.
pub(super) struct Publisher<'c> {
    writer: EventWriter,
    topic: &'c str,
    pace: Pace,
    written: u64,
}

impl<'c> Publisher<'c> {
    /// A writer that begins now.
    ///
    /// # Errors
    /// The client cannot be made.
    pub(super) fn open(clients: &Clients, topic: &'c str, rate: Rate) -> Result<Self, Failure> {
        let writer = EventWriter::open(clients).map_err(AppError::Kafka)?;
        Ok(Self { writer, topic, pace: Pace::start(rate), written: 0 })
    }

    /// Queues one event.
    ///
    /// # Errors
    /// Kafka refused it.
    pub(super) fn write(&mut self, event: &Produced) -> Result<(), Failure> {
        self.pace.wait_for(self.written);
        self.writer
            .write(self.topic, None, event.key.as_bytes(), &event.value)
            .map_err(|fault| self.stopped(fault))?;
        self.written += 1;
        if self.written.is_multiple_of(SERVE_EVERY) {
            self.writer.serve();
        }
        Ok(())
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
