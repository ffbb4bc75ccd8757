//! Consent records: bytes to [`ConsentRecord`], and events to bytes.
//!
//! Knows the contract, not the rules. Whatever is no consent event is [`Undecodable`](crate::consent::Content::Undecodable), and
//! the fold quarantines it.

pub(super) mod decode;
mod naming;
mod produce;
mod publication;
#[cfg(test)]
mod tests;

pub use decode::decode;
pub(super) use decode::{coded, one_identity, role_of, topic_of};
pub use naming::{kind_name, name_linked, name_person, topic_for};
pub use produce::{Produced, effect_of, encode, heartbeat, key_of, produce};
pub use publication::{Publication, hash_of};

use crate::consent::{ConsentRecord, KeyParts, Place, Placement, Seconds};

/// A consent record as the fold receives it.
///
/// `appended_at` is the partition's running maximum of append times; `placement` says whether the
/// record lies in the partition that its key belongs to.
pub fn record(
    place: Place,
    appended_at: Seconds,
    key: Option<&[u8]>,
    placement: Placement,
    value: Option<&[u8]>,
) -> ConsentRecord {
    ConsentRecord {
        place,
        appended_at,
        key: KeyParts::parse(key),
        placement,
        content: decode(value),
    }
}
