//! What was found of a consent event, field by field, and what of it is in doubt.
//!
//! A field is in doubt if it says two things, is of a type that does not fit, or cannot be read. What
//! is in doubt is never used: the event is then read without it, and permits nothing.

use super::field::EventField;
use super::mapping::Unit;
use crate::consent::{BusinessId, Identity};
use crate::wire::consent::one_identity;
use crate::wire::formats::field::FieldSet;
use crate::wire::formats::names::instant_ms;
use crate::wire::formats::plan::Node;
use crate::wire::formats::refusal::Fault;
use crate::wire::formats::sink::{Sink, Value};

/// What an unknown key of an object means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum UnknownKeys {
    /// Nothing: it is not ours.
    Ignored,
    /// Perhaps one of ours, misspelt.
    Doubtful,
}

/// The values so far.
#[derive(Debug)]
pub(super) struct Gathered<'r> {
    values: [Option<Value<'r>>; EventField::COUNT],
    scopes: Vec<Value<'r>>,
    replacements: Vec<Value<'r>>,
    doubts: FieldSet,
    has_unknown_key: bool,
    unknown_keys: UnknownKeys,
    unit: Unit,
}

impl<'r> Gathered<'r> {
    pub(super) fn nothing(unit: Unit, unknown_keys: UnknownKeys) -> Self {
        Self {
            values: [None; EventField::COUNT],
            scopes: Vec::new(),
            replacements: Vec::new(),
            doubts: FieldSet::default(),
            has_unknown_key: false,
            unknown_keys,
            unit,
        }
    }

    /// Whether anything at all is in doubt. Then nothing is permitted.
    pub(super) fn has_doubt(&self) -> bool {
        self.is_misspelt() || !self.doubts.is_empty()
    }

    fn is_misspelt(&self) -> bool {
        self.has_unknown_key && self.unknown_keys == UnknownKeys::Doubtful
    }

    pub(super) fn is_doubtful(&self, field: EventField) -> bool {
        self.doubts.meets(field.set())
    }

    pub(super) fn doubt(&mut self, field: EventField) {
        self.doubts.add_all(field.set());
    }

    /// What is in doubt, by name.
    pub(super) fn doubts(&self) -> Vec<&'static str> {
        let fields = self.doubts.numbers().filter_map(EventField::numbered);
        let mut names: Vec<_> = fields.map(EventField::name).collect();
        if self.is_misspelt() {
            names.push("a key that is not known");
        }
        names
    }

    /// The value of a field that is not in doubt.
    pub(super) fn value(&self, field: EventField) -> Option<Value<'r>> {
        self.values.get(field as usize).copied().flatten().filter(|_| !self.is_doubtful(field))
    }

    /// The text of a field, or the digits of a whole number; empty if it is not there.
    pub(super) fn text(&mut self, field: EventField) -> &'r str {
        match self.value(field).map(written) {
            None => "",
            Some(Some(text)) => text,
            Some(None) => {
                self.doubt(field);
                ""
            }
        }
    }

    /// What a text means; in doubt if it means nothing.
    fn meaning<T>(&mut self, field: EventField, of: impl FnOnce(&str) -> Option<T>) -> Option<T> {
        let text = self.text(field);
        if text.is_empty() {
            return None;
        }
        let meaning = of(text);
        if meaning.is_none() {
            self.doubt(field);
        }
        meaning
    }

    pub(super) fn business(&mut self) -> Option<BusinessId> {
        self.meaning(EventField::Business, BusinessId::parse)
    }

    /// The person in a field; in our own form exactly one of a number and a user id.
    pub(super) fn identity(
        &mut self,
        field: EventField,
        (phone, user_id): (EventField, EventField),
    ) -> Option<Identity> {
        let own = (self.text(phone), self.text(user_id));
        if own == ("", "") {
            return self.meaning(field, Identity::parse);
        }
        let identity = one_identity(own.0, own.1);
        if identity.is_none() {
            self.doubt(phone);
            self.doubt(user_id);
        }
        identity
    }

    /// A time in milliseconds since 1970.
    pub(super) fn time_ms(&mut self, field: EventField) -> Option<i64> {
        let value = self.value(field)?;
        let time = time_of(value, self.unit);
        if time.is_none() {
            self.doubt(field);
        }
        time
    }

    /// A whole number.
    pub(super) fn number<T: std::str::FromStr>(&mut self, field: EventField) -> Option<T> {
        self.meaning(field, |text| text.parse().ok())
    }

    pub(super) fn flag(&mut self, field: EventField) -> bool {
        match self.value(field) {
            None => false,
            Some(Value::Flag(flag)) => flag,
            Some(_) => {
                self.doubt(field);
                false
            }
        }
    }

    /// The texts of a list, or the one text in its place; `None` for one that cannot be read.
    pub(super) fn list(&self, field: EventField) -> Vec<Option<&'r str>> {
        let elements = match field {
            EventField::Scopes => &self.scopes,
            _ => &self.replacements,
        };
        match self.values.get(field as usize).copied().flatten() {
            None | Some(Value::Text("")) => Vec::new(),
            Some(Value::List) => elements.iter().copied().map(text_alone).collect(),
            Some(one) => vec![text_alone(one)],
        }
    }

    fn enter(&mut self, field: EventField, value: Value<'r>) {
        match field {
            EventField::EachScope => return self.scopes.push(value),
            EventField::EachReplacement => return self.replacements.push(value),
            _ => {}
        }
        let (before, unit) = (self.values.get(field as usize).copied().flatten(), self.unit);
        match before {
            Some(before) if means_the_same(field, before, value, unit) => {}
            Some(_) => self.doubt(field),
            None => {
                if let Some(slot) = self.values.get_mut(field as usize) {
                    *slot = Some(value);
                }
            }
        }
    }
}

