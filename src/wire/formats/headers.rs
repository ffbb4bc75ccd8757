//! The headers that are of interest, and one pass over a record's.
//!
//! A header of interest that stands there twice is a contradiction, even if both say the same: which
//! of the two a sender takes is its own affair.

use super::field::{Field, FieldSet};
use super::found::{Found, Value};
use super::refusal::{Fault, Refusal};

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
}

impl HeaderPlan {
    /// At most so many headers can be of interest.
    pub(super) const NAMES_MAX: usize = 128;

    pub(super) fn map(&mut self, name: &str, field: Field) {
        let at = match self.names.iter().position(|(known, _)| known == name) {
            Some(at) => at,
            None => {
                self.names.push((name.to_owned(), FieldSet::default()));
                self.names.len() - 1
            }
        };
        if let Some((_, fields)) = self.names.get_mut(at) {
            fields.add(field);
        }
    }

    pub(super) fn fits(&self) -> bool {
        self.names.len() <= Self::NAMES_MAX
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
            let named = |(name, _): &(String, FieldSet)| name == header.name;
            let Some(number) = self.names.iter().position(named) else {
                return;
            };
            let fields = self.names.get(number).map(|(_, fields)| *fields).unwrap_or_default();
            let field = fields.iter().next();
            if seen & (1 << number) != 0 {
                found.contradict(Refusal { field, fault: Fault::Twice });
            }
            seen |= 1 << number;
            match header.value.map(std::str::from_utf8) {
                None => {}
                Some(Ok(text)) => {
                    fields.iter().for_each(|field| found.put(field, Value::Text(text)))
                }
                Some(Err(_)) => {
                    refused.get_or_insert(Refusal { field, fault: Fault::WrongType });
                }
            }
        });
        refused.map_or(Ok(()), Err)
    }
}
