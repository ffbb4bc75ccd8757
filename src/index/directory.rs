//! A business's directory: from an identity to its local id and flags.
//!
//! Phone numbers and user ids have tables of their own, with slots of 16 and 24 bytes, and share the
//! local ids.

use std::slice::from_ref;

use prefetch_index::prefetch_index;

use super::hot::{Entry, HotFlags, LocalId};
use super::keys::{IdentityKey, PhoneKey, UserKey};
use super::slots::{SlotKey, Slots, Window};

impl SlotKey for PhoneKey {
    fn hash(&self) -> u64 {
        self.0
    }
}

impl SlotKey for UserKey {
    fn hash(&self) -> u64 {
        self.0[0]
    }
}

/// The first slots in which an identity may lie.
#[derive(Clone, Copy)]
pub(super) enum IdentityWindow<'d> {
    Phone(Window<'d, PhoneKey>),
    User(Window<'d, UserKey>),
}

impl IdentityWindow<'_> {
    /// Brings the slots near.
    pub(super) fn bring(&self) {
        match self {
            Self::Phone(window) => window.bring(),
            Self::User(window) => window.bring(),
        }
    }
}

/// The directory.
pub(super) struct Directory {
    phones: Slots<PhoneKey>,
    users: Slots<UserKey>,
    next: LocalId,
}

impl Directory {
    pub(super) fn new() -> Self {
        Self { phones: Slots::new(), users: Slots::new(), next: LocalId(0) }
    }

    /// Brings near what says where the slots lie.
    pub(super) fn bring(&self) {
        prefetch_index(from_ref(&self.phones), 0);
        prefetch_index(from_ref(&self.users), 0);
    }

    /// How many identities are in the directory.
    pub(super) fn len(&self) -> usize {
        self.phones.len() + self.users.len()
    }

    /// The first slots in which an identity may lie. Reads none of them.
    pub(super) fn window(&self, key: &IdentityKey) -> IdentityWindow<'_> {
        match key {
            IdentityKey::Phone(phone) => IdentityWindow::Phone(self.phones.window(*phone)),
            IdentityKey::User(user) => IdentityWindow::User(self.users.window(*user)),
        }
    }

    /// Looks an identity up, first in its window.
    pub(super) fn look(&self, window: &IdentityWindow<'_>) -> Option<Entry> {
        match window {
            IdentityWindow::Phone(window) => self.phones.look(window),
            IdentityWindow::User(window) => self.users.look(window),
        }
    }

    /// Looks an identity up.
    pub(super) fn get(&self, key: &IdentityKey) -> Option<Entry> {
        match key {
            IdentityKey::Phone(phone) => self.phones.get(phone),
            IdentityKey::User(user) => self.users.get(user),
        }
    }

    /// Enters an identity that is not there under a new local id; `None` when all ids are used up.
    pub(super) fn enter(&mut self, key: IdentityKey) -> Option<LocalId> {
        let id = self.next;
        if id == LocalId::NONE {
            return None;
        }
        self.next = LocalId(id.0 + 1);
        let flags = HotFlags::default();
        match key {
            IdentityKey::Phone(phone) => self.phones.insert(phone, Entry { id, flags }),
            IdentityKey::User(user) => self.users.insert(user, Entry { id, flags }),
        }
        Some(id)
    }

    /// Takes an identity out. Its local id is not used again.
    pub(super) fn remove(&mut self, key: &IdentityKey) {
        match key {
            IdentityKey::Phone(phone) => self.phones.remove(phone),
            IdentityKey::User(user) => self.users.remove(user),
        }
    }

    /// Changes the flags of an identity.
    pub(super) fn update(&mut self, key: &IdentityKey, change: impl FnOnce(&mut HotFlags)) {
        match key {
            IdentityKey::Phone(phone) => self.phones.update(phone, change),
            IdentityKey::User(user) => self.users.update(user, change),
        }
    }

    /// All identities with their local ids, in no order.
    pub(super) fn keys(&self) -> impl Iterator<Item = (IdentityKey, LocalId)> + '_ {
        let phones = self.phones.keys().map(|(key, id)| (IdentityKey::Phone(key), id));
        phones.chain(self.users.keys().map(|(key, id)| (IdentityKey::User(key), id)))
    }

    /// All entries, in no order.
    pub(super) fn iter(&self) -> impl Iterator<Item = Entry> + '_ {
        self.phones.iter().chain(self.users.iter())
    }

    /// Bytes of the slots of phone numbers and of user ids.
    pub(super) fn bytes(&self) -> (usize, usize) {
        (self.phones.bytes(), self.users.bytes())
    }

    /// Pretends that all local ids but one are used up.
    #[cfg(test)]
    pub(super) fn use_up_ids(&mut self) {
        self.next = LocalId::NONE;
    }
}
