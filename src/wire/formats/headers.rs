//! The headers that are of interest, and one pass over a record's.
//!
//! A header of interest that stands there twice is a contradiction, even if both say the same: which
//! of the two a sender takes is its own affair.

use super::drawers::Drawers;
use super::field::{Field, FieldSet};
use super::found::Found;
use super::refusal::{Fault, Refusal};
use super::sink::Value;

/// One header of a record, borrowed from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header<'r> {
    /// Its name.
    pub name: &'r str,
    /// Its value; `None` for null.
    pub value: Option<&'r [u8]>,
}

/// Which headers hold which fields.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct HeaderPlan {
    names: Vec<(String, FieldSet)>,
    drawers: Drawers,
}

impl HeaderPlan {
    pub(super) fn map(&mut self, name: &str, field: Field) {
        let at = match self.names.iter().position(|(known, _)| known == name) {
            Some(at) => at,
            None => {
                self.names.push((name.to_owned(), FieldSet::default()));
                self.drawers.add(name);
                self.names.len() - 1
            }
        };
        if let Some((_, fields)) = self.names.get_mut(at) {
            fields.add_all(FieldSet::of(field));
        }
    }

    pub(super) fn fits(&self) -> bool {
        self.names.len() <= Drawers::NAMES_MAX
    }

    pub(super) fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// Enters the fields that the headers hold, as `each` shows them one by one.
    ///
    /// # Errors
    /// A header of interest that is no text.
    pub(super) fn read<'r>(
        &self,
        each: impl FnOnce(&mut dyn FnMut(Header<'r>)),
        found: &mut Found<'r>,
    ) -> Result<(), Refusal> {
        let (mut seen, mut refused) = (0u128, None);
        each(&mut |header| {
            let Some((number, fields)) = self.find(header.name) else {
                return;
            };
            let bit = 1 << number;
            if seen & bit != 0 {
                found.refuse(Refusal { field: fields.first(), fault: Fault::Twice });
            }
            seen |= bit;
            match header.value.map(std::str::from_utf8) {
                None => {}
                Some(Ok(text)) => found.enter(fields, Value::Text(text)),
                Some(Err(_)) => {
                    let refusal = Refusal { field: fields.first(), fault: Fault::WrongType };
                    refused.get_or_insert(refusal);
                }
            }
        });
        refused.map_or(Ok(()), Err)
    }

    /// The number of a name of interest, and what it holds.
    #[inline]
    fn find(&self, name: &str) -> Option<(usize, FieldSet)> {
        self.drawers.near(name).find_map(|number| {
            let (known, fields) = self.names.get(number)?;
            (known == name).then_some((number, *fields))
        })
    }
}
