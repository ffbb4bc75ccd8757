//! Questions that a lane asks rarely, each with a client of its own.
//!
//! The consumer that fetches must not ask: its question would wait behind its own long poll.

use std::collections::BTreeSet;
use std::time::Instant;

use rdkafka::config::FromClientConfigAndContext;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::KafkaError;
use rdkafka::message::Message;
use rdkafka::{Offset as KafkaOffset, TopicPartitionList};

use crate::consent::{Offset, Partition};
use crate::kafka::ASK_LIMIT;
use crate::kafka::clients::Clients;
use crate::kafka::context::PlainContext;
use crate::kafka::fault::fault_of;
use crate::stream::ports::Extent;
use crate::stream::{Fault, FaultKind};

/// The extents of partitions, and where they stood at an instant.
pub(super) fn extents(
    clients: &Clients,
    topic: &str,
    partitions: &[Partition],
    at_ms: Option<i64>,
) -> Result<Vec<Extent>, Fault> {
    let asker = asker(&clients.tool())?;
    let extent_of = |&partition: &Partition| {
        let (begin, end) = asker
            .fetch_watermarks(topic, partition.0, ASK_LIMIT)
            .map_err(|error| fault_of("asking for the input's extent", &error))?;
        let at = at_ms.map(|at_ms| offset_at(&asker, topic, partition, at_ms, end)).transpose()?;
        Ok(Extent { partition, begin: Offset(begin), end: Offset(end), at })
    };
    partitions.iter().map(extent_of).collect()
}

fn offset_at(
    asker: &BaseConsumer<PlainContext>,
    topic: &str,
    partition: Partition,
    at_ms: i64,
    end: i64,
) -> Result<Offset, Fault> {
    let fault = |error: KafkaError| fault_of("asking for an offset by time", &error);
    let mut list = TopicPartitionList::new();
    list.add_partition_offset(topic, partition.0, KafkaOffset::Offset(at_ms)).map_err(fault)?;
    let answer = asker.offsets_for_times(list, ASK_LIMIT).map_err(fault)?;
    match answer.find_partition(topic, partition.0) {
        Some(found) => {
            found.error().map_err(fault)?;
            let at = match found.offset() {
                KafkaOffset::Offset(offset) => offset,
                _ => end,
            };
            Ok(Offset(at))
        }
        None => Err(Fault::new(FaultKind::Retriable, "no answer for an offset by time")),
    }
}

/// Reads every committed value of a topic to its end, partition by partition in order.
pub(super) fn every_value(
    clients: &Clients,
    topic: &str,
    each: &mut dyn FnMut(&[u8]),
) -> Result<(), Fault> {
    let fault = |error: KafkaError| fault_of("reading a topic", &error);
    let reader = asker(&clients.own_records())?;
    let metadata = reader.fetch_metadata(Some(topic), ASK_LIMIT).map_err(fault)?;
    let mut list = TopicPartitionList::new();
    let mut unfinished = BTreeSet::new();
    for partition in metadata.topics().iter().flat_map(|topic| topic.partitions()) {
        list.add_partition_offset(topic, partition.id(), KafkaOffset::Beginning).map_err(fault)?;
        unfinished.insert(partition.id());
    }
    reader.assign(&list).map_err(fault)?;
    let mut heard = Instant::now();
    while !unfinished.is_empty() {
        match reader.poll(ASK_LIMIT) {
            Some(Ok(message)) => each(message.payload().unwrap_or_default()),
            Some(Err(KafkaError::PartitionEOF(partition))) => {
                unfinished.remove(&partition);
            }
            Some(Err(error)) => return Err(fault(error)),
            None if heard.elapsed() > ASK_LIMIT * 4 => {
                return Err(Fault::new(FaultKind::Retriable, "a topic did not answer"));
            }
            None => continue,
        }
        heard = Instant::now();
    }
    Ok(())
}

fn asker(config: &rdkafka::ClientConfig) -> Result<BaseConsumer<PlainContext>, Fault> {
    BaseConsumer::from_config_and_context(config, PlainContext)
        .map_err(|error| fault_of("making a client", &error))
}
