//! Topics and their partitions: who leads them, and who waits for data.
//!
//! Knows no protocol. Nothing creates a topic but an explicit call, and a
//! topic that is created again under the same name gets another id and an
//! empty log.

use std::collections::BTreeMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::{Arc, Condvar};

use kafka_protocol::ResponseError;

use super::cluster::Cluster;
use super::config::NodeId;
use super::log::PartitionLog;
use super::topic_config::TopicConfig;

/// A topic's id, new with every creation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TopicId([u8; 16]);

impl TopicId {
    fn random() -> Self {
        let draw = || RandomState::new().hash_one(0u8);
        let bits = (u128::from(draw()) << 64) | u128::from(draw());
        Self(bits.to_be_bytes())
    }

    pub(super) fn bytes(self) -> [u8; 16] {
        self.0
    }
}

/// One partition.
#[derive(Debug)]
pub(super) struct Partition {
    pub(super) log: PartitionLog,
    /// None while no replica can lead.
    pub(super) leader: Option<NodeId>,
    pub(super) leader_epoch: i32,
    pub(super) replicas: Vec<NodeId>,
    bells: Vec<Arc<Condvar>>,
}

impl Partition {
    fn new(replicas: Vec<NodeId>) -> Self {
        Self {
            log: PartitionLog::default(),
            leader: replicas.first().copied(),
            leader_epoch: 0,
            replicas,
            bells: Vec::new(),
        }
    }

    /// Refuses a request that another node, another epoch or nobody leads.
    /// An epoch of -1 is not compared.
    pub(super) fn check_leader(&self, node: NodeId, epoch: i32) -> Result<(), ResponseError> {
        let leader = self.leader.ok_or(ResponseError::NotLeaderOrFollower)?;
        if epoch >= 0 && epoch < self.leader_epoch {
            return Err(ResponseError::FencedLeaderEpoch);
        }
        if epoch > self.leader_epoch {
            return Err(ResponseError::UnknownLeaderEpoch);
        }
        if leader != node {
            return Err(ResponseError::NotLeaderOrFollower);
        }
        Ok(())
    }

    /// Gives the partition another leader, or none, in a new epoch.
    pub(super) fn elect(&mut self, leader: Option<NodeId>) {
        if self.leader != leader {
            self.leader = leader;
            self.leader_epoch += 1;
        }
        self.ring();
    }

    /// Wakes every reader that waits for this partition.
    pub(super) fn ring(&mut self) {
        for bell in self.bells.drain(..) {
            bell.notify_one();
        }
    }

    /// Rings this bell at the next change.
    pub(super) fn wait_with(&mut self, bell: &Arc<Condvar>) {
        self.bells.push(Arc::clone(bell));
    }

    /// Forgets a bell that waits no longer.
    pub(super) fn stop_waiting(&mut self, bell: &Arc<Condvar>) {
        self.bells.retain(|other| !Arc::ptr_eq(other, bell));
    }
}

/// A topic.
#[derive(Debug)]
pub(super) struct Topic {
    pub(super) id: TopicId,
    pub(super) config: TopicConfig,
    pub(super) partitions: Vec<Partition>,
}

impl Topic {
    pub(super) fn partition(&self, index: i32) -> Option<&Partition> {
        self.partitions.get(usize::try_from(index).ok()?)
    }

    pub(super) fn partition_mut(&mut self, index: i32) -> Option<&mut Partition> {
        self.partitions.get_mut(usize::try_from(index).ok()?)
    }
}

/// All topics by name.
#[derive(Debug, Default)]
pub(super) struct Topics {
    by_name: BTreeMap<String, Topic>,
}

impl Topics {
    pub(super) fn get(&self, name: &str) -> Option<&Topic> {
        self.by_name.get(name)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&String, &Topic)> {
        self.by_name.iter()
    }

    /// The name and topic of an id.
    pub(super) fn by_id(&self, id: [u8; 16]) -> Option<(&String, &Topic)> {
        self.by_name.iter().find(|(_, topic)| topic.id.bytes() == id)
    }

    pub(super) fn partition(&self, name: &str, index: i32) -> Option<&Partition> {
        self.get(name)?.partition(index)
    }

    pub(super) fn partition_mut(&mut self, name: &str, index: i32) -> Option<&mut Partition> {
        self.by_name.get_mut(name)?.partition_mut(index)
    }

    pub(super) fn partitions_mut(&mut self) -> impl Iterator<Item = &mut Partition> {
        self.by_name.values_mut().flat_map(|topic| &mut topic.partitions)
    }

    /// Whether a topic of this name and size could be created.
    pub(super) fn check_new(&self, name: &str, partitions: i32) -> Result<(), ResponseError> {
        let legal = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
        if name.is_empty() || name.len() > 249 || !name.chars().all(legal) {
            return Err(ResponseError::InvalidTopicException);
        }
        if self.by_name.contains_key(name) {
            return Err(ResponseError::TopicAlreadyExists);
        }
        if partitions < 1 {
            return Err(ResponseError::InvalidPartitions);
        }
        Ok(())
    }

    /// Creates a topic.
    pub(super) fn create(
        &mut self,
        cluster: &Cluster,
        name: &str,
        partitions: i32,
        config: TopicConfig,
    ) -> Result<(), ResponseError> {
        self.check_new(name, partitions)?;
        let count = usize::try_from(partitions).map_err(|_| ResponseError::InvalidPartitions)?;
        let topic = Topic {
            id: TopicId::random(),
            config,
            partitions: (0..count).map(|index| Partition::new(cluster.replicas(index))).collect(),
        };
        self.by_name.insert(name.to_owned(), topic);
        Ok(())
    }

    /// Deletes a topic with its records.
    pub(super) fn delete(&mut self, name: &str) -> Result<(), ResponseError> {
        let topic = self.by_name.remove(name);
        let mut topic = topic.ok_or(ResponseError::UnknownTopicOrPartition)?;
        topic.partitions.iter_mut().for_each(Partition::ring);
        Ok(())
    }

    /// Raises the number of partitions to `count`.
    pub(super) fn grow(
        &mut self,
        cluster: &Cluster,
        name: &str,
        count: i32,
    ) -> Result<(), ResponseError> {
        let topic = self.by_name.get_mut(name);
        let topic = topic.ok_or(ResponseError::UnknownTopicOrPartition)?;
        let count = usize::try_from(count).map_err(|_| ResponseError::InvalidPartitions)?;
        if count <= topic.partitions.len() {
            return Err(ResponseError::InvalidPartitions);
        }
        for index in topic.partitions.len()..count {
            topic.partitions.push(Partition::new(cluster.replicas(index)));
        }
        Ok(())
    }
}
