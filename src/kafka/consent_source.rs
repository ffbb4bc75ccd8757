//! The consent topics: all partitions, from the beginning, outside any group's offsets.
//!
//! Reads committed records only and checks every byte. An offset that is gone is refused, never
//! jumped over.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use rdkafka::config::FromClientConfigAndContext;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::KafkaError;
use rdkafka::message::{BorrowedMessage, Message};
use rdkafka::{Offset as KafkaOffset, TopicPartitionList};

use super::ASK_LIMIT;
use super::assigning::assign_anew;
use super::clients::Clients;
use super::context::PlainContext;
use super::fault::fault_of;
use super::headers::appended;
use crate::consent::{Offset, Partition, Topic};
use crate::stream::ports::{ConsentPort, RawConsent, Reread, TopicWidth};
use crate::stream::{Fault, FaultKind};

/// How long one record may take to be read again.
const REREAD_LIMIT: Duration = Duration::from_secs(2);

/// A consent topic as it was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConsentTopic {
    /// Its role.
    pub role: Topic,
    /// Its name.
    pub name: String,
    /// How many partitions it has.
    pub partitions: i32,
}

impl ConsentTopic {
    /// Its role and width.
    pub fn width(&self) -> TopicWidth {
        TopicWidth { topic: self.role, partitions: self.partitions }
    }
}

/// Reads the consent topics.
pub struct ConsentSource {
    consumer: BaseConsumer<PlainContext>,
    /// Reads single records again, so that the reader itself never jumps.
    rereader: BaseConsumer<PlainContext>,
    topics: Vec<ConsentTopic>,
    widths: Vec<TopicWidth>,
    starts: BTreeMap<(Topic, Partition), Offset>,
}

impl ConsentSource {
    /// Stands at the beginning of every partition.
    ///
    /// # Errors
    /// A client could not be made, or Kafka was not reached in time.
    pub fn open(clients: &Clients, topics: Vec<ConsentTopic>) -> Result<Self, Fault> {
        let client = || {
            BaseConsumer::from_config_and_context(&clients.consent(), PlainContext)
                .map_err(|error| fault_of("making the consent reader", &error))
        };
        let widths = topics.iter().map(ConsentTopic::width).collect();
        let (consumer, rereader) = (client()?, client()?);
        let mut source = Self { consumer, rereader, topics, widths, starts: BTreeMap::new() };
        source.restart()?;
        Ok(source)
    }

    fn role_of(&self, name: &str) -> Option<Topic> {
        self.topics.iter().find(|topic| topic.name == name).map(|topic| topic.role)
    }

    fn name_of(&self, role: Topic) -> Option<&str> {
        self.topics.iter().find(|topic| topic.role == role).map(|topic| topic.name.as_str())
    }

    fn raw(&self, message: &BorrowedMessage<'_>) -> Option<RawConsent> {
        Some(RawConsent {
            topic: self.role_of(message.topic())?,
            partition: Partition(message.partition()),
            offset: Offset(message.offset()),
            appended: appended(message),
            key: message.key().map(<[u8]>::to_vec),
            value: message.payload().map(<[u8]>::to_vec),
        })
    }
}

impl ConsentPort for ConsentSource {
    fn widths(&self) -> &[TopicWidth] {
        &self.widths
    }

    fn cluster_id(&self) -> Option<String> {
        self.consumer.client().fetch_cluster_id(Duration::ZERO)
    }

    fn poll(
        &mut self,
        max: usize,
        wait: Duration,
        into: &mut Vec<RawConsent>,
    ) -> Result<(), Fault> {
        let mut wait = wait;
        while into.len() < max {
            match self.consumer.poll(wait) {
                Some(Ok(message)) => into.extend(self.raw(&message)),
                Some(Err(error)) => {
                    let fault = fault_of("polling the consent topics", &error);
                    if fault.kind != FaultKind::Retriable {
                        return Err(fault);
                    }
                    tracing::warn!(%fault, "consent.poll");
                    return Ok(());
                }
                None => return Ok(()),
            }
            // What is there is taken at once; only the first record is waited for.
            wait = Duration::ZERO;
        }
        Ok(())
    }

    fn positions(&mut self) -> Result<Vec<(Topic, Partition, Offset)>, Fault> {
        let fault = |error: KafkaError| fault_of("reading positions", &error);
        let list = self.consumer.position().map_err(fault)?;
        let position_of = |element: &rdkafka::topic_partition_list::TopicPartitionListElem<'_>| {
            let topic = self.role_of(element.topic())?;
            let partition = Partition(element.partition());
            let offset = match element.offset() {
                KafkaOffset::Offset(offset) => Offset(offset),
                // Nothing was delivered yet: the position is where the partition starts.
                _ => *self.starts.get(&(topic, partition))?,
            };
            Some((topic, partition, offset))
        };
        Ok(list.elements().iter().filter_map(position_of).collect())
    }

    fn restart(&mut self) -> Result<(), Fault> {
        let fault = |error: KafkaError| fault_of("starting at the beginning", &error);
        let mut list = TopicPartitionList::new();
        self.starts.clear();
        for topic in &self.topics {
            for partition in 0..topic.partitions {
                // Asked on the client that is not fetching.
                let (begin, _) = self
                    .rereader
                    .fetch_watermarks(&topic.name, partition, ASK_LIMIT)
                    .map_err(fault)?;
                let start = KafkaOffset::Offset(begin);
                list.add_partition_offset(&topic.name, partition, start).map_err(fault)?;
                self.starts.insert((topic.role, Partition(partition)), Offset(begin));
            }
        }
        assign_anew(&self.consumer, &list).map_err(fault)
    }

    fn reread(
        &mut self,
        topic: Topic,
        partition: Partition,
        offset: Offset,
    ) -> Result<Reread, Fault> {
        let Some(name) = self.name_of(topic) else {
            return Ok(Reread::Unanswered);
        };
        let fault = |error: KafkaError| fault_of("reading a record again", &error);
        let mut list = TopicPartitionList::new();
        list.add_partition_offset(name, partition.0, KafkaOffset::Offset(offset.0))
            .map_err(fault)?;
        self.rereader.assign(&list).map_err(fault)?;
        let found = self.await_record(offset);
        self.rereader.unassign().map_err(fault)?;
        found
    }
}

impl ConsentSource {
    fn await_record(&self, offset: Offset) -> Result<Reread, Fault> {
        let began = Instant::now();
        while began.elapsed() < REREAD_LIMIT {
            match self.rereader.poll(Duration::from_millis(100)) {
                Some(Ok(message)) if message.offset() == offset.0 => {
                    let record = self.raw(&message).map(Box::new);
                    return Ok(record.map_or(Reread::Unanswered, Reread::Record));
                }
                // A record behind it, but not it: it is not there any longer.
                Some(Ok(message)) if message.offset() > offset.0 => return Ok(Reread::Gone),
                Some(Err(error)) => {
                    let fault = fault_of("reading a record again", &error);
                    match fault.kind {
                        FaultKind::Refused => return Ok(Reread::Gone),
                        FaultKind::Retriable => return Ok(Reread::Unanswered),
                        _ => return Err(fault),
                    }
                }
                Some(Ok(_)) | None => {}
            }
        }
        Ok(Reread::Unanswered)
    }
}
