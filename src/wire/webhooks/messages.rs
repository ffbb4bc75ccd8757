//! `messages`: a person wrote, tapped, or changed an identity.
//!
//! Each message may object, and may open a window. To object it needs a business and a person; to open
//! a window it must be beyond doubt: one business, a certain person, a time, an id, a kind of message
//! that a person writes, and not in a group.

use super::content::{Said, said};
use super::draft::{self, Named};
use super::envelope::{Certainty, Change};
use super::identities;
use super::json::Json;
use super::note::Note;
use super::person::Person;
use super::statuses::seconds_of;
use crate::wire::proto::consent::{Actor, Kind};

const SENDER: [&str; 3] = ["from", "from_user_id", "from_parent_user_id"];

/// The kinds of message that a person writes. A reaction is none of them: no source says that it
/// opens a window.
const WRITTEN: [&str; 13] = [
    "audio",
    "button",
    "contacts",
    "document",
    "image",
    "interactive",
    "location",
    "order",
    "sticker",
    "text",
    "unsupported",
    "video",
    "voice",
];

pub(super) fn read(change: &mut Change<'_>, message: &Json, contacts: &[&Json]) {
    let person = Person::of(message, &SENDER, contacts);
    let said = said(change.reader, message);
    object(change, message, &person, &said);
    if message.has("system") || message.texts("type").any(|kind| kind == "system") {
        return identities::read_system(change, message);
    }
    if person.is_nobody() {
        change.note(Note::UnreadablePerson);
    }
    if change.businesses.is_empty() || person.is_nobody() {
        return;
    }
    identities::link(change, &person);
    match opens_window(change, message, &said) {
        Ok((id, seconds)) => inbound(change, &person, id, seconds),
        Err(note) => note.into_iter().for_each(|note| change.note(note)),
    }
}

/// The objection that a message is, if it is one.
fn object(change: &mut Change<'_>, message: &Json, person: &Person, said: &Said) {
    let marketing = || change.reader.marketing_scopes.clone();
    let (scopes, reason, note) = match said {
        Said::Nothing => return,
        Said::Out { scopes, reason } => (scopes.clone(), reason.clone(), None),
        Said::Perhaps { reason } => (marketing(), reason.clone(), Some(Note::FlaggedForPerson)),
        Said::Unreadable => {
            (marketing(), "unreadable message".to_owned(), Some(Note::UnreadableMessage))
        }
    };
    note.into_iter().for_each(|note| change.note(note));
    if person.is_nobody() || change.businesses.is_empty() {
        change.note(Note::UnplacedOptOut);
        return;
    }
    let id = message.texts("id").find_map(draft::meta_id);
    let seconds = seconds_of(message);
    let named = Named { meta_id: id, mark: "", body: change.body };
    for business in change.businesses.clone() {
        for identity in person.all() {
            let mut event = draft::event(Kind::Withdraw, Actor::Subject, business, identity);
            event.occurred_at_ms = seconds.map(|seconds| seconds * 1_000);
            event.scopes = draft::names(&scopes);
            event.inbound_id = id.unwrap_or_default().to_owned();
            event.reason.clone_from(&reason);
            change.push(draft::sealed(event, named));
        }
    }
}

/// The id and time of a message that opens a window, or what to note about one that does not.
fn opens_window<'m>(
    change: &Change<'_>,
    message: &'m Json,
    said: &Said,
) -> Result<(&'m str, i64), Option<Note>> {
    let plain = change.certainty == Certainty::Certain
        && change.businesses.len() == 1
        && change.fields == ["messages"];
    if !plain || *said == Said::Unreadable {
        // Noted where it was found.
        return Err(None);
    }
    if message.has("group_id") {
        return Err(Some(Note::GroupMessage));
    }
    if !message.texts("type").any(|kind| WRITTEN.contains(&kind)) {
        return Err(Some(Note::NoInbound));
    }
    let id = message.texts("id").find_map(draft::meta_id);
    id.zip(seconds_of(message)).ok_or(Some(Note::UndatedInbound))
}

fn inbound(change: &mut Change<'_>, person: &Person, id: &str, seconds: i64) {
    let named = Named { meta_id: Some(id), mark: "", body: &[] };
    for business in change.businesses.clone() {
        for identity in &person.certain {
            let mut event = draft::event(Kind::Inbound, Actor::Subject, business, identity);
            event.occurred_at_ms = Some(seconds * 1_000);
            event.inbound_id = id.to_owned();
            change.push(draft::sealed(event, named));
        }
    }
}
