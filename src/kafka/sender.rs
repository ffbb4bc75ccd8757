//! Where the sender stands in the allowed topic.
//!
//! Three clients: one bears the sender's group but never joins it and never commits, one asks where
//! the topic ends for who honours transactions, one looks for a first unread record. A partition
//! without an answer is left out, so that nobody takes silence for good news.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use rdkafka::config::{ClientConfig, FromClientConfigAndContext};
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::KafkaError;
use rdkafka::message::Message;
use rdkafka::{Offset as KafkaOffset, TopicPartitionList};

use super::clients::Clients;
use super::context::PlainContext;
use super::fault::fault_of;
use crate::consent::{Offset, Partition};
use crate::stream::ports::{SenderPlace, SenderPort, Unread};
use crate::stream::{Fault, FaultKind};

/// How long a broker may take to answer.
const ANSWER_LIMIT: Duration = Duration::from_millis(1_000);
/// How long a search for first records may take.
const SEARCH_LIMIT: Duration = Duration::from_secs(3);
/// How often the number of partitions is asked for.
const WIDTH_EVERY: Duration = Duration::from_secs(10);

type Client = BaseConsumer<PlainContext>;

/// Asks where a group stands in a topic.
pub struct SenderOffsets {
    topic: String,
    group: Client,
    ends: Client,
    search: Client,
    width: Option<(Instant, i32)>,
}

impl SenderOffsets {
    /// Clients for this group and this topic.
    ///
    /// # Errors
    /// A client could not be made.
    pub fn open(clients: &Clients, group: &str, topic: &str) -> Result<Self, Fault> {
        let client = |config: ClientConfig| {
            BaseConsumer::from_config_and_context(&config, PlainContext)
                .map_err(|error| fault_of("making a client for the sender's place", &error))
        };
        Ok(Self {
            topic: topic.to_string(),
            group: client(clients.of_group(group))?,
            ends: client(clients.ends("read_committed"))?,
            search: client(clients.first_records())?,
            width: None,
        })
    }

    fn list(
        &self,
        places: impl Iterator<Item = (Partition, KafkaOffset)>,
    ) -> Result<TopicPartitionList, Fault> {
        let mut list = TopicPartitionList::new();
        for (partition, offset) in places {
            list.add_partition_offset(&self.topic, partition.0, offset)
                .map_err(|error| fault_of("listing partitions", &error))?;
        }
        Ok(list)
    }

    /// The first offsets that are still kept.
    fn begins(&self, places: &[SenderPlace]) -> Result<BTreeMap<Partition, Offset>, Fault> {
        let begins =
            self.list(places.iter().map(|place| (place.partition, KafkaOffset::Beginning)))?;
        let begins = self
            .ends
            .offsets_for_times(begins, ANSWER_LIMIT)
            .map_err(|error| fault_of("asking where the allowed topic begins", &error))?;
        Ok(offsets_of(&begins).collect())
    }

    /// Reads until each of these partitions has shown a record or its end, or until time is over.
    fn search(
        &self,
        mut left: BTreeMap<Partition, Offset>,
    ) -> Result<Vec<(Partition, Unread)>, Fault> {
        let (until, mut found) = (Instant::now() + SEARCH_LIMIT, Vec::new());
        while !left.is_empty() && Instant::now() < until {
            match self.search.poll(Duration::from_millis(50)) {
                None => {}
                Some(Ok(record)) => {
                    let (partition, offset) =
                        (Partition(record.partition()), Offset(record.offset()));
                    // What an earlier search left behind is none of this one's.
                    if left.get(&partition).is_some_and(|from| offset >= *from) {
                        left.remove(&partition);
                        found.push((partition, Unread::From(offset)));
                    }
                }
                Some(Err(KafkaError::PartitionEOF(partition))) => {
                    let partition = Partition(partition);
                    found.extend(left.remove(&partition).map(|_| (partition, Unread::Nothing)));
                }
                Some(Err(error)) => {
                    let fault = fault_of("looking for unread records", &error);
                    if fault.kind != FaultKind::Retriable {
                        return Err(fault);
                    }
                }
            }
        }
        Ok(found)
    }
}

impl SenderPort for SenderOffsets {
    fn width(&mut self) -> Result<i32, Fault> {
        if let Some((asked_at, width)) = self.width
            && asked_at.elapsed() < WIDTH_EVERY
        {
            return Ok(width);
        }
        let metadata = self
            .ends
            .fetch_metadata(Some(&self.topic), ANSWER_LIMIT)
            .map_err(|error| fault_of("asking for the allowed topic's partitions", &error))?;
        let topic = metadata.topics().iter().find(|topic| topic.name() == self.topic);
        let width = topic.map_or(0, |topic| topic.partitions().len());
        let width = i32::try_from(width).unwrap_or(i32::MAX);
        if width == 0 {
            let what = format!("topic {} is not there, or may not be read", self.topic);
            return Err(Fault::new(FaultKind::Refused, what));
        }
        self.width = Some((Instant::now(), width));
        Ok(width)
    }

    fn places(&mut self) -> Result<Vec<SenderPlace>, Fault> {
        // Serves log lines and tokens; these clients have no queue of records.
        self.group.poll(Duration::ZERO);
        self.ends.poll(Duration::ZERO);
        let width = self.width()?;
        let all = |offset| self.list((0..width).map(|partition| (Partition(partition), offset)));
        // The group first: an end that is asked for later is not before what was read.
        let committed = self
            .group
            .committed_offsets(all(KafkaOffset::Invalid)?, ANSWER_LIMIT)
            .map_err(|error| fault_of("asking for the sender's offsets", &error))?;
        let ends = self
            .ends
            .offsets_for_times(all(KafkaOffset::End)?, ANSWER_LIMIT)
            .map_err(|error| fault_of("asking where the allowed topic ends", &error))?;
        let ends: BTreeMap<Partition, Offset> = offsets_of(&ends).collect();
        let place = |element: &rdkafka::topic_partition_list::TopicPartitionListElem<'_>| {
            element.error().ok()?;
            let partition = Partition(element.partition());
            let next = match element.offset() {
                KafkaOffset::Offset(next) => Offset(next),
                KafkaOffset::Invalid => Offset(0),
                _ => return None,
            };
            Some(SenderPlace { partition, next, end: *ends.get(&partition)? })
        };
        Ok(committed.elements().iter().filter_map(place).collect())
    }

    fn first_unread(&mut self, places: &[SenderPlace]) -> Result<Vec<(Partition, Unread)>, Fault> {
        let begins = self.begins(places)?;
        let from: BTreeMap<Partition, Offset> = places
            .iter()
            .filter_map(|place| {
                Some((place.partition, place.next.max(*begins.get(&place.partition)?)))
            })
            .collect();
        let starts = from.iter().map(|(partition, from)| (*partition, KafkaOffset::Offset(from.0)));
        self.search
            .assign(&self.list(starts)?)
            .map_err(|error| fault_of("looking for unread records", &error))?;
        let found = self.search(from);
        self.search
            .unassign()
            .map_err(|error| fault_of("ending a look for unread records", &error))?;
        found
    }
}

/// The offsets that were answered without an error.
fn offsets_of(list: &TopicPartitionList) -> impl Iterator<Item = (Partition, Offset)> {
    let answers: Vec<_> = list
        .elements()
        .iter()
        .filter_map(|element| match (element.error(), element.offset()) {
            (Ok(()), KafkaOffset::Offset(offset)) => {
                Some((Partition(element.partition()), Offset(offset)))
            }
            _ => None,
        })
        .collect();
    answers.into_iter()
}
