//! What was found of a message, field by field, before it is a message.
//!
//! A second value for a field must mean the same as the first; the first contradiction is kept.

use super::field::{Field, FieldSet};
use super::names::{category_of, deadline_of};
use super::plan::Node;
use super::refusal::{Fault, Refusal};
use super::sink::{Sink, Value};
use crate::consent::IdentityRef;

/// The values so far. What they say lies apart from what they are: both are written at once.
#[derive(Debug)]
pub(super) struct Found<'r> {
    written: [&'r str; Field::COUNT],
    there: FieldSet,
    numbers: FieldSet,
    others: FieldSet,
    /// Which marked places hold anything.
    pub(super) marks: u32,
    contradiction: Option<Refusal>,
}

impl<'r> Found<'r> {
    pub(super) fn nothing() -> Self {
        let none = FieldSet::default();
        let (there, numbers, others) = (none, none, none);
        let written = [""; Field::COUNT];
        Self { written, there, numbers, others, marks: 0, contradiction: None }
    }

    /// Enters a value for all these fields.
    #[inline]
    pub(super) fn enter(&mut self, fields: FieldSet, value: Value<'r>) {
        if self.there.meets(fields) {
            return self.compare_all(fields, value);
        }
        let written = match value {
            Value::Text(text) => text,
            Value::Number(number) => {
                self.numbers.add_all(fields);
                number
            }
            Value::Flag(_) | Value::List | Value::Other => {
                self.others.add_all(fields);
                ""
            }
        };
        self.there.add_all(fields);
        for number in fields.numbers() {
            if let Some(slot) = self.written.get_mut(number) {
                *slot = written;
            }
        }
    }

    /// Enters a value for fields of which some have one already.
    #[cold]
    fn compare_all(&mut self, fields: FieldSet, value: Value<'r>) {
        for field in fields.numbers().filter_map(Field::numbered) {
            match self.value(field) {
                Some(before) if mean_the_same(field, before, value) => {}
                Some(_) => self.refuse(Refusal::of(field, Fault::Differs)),
                None => self.enter(FieldSet::of(field), value),
            }
        }
    }

    /// Notes that the record contradicts itself.
    pub(super) fn refuse(&mut self, refusal: Refusal) {
        self.contradiction.get_or_insert(refusal);
    }

    /// The first contradiction, if there is one.
    pub(super) fn consistent(&self) -> Result<(), Refusal> {
        self.contradiction.map_or(Ok(()), Err)
    }

    #[inline]
    pub(super) fn value(&self, field: Field) -> Option<Value<'r>> {
        let set = FieldSet::of(field);
        let written = self.written.get(field as usize).copied().unwrap_or_default();
        match (self.numbers.meets(set), self.others.meets(set)) {
            _ if !self.there.meets(set) => None,
            (true, _) => Some(Value::Number(written)),
            (_, true) => Some(Value::Other),
            _ => Some(Value::Text(written)),
        }
    }

    /// The text of a field; `None` if it is not there.
    #[inline]
    pub(super) fn text(&self, field: Field) -> Result<Option<&'r str>, Refusal> {
        match self.value(field) {
            None => Ok(None),
            Some(Value::Text(text)) => Ok(Some(text)),
            Some(_) => Err(Refusal::of(field, Fault::WrongType)),
        }
    }

    /// The text of a field that must be there and say something.
    pub(super) fn required(&self, field: Field) -> Result<&'r str, Refusal> {
        let text = self.text(field)?.filter(|text| !text.is_empty());
        text.ok_or(Refusal::of(field, Fault::Missing))
    }

    /// The text of a field; empty if it is not there.
    #[inline]
    pub(super) fn text_or_empty(&self, field: Field) -> Result<&'r str, Refusal> {
        Ok(self.text(field)?.unwrap_or_default())
    }
}

impl<'r> Sink<'r> for Found<'r> {
    #[inline]
    fn put_all(&mut self, fields: FieldSet, value: Value<'r>) {
        self.enter(fields, value);
    }

    #[inline]
    fn mark(&mut self, marks: u32) {
        self.marks |= marks;
    }

    #[cold]
    fn contradict(&mut self, at: &Node, fault: Fault) {
        // Whom a key in other letters is for is its reader's guess.
        let field = at.fields().first().filter(|_| fault == Fault::Twice);
        self.refuse(Refusal { field, fault });
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
