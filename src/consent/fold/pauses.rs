//! Kill switches.
//!
//! A pause needs only its kind: what it does not say, or says in a way that cannot be read, makes it
//! wider, up to everything of everybody. A resume lifts exactly what it names, and must name it
//! without any doubt.

use super::super::event::ConsentEvent;
use super::super::fact::{Fact, Folded, Note};
use super::super::pause::PauseTarget;
use super::super::position::Topic;
use super::super::record::{ConsentRecord, KeyParts, Placement};
use super::imposes::imposed_at;
use super::permits::permitted_at;
use super::{businesses, push, quarantine};

/// A pause: of all that it names, in every business that its key or its value names.
pub(super) fn pause(record: &ConsentRecord, event: &ConsentEvent, out: &mut Folded) {
    quarantine::where_torn(record, event, out);
    let at = imposed_at(record, event);
    let whole = [PauseTarget::Business];
    let is_clear = event.pauses_complete && !event.pauses.is_empty();
    let targets = if is_clear { &event.pauses[..] } else { &whole[..] };
    let mut named = false;
    for business in businesses(record.key.business(), event.business.as_ref()) {
        named = true;
        for target in targets {
            let (business, target) = (business.clone(), target.clone());
            push(out, Fact::Pause { business, target, at });
        }
    }
    if !named {
        push(out, Fact::PauseAll { place: record.place, at });
    }
}

/// A resume: of one thing, where key and value agree.
pub(super) fn resume(record: &ConsentRecord, event: &ConsentEvent, out: &mut Folded) {
    if quarantine::where_torn(record, event, out) {
        return;
    }
    // Outside the log of record it would be trimmed, and what it lifted would be paused again.
    if record.place.topic != Topic::ConsentEvents {
        out.notes.push(Note::WrongTopic);
        return;
    }
    let Some(at) = permitted_at(record, event) else {
        out.notes.push(Note::Undated);
        return;
    };
    if record.placement != Placement::Right {
        return;
    }
    match (&record.key, event.business.as_ref(), target_of(event)) {
        (KeyParts::Business(key), Some(business), Some(target)) if key == business => {
            push(out, Fact::Resume { business: business.clone(), target, at });
        }
        (KeyParts::Platform, None, Some(PauseTarget::Business)) => push(out, Fact::ResumeAll(at)),
        _ => out.notes.push(Note::ProofMissing),
    }
}

/// The one thing that a resume names; `None` where it names several, a person, or scopes beside.
fn target_of(event: &ConsentEvent) -> Option<PauseTarget> {
    let is_plain = event.identity.is_none() && event.scopes.is_empty() && event.scopes_complete;
    match event.pauses.as_slice() {
        _ if !is_plain || !event.pauses_complete => None,
        [] => Some(PauseTarget::Business),
        [target] => Some(target.clone()),
        [..] => None,
    }
}
