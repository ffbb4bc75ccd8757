//! Where the logs end, asked now and then for the metrics, on clients that never fetch.
//!
//! Nothing here is part of a decision: the fence asks for itself. A partition without an answer is
//! left out.

use std::time::Duration;

use rdkafka::config::FromClientConfigAndContext;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::KafkaError;
use rdkafka::{Offset as KafkaOffset, TopicPartitionList};

use super::clients::Clients;
use super::consent_source::ConsentTopic;
use super::context::PlainContext;
use super::fault::fault_of;
use crate::consent::{Offset, Partition, Topic};
use crate::stream::Fault;

const ANSWER_LIMIT: Duration = Duration::from_secs(1);

/// Where a consent partition ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConsentEnd {
    /// The topic.
    pub topic: Topic,
    /// The partition.
    pub partition: Partition,
    /// The high watermark.
    pub high: Offset,
    /// The last stable offset; lower while a transaction is open.
    pub stable: Offset,
}

/// Asks where the consent topics and outbound topics end.
pub struct LogWatch {
    consent: Vec<ConsentTopic>,
    /// Sees high watermarks.
    uncommitted: BaseConsumer<PlainContext>,
    /// Sees last stable offsets.
    committed: BaseConsumer<PlainContext>,
    must_refresh: bool,
}

impl LogWatch {
    /// Clients for these topics.
    ///
    /// # Errors
    /// A client could not be made.
    pub fn open(clients: &Clients, consent: Vec<ConsentTopic>) -> Result<Self, Fault> {
        let client = |isolation| {
            BaseConsumer::from_config_and_context(&clients.ends(isolation), PlainContext)
                .map_err(|error| fault_of("making the watch's client", &error))
        };
        Ok(Self {
            consent,
            uncommitted: client("read_uncommitted")?,
            committed: client("read_committed")?,
            must_refresh: false,
        })
    }

    /// The ends of all consent partitions that answered.
    ///
    /// # Errors
    /// There was no answer.
    pub fn consent(&mut self) -> Result<Vec<ConsentEnd>, Fault> {
        let mut all = Vec::new();
        for ConsentTopic { role, name, partitions } in self.consent.clone() {
            let partitions: Vec<_> = (0..partitions).map(Partition).collect();
            // In this order a record that is appended in between makes nothing look open.
            let high = self.ask(Isolation::Uncommitted, &name, &partitions)?;
            let stable = self.ask(Isolation::Committed, &name, &partitions)?;
            for (partition, high) in high {
                let stable = stable.iter().find(|(other, _)| *other == partition);
                all.extend(stable.map(|&(_, stable)| ConsentEnd {
                    topic: role,
                    partition,
                    high,
                    stable,
                }));
            }
        }
        Ok(all)
    }

    /// Up to where these partitions of an outbound topic can be read.
    ///
    /// # Errors
    /// There was no answer.
    pub fn outbound(
        &mut self,
        topic: &str,
        partitions: &[Partition],
    ) -> Result<Vec<(Partition, Offset)>, Fault> {
        self.ask(Isolation::Committed, topic, partitions)
    }

    fn ask(
        &mut self,
        isolation: Isolation,
        topic: &str,
        partitions: &[Partition],
    ) -> Result<Vec<(Partition, Offset)>, Fault> {
        if partitions.is_empty() {
            return Ok(Vec::new());
        }
        let client = match isolation {
            Isolation::Uncommitted => &self.uncommitted,
            Isolation::Committed => &self.committed,
        };
        let fault = |error: KafkaError| fault_of("asking where a topic ends", &error);
        // Serves log lines and tokens; this client has no queue of records.
        client.poll(Duration::ZERO);
        if self.must_refresh {
            client.fetch_metadata(Some(topic), ANSWER_LIMIT).map_err(fault)?;
        }
        let mut list = TopicPartitionList::new();
        for partition in partitions {
            list.add_partition_offset(topic, partition.0, KafkaOffset::End).map_err(fault)?;
        }
        let answer = client.offsets_for_times(list, ANSWER_LIMIT);
        let ends: Vec<_> = match &answer {
            Ok(list) => list.elements().iter().filter_map(end_of).collect(),
            Err(_) => Vec::new(),
        };
        self.must_refresh = ends.len() < partitions.len();
        answer.map_err(fault).map(|_| ends)
    }
}

#[derive(Clone, Copy)]
enum Isolation {
    Uncommitted,
    Committed,
}

fn end_of(
    element: &rdkafka::topic_partition_list::TopicPartitionListElem<'_>,
) -> Option<(Partition, Offset)> {
    match (element.error(), element.offset()) {
        (Ok(()), KafkaOffset::Offset(offset)) => {
            Some((Partition(element.partition()), Offset(offset)))
        }
        _ => None,
    }
}
