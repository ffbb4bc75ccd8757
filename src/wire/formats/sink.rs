//! What a walk through a record hands on, and to whom.
//!
//! The walk knows places and numbers of fields only. What they are called, and what it means that one
//! stands there twice or in another shape, is its sink's matter.

use super::field::FieldSet;
use super::plan::Node;
use super::refusal::Fault;

/// A value as it stands in a record. What is null is not there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Value<'r> {
    Text(&'r str),
    /// A number, as it is written.
    Number(&'r str),
    /// True or false.
    Flag(bool),
    /// A list. Its elements come by themselves, where they are of interest.
    List,
    /// Anything else.
    Other,
}

/// Takes in what stands at the places of a plan.
pub(super) trait Sink<'r> {
    /// A value for all these fields.
    fn put_all(&mut self, fields: FieldSet, value: Value<'r>);

    /// Something stands where it matters that anything does.
    fn mark(&mut self, marks: u32);

    /// A key of the plan comes twice, or once more in other letters.
    fn contradict(&mut self, at: &Node, fault: Fault);

    /// Null stands there.
    #[inline]
    fn null(&mut self, _fields: FieldSet) {}

    /// No object, where the plan has keys.
    #[inline]
    fn misfit(&mut self, _at: &Node) {}

    /// A key has no place in the plan.
    #[inline]
    fn unknown(&mut self) {}
}
