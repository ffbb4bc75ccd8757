//! A lane's transactional producer, and its replacement when it is in doubt.
//!
//! librdkafka hides a lost EndTxn and sends it again; the first one may then end a later transaction
//! (KAFKA-17754). So a producer whose connection to the coordinator failed is thrown away before the
//! next transaction begins: a new one under the same id raises the epoch and fences what is late.
//!
//! When a transaction is aborted, librdkafka (2.12.1, `rd_kafka_toppar_purge_queues`) gives up what waits to be
//! sent again, and gives its sequence numbers to the records that come next. If the first attempt was
//! written after all, the broker takes those for repetitions, says yes, and writes nothing. So a producer that
//! gave up such a record is thrown away too.

use std::cell::{Cell, RefCell};
use std::sync::Arc;
use std::time::{Duration, Instant};

use rdkafka::TopicPartitionList;
use rdkafka::config::{ClientConfig, FromClientConfigAndContext};
use rdkafka::consumer::ConsumerGroupMetadata;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::producer::{BaseProducer, Producer};
use rdkafka::util::Timeout;

use super::oversize::Oversize;
use crate::kafka::context::{Source, Stage, WriterContext, offset_of};
use crate::kafka::fault::fault_of;
use crate::kafka::native::{OutRecord, TopicProducer};
use crate::kafka::serving::serve_and_wait;
use crate::kafka::watchdog::Watchdog;
use crate::stream::{Fault, FaultKind};

/// Log and delivery events served after each transaction, so that a doubt is known before the next.
/// One poll serves one; brokers that go down together leave dozens.
const EVENTS_AFTER_TRANSACTION: usize = 256;

/// Whether a producer in doubt is replaced. Anything but `Replace` exists for tests of the tests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TaintDefence {
    /// It is replaced before the next transaction.
    Replace,
    /// It goes on: records may be lost.
    Ignore,
}

/// Where a record goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Output {
    /// The topic of allowed messages.
    Allowed,
    /// The topic of audit entries.
    Audit,
    /// The topic of receipts and policies.
    Receipts,
}

type TxnProducer = BaseProducer<WriterContext>;
type Outputs = TopicProducer<WriterContext>;

/// The writer.
pub(super) struct Writer {
    producer: RefCell<Outputs>,
    config: ClientConfig,
    /// The topics, in the order of [`Output`].
    topics: [String; 3],
    oversize: Arc<Oversize>,
    watchdog: Watchdog,
    limit: Duration,
    defence: TaintDefence,
    replacements: Cell<u64>,
}

impl Writer {
    /// A writer that has fenced every earlier one of its transactional id.
    pub(super) fn open(
        config: ClientConfig,
        topics: [String; 3],
        oversize: Arc<Oversize>,
        watchdog: Watchdog,
        limit: Duration,
        defence: TaintDefence,
    ) -> Result<Self, Fault> {
        let producer = RefCell::new(initialised(&config, &topics, &oversize, &watchdog, limit)?);
        Ok(Self {
            producer,
            config,
            topics,
            oversize,
            watchdog,
            limit,
            defence,
            replacements: Cell::new(0),
        })
    }

    /// How often a producer in doubt was replaced.
    pub(super) fn replacements(&self) -> u64 {
        self.replacements.get()
    }

    pub(super) fn begin(&self) -> Result<(), Fault> {
        self.replace_if_tainted()?;
        let outputs = self.producer.borrow();
        let producer = outputs.producer();
        producer
            .begin_transaction()
            .map_err(|error| fault_of("beginning a transaction", &error))?;
        producer.context().enter(Stage::Open);
        Ok(())
    }

    /// Queues a record; a full queue is waited out.
    pub(super) fn send(&self, mut record: OutRecord<'_, Source>) -> Result<(), Fault> {
        let outputs = self.producer.borrow();
        let mut full_since: Option<Instant> = None;
        loop {
            match outputs.send(&mut record) {
                Ok(()) => return Ok(()),
                Err(error)
                    if is_queue_full(&error)
                        && full_since.get_or_insert_with(Instant::now).elapsed() < self.limit =>
                {
                    serve_and_wait(outputs.producer());
                }
                Err(error) => {
                    self.note_oversize(&error, &record);
                    return Err(named(outputs.producer(), fault_of("sending a record", &error)));
                }
            }
        }
    }

    /// The client counts headers too, and refuses a record that the broker would refuse.
    fn note_oversize(&self, error: &KafkaError, record: &OutRecord<'_, Source>) {
        let too_large = error.rdkafka_error_code() == Some(RDKafkaErrorCode::MessageSizeTooLarge);
        if let (true, Some(offset)) = (too_large, offset_of(record.opaque)) {
            self.oversize.note(record.partition, offset);
        }
    }

    /// Serves delivery reports and log lines without waiting.
    pub(super) fn serve(&self) {
        self.producer.borrow().producer().poll(Duration::ZERO);
    }

