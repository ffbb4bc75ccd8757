//! Meta's webhooks: the body of one delivery in, consent events and notes out.
//!
//! Knows the shapes that Meta documents, and no Kafka, no clock, no state: the same body always gives
//! the same events, byte for byte, whatever came before it. Unknown fields are passed over. For every
//! doubt an opt-out widens and an inbound message shrinks: what cannot be read with certainty never
//! opens a service window, and what looks like an opt-out becomes the wider objection, or a note if
//! nobody can tell whose it is. No text of a person leaves this room.

mod content;
mod draft;
mod envelope;
mod identities;
mod json;
mod messages;
mod normal;
mod note;
mod owners;
mod person;
mod preferences;
mod sent;
mod statuses;
mod stop_list;
mod stop_words;
mod templates;
#[cfg(test)]
mod tests;

pub use draft::{SOURCE, fingerprint};
pub use identities::Links;
pub use note::{Note, Weight};
pub use owners::Owners;
pub use sent::{MetaId, SentReading, SentStatus};
pub use stop_words::StopWords;

use std::collections::BTreeMap;

use super::proto::consent::ConsentEvent;
use crate::consent::ScopeName;

/// What one body says.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reading {
    /// The events in the order of the body; every id is stable over deliveries.
    pub events: Vec<ConsentEvent>,
    /// What somebody should know about it.
    pub notes: Vec<Note>,
}

/// How bodies are read: whose they are, and what in them is an opt-out.
#[derive(Clone, Debug, Default)]
pub struct WebhookReader {
    /// Which business a phone number id or an account belongs to.
    pub owners: Owners,
    /// What a person writes to leave.
    pub stop_words: StopWords,
    /// What a button sends with which a person leaves, and which scopes; none means all.
    pub opt_out_payloads: BTreeMap<String, Vec<ScopeName>>,
    /// The scopes that a person leaves who says so among other words.
    pub marketing_scopes: Vec<ScopeName>,
    /// What becomes of two identities that Meta names for one person.
    pub links: Links,
}

impl WebhookReader {
    /// Reads one body.
    pub fn read(&self, body: &[u8]) -> Reading {
        envelope::read(self, body)
    }
}
