//! Which messages Meta says were sent: `statuses` that a message can only have once it has left.
//!
//! Reads the same places as [`super::statuses`], and makes no event. Meta's own id of a message holds the
//! person's number, so only its digest leaves this file. What cannot be read is said, never passed over:
//! whoever compares must know that something is missing.

use sha2::{Digest, Sha256};

use super::WebhookReader;
use super::json::Json;
use super::person::Person;
use super::statuses::{FIELDS, seconds_of};
use crate::consent::{BusinessId, Identity};

/// What a message has once it has left: Meta may tell of a later state and not of an earlier one.
const LEFT: [&str; 4] = ["sent", "delivered", "read", "played"];

/// The first 16 bytes of the SHA-256 of Meta's id of a message. The id itself holds the person's number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MetaId([u8; 16]);

impl MetaId {
    /// The digest of an id.
    pub fn of(id: &str) -> Self {
        let mut short = [0; 16];
        for (slot, byte) in short.iter_mut().zip(Sha256::digest(id)) {
            *slot = byte;
        }
        Self(short)
    }
}

/// A message that Meta says has left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SentStatus {
    /// Whose it is; more than one only where an id stands twice, none where nobody is configured.
    pub businesses: Vec<BusinessId>,
    /// The caller's id (`biz_opaque_callback_data`); empty if the sender gave none.
    pub message_id: String,
    /// The digest of Meta's id; `None` if there is none.
    pub meta_id: Option<MetaId>,
    /// Whom it went to.
    pub people: Vec<Identity>,
    /// When, in milliseconds since 1970.
    pub at_ms: Option<i64>,
}

/// What one body says of messages that left.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SentReading {
    /// The messages, in the order of the body.
    pub sent: Vec<SentStatus>,
    /// Whether the body, or a status in it, could not be read.
    pub is_partly_unread: bool,
}

impl WebhookReader {
    /// What one body says of messages that left.
    pub fn sent(&self, body: &[u8]) -> SentReading {
        let mut reading = SentReading::default();
        let text = String::from_utf8_lossy(body);
        let text = text.strip_prefix('\u{FEFF}').unwrap_or(&text);
        let Some(document) = Json::parse(text) else {
            reading.is_partly_unread = true;
            return reading;
        };
        for entry in document.each("entry").flat_map(Json::items) {
            for value in entry.each("changes").flat_map(Json::items).flat_map(|c| c.each("value")) {
                let businesses: Vec<_> =
                    self.owners.of(entry, value).into_iter().cloned().collect();
                let contacts: Vec<_> = value.each("contacts").flat_map(Json::items).collect();
                for statuses in value.each("statuses") {
                    reading.is_partly_unread |= !matches!(statuses, Json::List(_));
                    for status in statuses.items() {
                        read(status, &contacts, &businesses, &mut reading);
                    }
                }
            }
        }
        reading
    }
}

fn read(status: &Json, contacts: &[&Json], businesses: &[BusinessId], out: &mut SentReading) {
    if !status.has("status") {
        out.is_partly_unread = true;
    }
    if !status.texts("status").any(|state| LEFT.contains(&state)) {
        return;
    }
    let meta_id = status.texts("id").next().map(MetaId::of);
    let people: Vec<_> = Person::of(status, &FIELDS, contacts).certain;
    let at_ms = seconds_of(status).map(|seconds| seconds * 1_000);
    let mut ids: Vec<_> = status.texts("biz_opaque_callback_data").collect();
    ids.dedup();
    // Two ids are two messages, for either may be one that nobody decided.
    let ids = if ids.is_empty() { vec![""] } else { ids };
    out.sent.extend(ids.into_iter().map(|id| SentStatus {
        businesses: businesses.to_vec(),
        message_id: id.to_owned(),
        meta_id,
        people: people.clone(),
        at_ms,
    }));
}
