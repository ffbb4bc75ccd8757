//! A topic read by a group of its own, at least once.
//!
//! Nothing is committed before it is asked for, and where nothing is committed yet the reading begins
//! at the first record. After a change of the assignment what was polled and not committed is dropped:
//! whoever owns the partition now reads it again.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use rdkafka::TopicPartitionList;
use rdkafka::client::ClientContext;
use rdkafka::config::{FromClientConfigAndContext, RDKafkaLogLevel};
use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer, ConsumerContext, Rebalance};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::Message;

use super::clients::Clients;
use super::context::log;
use super::fault::fault_of;
use super::leaving::leave;
use crate::consent::{Offset, Partition};
use crate::stream::{Fault, FaultKind};

/// A record with its own memory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupRecord {
    /// The partition.
    pub partition: Partition,
    /// The offset.
    pub offset: Offset,
    /// The value; `None` for a tombstone.
    pub value: Option<Vec<u8>>,
}

/// What a poll brought.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Polled {
    /// Records, perhaps none, of partitions that were owned all the while.
    Records(Vec<GroupRecord>),
    /// Partitions were given or taken. What comes next may have been worked on by somebody else.
    Reassigned,
}

/// Remembers that the assignment has changed.
#[derive(Debug, Default)]
struct Watched {
    changed: AtomicBool,
}

impl ClientContext for Watched {
    fn log(&self, level: RDKafkaLogLevel, facility: &str, line: &str) {
        log(level, facility, line);
    }

    fn error(&self, error: KafkaError, reason: &str) {
        tracing::warn!(%error, reason, "kafka.group_reader");
    }

    fn stats_raw(&self, _statistics: &[u8]) {}
}

impl ConsumerContext for Watched {
    fn post_rebalance(&self, _: &BaseConsumer<Self>, _: &Rebalance<'_>) {
        self.changed.store(true, Ordering::SeqCst);
    }
}

/// Reads one topic in a group.
pub struct GroupReader {
    consumer: BaseConsumer<Watched>,
    topic: String,
}

impl GroupReader {
    /// Joins the group.
    ///
    /// # Errors
    /// The client could not be made.
    pub fn open(clients: &Clients, group: &str, topic: &str) -> Result<Self, Fault> {
        let fault = |error: KafkaError| fault_of("joining a group", &error);
        let config = clients.group(group);
        let consumer =
            BaseConsumer::from_config_and_context(&config, Watched::default()).map_err(fault)?;
        consumer.subscribe(&[topic]).map_err(fault)?;
        Ok(Self { consumer, topic: topic.to_owned() })
    }

    /// At most so many records, as soon as there are some, or none after the wait.
    ///
    /// # Errors
    /// A fault that does not pass by itself.
    pub fn poll(&self, count_max: usize, wait: Duration) -> Result<Polled, Fault> {
        let until = Instant::now() + wait;
        let mut records = Vec::new();
        while records.len() < count_max {
            let left = match records.is_empty() {
                true => until.saturating_duration_since(Instant::now()),
                false => Duration::ZERO,
            };
            let polled = self.consumer.poll(left);
            if self.consumer.context().changed.swap(false, Ordering::SeqCst) {
                return match polled {
                    // rdkafka never returns one together with a change. It would be dropped here and
                    // committed later, so rather the reading begins anew.
                    Some(Ok(_)) => Err(Fault::invariant("a record came with a change")),
                    _ => Ok(Polled::Reassigned),
                };
            }
            match polled {
                Some(Ok(message)) => records.push(GroupRecord {
                    partition: Partition(message.partition()),
                    offset: Offset(message.offset()),
                    value: message.payload().map(<[u8]>::to_vec),
                }),
                Some(Err(error)) => {
                    let fault = fault_of(&format!("reading topic {}", self.topic), &error);
                    if fault.kind != FaultKind::Retriable {
                        return Err(fault);
                    }
                    tracing::warn!(%fault, "kafka.group_reader");
                    break;
                }
                None => break,
            }
        }
        Ok(Polled::Records(records))
    }

    /// Commits that these records and all before them are done with.
    ///
    /// # Errors
    /// Kafka did not take it. What is not committed is read again.
    pub fn commit(&self, records: &[GroupRecord]) -> Result<(), Fault> {
        let fault = |error: KafkaError| fault_of("committing", &error);
        let mut next = BTreeMap::new();
        for record in records {
            let after = next.entry(record.partition).or_insert(Offset(0));
            *after = record.offset.next().max(*after);
        }
        let mut list = TopicPartitionList::new();
        for (partition, offset) in next {
            let offset = rdkafka::Offset::Offset(offset.0);
            list.add_partition_offset(&self.topic, partition.0, offset).map_err(fault)?;
        }
        match self.consumer.commit(&list, CommitMode::Sync) {
            Ok(()) => Ok(()),
            // The partitions are on their way to somebody, who reads from the last commit.
            Err(error) if is_rebalance(&error) => Ok(()),
            Err(error) => Err(fault(error)),
        }
    }
}

impl Drop for GroupReader {
    fn drop(&mut self) {
        leave(&self.consumer);
    }
}

fn is_rebalance(error: &KafkaError) -> bool {
    matches!(
        error.rdkafka_error_code(),
        Some(
            RDKafkaErrorCode::RebalanceInProgress
                | RDKafkaErrorCode::IllegalGeneration
                | RDKafkaErrorCode::UnknownMemberId
        )
    )
}
