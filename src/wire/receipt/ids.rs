//! Ids and hashes of receipts and policies, and what travels in a committed offset's metadata.
//!
//! Anything but the exact form is none: a committed offset without our metadata was moved by
//! another hand.

use std::fmt;

use sha2::{Digest, Sha256};

use crate::policy::Policy;
use crate::wire::WireError;

/// A receipt's id: 16 random bytes, handed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ReceiptId(pub [u8; 16]);

impl ReceiptId {
    /// Reads exactly 16 bytes.
    ///
    /// # Errors
    /// Any other length.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, WireError> {
        let exact = bytes.try_into();
        exact.map(Self).map_err(|_| WireError::field("receipt_id", "must be 16 bytes"))
    }
}

impl fmt::Display for ReceiptId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

/// SHA-256 of a receipt's body: what the next receipt of a partition names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ReceiptHash(pub [u8; 32]);

impl ReceiptHash {
    pub(super) fn of(body: &[u8]) -> Self {
        Self(Sha256::digest(body).into())
    }
}

impl fmt::Display for ReceiptHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

/// SHA-256 of a part of the column of allowed messages: what its receipt names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ColumnHash(pub [u8; 32]);

impl ColumnHash {
    pub(super) fn of(body: &[u8]) -> Self {
        Self(Sha256::digest(body).into())
    }
}

impl fmt::Display for ColumnHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

/// SHA-256 of a policy's canonical text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PolicyHash(pub [u8; 32]);

impl PolicyHash {
    /// The hash of a policy.
    pub fn of(policy: &Policy) -> Self {
        Self::of_text(policy.to_canonical_text().as_bytes())
    }

    pub(super) fn of_text(text: &[u8]) -> Self {
        Self(Sha256::digest(text).into())
    }
}

impl fmt::Display for PolicyHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

const METADATA_PREFIX: &str = "cg1:";

/// The metadata of a committed offset: the hash of the partition's last receipt.
///
/// It lets a new owner of the partition continue the chain without reading any receipt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CommitMetadata(pub ReceiptHash);

impl CommitMetadata {
    /// Reads `cg1:` and 64 lower-case hex digits; anything else is `None`.
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix(METADATA_PREFIX)?;
        if digits.bytes().any(|digit| digit.is_ascii_uppercase()) {
            return None;
        }
        let mut hash = [0u8; 32];
        hex::decode_to_slice(digits, &mut hash).ok()?;
        Some(Self(ReceiptHash(hash)))
    }
}

impl fmt::Display for CommitMetadata {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{METADATA_PREFIX}{}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commit_metadata_reads_back_what_it_wrote() {
        let metadata = CommitMetadata(ReceiptHash([0xab; 32]));
        let text = metadata.to_string();
        assert_eq!(text, format!("cg1:{}", "ab".repeat(32)));
        assert_eq!(CommitMetadata::parse(&text), Some(metadata));
    }

    #[test]
    fn any_other_metadata_is_another_hand() {
        let hash = "ab".repeat(32);
        for text in [
            String::new(),
            hash.clone(),
            "cg1:".to_string(),
            format!("cg2:{hash}"),
            format!("cg1:{hash} "),
            format!("cg1:{}", hash.to_uppercase()),
            format!("cg1:{}", &hash[2..]),
            format!("cg1:{}", "zz".repeat(32)),
        ] {
            assert_eq!(CommitMetadata::parse(&text), None, "{text}");
        }
    }
}
