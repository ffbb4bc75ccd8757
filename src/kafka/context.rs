//! What librdkafka tells us beside answers: rebalances, log lines, errors.
//!
//! Rebalances are not handled in the callback. They are put down and become events of the next
//! poll, so that the lane alone owns its state; librdkafka waits until the lane assigns or
//! unassigns. A log line that tells of a transactional request with unknown outcome taints the
//! producer.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rdkafka::client::ClientContext;
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::consumer::{BaseConsumer, Consumer, ConsumerContext, ConsumerGroupMetadata};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::producer::{DeliveryResult, ProducerContext};
use rdkafka::types::RDKafkaRespErr;
use rdkafka::{Message, TopicPartitionList};

use super::lane::Oversize;
use crate::consent::{Offset, Partition};

/// Passes librdkafka's log lines on; they hold addresses and topics, never keys or values.
pub(super) fn log(level: RDKafkaLogLevel, facility: &str, line: &str) {
    match level {
        RDKafkaLogLevel::Emerg
        | RDKafkaLogLevel::Alert
        | RDKafkaLogLevel::Critical
        | RDKafkaLogLevel::Error => tracing::error!(facility, line, "librdkafka"),
        RDKafkaLogLevel::Warning => tracing::warn!(facility, line, "librdkafka"),
        RDKafkaLogLevel::Notice | RDKafkaLogLevel::Info => {
            tracing::info!(facility, line, "librdkafka");
        }
        RDKafkaLogLevel::Debug => tracing::debug!(facility, line, "librdkafka"),
    }
}

/// A client that only passes on what it is told.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct PlainContext;

impl ClientContext for PlainContext {
    fn log(&self, level: RDKafkaLogLevel, facility: &str, line: &str) {
        log(level, facility, line);
    }

    fn error(&self, error: KafkaError, reason: &str) {
        // The end of a partition comes as an error too, to those who asked for it.
        if error.rdkafka_error_code() != Some(RDKafkaErrorCode::PartitionEOF) {
            tracing::warn!(%error, reason, "kafka.client");
        }
    }

    fn stats_raw(&self, _statistics: &[u8]) {}
}

impl ConsumerContext for PlainContext {}

/// A rebalance that waits to be handled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Change {
    /// These partitions may be assigned.
    Assign(Vec<Partition>),
    /// All partitions must be given back.
    Revoke,
}

/// The context of a lane's consumer.
#[derive(Default)]
pub(super) struct GroupContext {
    changes: Mutex<VecDeque<Change>>,
    /// The membership as it was when the partitions were given to us. Taken in the callback, for
    /// later librdkafka may hand out one that the broker does not check.
    membership: Mutex<Option<Arc<ConsumerGroupMetadata>>>,
    closing: AtomicBool,
}

impl GroupContext {
    /// The next rebalance to handle.
    pub(super) fn next_change(&self) -> Option<Change> {
        lock(&self.changes).pop_front()
    }

    /// The membership under which the current partitions were given.
    pub(super) fn membership(&self) -> Option<Arc<ConsumerGroupMetadata>> {
        lock(&self.membership).clone()
    }

    /// Forgets the membership: nothing may be committed under it any longer.
    pub(super) fn forget_membership(&self) {
        *lock(&self.membership) = None;
    }

    /// From here on rebalances are answered in the callback: nobody handles events any longer.
    pub(super) fn close(&self) {
        self.closing.store(true, Ordering::SeqCst);
    }
}

impl ClientContext for GroupContext {
    fn log(&self, level: RDKafkaLogLevel, facility: &str, line: &str) {
        log(level, facility, line);
    }

    fn error(&self, error: KafkaError, reason: &str) {
        tracing::warn!(%error, reason, "kafka.consumer");
    }

    fn stats_raw(&self, _statistics: &[u8]) {}
}

impl ConsumerContext for GroupContext {
    fn rebalance(
        &self,
        consumer: &BaseConsumer<Self>,
        what: RDKafkaRespErr,
        partitions: &mut TopicPartitionList,
    ) {
        if self.closing.load(Ordering::SeqCst) {
            if let Err(error) = consumer.unassign() {
                tracing::warn!(%error, "kafka.unassign_failed");
            }
            return;
        }
        let change = if what == RDKafkaRespErr::RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS {
            *lock(&self.membership) = consumer.group_metadata().map(Arc::new);
            let partitions = partitions.elements();
            Change::Assign(partitions.iter().map(|p| Partition(p.partition())).collect())
        } else {
            Change::Revoke
        };
        lock(&self.changes).push_back(change);
    }
}

