//! What was found of a message, field by field, before it is a message.
//!
//! A second value for a field must mean the same as the first; the first contradiction is kept.

use super::field::Field;
use super::names::{category_of, deadline_of};
use super::refusal::{Fault, Refusal};
use crate::consent::IdentityRef;

/// A value as it stands in a record. What is null is not there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Value<'r> {
    Text(&'r str),
    Integer(i64),
    /// Anything else.
    Other,
}

/// The values so far.
#[derive(Debug)]
pub(super) struct Found<'r> {
    values: [Option<Value<'r>>; Field::COUNT],
    /// Which marked places hold anything.
    pub(super) marks: u32,
    contradiction: Option<Refusal>,
}

impl<'r> Found<'r> {
    pub(super) fn nothing() -> Self {
        Self { values: [None; Field::COUNT], marks: 0, contradiction: None }
    }

    /// Enters a value.
    pub(super) fn put(&mut self, field: Field, value: Value<'r>) {
        let Some(slot) = self.values.get_mut(field as usize) else {
            return;
        };
        match *slot {
            Some(before) if !mean_the_same(field, before, value) => {
                self.contradict(Refusal::of(field, Fault::Differs));
            }
            Some(_) => {}
            None => *slot = Some(value),
        }
    }

    /// Notes that the record contradicts itself.
    pub(super) fn contradict(&mut self, refusal: Refusal) {
        self.contradiction.get_or_insert(refusal);
    }

    /// The first contradiction, if there is one.
    pub(super) fn consistent(&self) -> Result<(), Refusal> {
        self.contradiction.map_or(Ok(()), Err)
    }

    pub(super) fn value(&self, field: Field) -> Option<Value<'r>> {
        self.values.get(field as usize).copied().flatten()
    }

    /// The text of a field; `None` if it is not there.
    pub(super) fn text(&self, field: Field) -> Result<Option<&'r str>, Refusal> {
        match self.value(field) {
            None => Ok(None),
            Some(Value::Text(text)) => Ok(Some(text)),
            Some(Value::Integer(_) | Value::Other) => Err(Refusal::of(field, Fault::WrongType)),
        }
    }

    /// The text of a field that must be there and say something.
    pub(super) fn required(&self, field: Field) -> Result<&'r str, Refusal> {
        let text = self.text(field)?.filter(|text| !text.is_empty());
        text.ok_or(Refusal::of(field, Fault::Missing))
    }

    /// The text of a field; empty if it is not there.
    pub(super) fn text_or_empty(&self, field: Field) -> Result<&'r str, Refusal> {
        Ok(self.text(field)?.unwrap_or_default())
    }
}

fn mean_the_same(field: Field, one: Value<'_>, other: Value<'_>) -> bool {
    if one == other {
        return true;
    }
    match (field, one, other) {
        (
            Field::Recipient | Field::AlsoKnownAs | Field::UserId,
            Value::Text(one),
            Value::Text(other),
        ) => {
            let identity = IdentityRef::parse(one);
            identity.is_some() && identity == IdentityRef::parse(other)
        }
        (Field::Category, Value::Text(one), Value::Text(other)) => {
            let category = category_of(one);
            category.is_some() && category == category_of(other)
        }
        (Field::Deadline, one, other) => {
            let deadline = deadline_of(one);
            deadline.is_ok() && deadline == deadline_of(other)
        }
        _ => false,
    }
}
