//! What speaks for sending, and what lifts.
//!
//! Counts from the earlier of occurrence and append, so that no old event appended again lifts
//! anything newer. Undated or incomplete events are refused with a note.

use std::collections::BTreeSet;

use super::super::event::{ConsentEvent, Strength};
use super::super::evidence::{Lack, acts_for_person, lacks};
use super::super::fact::{Fact, Folded, Note};
use super::super::grant::Grant;
use super::super::identity::Subject;
use super::super::kind::EventKind;
use super::super::objection::Mark;
use super::super::record::ConsentRecord;
use super::super::time::Seconds;
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
    if let Some(lack) = lacks(event) {
        out.notes.push(match lack {
            Lack::OriginalMethod => Note::ImportGrants,
            _ => Note::ProofMissing,
        });
        return;
    }
    let (Some(text), Some(id)) = (&event.text, event.event_id) else {
        return;
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

/// A validity before 1970 has always been over; one after 2106 lasts to the end of time.
fn validity(until_ms: i64) -> Seconds {
    if until_ms < 0 {
        return Seconds(0);
    }
    Seconds::from_millis(until_ms).unwrap_or(Seconds(u32::MAX))
}
