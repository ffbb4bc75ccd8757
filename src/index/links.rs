//! Which identities of a business are one person's, by number.
//!
//! Knows no identity: a node says where the facts about one lie, so an erased one is no more than its
//! tombstone here too. Links are never forgotten.

use smallvec::SmallVec;

use crate::consent::link::{Crowd, Link, LinkChange, LinkReach, reached};

use super::hot::LocalId;
use super::keys::{IdentityKey, TombstoneKey};

/// A linked identity's number within its business.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct NodeIx(u32);

/// Where the facts about an identity lie.
#[derive(Clone, Copy)]
pub(super) enum Whereabouts {
    Directory(IdentityKey, LocalId),
    Tombstone(TombstoneKey),
}

struct Node {
    at: Whereabouts,
    links: SmallVec<[(NodeIx, Link); 1]>,
}

/// The links of one business.
#[derive(Default)]
pub(super) struct Links {
    nodes: Vec<Node>,
    crowd: Crowd,
}

impl Links {
    /// The number that the next node will have; `None` when all are used up.
    pub(super) fn next(&self) -> Option<NodeIx> {
        u32::try_from(self.nodes.len()).ok().map(NodeIx)
    }

    /// Adds a node without links.
    pub(super) fn add(&mut self, at: Whereabouts) {
        self.nodes.push(Node { at, links: SmallVec::new() });
    }

    /// The facts about an identity lie elsewhere now.
    pub(super) fn moved(&mut self, node: NodeIx, to: Whereabouts) {
        if let Some(node) = self.node_mut(node) {
            node.at = to;
        }
    }

    /// Joins a change of the link between two nodes.
    pub(super) fn join(&mut self, one: NodeIx, other: NodeIx, change: LinkChange) {
        for (from, to) in [(one, other), (other, one)] {
            if let Some(node) = self.node_mut(from) {
                match node.links.iter_mut().find(|(known, _)| *known == to) {
                    Some((_, link)) => link.join(change),
                    None => {
                        let mut link = Link::default();
                        link.join(change);
                        node.links.push((to, link));
                    }
                }
            }
        }
        self.crowd = self.crowd.after(one, self.all(), |node| self.reached(node));
    }

    /// Whether somebody has more identities than a person may have.
    pub(super) fn crowd(&self) -> Crowd {
        self.crowd
    }

    /// The nodes that one reaches, and how far what is said on them counts on it.
    pub(super) fn reached(&self, from: NodeIx) -> Vec<(NodeIx, LinkReach)> {
        reached(from, |node| {
            let node = self.node(node);
            node.into_iter().flat_map(|node| node.links.iter().copied())
        })
    }

    pub(super) fn whereabouts(&self, node: NodeIx) -> Option<Whereabouts> {
        self.node(node).map(|node| node.at)
    }

    /// Whether nobody was ever linked.
    pub(super) fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// Bytes of nodes and links.
    pub(super) fn bytes(&self) -> usize {
        self.nodes.capacity() * size_of::<Node>()
    }

    fn all(&self) -> impl Iterator<Item = NodeIx> {
        (0..).map(NodeIx).zip(&self.nodes).map(|(number, _)| number)
    }

    fn node(&self, node: NodeIx) -> Option<&Node> {
        self.nodes.get(node.0 as usize)
    }

    fn node_mut(&mut self, node: NodeIx) -> Option<&mut Node> {
        self.nodes.get_mut(node.0 as usize)
    }
}
