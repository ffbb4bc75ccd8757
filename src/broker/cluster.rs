//! The virtual nodes: their ports, which of them are up, and who coordinates.
//!
//! Knows no partition and no group. All nodes share one state, so a node that
//! is down loses its connections and its roles, never data.

use std::hash::{DefaultHasher, Hash, Hasher};

use super::config::NodeId;

/// The most replicas that a partition has.
const REPLICAS_MAX: usize = 3;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Power {
    Up,
    Down,
}

/// Whether consumer groups have a coordinator. Those of transactions always do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GroupCoordinators {
    /// A node that is up.
    Present,
    /// FindCoordinator answers COORDINATOR_NOT_AVAILABLE for every group.
    Absent,
}

#[derive(Debug)]
struct Node {
    id: NodeId,
    port: u16,
    power: Power,
}

/// All nodes, in the order of their ids.
#[derive(Debug)]
pub(super) struct Cluster {
    id: String,
    nodes: Vec<Node>,
    group_coordinators: GroupCoordinators,
    groups_refused: u64,
}

impl Cluster {
    /// Nodes 1..N on these ports, all up.
    pub(super) fn new(id: String, ports: &[u16]) -> Self {
        let nodes = (1..)
            .zip(ports)
            .map(|(id, port)| Node { id: NodeId(id), port: *port, power: Power::Up })
            .collect();
        Self { id, nodes, group_coordinators: GroupCoordinators::Present, groups_refused: 0 }
    }

    /// The cluster id that clients see.
    pub(super) fn id(&self) -> &str {
        &self.id
    }

    /// Makes it another cluster, for who asks from now on.
    pub(super) fn set_id(&mut self, id: &str) {
        id.clone_into(&mut self.id);
    }

    /// The nodes that are up, with their ports.
    pub(super) fn live(&self) -> impl Iterator<Item = (NodeId, u16)> {
        self.nodes.iter().filter(|node| node.power == Power::Up).map(|node| (node.id, node.port))
    }

    /// Whether this node answers.
    pub(super) fn is_up(&self, id: NodeId) -> bool {
        self.live().any(|(live, _)| live == id)
    }

    /// Takes a node down or up.
    pub(super) fn set_up(&mut self, id: NodeId, up: bool) {
        if let Some(node) = self.nodes.iter_mut().find(|node| node.id == id) {
            node.power = if up { Power::Up } else { Power::Down };
        }
    }

    /// The replicas of a partition, its first leader in front.
    pub(super) fn replicas(&self, partition: usize) -> Vec<NodeId> {
        let count = self.nodes.len().min(REPLICAS_MAX);
        (0..count)
            .filter_map(|step| self.nodes.get((partition + step) % self.nodes.len()))
            .map(|node| node.id)
            .collect()
    }

    /// The largest replication factor a topic may ask for.
    pub(super) fn size(&self) -> usize {
        self.nodes.len()
    }

    /// The live node that coordinates a group or a transactional id.
    pub(super) fn coordinator(&self, key: &str) -> Option<(NodeId, u16)> {
        let weight = |id: NodeId| {
            let mut hasher = DefaultHasher::new();
            (key, id).hash(&mut hasher);
            hasher.finish()
        };
        self.live().max_by_key(|(id, _)| weight(*id))
    }

    /// The same for a group; nobody while groups have none, which is counted.
    pub(super) fn group_coordinator(&mut self, group: &str) -> Option<(NodeId, u16)> {
        if self.group_coordinators == GroupCoordinators::Absent {
            self.groups_refused += 1;
            return None;
        }
        self.coordinator(group)
    }

    /// Takes the groups' coordinators away or gives them back.
    pub(super) fn set_group_coordinators(&mut self, group_coordinators: GroupCoordinators) {
        self.group_coordinators = group_coordinators;
    }

    /// How often a group's coordinator was asked for in vain.
    pub(super) fn groups_refused(&self) -> u64 {
        self.groups_refused
    }

    /// The live node with the lowest id.
    pub(super) fn controller(&self) -> NodeId {
        self.live().next().map_or(NodeId(-1), |(id, _)| id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_coordinator_is_always_up() {
        let mut cluster = Cluster::new("c".to_owned(), &[1, 2, 3]);
        let (first, _) = cluster.coordinator("group").expect("a node is up");
        cluster.set_up(first, false);
        let (second, _) = cluster.coordinator("group").expect("a node is up");
        assert_ne!(first, second);
        cluster.set_up(first, true);
        assert_eq!(cluster.coordinator("group").map(|(id, _)| id), Some(first));
    }
}
