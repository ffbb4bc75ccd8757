//! Event ids that are digests: the same fact has the same id, whoever writes it again.
//!
//! A prefix says whose they are; 16 bytes of the digest follow in hex.

const BYTES: usize = 16;

/// The id of a digest.
pub(super) fn id(prefix: &str, digest: &[u8]) -> String {
    format!("{prefix}{}", hex::encode(digest.get(..BYTES).unwrap_or_default()))
}

/// The number in an id; `None` if it is none of this prefix.
pub(super) fn number(prefix: &str, id: &str) -> Option<u128> {
    let digits = id.strip_prefix(prefix)?;
    let is_ours = digits.len() == 2 * BYTES
        && digits.bytes().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f'));
    is_ours.then(|| u128::from_str_radix(digits, 16).ok()).flatten()
}
