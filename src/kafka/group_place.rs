//! Where a group stands in a topic, and moving it while nobody is in it.
//!
//! Asks and commits without joining. Kafka itself refuses such a commit while the group has a member,
//! so no live group is ever moved. An offset that an open transaction may still change is no answer.

use rdkafka::config::FromClientConfigAndContext;
use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::{Offset as KafkaOffset, TopicPartitionList};

use super::ASK_LIMIT;
use super::clients::Clients;
use super::committed::committed_in;
use super::context::PlainContext;
use super::fault::fault_of;
use crate::consent::{Offset, Partition};
use crate::stream::ports::CommittedOffset;
use crate::stream::{Fault, FaultKind};

/// One group in one topic.
pub struct GroupPlace {
    client: BaseConsumer<PlainContext>,
    group: String,
    topic: String,
}

impl GroupPlace {
    /// A client that bears the group's name and never joins it.
    ///
    /// # Errors
    /// The client could not be made.
    pub fn open(clients: &Clients, group: &str, topic: &str) -> Result<Self, Fault> {
        let client =
            BaseConsumer::from_config_and_context(&clients.stable_group(group), PlainContext)
                .map_err(|error| fault_of("making a client for a group's place", &error))?;
        Ok(Self { client, group: group.to_owned(), topic: topic.to_owned() })
    }

    /// The committed offset of each of so many partitions.
    ///
    /// # Errors
    /// One of them is not told, or may still change.
    pub fn committed(&self, partitions: usize) -> Result<Vec<CommittedOffset>, Fault> {
        let what = format!("asking where group {} stands in topic {}", self.group, self.topic);
        let mut list = TopicPartitionList::new();
        for partition in 0..i32::try_from(partitions).unwrap_or(i32::MAX) {
            list.add_partition(&self.topic, partition);
        }
        let told = self
            .client
            .committed_offsets(list, ASK_LIMIT)
            .map_err(|error| fault_of(&what, &error))?;
        committed_in(&told, &what)
    }

    /// Moves the group to these offsets, without metadata, as an operator's tool does.
    ///
    /// # Errors
    /// Somebody is in the group ([`FaultKind::Fenced`]), or Kafka did not take all of them.
    pub fn move_to(&self, offsets: &[(Partition, Offset)]) -> Result<(), Fault> {
        let what = format!("moving group {} in topic {}", self.group, self.topic);
        let fault = |error: KafkaError| match error.rdkafka_error_code() {
            Some(RDKafkaErrorCode::UnknownMemberId | RDKafkaErrorCode::IllegalGeneration) => {
                let what =
                    format!("{what}: somebody is in the group; stop all of its members first");
                Fault::new(FaultKind::Fenced, what)
            }
            _ => fault_of(&what, &error),
        };
        let mut list = TopicPartitionList::new();
        for (partition, offset) in offsets {
            list.add_partition_offset(&self.topic, partition.0, KafkaOffset::Offset(offset.0))
                .map_err(fault)?;
        }
        self.client.commit(&list, CommitMode::Sync).map_err(fault)?;
        // An answer may name a partition that was not taken among others that were.
        let width = offsets.iter().map(|(partition, _)| partition.0 + 1).max().unwrap_or(0);
        let now = self.committed(usize::try_from(width).unwrap_or(0))?;
        let is_there = |(partition, offset): &(Partition, Offset)| {
            now.iter().any(|one| one.partition == *partition && one.next == Some(*offset))
        };
        match offsets.iter().all(is_there) {
            true => Ok(()),
            false => Err(Fault::new(FaultKind::Fenced, format!("{what}: not all of it was taken"))),
        }
    }
}
