//! Consent texts: published, retired, or no good.
//!
//! A publication permits, in that grants stand on it: it must say all that it is about, and its hash
//! must be that of its sentence. What ends a text needs only its kind and a business, and any missing
//! field widens it.

use super::super::event::ConsentEvent;
use super::super::evidence::SCOPES_MAX;
use super::super::fact::{Fact, Folded, Note};
use super::super::ids::BusinessId;
use super::super::kind::EventKind;
use super::super::position::Topic;
use super::super::record::{ConsentRecord, KeyParts, Placement};
use super::super::text::{Edition, TextRef};
use super::imposes::imposed_at;
use super::permits::permitted_at;
use super::{businesses, push, quarantine};

/// An event about a text.
pub(super) fn text(
    record: &ConsentRecord,
    event: &ConsentEvent,
    kind: EventKind,
    out: &mut Folded,
) {
    let is_torn = quarantine::where_torn(record, event, out);
    if kind == EventKind::TextPublished {
        if !is_torn {
            publish(record, event, out);
        }
        return;
    }
    let (key, value) = (record.key.business(), event.business.as_ref());
    if key.is_none() && value.is_none() {
        // Whose text it is cannot be read, so this is an undecodable record: it can be voided.
        quarantine::quarantine(record, None, out);
        return;
    }
    let (id, version) = named(event);
    let at = imposed_at(record, event);
    for business in businesses(key, value) {
        let (business, id, version) = (business.clone(), id.clone(), version.clone());
        let fact = match kind {
            EventKind::TextRetired => Fact::TextRetired { business, id, version, at },
            _ => Fact::InvalidText { business, id, version },
        };
        push(out, fact);
    }
}

/// Id and version, each if it is said.
fn named(event: &ConsentEvent) -> (Option<String>, Option<String>) {
    let said = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let text = event.text.as_ref();
    (text.and_then(|text| said(&text.id)), text.and_then(|text| said(&text.version)))
}

fn publish(record: &ConsentRecord, event: &ConsentEvent, out: &mut Folded) {
    if record.place.topic != Topic::ConsentEvents {
        // It would be trimmed with its topic.
        out.notes.push(Note::WrongTopic);
    } else if permitted_at(record, event).is_none() {
        out.notes.push(Note::Undated);
    } else if record.placement == Placement::Right {
        match edition_of(record, event) {
            Some((business, text, edition)) => {
                push(out, Fact::TextPublished { business, text, edition });
            }
            None => out.notes.push(Note::TextRefused),
        }
    }
}

/// What a publication says, if it says all of it.
fn edition_of(
    record: &ConsentRecord,
    event: &ConsentEvent,
) -> Option<(BusinessId, TextRef, Edition)> {
    let KeyParts::Business(key) = &record.key else {
        return None;
    };
    let business = event.business.as_ref().filter(|business| *business == key)?;
    let text = event.text.clone().filter(|text| {
        let fields = [&*text.id, &*text.version, text.language.as_str()];
        event.text_complete && fields.iter().all(|field| !field.is_empty())
    })?;
    let sha256 = event.sentence.filter(|sentence| text.sha256 == Some(*sentence))?;
    let is_scoped = event.scopes_complete && (1..=SCOPES_MAX).contains(&event.scopes.len());
    let has_person = event.identity.is_some();
    (event.event_id.is_some() && is_scoped && !has_person).then(|| {
        let scopes = event.scopes.iter().cloned().collect();
        (business.clone(), text, Edition { sha256, scopes, whatsapp: event.whatsapp })
    })
}
