//! A lane's window on Kafka: one consumer in the group, one transactional producer.
//!
//! One thread uses it. It never commits under a membership that a broker would not check, nor while it
//! has lost partitions; and it never moves to an offset that it was not told.

mod fetching;
mod oversize;
mod polling;
mod reading;
mod record;
mod writer;

use std::sync::Arc;

use rdkafka::config::FromClientConfigAndContext;
use rdkafka::consumer::{BaseConsumer, Consumer, ConsumerGroupMetadata};
use rdkafka::{Offset as KafkaOffset, TopicPartitionList};

pub(super) use fetching::Exchange;
pub(super) use oversize::Oversize;
pub use record::Record;
pub(super) use record::fitness_of;
pub use writer::TaintDefence;

use self::fetching::Fetched;
use self::writer::{Output, Writer};
use super::ASK_LIMIT;
use super::clients::Clients;
use super::committed::committed_in;
use super::context::{GroupContext, source_of};
use super::fault::fault_of;
use super::leaving::leave;
use super::native::{BatchConsumer, NativeHeaders, OutRecord, current_membership};
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
    exchange: Exchange,
    fetched: Fetched,
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
        let exchange = Exchange::of(clients.group_protocol());
        let context = GroupContext::new(exchange);
        let consumer = BaseConsumer::from_config_and_context(&clients.outbound(lane), context)
            .map_err(|error| fault_of("making a consumer", &error))?;
        consumer.subscribe(&[&topics.outbound]).map_err(|error| fault_of("subscribing", &error))?;
        let consumer =
            BatchConsumer::new(consumer).map_err(|error| fault_of("making a queue", &error))?;
        let (clients, fetched) = (clients.clone(), Fetched::default());
        Ok(Self {
            consumer,
            exchange,
            fetched,
            writer,
            clients,
            topics,
            message_bytes_max,
            oversize,
        })
    }

    /// The membership to commit under.
    fn membership(&self) -> Result<Option<Arc<ConsumerGroupMetadata>>, Fault> {
        let context = self.consumer.consumer().context();
        match self.exchange {
            Exchange::Whole => Ok(context.membership()),
            // The generation moves while the partitions stay, sometimes without a word: it is asked for
            // now. A member that was thrown out is in again only when it has answered for its loss, and
            // of that the group tells first.
            Exchange::Piecewise => {
                let membership = current_membership(self.consumer.consumer());
                self.serve_group()?;
                Ok(membership.filter(|_| !context.has_lost()).map(Arc::new))
            }
        }
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
        const WHAT: &str = "reading committed offsets";
        let told = self
            .consumer
            .consumer()
            .committed_offsets(self.list(partitions), ASK_LIMIT)
            .map_err(|error| fault_of(WHAT, &error))?;
        committed_in(&told, WHAT)
    }

    fn extents(&self, partitions: &[Partition], at_ms: Option<i64>) -> Result<Vec<Extent>, Fault> {
        reading::extents(&self.clients, &self.topics.outbound, partitions, at_ms)
    }

    fn assign(&self, starts: &[(Partition, Offset)]) -> Result<(), Fault> {
        self.fetch(starts)
    }

    fn assign_also(&self, starts: &[(Partition, Offset)]) -> Result<(), Fault> {
        self.fetch_also(starts)
    }

    fn give_back(&self, partitions: &[Partition]) -> Result<(), Fault> {
        self.stop(partitions)
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
        let Some(membership) = self.membership()? else {
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
        // The group waits for the answers to its rebalances, and nobody handles them any longer: neither
        // those that wait nor the one at which the lane failed.
        let consumer = self.consumer.consumer();
        consumer.context().close();
        for unanswered in consumer.context().take_unanswered() {
            consumer.context().answer(consumer, &unanswered);
        }
        leave(consumer);
    }
}
