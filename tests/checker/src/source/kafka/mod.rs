//! A Kafka, read over connections of our own: no librdkafka, and nothing of the gate.
//!
//! `read_committed` is made here: a broker names the aborted transactions of what it sends, and their
//! records are left out; what an open transaction holds back is not read. Requests and answers are of the
//! `kafka-protocol` crate; batches are read by [`batch`].

mod batch;
mod client;
mod committed;
mod compression;

use std::collections::BTreeMap;
use std::sync::Mutex;

use kafka_protocol::messages::fetch_request::{FetchPartition, FetchTopic};
use kafka_protocol::messages::list_offsets_request::{ListOffsetsPartition, ListOffsetsTopic};
use kafka_protocol::messages::metadata_request::MetadataRequestTopic;
use kafka_protocol::messages::{
    BrokerId, FetchRequest, ListOffsetsRequest, MetadataRequest, TopicName,
};
use kafka_protocol::protocol::StrBytes;

use super::{Extent, Record, Source};
use crate::error::{CheckError, Result};
use client::Client;
use committed::Committed;

const METADATA: i16 = 4;
const LIST_OFFSETS: i16 = 2;
const FETCH: i16 = 11;
const EARLIEST: i64 = -2;
const LATEST: i64 = -1;
const READ_UNCOMMITTED: i8 = 0;
const READ_COMMITTED: i8 = 1;
const AT_ONCE: i32 = 16 << 20;
const WAIT_MS: i32 = 500;

/// A Kafka cluster.
pub(crate) struct Kafka {
    bootstrap: String,
    /// Where the partitions of a topic are led.
    leaders: Mutex<BTreeMap<String, Vec<String>>>,
}

impl Kafka {
    pub(crate) fn new(bootstrap: &str) -> Self {
        Self { bootstrap: bootstrap.to_owned(), leaders: Mutex::default() }
    }

    /// The leaders of a topic's partitions, by number.
    fn leaders(&self, topic: &str) -> Result<Vec<String>> {
        let known = self.leaders.lock().map(|known| known.get(topic).cloned());
        if let Ok(Some(known)) = known {
            return Ok(known);
        }
        let asked = MetadataRequestTopic::default().with_name(Some(name_of(topic)));
        let request = MetadataRequest::default()
            .with_topics(Some(vec![asked]))
            .with_allow_auto_topic_creation(false);
        let answer = Client::connect(&self.bootstrap)?.ask(&request, METADATA)?;
        let address = |id: BrokerId| {
            let broker = answer.brokers.iter().find(|broker| broker.node_id == id)?;
            Some(format!("{}:{}", broker.host, broker.port))
        };
        let found = answer.topics.iter().find(|found| found.name.as_ref() == Some(&name_of(topic)));
        let found = found.filter(|found| found.error_code == 0 && !found.partitions.is_empty());
        let found = found.ok_or_else(|| CheckError::NoTopic(topic.to_owned()))?;
        let mut leaders: Vec<_> = found.partitions.iter().collect();
        leaders.sort_by_key(|partition| partition.partition_index);
        let leaders = leaders.into_iter().map(|partition| {
            let number = partition.partition_index;
            address(partition.leader_id).ok_or(CheckError::NoLeader(topic.to_owned(), number))
        });
        let leaders = leaders.collect::<Result<Vec<_>>>()?;
        if let Ok(mut known) = self.leaders.lock() {
            known.insert(topic.to_owned(), leaders.clone());
        }
        Ok(leaders)
    }

    fn connect(&self, topic: &str, partition: i32) -> Result<Client> {
        let leaders = self.leaders(topic)?;
        let leader = usize::try_from(partition).ok().and_then(|nth| leaders.get(nth));
        let leader = leader.ok_or_else(|| CheckError::NoLeader(topic.to_owned(), partition))?;
        Client::connect(leader)
    }
}

impl Source for Kafka {
    fn partitions(&self, topic: &str) -> Result<i32> {
        Ok(i32::try_from(self.leaders(topic)?.len()).unwrap_or(i32::MAX))
    }