/// What travels with an output record and comes back with its delivery: the offset of the input
/// record that it is, plus one; 0 for what the gate itself writes. Partitions have the same number.
pub(super) type Source = usize;

/// The source of an input record that goes on.
pub(super) fn source_of(offset: Offset) -> Source {
    usize::try_from(offset.0).map_or(0, |offset| offset.saturating_add(1))
}

/// The input record's offset; `None` for what the gate itself writes.
pub(super) fn offset_of(source: Source) -> Option<Offset> {
    source.checked_sub(1).and_then(|offset| i64::try_from(offset).ok()).map(Offset)
}

/// What a producer is in the middle of. The log tells it with each connection that is lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// Between transactions.
    Idle,
    /// In a transaction.
    Open,
    /// Committing or aborting one.
    Ending,
}

impl Stage {
    const ALL: [Self; 3] = [Self::Idle, Self::Open, Self::Ending];

    fn name(self) -> &'static str {
        match self {
            Self::Idle => "idle",
            Self::Open => "in_transaction",
            Self::Ending => "in_commit",
        }
    }
}

/// The context of a lane's producer.
#[derive(Debug, Default)]
pub(super) struct WriterContext {
    doubts: AtomicU64,
    stage: AtomicUsize,
    /// Records of the current transaction that were refused.
    failures: AtomicU64,
    oversize: Arc<Oversize>,
}

impl WriterContext {
    /// A context that notes in `oversize` what the broker finds too large.
    pub(super) fn new(oversize: Arc<Oversize>) -> Self {
        Self { oversize, ..Self::default() }
    }

    /// Whether a transactional request may still be on its way although its call has returned.
    /// Such a request can end a later transaction (KAFKA-17754).
    pub(super) fn is_tainted(&self) -> bool {
        self.doubts.load(Ordering::SeqCst) > 0
    }

    /// Notes what the producer is about to do.
    pub(super) fn enter(&self, stage: Stage) {
        self.stage.store(stage as usize, Ordering::SeqCst);
        if stage == Stage::Open {
            self.failures.store(0, Ordering::SeqCst);
        }
    }

    fn stage(&self) -> &'static str {
        Stage::ALL.get(self.stage.load(Ordering::SeqCst)).map_or("unknown", |stage| stage.name())
    }

    fn doubt(&self, line: &str) {
        self.doubts.fetch_add(1, Ordering::SeqCst);
        tracing::warn!(stage = self.stage(), line, "kafka.producer_tainted");
    }
}

impl ClientContext for WriterContext {
    fn log(&self, level: RDKafkaLogLevel, facility: &str, line: &str) {
        let lost = matches!(facility, "FAIL" | "DISCONNECT");
        if facility == "REQTMOUT" || (lost && line.contains("TxnCoordinator")) {
            self.doubt(line);
        } else if lost {
            tracing::warn!(stage = self.stage(), line, "kafka.producer_connection_lost");
        } else {
            log(level, facility, line);
        }
    }

    fn error(&self, error: KafkaError, reason: &str) {
        tracing::warn!(%error, reason, "kafka.producer");
    }

    fn stats_raw(&self, _statistics: &[u8]) {}
}

impl ProducerContext for WriterContext {
    type DeliveryOpaque = Source;

    fn delivery(&self, result: &DeliveryResult<'_>, source: Source) {
        if let Err((error, record)) = result {
            let too_large =
                error.rdkafka_error_code() == Some(RDKafkaErrorCode::MessageSizeTooLarge);
            if let Some(offset) = offset_of(source).filter(|_| too_large) {
                self.oversize.note(Partition(record.partition()), offset);
            }
            // The commit will fail and say so; here only for the log, once a transaction.
            if self.failures.fetch_add(1, Ordering::SeqCst) == 0 {
                tracing::warn!(%error, "kafka.delivery_failed");
            }
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
