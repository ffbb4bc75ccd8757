//! Links between identities.
//!
//! A link imposes: what was said on one identity counts on the other too. One that does not say clearly
//! with whom may be with anybody, so it is a record that cannot be read. An unlink permits, so it must
//! say clearly what it parts, and when.

use super::super::event::ConsentEvent;
use super::super::fact::{Fact, Folded, Note};
use super::super::identity::{Identity, Subject};
use super::super::kind::EventKind;
use super::super::link::LinkChange;
use super::super::record::ConsentRecord;
use super::super::time::Seconds;
use super::{push, quarantine};

/// A link, or a change of identity from the linked one to the subject's.
pub(super) fn link(
    record: &ConsentRecord,
    event: &ConsentEvent,
    kind: EventKind,
    subject: Subject,
    out: &mut Folded,
) {
    let Some(linked) = &event.linked else {
        quarantine::quarantine(record, event.business.as_ref(), out);
        return;
    };
    let at = record.appended_at;
    if kind == EventKind::IdentityChanged && *linked != subject.identity {
        let old = Subject { business: subject.business.clone(), identity: linked.clone() };
        push(out, Fact::GivenUp(old, at));
    }
    change(subject, linked, LinkChange::Linked(at), out);
}

/// An unlink.
pub(super) fn unlink(event: &ConsentEvent, subject: Subject, at: Seconds, out: &mut Folded) {
    match &event.linked {
        Some(linked) => change(subject, linked, LinkChange::Unlinked(at), out),
        None => out.notes.push(Note::ProofMissing),
    }
}

/// Nobody is linked to themselves.
fn change(subject: Subject, linked: &Identity, change: LinkChange, out: &mut Folded) {
    let (business, mut ends) = (subject.business, [subject.identity, linked.clone()]);
    if ends[0] != ends[1] {
        ends.sort();
        push(out, Fact::Link { business, ends, change });
    }
}
