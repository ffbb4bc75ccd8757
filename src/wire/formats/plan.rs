//! The places in a JSON value that are of interest, as a tree that a reader walks along.
//!
//! Knows no bytes. Nothing outside the tree has a meaning.

use super::field::{Field, FieldSet};

/// A node of the tree, by its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct NodeId(usize);

/// What stands at one place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Node {
    /// What is below, by key or by place in a list.
    children: Vec<Child>,
    fields: FieldSet,
    /// The bits that tell that anything stands here.
    mark: u32,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Child {
    key: String,
    /// The key as a place in a list, if it is one.
    index: Option<usize>,
    node: NodeId,
}

/// The tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Plan {
    nodes: Vec<Node>,
}

/// How a key of an object meets the plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Key {
    /// It is that child, whose number among its siblings is given.
    Child(NodeId, usize),
    /// It would be one but for upper and lower case.
    Almost,
    /// It has no meaning.
    Unknown,
}

impl Plan {
    /// The whole value.
    pub(super) const ROOT: NodeId = NodeId(0);
    /// At most so many keys of one object can be of interest.
    pub(super) const CHILDREN_MAX: usize = 128;

    pub(super) fn new() -> Self {
        Self { nodes: vec![Node::default()] }
    }

    /// A field stands here.
    pub(super) fn map(&mut self, keys: &[impl AsRef<str>], field: Field) {
        if let Some(node) = self.place(keys) {
            node.fields.add(field);
        }
    }

    /// It matters whether anything stands here.
    pub(super) fn mark(&mut self, keys: &[impl AsRef<str>], mark: u32) {
        if let Some(node) = self.place(keys) {
            node.mark |= mark;
        }
    }

    /// Whether no object has too many keys of interest.
    pub(super) fn fits(&self) -> bool {
        self.nodes.iter().all(|node| node.children.len() <= Self::CHILDREN_MAX)
    }

    pub(super) fn fields(&self, at: NodeId) -> FieldSet {
        self.nodes.get(at.0).map(|node| node.fields).unwrap_or_default()
    }

    pub(super) fn mark_of(&self, at: NodeId) -> u32 {
        self.nodes.get(at.0).map_or(0, |node| node.mark)
    }

    /// Whether anything below is of interest.
    pub(super) fn has_children(&self, at: NodeId) -> bool {
        !self.children(at).is_empty()
    }

    /// What a key of the object at `at` is.
    #[inline]
    pub(super) fn key(&self, at: NodeId, key: &str) -> Key {
        let mut almost = Key::Unknown;
        for (number, child) in self.children(at).iter().enumerate() {
            if child.key.len() != key.len() {
                continue;
            }
            if child.key == key {
                return Key::Child(child.node, number);
            }
            if child.key.eq_ignore_ascii_case(key) {
                almost = Key::Almost;
            }
        }
        almost
    }

    /// The element of the list at `at` that is of interest, if this one is.
    pub(super) fn element(&self, at: NodeId, index: usize) -> Option<NodeId> {
        let child = self.children(at).iter().find(|child| child.index == Some(index));
        child.map(|child| child.node)
    }

    #[inline]
    fn children(&self, at: NodeId) -> &[Child] {
        self.nodes.get(at.0).map_or(&[], |node| &node.children)
    }

    fn place(&mut self, keys: &[impl AsRef<str>]) -> Option<&mut Node> {
        let mut at = Self::ROOT;
        for key in keys {
            let key = key.as_ref();
            at = match self.key(at, key) {
                Key::Child(child, _) => child,
                Key::Almost | Key::Unknown => {
                    let node = NodeId(self.nodes.len());
                    self.nodes.push(Node::default());
                    let child = Child { key: key.to_owned(), index: index_of(key), node };
                    self.nodes.get_mut(at.0)?.children.push(child);
                    node
                }
            };
        }
        self.nodes.get_mut(at.0)
    }
}

/// A place in a list: digits, without zeros in front.
fn index_of(key: &str) -> Option<usize> {
    let is_plain = key == "0" || !key.starts_with(['0', '+']);
    key.parse().ok().filter(|_| is_plain)
}
