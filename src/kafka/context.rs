//! What librdkafka tells us beside answers: rebalances, log lines, errors.
//!
//! Rebalances are not handled in the callback. They are put down and become events of the next
//! poll, so that the lane alone owns its state; librdkafka waits until the lane assigns or
//! unassigns. A revocation that is lost stays lost, whatever librdkafka says of it later. A log line
//! that tells of a transactional request with unknown outcome taints the producer, and so does a record with
//! one; a line that tells of a missing right says why its transaction failed.

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

use super::lane::{Exchange, Oversize};
use super::native::{Written, written};
use crate::consent::{Offset, Partition};
use crate::stream::ports::Revocation;

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
    /// These partitions must be given back.
    Revoke(Vec<Partition>, Revocation),
}

/// The context of a lane's consumer.
#[derive(Default)]
pub(super) struct GroupContext {
    exchange: Exchange,
    changes: Mutex<VecDeque<Change>>,
    /// The one that the lane handles. librdkafka waits for its answer as well.
    in_hand: Mutex<Option<Change>>,
    /// The membership as it was when the partitions were given to us, all at once. Taken in the callback,
    /// for later librdkafka may hand out one that the broker does not check.
    membership: Mutex<Option<Arc<ConsumerGroupMetadata>>>,
    closing: AtomicBool,
}

impl GroupContext {
    /// The context of a member whose partitions change hands like this.
    pub(super) fn new(exchange: Exchange) -> Self {
        Self { exchange, ..Self::default() }
    }

    /// The next rebalance to handle.
    pub(super) fn next_change(&self) -> Option<Change> {
        let next = lock(&self.changes).pop_front()?;
        *lock(&self.in_hand) = Some(next.clone());
        Some(next)
    }

    /// The lane has assigned or unassigned, which answers what it had in hand.
    pub(super) fn answered(&self) {
        *lock(&self.in_hand) = None;
    }

    /// What librdkafka waits for an answer to, the oldest first. It is the caller's now.
    pub(super) fn take_unanswered(&self) -> Vec<Change> {
        lock(&self.in_hand).take().into_iter().chain(lock(&self.changes).drain(..)).collect()
    }

    /// Whether partitions are lost that nobody has handled yet.
    pub(super) fn has_lost(&self) -> bool {
        let is_lost = |change: &Change| matches!(change, Change::Revoke(_, Revocation::Lost));
        lock(&self.changes).iter().any(is_lost)
    }

    /// Takes every revocation that waits for a lost one.
    pub(super) fn lose_what_is_revoked(&self) {
        for change in lock(&self.changes).iter_mut() {
            if let Change::Revoke(_, how) = change {
                *how = Revocation::Lost;
            }
        }
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

    /// Answers a change for which nobody cares any longer: with nothing, as the member leaves.
    pub(super) fn answer(&self, consumer: &BaseConsumer<Self>, change: &Change) {
        let none = TopicPartitionList::new();
        let answered = match (self.exchange, change) {
            // To unassign is no answer to it: librdkafka would wait on, and the consumer never close.
            (Exchange::Whole, Change::Assign(_)) => consumer.assign(&none),
            (Exchange::Whole, Change::Revoke(..)) => consumer.unassign(),
            (Exchange::Piecewise, Change::Assign(_)) => consumer.incremental_assign(&none),
            (Exchange::Piecewise, Change::Revoke(..)) => consumer.incremental_unassign(&none),
        };
        if let Err(error) = answered {
            tracing::warn!(%error, "kafka.unassign_failed");
        }
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
        let named = partitions.elements().iter().map(|p| Partition(p.partition())).collect();
        let change = match (what, consumer.assignment_lost()) {
            (RDKafkaRespErr::RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS, _) => Change::Assign(named),
            (_, false) => Change::Revoke(named, Revocation::Orderly),
            (_, true) => Change::Revoke(named, Revocation::Lost),
        };
        if self.closing.load(Ordering::SeqCst) {
            return self.answer(consumer, &change);
        }
        if self.exchange == Exchange::Whole && matches!(change, Change::Assign(_)) {
            *lock(&self.membership) = consumer.group_metadata().map(Arc::new);
        }
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
    /// Whether the current transaction failed for want of a right. Calls only say that it has failed.
    forbidden: AtomicBool,
    oversize: Arc<Oversize>,
}

impl WriterContext {
    /// A context that notes in `oversize` what the broker finds too large.
    pub(super) fn new(oversize: Arc<Oversize>) -> Self {
        Self { oversize, ..Self::default() }
    }

    /// Whether a transactional request may still be on its way although its call has returned: such a
    /// request can end a later transaction (KAFKA-17754). Or whether a record that was given up may be in
    /// the log: a record of a later transaction gets its sequence number, and is taken for it and lost.
    pub(super) fn is_tainted(&self) -> bool {
        self.doubts.load(Ordering::SeqCst) > 0
    }

    /// Notes what the producer is about to do.
    pub(super) fn enter(&self, stage: Stage) {
        self.stage.store(stage as usize, Ordering::SeqCst);
        if stage == Stage::Open {
            self.failures.store(0, Ordering::SeqCst);
            self.forbidden.store(false, Ordering::SeqCst);
        }
    }

    /// Whether brokers have refused the current transaction a topic for want of a right.
    pub(super) fn is_forbidden(&self) -> bool {
        self.forbidden.load(Ordering::SeqCst)
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
        if facility == "TXNERR" && line.contains("authorization failed") {
            self.forbidden.store(true, Ordering::SeqCst);
        }
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
            if written(record) == Written::Perhaps && !self.is_tainted() {
                self.doubt("a record that was given up may be in the log");
            }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_lane_has_in_hand_is_unanswered_until_it_has_assigned() {
        let context = GroupContext::new(Exchange::Whole);
        let change = |partition| Change::Assign(vec![Partition(partition)]);
        lock(&context.changes).extend([change(1), change(2), change(3)]);
        context.next_change();
        context.answered();
        context.next_change();
        assert_eq!(context.take_unanswered(), [change(2), change(3)]);
        assert!(context.take_unanswered().is_empty());
    }

    #[test]
    fn what_may_have_been_given_back_unseen_is_lost_and_nothing_is_committed_meanwhile() {
        let context = GroupContext::new(Exchange::Piecewise);
        let of = |partition| vec![Partition(partition)];
        let orderly = Change::Revoke(of(1), Revocation::Orderly);
        lock(&context.changes).extend([Change::Assign(of(2)), orderly]);
        assert!(!context.has_lost());
        context.lose_what_is_revoked();
        assert!(context.has_lost());
        assert_eq!(context.next_change(), Some(Change::Assign(of(2))));
        assert_eq!(context.next_change(), Some(Change::Revoke(of(1), Revocation::Lost)));
        assert!(!context.has_lost(), "somebody handles it now");
    }
}
