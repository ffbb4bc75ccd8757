//! Consent events in the making, with ids that are the same at every delivery.
//!
//! An id is a digest of what makes the fact: its kind, business, person, scopes and what Meta calls it
//! (message, status, or the time of a preference). Where Meta names nothing, the digest of the whole
//! body stands in, for a retry repeats it byte for byte.

use sha2::{Digest as _, Sha256};

use crate::consent::{BusinessId, Identity, ScopeName};
use crate::wire::consent::name_person;
use crate::wire::digest_id;
use crate::wire::proto::consent::{Actor, ConsentEvent, Kind};

/// What the events of this room name as their source.
pub const SOURCE: &str = "whatsapp webhook";
const ID_PREFIX: &str = "wh-";
/// The longest id that Meta may give a message.
const META_ID_LEN_MAX: usize = 512;

/// What Meta calls a fact.
#[derive(Clone, Copy, Debug)]
pub(super) struct Named<'m> {
    /// Its id at Meta, if it has a readable one.
    pub(super) meta_id: Option<&'m str>,
    /// What tells it apart from others of that id, or without one.
    pub(super) mark: &'m str,
    /// The digest of the body that it stands in, for facts without an id.
    pub(super) body: &'m [u8],
}

/// An id of Meta's that may be passed on.
pub(super) fn meta_id(text: &str) -> Option<&str> {
    let fits = (1..=META_ID_LEN_MAX).contains(&text.len());
    (fits && !text.chars().any(char::is_control)).then_some(text)
}

/// The digest of a body.
pub(super) fn digest_of(body: &[u8]) -> Vec<u8> {
    Sha256::digest(body).to_vec()
}

/// An event about a person, without what its kind adds.
pub(super) fn event(
    kind: Kind,
    actor: Actor,
    business: &BusinessId,
    identity: &Identity,
) -> ConsentEvent {
    let mut event = ConsentEvent {
        business_id: business.as_str().to_owned(),
        kind: kind.into(),
        actor: actor.into(),
        source: SOURCE.to_owned(),
        ..ConsentEvent::default()
    };
    name_person(&mut event, identity);
    event
}

/// The names of scopes as an event carries them.
pub(super) fn names(scopes: &[ScopeName]) -> Vec<String> {
    scopes.iter().map(|scope| scope.as_str().to_owned()).collect()
}

/// Gives an event its id; call it when all else is set.
pub(super) fn sealed(mut event: ConsentEvent, named: Named<'_>) -> ConsentEvent {
    let mut hash = Sha256::new();
    let mut part = |bytes: &[u8]| {
        hash.update((bytes.len() as u64).to_be_bytes());
        hash.update(bytes);
    };
    part(&event.kind.to_be_bytes());
    for text in [
        &event.business_id,
        &event.phone,
        &event.user_id,
        &event.linked_phone,
        &event.linked_user_id,
    ] {
        part(text.as_bytes());
    }
    part(event.scopes.join("/").as_bytes());
    match named.meta_id {
        Some(id) => part(id.as_bytes()),
        None => part(named.body),
    }
    part(named.mark.as_bytes());
    event.event_id = digest_id::id(ID_PREFIX, &hash.finalize());
    event
}

/// The number behind an event id of this room; `None` for all others.
pub fn fingerprint(event_id: &str) -> Option<u128> {
    digest_id::number(ID_PREFIX, event_id)
}
