//! One pass over a JSON value along a plan.
//!
//! Reads to the end, so that what follows cannot say otherwise. A key of the plan that comes twice is
//! a contradiction, whichever reader would take which.

use serde::de::{DeserializeSeed, Error, MapAccess, SeqAccess, Visitor};

use super::found::{Found, Value};
use super::plan::{Key, NodeId, Plan};
use super::refusal::{Fault, Refusal};
use super::texts::Texts;
use std::fmt;

/// Enters what the plan asks for.
///
/// # Errors
/// [`Fault::NotJson`].
pub(super) fn read<'r>(
    bytes: &'r [u8],
    plan: &Plan,
    texts: &'r Texts,
    found: &mut Found<'r>,
) -> Result<(), Refusal> {
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let walk = Walk { plan, at: Some(Plan::ROOT), texts, found };
    let read = walk.deserialize(&mut reader).and_then(|()| reader.end());
    read.map_err(|_| Refusal::whole(Fault::NotJson))
}

/// A value, at a place of the plan or outside of it.
struct Walk<'w, 'r> {
    plan: &'w Plan,
    at: Option<NodeId>,
    texts: &'r Texts,
    found: &'w mut Found<'r>,
}

impl<'r> Walk<'_, 'r> {
    fn put(self, value: Value<'r>) {
        let Some(at) = self.at else {
            return;
        };
        self.found.marks |= self.plan.mark_of(at);
        for field in self.plan.fields(at).iter() {
            self.found.put(field, value);
        }
    }

    fn below(&mut self, at: Option<NodeId>) -> Walk<'_, 'r> {
        Walk { plan: self.plan, at, texts: self.texts, found: self.found }
    }
}

impl<'r> DeserializeSeed<'r> for Walk<'_, 'r> {
    type Value = ();

    fn deserialize<D: serde::Deserializer<'r>>(self, reader: D) -> Result<(), D::Error> {
        reader.deserialize_any(self)
    }
}

impl<'r> Visitor<'r> for Walk<'_, 'r> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<(), E> {
        self.put(Value::Other);
        Ok(())
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<(), E> {
        self.put(Value::Integer(number));
        Ok(())
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<(), E> {
        self.put(i64::try_from(number).map_or(Value::Other, Value::Integer));
        Ok(())
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<(), E> {
        self.put(Value::Other);
        Ok(())
    }

    fn visit_borrowed_str<E: Error>(self, text: &'r str) -> Result<(), E> {
        self.put(Value::Text(text));
        Ok(())
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<(), E> {
        if self.at.is_some_and(|at| !self.plan.fields(at).is_empty()) {
            let text = self.texts.keep(text);
            self.put(Value::Text(text));
        } else {
            self.put(Value::Other);
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'r>>(mut self, mut list: A) -> Result<(), A::Error> {
        let at = self.at.filter(|at| self.plan.has_children(*at));
        for index in 0.. {
            let element = at.and_then(|at| self.plan.element(at, index));
            if list.next_element_seed(self.below(element))?.is_none() {
                break;
            }
        }
        self.put(Value::Other);
        Ok(())
    }

    fn visit_map<A: MapAccess<'r>>(mut self, mut object: A) -> Result<(), A::Error> {
        let at = self.at.filter(|at| self.plan.has_children(*at));
        let mut seen = 0u128;
        while let Some(key) = object.next_key_seed(KeyOf { plan: self.plan, at })? {
            let child = match key {
                Key::Child(child, number) => {
                    if seen & (1 << number) != 0 {
                        let field = self.plan.fields(child).iter().next();
                        self.found.contradict(Refusal { field, fault: Fault::Twice });
                    }
                    seen |= 1 << number;
                    Some(child)
                }
                Key::Almost => {
                    self.found.contradict(Refusal::whole(Fault::AlmostTwice));
                    None
                }
                Key::Unknown => None,
            };
            object.next_value_seed(self.below(child))?;
        }
        self.put(Value::Other);
        Ok(())
    }
}

/// A key of an object.
struct KeyOf<'w> {
    plan: &'w Plan,
    at: Option<NodeId>,
}

impl<'r> DeserializeSeed<'r> for KeyOf<'_> {
    type Value = Key;

    fn deserialize<D: serde::Deserializer<'r>>(self, reader: D) -> Result<Key, D::Error> {
        reader.deserialize_str(self)
    }
}

impl Visitor<'_> for KeyOf<'_> {
    type Value = Key;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E: Error>(self, key: &str) -> Result<Key, E> {
        Ok(self.at.map_or(Key::Unknown, |at| self.plan.key(at, key)))
    }
}
