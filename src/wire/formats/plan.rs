//! The places in a JSON value that are of interest, as a tree that a reader walks along.
//!
//! Knows no bytes. Nothing outside the tree has a meaning.

use super::drawers::{Drawers, Place};
use super::field::FieldSet;

/// The tree.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Plan {
    root: Node,
}

/// What stands at one place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Node {
    fields: FieldSet,
    /// The bits that tell that anything stands here.
    mark: u32,
    /// What is below, by key or by place in a list.
    children: Vec<Child>,
    /// What every element of a list here is that has no place of its own.
    each: Option<Box<Node>>,
    /// The children's keys, by their numbers.
    keys: Drawers,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Child {
    /// The key as a place in a list, if it is one.
    index: Option<usize>,
    node: Node,
}

/// How a key of an object meets the plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Key<'p> {
    /// It is that child, whose number among its siblings is given.
    Child(&'p Node, usize),
    /// It would be that child but for upper and lower case.
    Almost(&'p Node),
    /// It has no meaning.
    Unknown,
}

impl Plan {
    /// Fields stand here.
    pub(super) fn map(&mut self, keys: &[impl AsRef<str>], fields: FieldSet) {
        if let Some(node) = self.root.place(keys) {
            node.fields.add_all(fields);
        }
    }

    /// A list stands here, and each of its elements is of interest.
    pub(super) fn map_each(&mut self, keys: &[impl AsRef<str>], fields: FieldSet) {
        if let Some(node) = self.root.place(keys) {
            node.each.get_or_insert_default().fields.add_all(fields);
        }
    }

    /// It matters whether anything stands here.
    pub(super) fn mark(&mut self, keys: &[impl AsRef<str>], mark: u32) {
        if let Some(node) = self.root.place(keys) {
            node.mark |= mark;
        }
    }

    /// Whether no object has too many keys of interest.
    pub(super) fn fits(&self) -> bool {
        self.root.fits()
    }

    /// The whole value.
    pub(super) fn root(&self) -> &Node {
        &self.root
    }
}

impl Node {
    #[inline]
    pub(super) fn fields(&self) -> FieldSet {
        self.fields
    }

    #[inline]
    pub(super) fn mark(&self) -> u32 {
        self.mark
    }

    /// Whether anything below is of interest.
    #[inline]
    pub(super) fn has_children(&self) -> bool {
        !self.children.is_empty() || self.each.is_some()
    }

    /// Whether an object belongs here.
    #[inline]
    pub(super) fn has_keys(&self) -> bool {
        !self.children.is_empty()
    }

    /// Whether elements of a list are of interest.
    pub(super) fn has_elements(&self) -> bool {
        self.each.is_some() || self.children.iter().any(|child| child.index.is_some())
    }

    /// The fields here and below.
    pub(super) fn all_fields(&self) -> FieldSet {
        let mut fields = self.fields;
        let below = self.children.iter().map(|child| &child.node).chain(self.each.as_deref());
        below.for_each(|node| fields.add_all(node.all_fields()));
        fields
    }

    /// What a key of the object here is.
    #[inline]
    pub(super) fn key(&self, key: &str) -> Key<'_> {
        let child = |number: usize| self.children.get(number).map(|child| &child.node);
        match self.keys.place(key) {
            Place::Number(number) => child(number).map(|node| Key::Child(node, number)),
            Place::Almost(number) => child(number).map(Key::Almost),
            Place::Nowhere => None,
        }
        .unwrap_or(Key::Unknown)
    }

    /// The element of the list here that is of interest, if this one is.
    pub(super) fn element(&self, index: usize) -> Option<&Self> {
        let child = self.children.iter().find(|child| child.index == Some(index));
        child.map(|child| &child.node).or(self.each.as_deref())
    }

    /// The node at these keys, made if it is not there. There always is one.
    fn place(&mut self, keys: &[impl AsRef<str>]) -> Option<&mut Self> {
        let mut at = self;
        for key in keys {
            let key = key.as_ref();
            let number = at.keys.number(key);
            if number == at.children.len() {
                at.children.push(Child { index: index_of(key), node: Self::default() });
            }
            at = &mut at.children.get_mut(number)?.node;
        }
        Some(at)
    }

    fn fits(&self) -> bool {
        let few = self.children.len() <= Drawers::NAMES_MAX;
        few && self.children.iter().all(|child| child.node.fits())
    }
}

/// A place in a list: digits, without zeros in front.
fn index_of(key: &str) -> Option<usize> {
    let is_plain = key == "0" || !key.starts_with(['0', '+']);
    key.parse().ok().filter(|_| is_plain)
}
