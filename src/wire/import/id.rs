//! The id of an imported event: the same row means the same event, in whatever file it stands.
//!
//! So a file that is imported again, mended or not, adds nothing that is already in the log. The id is
//! a plain digest. It stands beside the number that it is made of, and is no pseudonym.

use sha2::{Digest, Sha256};

use crate::wire::consent::encode;
use crate::wire::proto::consent::ConsentEvent;

/// What an imported event gives as its source.
pub const SOURCE: &str = "consentgate import";

const PREFIX: &str = "import-";
const DOMAIN: &[u8] = b"consentgate import 1\0";
const ID_BYTES: usize = 16;

/// The id of an event by what it means: not by who imported it, nor by the note beside it.
pub(super) fn id_of(event: &ConsentEvent) -> String {
    let meaning = ConsentEvent {
        event_id: String::new(),
        recorder: String::new(),
        source: String::new(),
        reason: String::new(),
        historic: false,
        ..event.clone()
    };
    let digest = Sha256::new().chain_update(DOMAIN).chain_update(encode(&meaning)).finalize();
    let short = digest.get(..ID_BYTES).unwrap_or_default();
    format!("{PREFIX}{}", hex::encode(short))
}

/// The number in an imported event's id; `None` if it is none of ours.
pub fn imported_id(event_id: &str) -> Option<u128> {
    let digits = event_id.strip_prefix(PREFIX)?;
    let is_ours = digits.len() == 2 * ID_BYTES
        && digits.bytes().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f'));
    is_ours.then(|| u128::from_str_radix(digits, 16).ok()).flatten()
}
