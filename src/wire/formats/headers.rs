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
    names: Drawers,
    /// What each name holds, by its number.
    fields: Vec<FieldSet>,
}

impl HeaderPlan {
    pub(super) fn map(&mut self, name: &str, field: Field) {
        let number = self.names.number(name);
        self.fields.resize(self.names.len(), FieldSet::default());
        if let Some(fields) = self.fields.get_mut(number) {
            fields.add_all(FieldSet::of(field));
        }
    }

    pub(super) fn fits(&self) -> bool {
        self.names.len() <= Drawers::NAMES_MAX
    }

    pub(super) fn is_empty(&self) -> bool {
        self.fields.is_empty()
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
        let number = self.names.find(name)?;
        Some((number, self.fields.get(number).copied()?))
    }
}
