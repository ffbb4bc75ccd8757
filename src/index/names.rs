//! The names of all scopes, once for all businesses.
//!
//! A message's scope is looked up here, in memory that is always near; a business knows its scopes
//! by these numbers. Knows no business.

use hashbrown::HashMap;

use crate::consent::ScopeName;

/// A scope's number among all names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct NameIx(u32);

/// The names of all scopes.
#[derive(Default)]
pub(super) struct ScopeNames {
    names: Vec<ScopeName>,
    numbers: HashMap<ScopeName, NameIx>,
}

impl ScopeNames {
    /// The number of a name that some fact used.
    pub(super) fn find(&self, name: &str) -> Option<NameIx> {
        self.numbers.get(name).copied()
    }

    /// The number of a name, new or known.
    pub(super) fn number(&mut self, name: ScopeName) -> NameIx {
        if let Some(known) = self.find(name.as_str()) {
            return known;
        }
        // Memory ends long before four billion names do.
        let number = NameIx(self.names.len() as u32);
        self.names.push(name.clone());
        self.numbers.insert(name, number);
        number
    }

    /// The name of a number.
    pub(super) fn name(&self, number: NameIx) -> Option<&ScopeName> {
        self.names.get(number.0 as usize)
    }
}
