//! Follows topics as a consumer of the gate's output would: committed records only, as they come.
//!
//! Outside any group. Used to watch, never to decide.

use std::time::Duration;

use rdkafka::config::FromClientConfigAndContext;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::KafkaError;
use rdkafka::message::Message;
use rdkafka::{Offset as KafkaOffset, TopicPartitionList};

use super::ASK_LIMIT;
use super::clients::Clients;
use super::context::PlainContext;
use super::fault::fault_of;
use crate::stream::{Fault, FaultKind};

/// A follower of topics, from their beginnings.
pub struct TopicTail {
    consumer: BaseConsumer<PlainContext>,
}

impl TopicTail {
    /// Stands at the beginning of every partition of these topics.
    ///
    /// # Errors
    /// The client could not be made, or Kafka was not reached in time.
    pub fn open(clients: &Clients, topics: &[&str]) -> Result<Self, Fault> {
        let fault = |error: KafkaError| fault_of("following a topic", &error);
        let mut config = clients.own_records();
        config.set("enable.partition.eof", "false");
        config.set("fetch.wait.max.ms", "10");
        config.set("fetch.queue.backoff.ms", "2");
        let consumer =
            BaseConsumer::from_config_and_context(&config, PlainContext).map_err(fault)?;
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

    /// Shows every record that is there, waiting up to `wait` for the first. Says how many came.
    ///
    /// # Errors
    /// A fault that does not pass by itself.
    pub fn poll(&self, wait: Duration, mut each: impl FnMut(&str, &[u8])) -> Result<usize, Fault> {
        const RECORDS_A_POLL: usize = 10_000;
        let mut wait = wait;
        for seen in 0..RECORDS_A_POLL {
            match self.consumer.poll(wait) {
                Some(Ok(record)) => each(record.topic(), record.payload().unwrap_or_default()),
                Some(Err(error)) => {
                    let fault = fault_of("following a topic", &error);
                    if fault.kind != FaultKind::Retriable {
                        return Err(fault);
                    }
                }
                None => return Ok(seen),
            }
            wait = Duration::ZERO;
        }
        Ok(RECORDS_A_POLL)
    }
}
