//! What speaks for sending, and what lifts.
//!
//! Counts from the earlier of occurrence and append, so that no old event appended again lifts
//! anything newer. Undated or incomplete events are refused with a note.

use std::collections::BTreeSet;

use super::super::event::{Actor, Coded, ConsentEvent, Expression, Method, Strength};
use super::super::fact::{Fact, Folded, Note};
use super::super::grant::Grant;
use super::super::identity::Subject;
use super::super::ids::{EventId, TextRef};
use super::super::kind::EventKind;
use super::super::objection::Mark;
use super::super::record::ConsentRecord;
use super::super::time::Seconds;
use super::imposes::SCOPES_MAX;
use super::{links, push};

/// An event of a known permitting kind.
pub(super) fn permit(
    record: &ConsentRecord,
    event: &ConsentEvent,
    kind: EventKind,
    subject: Subject,
    out: &mut Folded,
) {
    let Some(at) = permitted_at(record, event) else {
        out.notes.push(Note::Undated);
        return;
    };
    match kind {
        EventKind::Grant => grant(event, subject, at, out),
        EventKind::Confirm => confirm(event, subject, at, out),
        EventKind::IdentityUnlink => links::unlink(event, subject, at, out),
        EventKind::Inbound => inbound(event, subject, at, out),
        EventKind::UserRequest if acts_for_person(event.actor) => {
            push(out, Fact::Requested(subject, at));
        }
        EventKind::UserRequest => out.notes.push(Note::ProofMissing),
        EventKind::Unblock => push(out, Fact::Unblock(subject, at)),
        EventKind::Unrestrict => push(out, Fact::Unrestrict(subject, at)),
        // No other kind permits; should one be added, it permits nothing until it has a rule.
        _ => out.notes.push(Note::UnknownKind),
    }
}

/// The earlier of occurrence and append; `None` where it has no date.
pub(super) fn permitted_at(record: &ConsentRecord, event: &ConsentEvent) -> Option<Seconds> {
    let occurred = event.occurred_at_ms.and_then(Seconds::from_millis)?;
    Some(occurred.min(record.appended_at))
}

fn grant(event: &ConsentEvent, subject: Subject, at: Seconds, out: &mut Folded) {
    let (text, id) = match proof_of(event) {
        Ok(proof) => proof,
        Err(note) => {
            out.notes.push(note);
            return;
        }
    };
    for scope in &event.scopes {
        let grant = Grant {
            at,
            strength: event.strength.known().unwrap_or(Strength::Single),
            valid_until: event.valid_until_ms.map(validity),
            text: text.clone(),
            event: id,
            other_texts: BTreeSet::new(),
        };
        push(out, Fact::Grant { subject: subject.clone(), scope: scope.clone(), grant });
    }
}

/// Who, how, to which text and for which scopes; the date has been checked.
fn proof_of(event: &ConsentEvent) -> Result<(TextRef, EventId), Note> {
    let by_person = acts_for_person(event.actor);
    let method = event.method.known().ok_or(Note::ProofMissing)?;
    if method == Method::Import {
        return Err(Note::ImportGrants);
    }
    let text = event.text.as_ref().filter(|text| !text.id.is_empty());
    let scopes = &event.scopes;
    let scoped = event.scopes_complete && !scopes.is_empty() && scopes.len() <= SCOPES_MAX;
    match (text, event.event_id) {
        (Some(text), Some(id)) if by_person && scoped && expresses(method, event.expression) => {
            Ok((text.clone(), id))
        }
        _ => Err(Note::ProofMissing),
    }
}

/// Pre-ticked and bundled consent is none. A QR code or an ad only opens a conversation, so there
/// the person's own words or tap must name the text.
fn expresses(method: Method, expression: Coded<Expression>) -> bool {
    match expression {
        Coded::Known(Expression::PreTicked | Expression::Bundled) | Coded::Unknown(_) => false,
        Coded::Known(Expression::ButtonTapped | Expression::WordsWritten) => true,
        Coded::Known(Expression::BoxTicked | Expression::Voice) | Coded::Unspecified => {
            !matches!(method, Method::QrCode | Method::ClickToWhatsappAd)
        }
    }
}

fn confirm(event: &ConsentEvent, subject: Subject, at: Seconds, out: &mut Folded) {
    match event.confirms {
        Some(grant) if acts_for_person(event.actor) => {
            push(out, Fact::Confirm { subject, grant, at });
        }
        _ => out.notes.push(Note::ProofMissing),
    }
}

/// Needs an id, so that an objection can name it, and counts once however often it is told.
fn inbound(event: &ConsentEvent, subject: Subject, at: Seconds, out: &mut Folded) {
    match event.inbound.or(event.event_id) {
        Some(id) if acts_for_person(event.actor) => {
            push(out, Fact::Inbound { subject, message: Mark { at, event: id } });
        }
        _ => out.notes.push(Note::ProofMissing),
    }
}

fn acts_for_person(actor: Coded<Actor>) -> bool {
    matches!(actor, Coded::Known(Actor::Subject | Actor::Guardian))
}

/// A validity before 1970 has always been over; one after 2106 lasts to the end of time.
fn validity(until_ms: i64) -> Seconds {
    if until_ms < 0 {
        return Seconds(0);
    }
    Seconds::from_millis(until_ms).unwrap_or(Seconds(u32::MAX))
}
