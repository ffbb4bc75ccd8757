//! The other form of a phone number, and what it keeps in step.
//!
//! Some countries write one number in two ways ([`Phone::variant`]). Both have facts of their own: a
//! grant counts on the form that it names, an objection on both. So whatever changes one makes the
//! flags of the other anew.
//!
//! [`Phone::variant`]: crate::consent::Phone::variant

use crate::consent::IdentityRef;

use super::business::Business;
use super::flags::Touched;
use super::keys::{IdentityKey, KeyedHashes};
use super::links::Whereabouts;

impl Business {
    /// Where the facts about the other form of an identity lie, if there are any.
    pub(super) fn variant_at(
        &self,
        hashes: &KeyedHashes,
        key: &IdentityKey,
    ) -> Option<Whereabouts> {
        let IdentityKey::Phone(key) = key else {
            return None;
        };
        let variant = hashes.phone(*key)?.variant()?;
        self.find(hashes, IdentityRef::Phone(variant))
    }

    /// Makes the flags of the other form of an identity anew, if it has any.
    pub(super) fn refresh_variant(&mut self, hashes: &KeyedHashes, key: &IdentityKey) {
        if let Some(Whereabouts::Directory(key, id)) = self.variant_at(hashes, key) {
            self.refresh(hashes, &key, id, Touched::All);
        }
    }
}
