//! What a rolled consent log holds beside plain records: encrypted records and signed ends.
//!
//! Knows bytes and keys, no topic and no rule. What cannot be opened or was not signed by a pinned key
//! is an error that whoever reads must hold for.

mod digest;
mod seal;
#[cfg(test)]
mod tests;
mod vault;

pub use digest::RollDigest;
pub use seal::{RollId, RollSeal};
pub use vault::{Locked, OpenedRecord, Vault};

use crate::consent::{Offset, Partition};
use crate::wire::consent::{encode, heartbeat};

/// The key of a record that stands for another one: it names nobody.
pub const STAND_IN_KEY: &[u8] = b"/";

/// The value of a record that keeps the place of one that was left out: a heartbeat, which says nothing.
pub fn filler() -> Vec<u8> {
    encode(&heartbeat("consentgate roll"))
}

/// The bytes of a place, as digests and ciphertexts bind them.
fn place_bytes(partition: Partition, offset: Offset) -> [u8; 12] {
    let mut bytes = [0; 12];
    let (head, tail) = bytes.split_at_mut(4);
    head.copy_from_slice(&partition.0.to_be_bytes());
    tail.copy_from_slice(&offset.0.to_be_bytes());
    bytes
}
