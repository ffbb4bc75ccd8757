//! A lane's window on Kafka: one consumer in the group, one transactional producer.
//!
//! One thread uses it. It never commits under a membership that was not taken when the partitions
//! were given, and it never moves to an offset that it was not told.

mod oversize;
mod polling;
mod reading;
mod record;
mod writer;

use std::sync::Arc;

use rdkafka::config::FromClientConfigAndContext;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::{Offset as KafkaOffset, TopicPartitionList};

pub(super) use oversize::Oversize;
pub use record::Record;
pub(super) use record::fitness_of;
pub use writer::TaintDefence;

use self::writer::{Output, Writer};
use super::ASK_LIMIT;
use super::clients::Clients;
use super::context::{GroupContext, source_of};
use super::fault::fault_of;
use super::native::{BatchConsumer, NativeHeaders, OutRecord};
use super::watchdog::Watchdog;
use crate::consent::{Offset, Partition};
use crate::stream::ports::{
    Allowed, CommitOffset, CommittedOffset, Extent, LaneEvent, LanePort, PollLimits, RecordView,
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

/// One lane's clients.
pub struct LaneClients {
    consumer: BatchConsumer<GroupContext>,
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
        let outputs = [&topics.allowed, &topics.audit, &topics.receipts].map(String::clone);
        let limit = clients.call_limit();
        let writer = Writer::open(config, outputs, oversize.clone(), watchdog, limit, defence)?;
        let consumer =
            BaseConsumer::from_config_and_context(&clients.outbound(lane), GroupContext::default())
                .map_err(|error| fault_of("making a consumer", &error))?;
        consumer.subscribe(&[&topics.outbound]).map_err(|error| fault_of("subscribing", &error))?;
        let consumer =
            BatchConsumer::new(consumer).map_err(|error| fault_of("making a queue", &error))?;
        let clients = clients.clone();
        Ok(Self { consumer, writer, clients, topics, message_bytes_max, oversize })
    }

    fn list<'p>(&self, partitions: impl IntoIterator<Item = &'p Partition>) -> TopicPartitionList {
        let mut list = TopicPartitionList::new();
        for partition in partitions {
            list.add_partition(&self.topics.outbound, partition.0);
        }
        list
    }

    fn send(&self, output: Output, partition: Partition, value: &[u8]) -> Result<(), Fault> {
        self.writer.send(OutRecord {
            topic: output as usize,
            partition,
            key: None,
            value: Some(value),
            timestamp_ms: None,
            headers: None,
            opaque: 0,
        })
    }
}

impl LanePort for LaneClients {
    type Record<'a> = Record<'a>;

    fn poll<'a>(
        &'a self,
        limits: PollLimits,
        batch: &mut Vec<Record<'a>>,
    ) -> Result<LaneEvent, Fault> {
        self.poll_batch(limits, batch)
    }

    fn committed(&self, partitions: &[Partition]) -> Result<Vec<CommittedOffset>, Fault> {
        let answer = self
            .consumer
            .consumer()
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
        self.consumer
            .forward(&self.topics.outbound, starts.iter().map(|(partition, _)| *partition))
            .map_err(|error| fault_of("forwarding partitions", &error))?;
        let mut list = TopicPartitionList::new();
        for (partition, next) in starts {
            let start = KafkaOffset::Offset(next.0);
            list.add_partition_offset(&self.topics.outbound, partition.0, start)
                .map_err(|error| fault_of("assigning", &error))?;
        }
        self.consumer.consumer().assign(&list).map_err(|error| fault_of("assigning", &error))
    }

    fn unassign(&self) -> Result<(), Fault> {
        let consumer = self.consumer.consumer();
        consumer.context().forget_membership();
        consumer.unassign().map_err(|error| fault_of("unassigning", &error))
    }

    fn begin(&self) -> Result<(), Fault> {
        self.writer.begin()
    }

    fn allow(&self, allowed: Allowed<'_, Record<'_>>) -> Result<(), Fault> {
        let record = allowed.record();
        let headers = match allowed.appended() {
            None => record.headers(),
            Some((name, value)) => Some(
                NativeHeaders::with(record.headers(), name, value.as_bytes())
                    .map_err(|error| fault_of("appending a header", &error))?,
            ),
        };
        self.writer.send(OutRecord {
            topic: Output::Allowed as usize,
            partition: record.partition(),
            key: record.key(),
            value: record.value(),
            timestamp_ms: record.timestamp_ms(),
            headers,
            opaque: source_of(record.offset()),
        })
    }

    fn audit(&self, partition: Partition, entry: &[u8]) -> Result<(), Fault> {
        self.send(Output::Audit, partition, entry)
    }

    fn receipt(&self, partition: Partition, record: &[u8]) -> Result<(), Fault> {
        self.send(Output::Receipts, partition, record)
    }

    fn commit(&self, offsets: &[CommitOffset]) -> Result<(), Fault> {
        let Some(membership) = self.consumer.consumer().context().membership() else {
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

impl Drop for LaneClients {
    fn drop(&mut self) {
        // Closing waits for rebalances to be answered, and nobody handles events any longer.
        let consumer = self.consumer.consumer();
        consumer.context().close();
        while let Some(_unanswered) = consumer.context().next_change() {
            if let Err(error) = consumer.unassign() {
                tracing::warn!(%error, "kafka.unassign_failed");
            }
        }
    }
}
