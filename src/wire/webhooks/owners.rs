//! Whose webhook it is: phone number ids and WhatsApp business accounts to businesses.
//!
//! Only what is configured counts; nobody is guessed.

use std::collections::BTreeMap;

use super::json::Json;
use crate::consent::BusinessId;

/// Which business a phone number id or an account belongs to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Owners {
    /// By phone number id.
    pub numbers: BTreeMap<String, BusinessId>,
    /// By account (WABA id), for what names no phone number of ours.
    pub accounts: BTreeMap<String, BusinessId>,
}

impl Owners {
    /// The businesses that a change may belong to: by its phone number id, else by its account. More
    /// than one only where an id stands there twice.
    pub(super) fn of<'o>(&'o self, entry: &'o Json, value: &'o Json) -> Vec<&'o BusinessId> {
        let ids = value.each_in("metadata", "phone_number_id");
        let by_number = found(&self.numbers, ids);
        if by_number.is_empty() { found(&self.accounts, entry.each("id")) } else { by_number }
    }

    /// Whether nobody is configured.
    pub fn is_empty(&self) -> bool {
        self.numbers.is_empty() && self.accounts.is_empty()
    }
}

fn found<'o>(
    known: &'o BTreeMap<String, BusinessId>,
    ids: impl Iterator<Item = &'o Json>,
) -> Vec<&'o BusinessId> {
    let id_of = |id: &Json| match id {
        Json::Text(text) => Some(text.clone()),
        other => other.whole().map(|id| id.to_string()),
    };
    let mut found: Vec<_> = ids.filter_map(id_of).filter_map(|id| known.get(&id)).collect();
    found.sort_unstable();
    found.dedup();
    found
}
