//! Follows topics as a consumer of the gate's output would: committed records only, as they come.
//!
//! Outside any group. Used to watch, never to decide.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::time::Duration;

use rdkafka::config::FromClientConfigAndContext;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::KafkaError;
use rdkafka::{Offset as KafkaOffset, TopicPartitionList};

use super::ASK_LIMIT;
use super::clients::Clients;
use super::context::PlainContext;
use super::fault::fault_of;
use super::topic_reader::TopicRecord;
use crate::consent::{Offset, Partition};
use crate::stream::{Fault, FaultKind};

/// A follower of topics.
pub struct TopicTail {
    consumer: BaseConsumer<PlainContext>,
}

impl TopicTail {
    /// Stands at the beginning of every partition of these topics.
    ///
    /// # Errors
    /// The client could not be made, or Kafka was not reached in time.
    pub fn open(clients: &Clients, topics: &[&str]) -> Result<Self, Fault> {
        let consumer = consumer(clients)?;
        let mut list = TopicPartitionList::new();
        for topic in topics {
            let metadata = consumer.fetch_metadata(Some(topic), ASK_LIMIT).map_err(fault)?;
            for partition in metadata.topics().iter().flat_map(|topic| topic.partitions()) {
                let start = KafkaOffset::Beginning;
                list.add_partition_offset(topic, partition.id(), start).map_err(fault)?;
            }
        }
        consumer.assign(&list).map_err(fault)?;
        Ok(Self { consumer })
    }

    /// Stands at these offsets of one topic; its other partitions are left out.
    ///
    /// # Errors
    /// The client could not be made.
    pub fn open_at(
        clients: &Clients,
        topic: &str,
        starts: &BTreeMap<Partition, Offset>,
    ) -> Result<Self, Fault> {
        let consumer = consumer(clients)?;
        let mut list = TopicPartitionList::new();
        for (partition, start) in starts {
            let start = KafkaOffset::Offset(start.0);
            list.add_partition_offset(topic, partition.0, start).map_err(fault)?;
        }
        consumer.assign(&list).map_err(fault)?;
        Ok(Self { consumer })
    }

    /// Shows every record that is there, waiting up to `wait` for the first. Says how many came.
    ///
    /// # Errors
    /// A fault that does not pass by itself.
    pub fn poll(&self, wait: Duration, mut each: impl FnMut(&str, &[u8])) -> Result<usize, Fault> {
        let mut seen = 0;
        let polled = self.poll_records(wait, |record| {
            seen += 1;
            each(record.topic(), record.value().unwrap_or_default());
            ControlFlow::Continue(())
        });
        polled.map(|_| seen)
    }

    /// Shows every record that is there until `each` has seen enough, waiting up to `wait` for the
    /// first. A fault that passes by itself is waited out.
    ///
    /// # Errors
    /// A fault that does not pass by itself.
    pub fn poll_records(
        &self,
        wait: Duration,
        mut each: impl FnMut(&TopicRecord<'_>) -> ControlFlow<()>,
    ) -> Result<ControlFlow<()>, Fault> {
        const RECORDS_A_POLL: usize = 10_000;
        let mut wait = wait;
        for _ in 0..RECORDS_A_POLL {
            match self.consumer.poll(wait) {
                Some(Ok(message)) => {
                    if each(&TopicRecord { message: &message }).is_break() {
                        return Ok(ControlFlow::Break(()));
                    }
                }
                Some(Err(error)) => {
                    let fault = fault(error);
                    if fault.kind != FaultKind::Retriable {
                        return Err(fault);
                    }
                }
                None => break,
            }
            wait = Duration::ZERO;
        }
        Ok(ControlFlow::Continue(()))
    }
}

fn consumer(clients: &Clients) -> Result<BaseConsumer<PlainContext>, Fault> {
    let mut config = clients.own_records();
    config.set("enable.partition.eof", "false");
    config.set("fetch.wait.max.ms", "10");
    config.set("fetch.queue.backoff.ms", "2");
    BaseConsumer::from_config_and_context(&config, PlainContext).map_err(fault)
}

fn fault(error: KafkaError) -> Fault {
    fault_of("following a topic", &error)
}
