//! The rules: one consent record in, its facts out.
//!
//! A pure function of (event, topic, partition, offset, append time). It knows no state, so facts
//! of different records never depend on each other, and no clock. Refusal is for what permits or
//! lifts; what objects needs only its kind and a person, and any other missing field widens it.

mod imposes;
mod links;
mod pauses;
mod permits;
mod quarantine;
mod templates;
mod texts;

use super::event::{Coded, ConsentEvent};
use super::fact::{Fact, Folded, Note};
use super::identity::Subject;
use super::ids::{BusinessId, EventId};
use super::kind::{Effect, EventKind};
use super::position::Topic;
use super::record::{ConsentRecord, Content, KeyParts, Placement};

/// The version of these rules. Receipts carry it; an event whose `min_reader` is higher counts by
/// its effect alone.
///
/// 2: `platform_stop` objects to marketing only, where version 1 read an unknown objection to
/// everything; `reassigned` is an objection of class number, where it read an unknown one.
/// 3: an unknown objection without a subject is a record that cannot be read, and can be voided; it
/// was an objection for the whole business, or for everybody, for ever.
/// Also 3: `cooldown` lets marketing wait, where version 2 read an unknown objection to everything;
/// `pause` and `resume` are kill switches, where it read an objection for the whole business that
/// nothing lifted.
/// 4: `inbound` and `user_request` count; versions before read nothing in them. `identity_link` and
/// `identity_changed` link, where they read an unknown objection; `identity_unlink` parts.
/// 5: what objects on one form of a number counts on the other form of its country.
/// Also 5: `template_state` says what a template is, where version 4 read an unknown objection.
/// Also 5: phone numbers are read in every spelling that names their country. A user id gets no codes.
/// Also 5: `text_published` and `text_retired` count; versions before read nothing in them. A grant must
/// say how it was expressed and where the proof lies, and more by its method.
/// 6: a message that an objection names speaks for nothing on all identities of the person, where version
/// 5 asked the identity of the objection alone.
pub const RULES_VERSION: u32 = 6;

/// What one record contributes.
pub fn fold(record: &ConsentRecord) -> Folded {
    let mut folded = Folded::default();
    match &record.content {
        Content::Undecodable => quarantine::quarantine(record, None, &mut folded),
        Content::Ignored => {}
        Content::Event(event) => fold_event(record, event, &mut folded),
    }
    folded
}

/// How an event is to be read.
enum Reading {
    /// By the rules of its kind.
    Kind(EventKind),
    /// By its effect alone.
    Effect(Effect),
    /// It contradicts itself or says nothing.
    Contradiction,
}

fn reading_of(event: &ConsentEvent) -> Reading {
    match (event.kind, event.effect) {
        (Coded::Known(kind), Coded::Known(effect)) if kind.effect() != effect => {
            Reading::Contradiction
        }
        (Coded::Known(kind), _) if event.min_reader > RULES_VERSION => {
            Reading::Effect(kind.effect())
        }
        // An effect from a later version beside a kind that permits, lifts a quarantine or proves what
        // a text says is a doubt about a permission.
        (Coded::Known(kind), Coded::Unknown(_))
            if kind.effect() == Effect::Permits
                || matches!(
                    kind,
                    EventKind::Void | EventKind::TemplateState | EventKind::TextPublished
                ) =>
        {
            Reading::Effect(kind.effect())
        }
        (Coded::Known(kind), _) => Reading::Kind(kind),
        (_, Coded::Known(effect)) => Reading::Effect(effect),
        _ => Reading::Contradiction,
    }
}

fn fold_event(record: &ConsentRecord, event: &ConsentEvent, folded: &mut Folded) {
    match reading_of(event) {
        Reading::Contradiction => {
            quarantine::contradiction(record, event, folded);
        }
        Reading::Kind(EventKind::Request | EventKind::PlatformResume | EventKind::Heartbeat) => {}
        Reading::Kind(EventKind::Void) => quarantine::void(record, event, folded),
        Reading::Kind(
            kind @ (EventKind::Invalidate | EventKind::TextPublished | EventKind::TextRetired),
        ) => texts::text(record, event, kind, folded),
        Reading::Kind(EventKind::Pause) => pauses::pause(record, event, folded),
        Reading::Kind(EventKind::Resume) => pauses::resume(record, event, folded),
        Reading::Kind(EventKind::TemplateState) => templates::template_state(record, event, folded),
        Reading::Kind(kind) => fold_subject_event(record, event, kind, folded),
        Reading::Effect(effect) => fold_by_effect(record, event, effect, folded),
    }
    if record.placement == Placement::Wrong && is_placed(event) {
        folded.notes.push(Note::WrongPartition);
    }
}

/// Heartbeats and voids name their partition; everything else belongs where its key says.
fn is_placed(event: &ConsentEvent) -> bool {
    !matches!(event.kind, Coded::Known(EventKind::Heartbeat | EventKind::Void))
}

fn fold_subject_event(
    record: &ConsentRecord,
    event: &ConsentEvent,
    kind: EventKind,
    folded: &mut Folded,
) {
    let subject = value_subject(event);
    let agrees = matches!(
        (&record.key, &subject),
        (KeyParts::Subject(key), Some(value)) if key == value
    );
    if !agrees {
        quarantine::quarantine(record, event.business.as_ref(), folded);
    }
    let Some(subject) = subject else {
        return;
    };
    match kind.effect() {
        // A readable objection counts even where key and value disagree.
        Effect::Objects => imposes::impose(record, event, kind, subject, folded),
        // Outside the log of record a permission would be trimmed with its topic. What matters for a
        // day may lie in either.
        Effect::Permits if record.place.topic != Topic::ConsentEvents && !kind.is_activity() => {
            folded.notes.push(Note::WrongTopic);
        }
        Effect::Permits if agrees && record.placement == Placement::Right => {
            permits::permit(record, event, kind, subject, folded);
        }
        Effect::Permits | Effect::Neutral => {}
    }
}

fn fold_by_effect(
    record: &ConsentRecord,
    event: &ConsentEvent,
    effect: Effect,
    folded: &mut Folded,
) {
    folded.notes.push(Note::UnknownKind);
    if effect == Effect::Objects {
        imposes::impose_unknown(record, event, folded);
    }
}

/// The subject that the value names.
fn value_subject(event: &ConsentEvent) -> Option<Subject> {
    Some(Subject { business: event.business.clone()?, identity: event.identity.clone()? })
}

/// The event's digest, or one made of its place where it has no id.
fn event_id(record: &ConsentRecord, event: &ConsentEvent) -> EventId {
    event.event_id.unwrap_or_else(|| place_id(record))
}

fn place_id(record: &ConsentRecord) -> EventId {
    EventId::of(&record.place.to_string())
}

/// Pushes one fact for each business of a set that may name the same one twice.
fn businesses<'a>(
    key: Option<&'a BusinessId>,
    value: Option<&'a BusinessId>,
) -> impl Iterator<Item = &'a BusinessId> {
    key.into_iter().chain(value.filter(|value| key != Some(*value)))
}

fn push(folded: &mut Folded, fact: Fact) {
    folded.facts.push(fact);
}
