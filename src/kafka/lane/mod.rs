//! A lane's window on Kafka: one consumer in the group, one transactional producer.
//!
//! One thread uses it. It never commits under a membership that was not taken when the partitions
//! were given, and it never moves to an offset that it was not told.

mod oversize;
mod reading;
mod record;
mod writer;

use std::sync::Arc;
use std::time::{Duration, Instant};

use rdkafka::config::FromClientConfigAndContext;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::KafkaError;
use rdkafka::producer::BaseRecord;
use rdkafka::{Offset as KafkaOffset, TopicPartitionList};

pub(super) use oversize::Oversize;
pub use record::Record;
pub(super) use record::fitness_of;
pub use writer::TaintDefence;

use self::writer::Writer;
use super::ASK_LIMIT;
use super::clients::Clients;
use super::context::{Change, GroupContext, source_of};
use super::fault::fault_of;
use super::watchdog::Watchdog;
use crate::consent::{Offset, Partition};
use crate::stream::ports::{
    Allowed, CommitOffset, CommittedOffset, Extent, LaneEvent, LanePort, PollLimits, RecordView,
    Revocation,
};
use crate::stream::{Fault, FaultKind};

/// The topics of a lane.
#[derive(Clone, Debug)]
pub struct LaneTopics {
    /// Messages in.
    pub outbound: String,
    /// Allowed messages out.
    pub allowed: String,
    /// Audit entries out.
    pub audit: String,
    /// Receipts and policies out.
    pub receipts: String,
}

/// How long one poll waits while a batch is being collected. Not less: the client counts in whole
/// milliseconds and would spin.
const COLLECT_STEP: Duration = Duration::from_millis(1);

/// One lane's clients.
pub struct LaneClients {
    consumer: BaseConsumer<GroupContext>,
    writer: Writer,
    clients: Clients,
    topics: LaneTopics,
    message_bytes_max: usize,
    oversize: Arc<Oversize>,
}

impl LaneClients {
    /// Opens lane number `lane`; records above `message_bytes_max` are not forwarded.
    ///
    /// # Errors
    /// A client could not be made, or Kafka was not reached in time.
    pub fn open(
        clients: &Clients,
        lane: u16,
        topics: LaneTopics,
        message_bytes_max: usize,
        watchdog: Watchdog,
        defence: TaintDefence,
    ) -> Result<Self, Fault> {
        let config = clients.producer(lane, message_bytes_max);
        let oversize = Arc::new(Oversize::default());
        let writer =
            Writer::open(config, oversize.clone(), watchdog, clients.call_limit(), defence)?;
        let consumer =
            BaseConsumer::from_config_and_context(&clients.outbound(lane), GroupContext::default())
                .map_err(|error| fault_of("making a consumer", &error))?;
        consumer.subscribe(&[&topics.outbound]).map_err(|error| fault_of("subscribing", &error))?;
        let clients = clients.clone();
        Ok(Self { consumer, writer, clients, topics, message_bytes_max, oversize })
    }

    fn next_change(&self) -> Option<LaneEvent> {
        Some(match self.consumer.context().next_change()? {
            Change::Assign(partitions) => LaneEvent::Assigned(partitions),
            Change::Revoke if self.consumer.assignment_lost() => {
                LaneEvent::Revoked(Revocation::Lost)
            }
            Change::Revoke => LaneEvent::Revoked(Revocation::Orderly),
        })
    }

    fn list<'p>(&self, partitions: impl IntoIterator<Item = &'p Partition>) -> TopicPartitionList {
        let mut list = TopicPartitionList::new();
        for partition in partitions {
            list.add_partition(&self.topics.outbound, partition.0);
        }
        list
    }

    fn send(&self, topic: &str, partition: Partition, value: &[u8]) -> Result<(), Fault> {
        let record = BaseRecord::with_opaque_to(topic, 0);
        self.writer.send(record.partition(partition.0).payload(value))
    }
}

impl LanePort for LaneClients {
    type Record<'a> = Record<'a>;

