//! Which partitions a lane fetches, and how librdkafka is told.
//!
//! Where a group shares its partitions anew as a whole, so does every call. Where it moves single ones,
//! librdkafka takes differences only: all others are fetched on, but not without a hiccup. It stops them
//! for each change and may then bring a record again that it has brought already; that one is passed
//! over here.

use std::cell::RefCell;
use std::collections::BTreeMap;

use rdkafka::consumer::Consumer;
use rdkafka::error::KafkaError;
use rdkafka::{Offset as KafkaOffset, TopicPartitionList};

use super::LaneClients;
use crate::config::GroupProtocol;
use crate::consent::{Offset, Partition};
use crate::kafka::assigning::assign_anew;
use crate::kafka::fault::fault_of;
use crate::stream::Fault;

/// How partitions change hands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::kafka) enum Exchange {
    /// All are given back before any is given anew.
    #[default]
    Whole,
    /// One by one, while the others go on.
    Piecewise,
}

impl Exchange {
    /// How this protocol does it.
    pub(in crate::kafka) fn of(protocol: GroupProtocol) -> Self {
        match protocol {
            GroupProtocol::Range => Self::Whole,
            GroupProtocol::Cooperative | GroupProtocol::Consumer => Self::Piecewise,
        }
    }
}

/// The partitions that are fetched, with the next offset of each that was not handed on yet.
#[derive(Debug, Default)]
pub(super) struct Fetched(RefCell<BTreeMap<Partition, Offset>>);

impl Fetched {
    /// Whether a record is handed on: its partition is fetched, and it comes for the first time.
    pub(super) fn takes(&self, partition: Partition, offset: Offset) -> bool {
        match self.0.borrow_mut().get_mut(&partition) {
            Some(next) if *next <= offset => {
                *next = offset.next();
                true
            }
            _ => false,
        }
    }

    fn set(&self, starts: &[(Partition, Offset)]) {
        *self.0.borrow_mut() = starts.iter().copied().collect();
    }

    fn add(&self, starts: &[(Partition, Offset)]) {
        self.0.borrow_mut().extend(starts.iter().copied());
    }

    /// Those of these partitions that were fetched until now.
    fn remove(&self, partitions: &[Partition]) -> Vec<Partition> {
        let mut fetched = self.0.borrow_mut();
        partitions.iter().copied().filter(|partition| fetched.remove(partition).is_some()).collect()
    }

    fn all(&self) -> Vec<Partition> {
        self.0.borrow().keys().copied().collect()
    }
}

impl LaneClients {
    /// Fetches exactly these partitions from these offsets.
    pub(super) fn fetch(&self, starts: &[(Partition, Offset)]) -> Result<(), Fault> {
        let consumer = self.consumer.consumer();
        let fault = |error: KafkaError| fault_of("assigning", &error);
        self.forward(starts, Keep::Nothing)?;
        match self.exchange {
            Exchange::Whole => assign_anew(consumer, &self.list_at(starts)?).map_err(fault)?,
            Exchange::Piecewise => {
                let before = self.fetched.all();
                if !before.is_empty() {
                    consumer.incremental_unassign(&self.list(&before)).map_err(fault)?;
                }
                consumer.incremental_assign(&self.list_at(starts)?).map_err(fault)?;
                self.distrust_what_waits()?;
            }
        }
        self.fetched.set(starts);
        consumer.context().answered();
        Ok(())
    }

    /// Fetches these partitions too.
    pub(super) fn fetch_also(&self, starts: &[(Partition, Offset)]) -> Result<(), Fault> {
        match self.exchange {
            // Whoever is given partitions then has had none.
            Exchange::Whole => self.fetch(starts),
            Exchange::Piecewise => {
                self.forward(starts, Keep::Others)?;
                let list = self.list_at(starts)?;
                let consumer = self.consumer.consumer();
                consumer
                    .incremental_assign(&list)
                    .map_err(|error| fault_of("assigning", &error))?;
                self.fetched.add(starts);
                consumer.context().answered();
                Ok(())
            }
        }
    }

    /// Fetches these partitions no longer, and tells the group so.
    pub(super) fn stop(&self, partitions: &[Partition]) -> Result<(), Fault> {
        let consumer = self.consumer.consumer();
        let fault = |error: KafkaError| fault_of("unassigning", &error);
        match self.exchange {
            Exchange::Whole => {
                self.fetched.set(&[]);
                consumer.context().forget_membership();
                consumer.unassign().map_err(fault)?;
            }
            Exchange::Piecewise => {
                let stopped = self.fetched.remove(partitions);
                // An empty list is an answer too.
                consumer.incremental_unassign(&self.list(&stopped)).map_err(fault)?;
                self.consumer.forget(partitions);
                self.distrust_what_waits()?;
            }
        }
        consumer.context().answered();
        Ok(())
    }

    /// librdkafka takes any incremental call for the answer to the change that waits, also to one that
    /// nobody here has seen yet. Partitions that were given back so may be somebody else's by now: they
    /// are lost, and nothing of theirs is committed any more.
    fn distrust_what_waits(&self) -> Result<(), Fault> {
        self.serve_group()?;
        self.consumer.consumer().context().lose_what_is_revoked();
        Ok(())
    }

    fn forward(&self, starts: &[(Partition, Offset)], keep: Keep) -> Result<(), Fault> {
        let partitions = starts.iter().map(|(partition, _)| *partition);
        if keep == Keep::Nothing {
            self.consumer.forget_all();
        }
        self.consumer
            .forward(&self.topics.outbound, partitions)
            .map_err(|error| fault_of("forwarding partitions", &error))
    }

    pub(super) fn list<'p>(
        &self,
        partitions: impl IntoIterator<Item = &'p Partition>,
    ) -> TopicPartitionList {
        let mut list = TopicPartitionList::new();
        for partition in partitions {
            list.add_partition(&self.topics.outbound, partition.0);
        }
        list
    }

    fn list_at(&self, starts: &[(Partition, Offset)]) -> Result<TopicPartitionList, Fault> {
        let mut list = TopicPartitionList::new();
        for (partition, next) in starts {
            let start = KafkaOffset::Offset(next.0);
            list.add_partition_offset(&self.topics.outbound, partition.0, start)
                .map_err(|error| fault_of("assigning", &error))?;
        }
        Ok(list)
    }
}

/// Which of the forwards so far stay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Keep {
    Nothing,
    Others,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_that_comes_again_is_passed_over_and_one_of_another_partition_too() {
        let fetched = Fetched::default();
        fetched.set(&[(Partition(1), Offset(5))]);
        fetched.add(&[(Partition(2), Offset(0))]);
        assert!(fetched.takes(Partition(1), Offset(5)));
        assert!(!fetched.takes(Partition(1), Offset(5)), "again");
        // Offsets 6 and 7 belong to control records.
        assert!(fetched.takes(Partition(1), Offset(8)));
        assert!(!fetched.takes(Partition(1), Offset(7)));
        assert!(!fetched.takes(Partition(3), Offset(0)), "of another partition");
        assert_eq!(fetched.remove(&[Partition(2), Partition(3)]), [Partition(2)]);
        assert!(!fetched.takes(Partition(2), Offset(0)), "given back");
    }
}
