//! When records become visible to who reads committed ones: the far end of a latency.

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
use crate::stream::Fault;

/// Reads a topic from its present end.
pub struct Arrivals {
    consumer: BaseConsumer<PlainContext>,
}

impl Arrivals {
    /// Begins at the end of each partition as it is now.
    ///
    /// # Errors
    /// Kafka was not reached in time.
    pub fn open(clients: &Clients, topic: &str, partitions: i32) -> Result<Self, Fault> {
        let fault = |error: KafkaError| fault_of("reading a topic's end", &error);
        let consumer = BaseConsumer::from_config_and_context(&clients.arrivals(), PlainContext)
            .map_err(fault)?;
        let mut list = TopicPartitionList::new();
        for partition in 0..partitions {
            let (_, end) = consumer.fetch_watermarks(topic, partition, ASK_LIMIT).map_err(fault)?;
            list.add_partition_offset(topic, partition, KafkaOffset::Offset(end)).map_err(fault)?;
        }
        consumer.assign(&list).map_err(fault)?;
        Ok(Self { consumer })
    }

    /// The timestamp of the next record in milliseconds; `None` if there is none within the wait.
    ///
    /// # Errors
    /// A fault of the client that does not mend itself.
    pub fn poll(&self, wait: Duration) -> Result<Option<i64>, Fault> {
        match self.consumer.poll(wait) {
            Some(Ok(message)) => Ok(message.timestamp().to_millis()),
            Some(Err(error)) => Err(fault_of("reading a topic's end", &error)),
            None => Ok(None),
        }
    }
}
