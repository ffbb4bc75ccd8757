//! What a single record is, and what it leaves in doubt.

use consentgate::consent::{
    BusinessId, Coded, ConsentEvent, ConsentRecord, Content, Effect, EventKind, KeyParts, Place,
    Subject, Topic, VoidRemedy,
};

use super::pause::is_everything_paused;

/// The version of the rules that this model was written for.
const RULES: u32 = 5;

/// How a record is read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Reading {
    /// By its kind.
    Kind(EventKind),
    /// It objects, in a way that is not known.
    Objects,
    /// It says nothing that counts.
    Nothing,
    /// It cannot be read, says nothing at all, or contradicts itself.
    Unreadable,
}

/// What the kinds do, as the table of events has them.
pub(super) fn effect(kind: EventKind) -> Effect {
    use EventKind as K;
    match kind {
        K::Withdraw | K::Refuse | K::Complaint | K::WrongNumber | K::Erase => Effect::Objects,
        K::PlatformStop | K::Reassigned => Effect::Objects,
        K::IdentityLink | K::IdentityChanged => Effect::Objects,
        K::Block | K::Restrict | K::Cooldown | K::Invalidate | K::Pause => Effect::Objects,
        K::TemplateState => Effect::Objects,
        K::Grant | K::Confirm | K::Unblock | K::Unrestrict | K::Resume => Effect::Permits,
        K::Inbound | K::UserRequest | K::IdentityUnlink => Effect::Permits,
        K::Request | K::PlatformResume | K::Heartbeat | K::Void => Effect::Neutral,
        K::TextPublished | K::TextRetired => Effect::Neutral,
    }
}

pub(crate) fn event(record: &ConsentRecord) -> Option<&ConsentEvent> {
    match &record.content {
        Content::Event(event) => Some(event),
        Content::Ignored | Content::Undecodable => None,
    }
}

pub(crate) fn reading(record: &ConsentRecord) -> Reading {
    let Some(event) = event(record) else {
        return Reading::Unreadable;
    };
    let by_effect = |effect| match effect {
        Effect::Objects => Reading::Objects,
        Effect::Permits | Effect::Neutral => Reading::Nothing,
    };
    match (event.kind, event.effect) {
        (Coded::Known(kind), Coded::Known(said)) if said != effect(kind) => Reading::Unreadable,
        (Coded::Known(kind), _) if event.min_reader > RULES => by_effect(effect(kind)),
        // An effect of a later version is a doubt; in doubt nothing is permitted, nothing lifted.
        (Coded::Known(kind), Coded::Unknown(_))
            if effect(kind) == Effect::Permits
                || matches!(kind, EventKind::Void | EventKind::TextPublished) =>
        {
            Reading::Nothing
        }
        (Coded::Known(EventKind::TemplateState), Coded::Unknown(_)) => Reading::Objects,
        (Coded::Known(kind), _) => Reading::Kind(kind),
        (_, Coded::Known(said)) => by_effect(said),
        _ => Reading::Unreadable,
    }
}

/// The person that the value names.
pub(crate) fn value_person(record: &ConsentRecord) -> Option<Subject> {
    let event = event(record)?;
    Some(Subject { business: event.business.clone()?, identity: event.identity.clone()? })
}

/// The person that the key names.
pub(crate) fn key_person(record: &ConsentRecord) -> Option<Subject> {
    match &record.key {
        KeyParts::Subject(person) => Some(person.clone()),
        _ => None,
    }
}

fn key_business(record: &ConsentRecord) -> Option<&BusinessId> {
    record.key.business()
}

pub(super) fn value_business(record: &ConsentRecord) -> Option<&BusinessId> {
    event(record)?.business.as_ref()
}

/// Whether key and value name the same person.
pub(crate) fn agrees(record: &ConsentRecord) -> bool {
    key_person(record).is_some() && key_person(record) == value_person(record)
}

/// The businesses that a record names, in its key or in its value.
pub(crate) fn businesses(record: &ConsentRecord) -> Vec<&BusinessId> {
    let (key, value) = (key_business(record), value_business(record));
    key.into_iter().chain(value).collect()
}

/// Whether key and value name two businesses.
fn is_torn(record: &ConsentRecord) -> bool {
    let (key, value) = (key_business(record), value_business(record));
    matches!((key, value), (Some(key), Some(value)) if key != value)
}

/// Whether a record leaves a doubt that only an operator can settle.
pub(crate) fn is_doubtful(record: &ConsentRecord) -> bool {
    match reading(record) {
        Reading::Unreadable => true,
        Reading::Nothing => false,
        Reading::Objects => !agrees(record),
        Reading::Kind(EventKind::Request | EventKind::PlatformResume) => false,
        Reading::Kind(EventKind::Heartbeat | EventKind::Void) => false,
        Reading::Kind(EventKind::Invalidate | EventKind::TextRetired) => {
            is_torn(record) || businesses(record).is_empty()
        }
        Reading::Kind(EventKind::Pause | EventKind::Resume | EventKind::TextPublished) => {
            is_torn(record)
        }
        // Of which template is a doubt too.
        Reading::Kind(EventKind::TemplateState) => {
            let named = |event: &ConsentEvent| event.template.as_ref()?.template.clone();
            is_torn(record)
                || businesses(record).is_empty()
                || event(record).and_then(named).is_none()
        }
        // With whom is a doubt too.
        Reading::Kind(EventKind::IdentityLink | EventKind::IdentityChanged) => {
            !agrees(record) || event(record).is_some_and(|event| event.linked.is_none())
        }
        Reading::Kind(_) => !agrees(record),
    }
}

/// Whether the records void a place, and say what replaces it or why nothing does.
fn voids(records: &[ConsentRecord], place: Place) -> Vec<bool> {
    let void = |record: &ConsentRecord| {
        let event = event(record)?;
        let is_void = reading(record) == Reading::Kind(EventKind::Void)
            && record.place.topic == Topic::ConsentEvents;
        (is_void && event.voids == Some(place)).then(|| match &event.remedy {
            VoidRemedy::None => false,
            VoidRemedy::Replaced(by) => !by.is_empty(),
            VoidRemedy::Dropped(why) => !why.trim().is_empty(),
        })
    };
    records.iter().filter_map(void).collect()
}

/// Whether a doubtful record still waits, for this business (or for everybody).
///
/// If its key names a person of that business, any void is enough: that person has withdrawn.
pub(crate) fn is_open(
    records: &[ConsentRecord],
    record: &ConsentRecord,
    business: Option<&BusinessId>,
) -> bool {
    let stands_for_person =
        business.is_some() && key_person(record).map(|p| p.business).as_ref() == business;
    let settled =
        voids(records, record.place).into_iter().any(|remedied| remedied || stands_for_person);
    is_doubtful(record) && !settled
}

/// Whether a business has a record that waits to be voided.
pub(crate) fn is_quarantined(records: &[ConsentRecord], business: &BusinessId) -> bool {
    records.iter().any(|record| {
        businesses(record).contains(&business) && is_open(records, record, Some(business))
    })
}

/// Whether everything is held: something may object, and nobody knows for whom.
pub(crate) fn holds(records: &[ConsentRecord]) -> bool {
    records.iter().any(|record| businesses(record).is_empty() && is_open(records, record, None))
        || is_everything_paused(records)
}
