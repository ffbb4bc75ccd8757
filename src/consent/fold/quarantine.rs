//! Records that cannot be read, and the operator's way out.
//!
//! An unreadable record may have been an opt-out. The businesses it may concern are quarantined; if
//! it concerns nobody that can be named, everything is held.

use super::super::event::{ConsentEvent, VoidRemedy};
use super::super::fact::{Fact, Folded, Note};
use super::super::identity::Subject;
use super::super::ids::BusinessId;
use super::super::objection::{Class, Mark};
use super::super::position::Topic;
use super::super::record::{ConsentRecord, KeyParts};
use super::{businesses, place_id, push, value_subject};

/// Quarantines the business of the key and, where it differs, the one of the value.
///
/// If the key names a subject, the record also counts as that subject's withdrawal from everything,
/// at once: a later void then only has to lift the quarantine, so the two can be joined in any order.
/// That withdrawal answers for the subject's own business alone; for another business that the value
/// names nobody has withdrawn, so its void must say what replaces the record.
pub(super) fn quarantine(record: &ConsentRecord, value: Option<&BusinessId>, out: &mut Folded) {
    let subject = match &record.key {
        KeyParts::Subject(subject) => Some(subject.clone()),
        _ => None,
    };
    let place = record.place;
    let mut named = false;
    for business in businesses(record.key.business(), value) {
        named = true;
        let subject_named = subject.as_ref().is_some_and(|subject| subject.business == *business);
        let business = Some(business.clone());
        push(out, Fact::Undecodable { place, business, subject_named });
    }
    if !named {
        push(out, Fact::Undecodable { place, business: None, subject_named: false });
    }
    if let Some(subject) = subject {
        withdraw_all(record, subject, out);
    }
    out.notes.push(Note::Quarantined);
}

/// Where key and value name different businesses, both wait for a void. Whether they do.
pub(super) fn where_torn(record: &ConsentRecord, event: &ConsentEvent, out: &mut Folded) -> bool {
    let differs = |(key, value): (&BusinessId, &BusinessId)| key != value;
    let is_torn = record.key.business().zip(event.business.as_ref()).is_some_and(differs);
    if is_torn {
        quarantine(record, event.business.as_ref(), out);
    }
    is_torn
}

/// An event that contradicts itself, or says nothing: whoever it names may have opted out by it.
pub(super) fn contradiction(record: &ConsentRecord, event: &ConsentEvent, out: &mut Folded) {
    quarantine(record, event.business.as_ref(), out);
    if let Some(subject) = value_subject(event)
        && record.key != KeyParts::Subject(subject.clone())
    {
        withdraw_all(record, subject, out);
    }
}

fn withdraw_all(record: &ConsentRecord, subject: Subject, out: &mut Folded) {
    let mark = Mark { at: record.appended_at, event: place_id(record) };
    push(out, Fact::Objection { subject, class: Class::AllScopes, mark });
}

/// A void lifts the quarantine of the record that it names. It counts in the log of record only:
/// the other topic is trimmed, and a void that is gone lifts nothing.
pub(super) fn void(record: &ConsentRecord, event: &ConsentEvent, out: &mut Folded) {
    if record.place.topic != Topic::ConsentEvents {
        out.notes.push(Note::WrongTopic);
        return;
    }
    let Some(place) = event.voids else {
        out.notes.push(Note::ProofMissing);
        return;
    };
    let remedied = match &event.remedy {
        VoidRemedy::None => false,
        VoidRemedy::Replaced(events) => !events.is_empty(),
        VoidRemedy::Dropped(reason) => !reason.trim().is_empty(),
    };
    push(out, Fact::Void { place, remedied });
}
