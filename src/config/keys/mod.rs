//! The three keys of the gate and the one of opt-out links: where they are, how they are read, how new ones are written.
//!
//! Knows 32 secret bytes and no cryptography: what a key signs or hides is the business of `wire`.
//! A key that is missing, too short or of the wrong kind is an error, never a default.

mod error;
mod file;
mod secret_key;
mod source;

pub use error::KeyError;
pub use file::{KeyWarning, replace, write_new};
pub use secret_key::SecretKey;
pub use source::{GateKeys, KeySource, KeySources};

/// What a key is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyKind {
    /// Signs receipts (the seed of an Ed25519 key).
    Signing,
    /// Makes pseudonyms of recipients.
    Pseudonym,
    /// Remembers erased people.
    Tombstone,
    /// Seals opt-out links. No gate needs it.
    Optout,
}

impl KeyKind {
    /// All kinds.
    pub const ALL: [Self; 4] = [Self::Signing, Self::Pseudonym, Self::Tombstone, Self::Optout];
    /// Those that a gate needs.
    pub const OF_THE_GATE: [Self; 3] = [Self::Signing, Self::Pseudonym, Self::Tombstone];

    /// The name in key files, file names and configuration.
    pub fn name(self) -> &'static str {
        match self {
            Self::Signing => "signing",
            Self::Pseudonym => "pseudonym",
            Self::Tombstone => "tombstone",
            Self::Optout => "optout",
        }
    }

    /// The first line of a key file, so that two files cannot be mistaken for each other.
    pub fn header(self) -> String {
        format!("consentgate {} key 1", self.name())
    }

    /// The file name that `keys generate` uses.
    pub fn file_name(self) -> String {
        format!("{}.key", self.name())
    }
}
