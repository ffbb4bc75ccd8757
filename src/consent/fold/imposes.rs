//! What speaks against sending.
//!
//! Counts from its append time, so that no writer's clock can make it weaker. Anything missing or
//! unreadable widens it: no scope named means all scopes.

use super::super::event::{Actor, Coded, ConsentEvent, Method};
use super::super::evidence::SCOPES_MAX;
use super::super::fact::{Fact, Folded};
use super::super::identity::Subject;
use super::super::kind::EventKind;
use super::super::objection::{Class, Mark};
use super::super::record::{ConsentRecord, KeyParts};
use super::super::time::Seconds;
use super::{event_id, links, push, quarantine, value_subject};

/// The longest that one event may make anything wait, in seconds: 30 days.
const WAIT_MAX_S: u32 = 30 * 24 * 3_600;

/// An event of a known objecting kind.
pub(super) fn impose(
    record: &ConsentRecord,
    event: &ConsentEvent,
    kind: EventKind,
    subject: Subject,
    out: &mut Folded,
) {
    name_inbound(event, &subject, out);
    let at = imposed_at(record, event);
    let mark = Mark { at, event: event_id(record, event) };
    let objection = |class| Fact::Objection { subject: subject.clone(), class, mark };
    let fact = match kind {
        EventKind::Refuse | EventKind::Withdraw => return object(event, subject, mark, out),
        EventKind::IdentityLink | EventKind::IdentityChanged => {
            return links::link(record, event, kind, subject, out);
        }
        EventKind::PlatformStop => objection(Class::PlatformStop),
        EventKind::Complaint => objection(Class::Complaint),
        EventKind::WrongNumber | EventKind::Reassigned => objection(Class::Number),
        EventKind::Erase => objection(Class::Erase),
        EventKind::Block => Fact::Block(subject, at),
        EventKind::Restrict => Fact::Restrict(subject, at),
        EventKind::Cooldown => Fact::Cooldown(subject, latest_end(record, event.until_ms)),
        // No other kind objects for a subject; should one be added, it objects to everything.
        _ => objection(Class::Unknown),
    };
    push(out, fact);
}

/// An objection to the scopes named, or to all.
fn object(event: &ConsentEvent, subject: Subject, mark: Mark, out: &mut Folded) {
    let all = event.scopes.is_empty() || event.scopes.len() > SCOPES_MAX || !event.scopes_complete;
    if all {
        push(out, Fact::Objection { subject, class: Class::AllScopes, mark });
        return;
    }
    for scope in &event.scopes {
        let (subject, scope) = (subject.clone(), scope.clone());
        push(out, Fact::ScopeObjection { subject, scope, mark });
    }
}

/// The message by which the person objected must not count as a wish to be written to.
fn name_inbound(event: &ConsentEvent, subject: &Subject, out: &mut Folded) {
    if let Some(inbound) = event.inbound {
        push(out, Fact::ObjectingInbound(subject.clone(), inbound));
    }
}

/// An event of a kind this version does not know, which objects for its subject to everything.
///
/// Where it names none that its key names too, this version cannot tell for whom it objects. It is
/// then a record that cannot be read, as one of a known kind is: it quarantines its business, holds
/// if it names none, and can be voided.
pub(super) fn impose_unknown(record: &ConsentRecord, event: &ConsentEvent, out: &mut Folded) {
    let subject = value_subject(event);
    let is_of_key = matches!(
        (&record.key, &subject),
        (KeyParts::Subject(key), Some(value)) if key == value
    );
    if !is_of_key {
        quarantine::quarantine(record, event.business.as_ref(), out);
    }
    if let Some(subject) = subject {
        name_inbound(event, &subject, out);
        let mark = Mark { at: record.appended_at, event: event_id(record, event) };
        push(out, Fact::Objection { subject, class: Class::Unknown, mark });
    }
}

/// The first second after a wait, at most 30 days after its append. One that does not say when it ends,
/// or says a time that is none, lasts that long.
pub(super) fn latest_end(record: &ConsentRecord, until_ms: Option<i64>) -> Seconds {
    let latest = record.appended_at.plus(WAIT_MAX_S);
    let said = until_ms.filter(|until| *until > 0);
    // Rounded up: a part of a second must not end the wait early.
    let said = said.and_then(|until| Seconds::from_millis(until.saturating_add(999)));
    said.map_or(latest, |said| said.min(latest))
}

/// The append time; for an imported old objection the earlier of occurrence and append.
pub(super) fn imposed_at(record: &ConsentRecord, event: &ConsentEvent) -> Seconds {
    let imported = event.historic
        && event.method == Coded::Known(Method::Import)
        && event.actor == Coded::Known(Actor::Importer);
    let occurred = event.occurred_at_ms.and_then(Seconds::from_millis);
    match occurred {
        Some(occurred) if imported => occurred.min(record.appended_at),
        _ => record.appended_at,
    }
}
