//! How far a topic has grown and how far a group has come, for measuring from outside.
//!
//! Asked on a client that never fetches. Open transactions are counted, not waited for.

use std::time::Duration;

use rdkafka::config::FromClientConfigAndContext;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::KafkaError;
use rdkafka::{Offset as KafkaOffset, TopicPartitionList};

use super::ASK_LIMIT;
use super::clients::Clients;
use super::context::PlainContext;
use super::fault::fault_of;
use crate::stream::Fault;

/// Asks for sums over all partitions of a topic.
pub struct Gauge {
    client: BaseConsumer<PlainContext>,
    partitions: i32,
}

impl Gauge {
    /// A gauge for the group of these clients, and for topics of so many partitions.
    ///
    /// # Errors
    /// The client could not be made.
    pub fn open(clients: &Clients, partitions: i32) -> Result<Self, Fault> {
        let client = BaseConsumer::from_config_and_context(&clients.gauge(), PlainContext)
            .map_err(|error| fault_of("making a gauge", &error))?;
        Ok(Self { client, partitions })
    }

    /// The sum of the high watermarks.
    ///
    /// # Errors
    /// Kafka was not reached in time.
    pub fn end(&self, topic: &str) -> Result<u64, Fault> {
        self.client.poll(Duration::ZERO);
        let fault = |error: KafkaError| fault_of("asking where a topic ends", &error);
        let list = self.list(topic, KafkaOffset::End).map_err(fault)?;
        let ends = self.client.offsets_for_times(list, ASK_LIMIT).map_err(fault)?;
        Ok(sum(&ends))
    }

    /// The sum of the group's committed offsets; partitions without one count as 0.
    ///
    /// # Errors
    /// Kafka was not reached in time.
    pub fn committed(&self, topic: &str) -> Result<u64, Fault> {
        let fault = |error: KafkaError| fault_of("asking for committed offsets", &error);
        let list = self.list(topic, KafkaOffset::Invalid).map_err(fault)?;
        let committed = self.client.committed_offsets(list, ASK_LIMIT).map_err(fault)?;
        Ok(sum(&committed))
    }

    fn list(&self, topic: &str, offset: KafkaOffset) -> Result<TopicPartitionList, KafkaError> {
        let mut list = TopicPartitionList::new();
        for partition in 0..self.partitions {
            list.add_partition_offset(topic, partition, offset)?;
        }
        Ok(list)
    }
}

fn sum(list: &TopicPartitionList) -> u64 {
    let offset_of = |element: &rdkafka::topic_partition_list::TopicPartitionListElem<'_>| {
        match element.offset() {
            KafkaOffset::Offset(offset) => u64::try_from(offset).unwrap_or(0),
            _ => 0,
        }
    };
    list.elements().iter().map(offset_of).sum()
}