    fn read(
        &self,
        topic: &str,
        partition: i32,
        each: &mut dyn FnMut(&Record<'_>),
    ) -> Result<Extent> {
        let mut client = self.connect(topic, partition)?;
        let mut offset_of = |at, isolation| offset(&mut client, topic, partition, at, isolation);
        let extent = Extent {
            start: offset_of(EARLIEST, READ_UNCOMMITTED)?,
            stable_end: offset_of(LATEST, READ_COMMITTED)?,
            end: offset_of(LATEST, READ_UNCOMMITTED)?,
        };
        let mut next = extent.start;
        let mut committed = Committed::default();
        while next < extent.stable_end {
            let (records, aborted) = fetch(&mut client, topic, partition, next)?;
            let shown = committed.show(&records, aborted, next..extent.stable_end, each);
            let reached = shown.map_err(|what| CheckError::Unreadable {
                topic: topic.to_owned(),
                partition,
                offset: next,
                what,
            })?;
            if reached <= next && !records.is_empty() {
                let what = "a fetch that holds no whole batch";
                let topic = topic.to_owned();
                return Err(CheckError::Unreadable { topic, partition, offset: next, what });
            }
            next = next.max(reached);
        }
        Ok(extent)
    }
}

fn name_of(topic: &str) -> TopicName {
    TopicName(StrBytes::from_string(topic.to_owned()))
}

fn refused(topic: &str, partition: i32, code: i16) -> CheckError {
    CheckError::Refused { topic: topic.to_owned(), partition, code }
}

fn offset(client: &mut Client, topic: &str, partition: i32, at: i64, isolation: i8) -> Result<i64> {
    let asked = ListOffsetsPartition::default().with_partition_index(partition).with_timestamp(at);
    let asked = ListOffsetsTopic::default().with_name(name_of(topic)).with_partitions(vec![asked]);
    let request = ListOffsetsRequest::default()
        .with_replica_id(BrokerId(-1))
        .with_isolation_level(isolation)
        .with_topics(vec![asked]);
    let answer = client.ask(&request, LIST_OFFSETS)?;
    let found = answer.topics.iter().flat_map(|topic| &topic.partitions).next();
    match found.map(|found| (found.error_code, found.offset)) {
        Some((0, offset @ 0..)) => Ok(offset),
        Some((code, _)) => Err(refused(topic, partition, code)),
        None => Err(refused(topic, partition, -1)),
    }
}

/// The transactions, by producer and first offset, whose records are not to be shown.
type Aborted = Vec<(i64, i64)>;

fn fetch(
    client: &mut Client,
    topic: &str,
    partition: i32,
    from: i64,
) -> Result<(bytes::Bytes, Aborted)> {
    let asked = FetchPartition::default()
        .with_partition(partition)
        .with_fetch_offset(from)
        .with_current_leader_epoch(-1)
        .with_partition_max_bytes(AT_ONCE);
    let asked = FetchTopic::default().with_topic(name_of(topic)).with_partitions(vec![asked]);
    let request = FetchRequest::default()
        .with_replica_id(BrokerId(-1))
        .with_max_wait_ms(WAIT_MS)
        .with_min_bytes(1)
        .with_max_bytes(AT_ONCE)
        .with_isolation_level(READ_COMMITTED)
        .with_session_epoch(-1)
        .with_topics(vec![asked]);
    let answer = client.ask(&request, FETCH)?;
    if answer.error_code != 0 {
        return Err(refused(topic, partition, answer.error_code));
    }
    let found = answer.responses.into_iter().flat_map(|topic| topic.partitions).next();
    let found = found.ok_or_else(|| refused(topic, partition, -1))?;
    if found.error_code != 0 {
        return Err(refused(topic, partition, found.error_code));
    }
    let aborted = found.aborted_transactions.unwrap_or_default();
    let aborted = aborted.iter().map(|one| (one.producer_id.0, one.first_offset)).collect();
    Ok((found.records.unwrap_or_default(), aborted))
}
