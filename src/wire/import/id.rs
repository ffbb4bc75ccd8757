//! The id of an imported event: the same row means the same event, in whatever file it stands.
//!
//! So a file that is imported again, mended or not, adds nothing that is already in the log. The id is
//! a plain digest. It stands beside the number that it is made of, and is no pseudonym.

use sha2::{Digest, Sha256};

use crate::wire::consent::encode;
use crate::wire::digest_id;
use crate::wire::proto::consent::ConsentEvent;

/// What an imported event gives as its source.
pub const SOURCE: &str = "consentgate import";

const PREFIX: &str = "import-";
const DOMAIN: &[u8] = b"consentgate import 1\0";

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
    digest_id::id(PREFIX, &digest)
}

/// The number in an imported event's id; `None` if it is none of ours.
pub fn imported_id(event_id: &str) -> Option<u128> {
    digest_id::number(PREFIX, event_id)
}