impl<'r> Sink<'r> for Gathered<'r> {
    fn put_all(&mut self, fields: FieldSet, value: Value<'r>) {
        for field in fields.numbers().filter_map(EventField::numbered) {
            self.enter(field, value);
        }
    }

    fn mark(&mut self, _marks: u32) {}

    fn contradict(&mut self, at: &Node, _fault: Fault) {
        self.doubts.add_all(at.all_fields());
    }

    /// An element that is null names something that cannot be read.
    fn null(&mut self, fields: FieldSet) {
        for field in [EventField::EachScope, EventField::EachReplacement] {
            if fields.meets(field.set()) {
                self.enter(field, Value::Other);
            }
        }
    }

    fn misfit(&mut self, at: &Node) {
        self.doubts.add_all(at.all_fields());
    }

    fn unknown(&mut self) {
        self.has_unknown_key = true;
    }
}

/// A text, or a whole number as it is written. Another way to write a number is another text.
fn written(value: Value<'_>) -> Option<&str> {
    match value {
        Value::Text(text) => Some(text),
        Value::Number(number) => {
            let digits = number.strip_prefix('-').unwrap_or(number);
            digits.bytes().all(|digit| digit.is_ascii_digit()).then_some(number)
        }
        Value::Flag(_) | Value::List | Value::Other => None,
    }
}

/// A text, and nothing that could be written as one.
fn text_alone(value: Value<'_>) -> Option<&str> {
    match value {
        Value::Text(text) => Some(text),
        _ => None,
    }
}

/// A time: a number or its digits in the unit that is configured, or as `2026-11-24T10:00:00Z`.
fn time_of(value: Value<'_>, unit: Unit) -> Option<i64> {
    let text = written(value)?;
    match text.parse::<i64>() {
        Ok(number) => unit.to_millis(number),
        Err(_) => instant_ms(text),
    }
}

fn means_the_same(field: EventField, one: Value<'_>, other: Value<'_>, unit: Unit) -> bool {
    match field {
        // What stands in two lists cannot be told apart.
        EventField::Scopes | EventField::ReplacedBy => false,
        EventField::Identity | EventField::Linked => {
            let identity = |value| written(value).and_then(Identity::parse);
            one == other || identity(one).is_some_and(|it| Some(it) == identity(other))
        }
        EventField::OccurredAt | EventField::ValidUntil | EventField::Until => {
            time_of(one, unit).is_some_and(|time| Some(time) == time_of(other, unit))
        }
        _ => one == other && written(one).is_some(),
    }
}