    fn poll<'a>(
        &'a self,
        limits: PollLimits,
        batch: &mut Vec<Record<'a>>,
    ) -> Result<LaneEvent, Fault> {
        self.writer.serve();
        let mut wait = limits.first;
        let mut empty_since: Option<Instant> = None;
        while batch.len() < limits.records {
            match self.consumer.poll(wait) {
                Some(Ok(message)) => {
                    batch.push(Record::new(message, self.message_bytes_max, &self.oversize));
                    // What lies ready is taken without waiting and without asking the clock.
                    wait = Duration::ZERO;
                    continue;
                }
                Some(Err(error)) => self.judge_poll(&error)?,
                None => {}
            }
            // Only a poll that brings no record brings a rebalance, or the news that all is read.
            if batch.is_empty() || self.consumer.context().has_change() {
                break;
            }
            if empty_since.get_or_insert_with(Instant::now).elapsed() >= limits.collect {
                break;
            }
            wait = COLLECT_STEP;
        }
        if let Some(change) = self.next_change() {
            // What was polled was not decided; whoever owns the partitions next reads it again.
            batch.clear();
            return Ok(change);
        }
        Ok(LaneEvent::Records)
    }

    fn committed(&self, partitions: &[Partition]) -> Result<Vec<CommittedOffset>, Fault> {
        let answer = self
            .consumer
            .committed_offsets(self.list(partitions), ASK_LIMIT)
            .map_err(|error| fault_of("reading committed offsets", &error))?;
        let offset_of = |element: &rdkafka::topic_partition_list::TopicPartitionListElem<'_>| {
            element.error().map_err(|error| fault_of("reading committed offsets", &error))?;
            Ok(CommittedOffset {
                partition: Partition(element.partition()),
                next: match element.offset() {
                    KafkaOffset::Offset(offset) => Some(Offset(offset)),
                    _ => None,
                },
                metadata: element.metadata().to_string(),
            })
        };
        answer.elements().iter().map(offset_of).collect()
    }

    fn extents(&self, partitions: &[Partition], at_ms: Option<i64>) -> Result<Vec<Extent>, Fault> {
        reading::extents(&self.clients, &self.topics.outbound, partitions, at_ms)
    }

    fn assign(&self, starts: &[(Partition, Offset)]) -> Result<(), Fault> {
        let mut list = TopicPartitionList::new();
        for (partition, next) in starts {
            let start = KafkaOffset::Offset(next.0);
            list.add_partition_offset(&self.topics.outbound, partition.0, start)
                .map_err(|error| fault_of("assigning", &error))?;
        }
        self.consumer.assign(&list).map_err(|error| fault_of("assigning", &error))
    }

    fn unassign(&self) -> Result<(), Fault> {
        self.consumer.context().forget_membership();
        self.consumer.unassign().map_err(|error| fault_of("unassigning", &error))
    }

    fn begin(&self) -> Result<(), Fault> {
        self.writer.begin()
    }

    fn allow(&self, allowed: Allowed<'_, Record<'_>>) -> Result<(), Fault> {
        let record = allowed.record();
        let source = source_of(record.offset());
        let mut out = BaseRecord::with_opaque_to(&self.topics.allowed, source)
            .partition(record.partition().0);
        if let Some(timestamp_ms) = record.timestamp_ms() {
            out = out.timestamp(timestamp_ms);
        }
        if let Some(value) = record.value() {
            out = out.payload(value);
        }
        if let Some(key) = record.key() {
            out = out.key(key);
        }
        if let Some(headers) = record.headers() {
            out = out.headers(headers);
        }
        self.writer.send(out)
    }

    fn audit(&self, partition: Partition, entry: &[u8]) -> Result<(), Fault> {
        self.send(&self.topics.audit, partition, entry)
    }

    fn receipt(&self, partition: Partition, record: &[u8]) -> Result<(), Fault> {
        self.send(&self.topics.receipts, partition, record)
    }

    fn commit(&self, offsets: &[CommitOffset]) -> Result<(), Fault> {
        let Some(membership) = self.consumer.context().membership() else {
            let what = "the membership ended before the commit";
            return Err(Fault::new(FaultKind::Abortable, what));
        };
        let mut list = TopicPartitionList::new();
        for offset in offsets {
            let mut element = list.add_partition(&self.topics.outbound, offset.partition.0);
            element
                .set_offset(KafkaOffset::Offset(offset.next.0))
                .map_err(|error| fault_of("listing offsets", &error))?;
            element.set_metadata(&offset.metadata);
        }
        self.writer.commit(&list, &membership)
    }

    fn abort(&self) -> Result<(), Fault> {
        self.writer.abort()
    }

    fn replacements(&self) -> u64 {
        self.writer.replacements()
    }

    fn receipts(&self, each: &mut dyn FnMut(&[u8])) -> Result<(), Fault> {
        reading::every_value(&self.clients, &self.topics.receipts, each)
    }
}

impl LaneClients {
    /// Whether an error of a poll ends the lane. What librdkafka mends by itself does not.
    fn judge_poll(&self, error: &KafkaError) -> Result<(), Fault> {
        let fault = fault_of("polling the outbound topic", error);
        if fault.kind == FaultKind::Retriable {
            tracing::warn!(%fault, "lane.poll");
            return Ok(());
        }
        Err(fault)
    }
}

impl Drop for LaneClients {
    fn drop(&mut self) {
        // Closing waits for rebalances to be answered, and nobody handles events any longer.
        self.consumer.context().close();
        while let Some(_unanswered) = self.consumer.context().next_change() {
            if let Err(error) = self.consumer.unassign() {
                tracing::warn!(%error, "kafka.unassign_failed");
            }
        }
    }
}
