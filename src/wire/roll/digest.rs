//! One hash over all records of a rolled partition.

use sha2::{Digest, Sha256};

use super::place_bytes;
use crate::consent::{Offset, Partition};

/// A running SHA-256 over place, append time, key and value of each record.
#[derive(Clone, Debug, Default)]
pub struct RollDigest(Sha256);

impl RollDigest {
    /// Adds the next record.
    pub fn add(
        &mut self,
        (partition, offset): (Partition, Offset),
        appended_ms: i64,
        key: Option<&[u8]>,
        value: Option<&[u8]>,
    ) {
        self.0.update(place_bytes(partition, offset));
        self.0.update(appended_ms.to_be_bytes());
        for part in [key, value] {
            // With its length, so that nothing can move from key to value.
            let length = part.map_or(u64::MAX, |part| part.len() as u64);
            self.0.update(length.to_be_bytes());
            self.0.update(part.unwrap_or_default());
        }
    }

    /// The digest so far.
    pub fn finish(&self) -> [u8; 32] {
        self.0.clone().finalize().into()
    }
}
