//! Everything that the broker holds, and the steps that touch more than one
//! part of it.
//!
//! Knows no socket. It is always used under the one lock of `shared`, so each
//! step is atomic to every client.

use std::collections::HashMap;
use std::time::Instant;

use kafka_protocol::ResponseError;

use super::batch::Outcome;
use super::cluster::Cluster;
use super::config::NodeId;
use super::group::Group;
use super::topics::Topics;
use super::txn::{Ended, Transactions};

/// Whether the broker still answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Life {
    Running,
    Stopped,
}

/// The state behind all nodes.
#[derive(Debug)]
pub(super) struct State {
    pub(super) cluster: Cluster,
    pub(super) topics: Topics,
    pub(super) groups: HashMap<String, Group>,
    pub(super) transactions: Transactions,
    pub(super) life: Life,
}

impl State {
    pub(super) fn new(cluster: Cluster) -> Self {
        Self {
            cluster,
            topics: Topics::default(),
            groups: HashMap::new(),
            transactions: Transactions::default(),
            life: Life::Running,
        }
    }

    /// Whether this node may go on with a request.
    pub(super) fn answers(&self, node: NodeId) -> bool {
        self.life == Life::Running && self.cluster.is_up(node)
    }

    /// Refuses a request about a group or transactional id of another node.
    pub(super) fn check_coordinator(&self, node: NodeId, key: &str) -> Result<(), ResponseError> {
        match self.cluster.coordinator(key) {
            Some((coordinator, _)) if coordinator == node => Ok(()),
            _ => Err(ResponseError::NotCoordinator),
        }
    }

    /// The group of this name, made if it is new.
    pub(super) fn group(&mut self, name: &str) -> &mut Group {
        self.groups.entry(name.to_owned()).or_insert_with(|| Group::new(Instant::now()))
    }

    /// Writes the markers of an ended transaction, and its offsets.
    pub(super) fn write_ended(&mut self, ended: Ended, now_ms: i64) {
        for (topic, index) in &ended.partitions {
            let Some(partition) = self.topics.partition_mut(topic, *index) else {
                continue;
            };
            partition.log.end_transaction(
                ended.producer.id,
                ended.producer.epoch,
                ended.outcome,
                partition.leader_epoch,
                now_ms,
            );
            partition.ring();
        }
        for name in &ended.groups {
            let offsets = &mut self.group(name).offsets;
            match ended.outcome {
                Outcome::Commit => offsets.apply(ended.producer.id),
                Outcome::Abort => offsets.discard(ended.producer.id),
            }
        }
    }

    /// Deletes a topic and what groups had committed for it.
    pub(super) fn delete_topic(&mut self, name: &str) -> Result<(), ResponseError> {
        self.topics.delete(name)?;
        for group in self.groups.values_mut() {
            group.offsets.forget_topic(name);
        }
        Ok(())
    }

    /// Takes a node down or up, and moves the leaders that it had, or that
    /// have nobody.
    pub(super) fn set_node(&mut self, node: NodeId, up: bool) {
        self.cluster.set_up(node, up);
        let cluster = &self.cluster;
        for partition in self.topics.partitions_mut() {
            let lost = partition.leader.is_some_and(|id| !cluster.is_up(id));
            let successor = partition.replicas.iter().copied();
            let successor = successor.into_iter().find(|id| cluster.is_up(*id));
            if lost && successor.is_some() {
                partition.elect(successor);
            }
            partition.ring();
        }
    }

    /// Ends what has run out of time: sessions, rebalances, transactions.
    /// Returns whether anything changed.
    pub(super) fn expire(&mut self, now: Instant, now_ms: i64) -> bool {
        let mut changed = false;
        for group in self.groups.values_mut() {
            changed |= group.expire(now);
        }
        for ended in self.transactions.expire(now) {
            self.write_ended(ended, now_ms);
            changed = true;
        }
        changed
    }
}
