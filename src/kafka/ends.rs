//! Where the consent topics end: the fence's question.
//!
//! Asked on a client that never fetches, all partitions in one call. The call succeeds even where
//! single partitions failed, so every element is passed on with its own error.

use std::time::{Duration, Instant};

use rdkafka::config::FromClientConfigAndContext;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::{Offset as KafkaOffset, TopicPartitionList};

use super::clients::Clients;
use super::consent_source::ConsentTopic;
use super::context::PlainContext;
use super::fault::fault_of;
use crate::consent::{Offset, Partition, Topic};
use crate::stream::ports::{EndAnswer, Ends, EndsPort, OpenTransaction};
use crate::stream::{Fault, FaultKind};

/// How long a broker may take to say where its partitions end.
const ANSWER_LIMIT: Duration = Duration::from_millis(1_000);

/// How often the brokers are asked anew who leads and which cluster this is. The client hears it
/// with each connection that it makes, too.
const REFRESH_EVERY: Duration = Duration::from_secs(10);

/// Asks for log ends.
pub struct LogEnds {
    topics: Vec<ConsentTopic>,
    /// Sees the high watermark.
    uncommitted: BaseConsumer<PlainContext>,
    /// Sees the last stable offset.
    committed: BaseConsumer<PlainContext>,
    /// When the metadata must be asked for again; `None`: before the next answer.
    refresh_at: Option<Instant>,
}

impl LogEnds {
    /// Clients for these topics.
    ///
    /// # Errors
    /// A client could not be made.
    pub fn open(clients: &Clients, topics: Vec<ConsentTopic>) -> Result<Self, Fault> {
        let client = |isolation| {
            BaseConsumer::from_config_and_context(&clients.ends(isolation), PlainContext)
                .map_err(|error| fault_of("making the fence's client", &error))
        };
        let (uncommitted, committed) = (client("read_uncommitted")?, client("read_committed")?);
        Ok(Self { topics, uncommitted, committed, refresh_at: None })
    }

    /// The cluster, as its brokers said last.
    ///
    /// # Errors
    /// No broker has said it yet.
    pub(super) fn cluster_id(&mut self) -> Result<String, Fault> {
        self.refresh_if_due()?;
        cluster_id(&self.uncommitted)
    }

    fn ask(&self, client: &BaseConsumer<PlainContext>) -> Result<Vec<EndAnswer>, Fault> {
        // Serves log lines and tokens; this client has no queue of records.
        client.poll(Duration::ZERO);
        let mut list = TopicPartitionList::new();
        for topic in &self.topics {
            for partition in 0..topic.partitions {
                list.add_partition_offset(&topic.name, partition, KafkaOffset::End)
                    .map_err(|error| fault_of("listing partitions", &error))?;
            }
        }
        let answer = client
            .offsets_for_times(list, ANSWER_LIMIT)
            .map_err(|error| fault_of("asking where the consent topics end", &error))?;
        Ok(answer.elements().iter().filter_map(|element| self.answer_of(element)).collect())
    }

    fn answer_of(
        &self,
        element: &rdkafka::topic_partition_list::TopicPartitionListElem<'_>,
    ) -> Option<EndAnswer> {
        let topic = self.role_of(element.topic())?;
        let end = match (element.error(), element.offset()) {
            (Err(error), _) => Err(error.to_string()),
            (Ok(()), KafkaOffset::Offset(offset)) => Ok(Offset(offset)),
            (Ok(()), other) => Err(format!("no offset but {other:?}")),
        };
        Some(EndAnswer { topic, partition: Partition(element.partition()), end })
    }

    /// A leader may have changed; the next answer must come from the new one.
    fn refresh_if_due(&mut self) -> Result<(), Fault> {
        if self.refresh_at.is_none_or(|at| Instant::now() >= at) {
            self.refresh()?;
            self.refresh_at = Some(Instant::now() + REFRESH_EVERY);
        }
        Ok(())
    }

    fn refresh(&self) -> Result<(), Fault> {
        for topic in &self.topics {
            self.uncommitted
                .fetch_metadata(Some(&topic.name), ANSWER_LIMIT)
                .map_err(|error| fault_of("refreshing metadata", &error))?;
        }
        Ok(())
    }

    fn role_of(&self, name: &str) -> Option<Topic> {
        self.topics.iter().find(|topic| topic.name == name).map(|topic| topic.role)
    }
}

impl EndsPort for LogEnds {
    fn ends(&mut self) -> Result<Ends, Fault> {
        self.refresh_if_due()?;
        let answers = self.ask(&self.uncommitted);
        if !answers.as_ref().is_ok_and(|all| all.iter().all(|answer| answer.end.is_ok())) {
            self.refresh_at = None;
        }
        // Asked after the answers: if they came over a new connection, it has told its cluster.
        Ok(Ends { answers: answers?, cluster_id: cluster_id(&self.uncommitted)? })
    }

    fn open_transaction(&mut self) -> Result<Option<OpenTransaction>, Fault> {
        let (high, stable) = (self.ask(&self.uncommitted)?, self.ask(&self.committed)?);
        let lags = |answer: &EndAnswer| {
            let (topic, partition) = (answer.topic, answer.partition);
            let stable = *answer.end.as_ref().ok()?;
            let same = high.iter().find(|high| (high.topic, high.partition) == (topic, partition));
            let high = *same?.end.as_ref().ok()?;
            (stable < high).then_some(OpenTransaction { topic, partition, stable })
        };
        Ok(stable.iter().find_map(lags))
    }
}

/// What the client heard last. It keeps it, so this asks nobody.
fn cluster_id(client: &BaseConsumer<PlainContext>) -> Result<String, Fault> {
    client.client().fetch_cluster_id(ANSWER_LIMIT).ok_or_else(|| {
        Fault::new(FaultKind::Retriable, "the brokers did not say which cluster they are")
    })
}
