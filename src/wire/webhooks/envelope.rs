//! From the body to its changes: `entry[].changes[]`, each with its field, its value and its business.
//!
//! Which parts a value has decides what is read in it, not the name of its field: an opt-out in a
//! webhook of a kind that nobody knew is an opt-out. Only `messages` may hold inbound messages.

use std::borrow::Cow;

use super::json::Json;
use super::note::Note;
use super::stop_words::Found;
use super::{
    Reading, WebhookReader, draft, identities, messages, preferences, statuses, templates,
};
use crate::consent::BusinessId;
use crate::wire::proto::consent::ConsentEvent;

/// Whether a body can be believed where it permits something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Certainty {
    /// It says one thing.
    Certain,
    /// It has bytes that are no text, or says two things in one place.
    Doubtful,
}

/// One change of a body, and where its events go.
pub(super) struct Change<'c> {
    pub(super) reader: &'c WebhookReader,
    pub(super) certainty: Certainty,
    /// The digest of the body.
    pub(super) body: &'c [u8],
    /// Whose it may be; more than one only in a doubtful body.
    pub(super) businesses: Vec<&'c BusinessId>,
    /// The kinds of webhook that it says it is.
    pub(super) fields: Vec<&'c str>,
    pub(super) value: &'c Json,
    out: &'c mut Reading,
}

impl Change<'_> {
    pub(super) fn note(&mut self, note: Note) {
        self.out.notes.push(note);
    }

    pub(super) fn push(&mut self, event: ConsentEvent) {
        self.out.events.push(event);
    }
}

/// Kinds of webhook that say nothing about consent.
const OTHER_FIELDS: [&str; 22] = [
    "account_alerts",
    "account_review_update",
    "account_settings_update",
    "account_update",
    "automatic_events",
    "business_capability_update",
    "business_status_update",
    "business_username_update",
    "calls",
    "flows",
    "group_lifecycle_update",
    "group_participants_update",
    "group_settings_update",
    "group_status_update",
    "history",
    "partner_solutions",
    "payment_configuration_update",
    "phone_number_name_update",
    "phone_number_quality_update",
    "security",
    "smb_app_state_sync",
    "smb_message_echoes",
];
const TEMPLATE_FIELDS: [&str; 4] = [
    "message_template_components_update",
    "message_template_quality_update",
    "message_template_status_update",
    "template_category_update",
];
const CONSENT_FIELDS: [&str; 4] = ["messages", "standby", "user_id_update", "user_preferences"];

pub(super) fn read(reader: &WebhookReader, body: &[u8]) -> Reading {
    let mut out = Reading::default();
    let text = String::from_utf8_lossy(body);
    let mut certainty = Certainty::Certain;
    if let Cow::Owned(_) = text {
        out.notes.push(Note::InvalidUtf8);
        certainty = Certainty::Doubtful;
    }
    let text = text.strip_prefix('\u{FEFF}').unwrap_or(&text);
    let Some(document) = Json::parse(text) else {
        out.notes.push(unreadable(reader, text));
        return out;
    };
    if document.repeats() {
        out.notes.push(Note::RepeatedKey);
        certainty = Certainty::Doubtful;
    }
    let digest = draft::digest_of(body);
    each_change(&document, &mut out, &mut |entry, change, out| {
        let fields = change.texts("field").collect::<Vec<_>>();
        for value in change.each("value") {
            let businesses = reader.owners.of(entry, value);
            let fields = fields.clone();
            let body = &digest;
            read_change(Change { reader, certainty, body, businesses, fields, value, out }, entry);
        }
    });
    out
}

/// Whether what cannot be read may have been an opt-out.
fn unreadable(reader: &WebhookReader, text: &str) -> Note {
    let signs = ["user_preferences", "131050"];
    let says_so = signs.iter().any(|sign| text.contains(sign))
        || reader.stop_words.find(text) != Found::Nothing
        || reader.opt_out_payloads.keys().any(|payload| text.contains(payload));
    if says_so { Note::UnreadableOptOut } else { Note::Unreadable }
}

/// Shows each change with its entry, and notes what is no list of them.
fn each_change<'d>(
    document: &'d Json,
    out: &mut Reading,
    show: &mut dyn FnMut(&'d Json, &'d Json, &mut Reading),
) {
    let named = document.has("entry");
    let foreign = document.each("object").any(|o| o.text() != Some("whatsapp_business_account"));
    if !named || foreign {
        out.notes.push(Note::NotAWebhook);
    }
    for entry in list(document, "entry", &mut out.notes) {
        if !entry.has("changes") {
            out.notes.push(Note::WrongType);
        }
        for change in list(entry, "changes", &mut out.notes) {
            if !matches!(change.each("value").next(), Some(Json::Object(_))) {
                out.notes.push(Note::WrongType);
            }
            show(entry, change, out);
        }
    }
}

/// The elements of each list of this name; what is no list is noted.
pub(super) fn list<'j>(of: &'j Json, name: &'j str, notes: &mut Vec<Note>) -> Vec<&'j Json> {
    let mut elements = Vec::new();
    for value in of.each(name) {
        match value {
            Json::List(items) => elements.extend(items),
            _ => notes.push(Note::WrongType),
        }
    }
    elements
}

fn read_change(mut change: Change<'_>, entry: &Json) {
    let known = |fields: &[&str]| change.fields.iter().any(|field| fields.contains(field));
    if !known(&CONSENT_FIELDS) && !known(&TEMPLATE_FIELDS) && !known(&OTHER_FIELDS) {
        change.note(Note::UnknownField);
    }
    let before = (change.out.events.len(), change.out.notes.len());
    let contacts = list(change.value, "contacts", &mut change.out.notes);
    for preference in list(change.value, "user_preferences", &mut change.out.notes) {
        preferences::read(&mut change, preference, &contacts);
    }
    for status in list(change.value, "statuses", &mut change.out.notes) {
        statuses::read(&mut change, status, &contacts);
    }
    for update in list(change.value, "user_id_update", &mut change.out.notes) {
        identities::read_update(&mut change, update);
    }
    for message in list(change.value, "messages", &mut change.out.notes) {
        messages::read(&mut change, message, &contacts);
    }
    templates::read(&mut change, entry);
    let speaks = ["messages", "user_preferences", "user_id_update", "message_template_name"];
    let is_silent = before == (change.out.events.len(), change.out.notes.len());
    if change.businesses.is_empty()
        && (!is_silent || speaks.iter().any(|part| change.value.has(part)))
    {
        change.note(Note::UnknownBusiness);
    }
}