    /// Offsets first, then drain, then commit: the drain overlaps the requests for the offsets, and
    /// a commit with nothing in flight does not sleep.
    pub(super) fn commit(
        &self,
        offsets: &TopicPartitionList,
        membership: &ConsumerGroupMetadata,
    ) -> Result<(), Fault> {
        let outputs = self.producer.borrow();
        let producer = outputs.producer();
        producer.context().enter(Stage::Ending);
        let committed = self
            .retried("send_offsets_to_transaction", || {
                producer.send_offsets_to_transaction(offsets, membership, self.limit)
            })
            .and_then(|()| self.drain(producer))
            .and_then(|()| {
                self.retried("commit_transaction", || producer.commit_transaction(Timeout::Never))
            });
        committed.map_err(|fault| named(producer, fault))?;
        serve_events(producer);
        producer.context().enter(Stage::Idle);
        Ok(())
    }

    /// Aborts. The call blocks unless somebody else serves delivery reports meanwhile.
    pub(super) fn abort(&self) -> Result<(), Fault> {
        let outputs = self.producer.borrow();
        let producer = outputs.producer();
        producer.context().enter(Stage::Ending);
        let _watched = self.watchdog.enter("abort_transaction");
        let aborted = std::thread::scope(|scope| {
            // The producer may be polled from any thread, but the cell that holds it may not move.
            let abort = scope.spawn(|| producer.abort_transaction(Timeout::Never));
            while !abort.is_finished() {
                serve_and_wait(producer);
            }
            abort.join()
        });
        serve_events(producer);
        producer.context().enter(Stage::Idle);
        match aborted {
            Ok(result) => result.map_err(|error| fault_of("aborting a transaction", &error)),
            Err(_) => Err(Fault::new(FaultKind::Fatal, "aborting a transaction panicked")),
        }
    }

    fn drain(&self, producer: &TxnProducer) -> Result<(), Fault> {
        let _watched = self.watchdog.enter("drain");
        let began = Instant::now();
        while producer.in_flight_count() > 0 {
            if began.elapsed() > self.limit {
                let what = "records were not acknowledged in time";
                return Err(Fault::new(FaultKind::Abortable, what));
            }
            serve_and_wait(producer);
        }
        Ok(())
    }

    /// Makes a call again, with the same arguments, as long as it says that it may be.
    fn retried(
        &self,
        call: &'static str,
        attempt: impl Fn() -> Result<(), KafkaError>,
    ) -> Result<(), Fault> {
        let _watched = self.watchdog.enter(call);
        let began = Instant::now();
        loop {
            let fault = match attempt() {
                Ok(()) => return Ok(()),
                Err(error) => fault_of(call, &error),
            };
            match fault.kind {
                FaultKind::Retriable if began.elapsed() < self.limit => {
                    std::thread::sleep(Duration::from_millis(20));
                }
                // The outcome is unknown: only the committed offsets can tell.
                FaultKind::Retriable => {
                    return Err(Fault { kind: FaultKind::Fatal, ..fault });
                }
                _ => return Err(fault),
            }
        }
    }

    fn replace_if_tainted(&self) -> Result<(), Fault> {
        let tainted = {
            let outputs = self.producer.borrow();
            let producer = outputs.producer();
            serve_events(producer);
            producer.context().is_tainted()
        };
        if tainted && self.defence == TaintDefence::Replace {
            tracing::warn!("kafka.producer_replaced");
            let fresh = initialised(
                &self.config,
                &self.topics,
                &self.oversize,
                &self.watchdog,
                self.limit,
            )?;
            drop(self.producer.replace(fresh));
            self.replacements.set(self.replacements.get() + 1);
        }
        Ok(())
    }
}

fn initialised(
    config: &ClientConfig,
    topics: &[String; 3],
    oversize: &Arc<Oversize>,
    watchdog: &Watchdog,
    limit: Duration,
) -> Result<Outputs, Fault> {
    let producer =
        TxnProducer::from_config_and_context(config, WriterContext::new(oversize.clone()))
            .map_err(|error| fault_of("making a producer", &error))?;
    // The first poll serves what librdkafka wants answered before it connects, such as tokens.
    producer.poll(Duration::ZERO);
    let _watched = watchdog.enter("init_transactions");
    let began = Instant::now();
    loop {
        let fault = match producer.init_transactions(limit) {
            Ok(()) => break,
            Err(error) => fault_of("initialising transactions", &error),
        };
        if fault.kind != FaultKind::Retriable || began.elapsed() > limit {
            return Err(fault);
        }
    }
    let names = topics.each_ref().map(String::as_str);
    TopicProducer::new(producer, &names).map_err(|error| fault_of("holding the topics", &error))
}

/// A transaction that failed for want of a right fails again, however often it is tried.
fn named(producer: &TxnProducer, fault: Fault) -> Fault {
    if fault.kind != FaultKind::Abortable {
        return fault;
    }
    serve_events(producer);
    match producer.context().is_forbidden() {
        true => Fault { kind: FaultKind::Refused, ..fault },
        false => fault,
    }
}

fn serve_events(producer: &TxnProducer) {
    for _ in 0..EVENTS_AFTER_TRANSACTION {
        producer.poll(Duration::ZERO);
    }
}

fn is_queue_full(error: &KafkaError) -> bool {
    error.rdkafka_error_code() == Some(RDKafkaErrorCode::QueueFull)
}
