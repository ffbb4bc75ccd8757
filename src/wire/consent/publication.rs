//! What a consent text says, as an event: the sentence, its hash, and what it names.
//!
//! For all who publish texts. The hash is made here, so that no publication is refused for it.

use sha2::{Digest as _, Sha256};

use crate::consent::TextHash;
use crate::wire::proto::consent::{Actor, Channel, ConsentEvent, Effect, Kind};

/// The hash by which a sentence is known.
pub fn hash_of(sentence: &str) -> TextHash {
    TextHash(Sha256::digest(sentence.as_bytes()).into())
}

/// A text that a business shows to people.
#[derive(Clone, Copy, Debug)]
pub struct Publication<'p> {
    /// Whose text it is.
    pub business: &'p str,
    /// Its id.
    pub id: &'p str,
    /// Its version.
    pub version: &'p str,
    /// The language of the sentence, such as `en`.
    pub language: &'p str,
    /// The sentence, word for word.
    pub sentence: &'p str,
    /// The scopes that it names.
    pub scopes: &'p [&'p str],
    /// The channels that it names.
    pub channels: &'p [Channel],
}

impl Publication<'_> {
    /// The event, to be completed with an id, a date and who writes it.
    pub fn event(&self) -> ConsentEvent {
        ConsentEvent {
            business_id: self.business.to_owned(),
            kind: Kind::TextPublished.into(),
            effect: Effect::Neutral.into(),
            scopes: self.scopes.iter().map(|scope| (*scope).to_owned()).collect(),
            text_id: self.id.to_owned(),
            text_version: self.version.to_owned(),
            text_sha256: hash_of(self.sentence).0.to_vec(),
            language: self.language.to_owned(),
            actor: Actor::Business.into(),
            text: self.sentence.to_owned(),
            channels: self.channels.iter().map(|channel| (*channel).into()).collect(),
            ..ConsentEvent::default()
        }
    }
}
