//! Conversations: what a person wrote or asked for, and what that passes over.

use consentgate::consent::{
    ConsentRecord, Effect, EventId, EventKind, Placement, Seconds, Subject,
};

use super::person::{Against, Said, acted, is_hidden, permits_at};
use super::record::{Reading, agrees, effect, event, reading, value_person};

const DAY: u32 = 86_400;
const TEN_MINUTES: u32 = 600;
const FIVE_MINUTES: u32 = 300;
const OTHER_CLOCKS: u64 = 60;

/// When the person did something of this kind, in either topic.
fn did(record: &ConsentRecord, person: &Subject, kind: EventKind) -> Option<Seconds> {
    let counts = reading(record) == Reading::Kind(kind)
        && agrees(record)
        && value_person(record).as_ref() == Some(person)
        && record.placement == Placement::Right
        && event(record).is_some_and(acted);
    if counts { permits_at(record) } else { None }
}

/// When the person wrote, and which message it was.
fn wrote(record: &ConsentRecord, person: &Subject) -> Option<(Seconds, EventId)> {
    let at = did(record, person, EventKind::Inbound)?;
    let event = event(record)?;
    Some((at, event.inbound.or(event.event_id)?))
}

/// The inbound message by which the person objected.
fn objected_by(record: &ConsentRecord, person: &Subject) -> Option<EventId> {
    use EventKind as K;
    let imposes = match reading(record) {
        Reading::Kind(K::Pause | K::Invalidate | K::TemplateState) => false,
        Reading::Kind(kind) => effect(kind) == Effect::Objects,
        Reading::Objects => true,
        Reading::Nothing | Reading::Unreadable => false,
    };
    let is_theirs = value_person(record).as_ref() == Some(person);
    event(record).filter(|_| imposes && is_theirs)?.inbound
}

/// Whether the record says anything about the person's conversation.
pub(super) fn counts_for(record: &ConsentRecord, person: &Subject) -> bool {
    wrote(record, person).is_some()
        || objected_by(record, person).is_some()
        || did(record, person, EventKind::UserRequest).is_some()
}

/// All that the person wrote and no erasure hides.
fn all_written(records: &[ConsentRecord], person: &Subject) -> Vec<(Seconds, EventId)> {
    let written = records.iter().filter_map(|record| wrote(record, person));
    written.filter(|(at, _)| !is_hidden(records, person, *at)).collect()
}

fn within(span: u32, at: Seconds, now: Seconds) -> bool {
    u64::from(now.0) < u64::from(at.0) + u64::from(span)
}

fn is_later(at: Seconds, said: &Said) -> bool {
    u64::from(at.0) > u64::from(said.at.0) + OTHER_CLOCKS
}

/// Whether the person wrote within the last day.
pub(super) fn is_open(records: &[ConsentRecord], person: &Subject, now: Seconds) -> bool {
    all_written(records, person).iter().any(|(at, _)| within(DAY, *at, now))
}

/// Whether a reply passes over what was said: the person wrote later, and not to object as any of their
/// identities. Only the last two messages are remembered.
pub(super) fn passes(
    records: &[ConsentRecord],
    person: &Subject,
    identities: &[Subject],
    said: &Said,
    now: Seconds,
) -> bool {
    let written = all_written(records, person);
    let is_remembered = |message: &(Seconds, EventId)| {
        let mut newer: Vec<_> = written.iter().filter(|other| *other > message).collect();
        newer.sort_by_key(|(_, id)| *id);
        newer.dedup_by_key(|(_, id)| *id);
        newer.iter().filter(|(_, id)| *id != message.1).count() < 2
    };
    let objects = |id: EventId| {
        let mut of_all = identities.iter().flat_map(|one| records.iter().map(move |r| (one, r)));
        of_all.any(|(one, record)| objected_by(record, one) == Some(id))
    };
    !is_never_passed(&said.against)
        && written.iter().any(|message| {
            within(DAY, message.0, now)
                && is_remembered(message)
                && !objects(message.1)
                && is_later(message.0, said)
        })
}

/// What no reply and no farewell passes over.
pub(super) fn is_never_passed(against: &Against) -> bool {
    matches!(against, Against::Complaint | Against::Number | Against::Unknown)
}

/// Whether the person asked for a code, and nothing of this was said later.
pub(super) fn is_asked_for(
    records: &[ConsentRecord],
    person: &Subject,
    meant: &[Said],
    now: Seconds,
) -> bool {
    let asked = records.iter().filter_map(|r| did(r, person, EventKind::UserRequest));
    asked
        .filter(|at| !is_hidden(records, person, *at))
        .any(|at| within(TEN_MINUTES + 1, at, now) && meant.iter().all(|said| is_later(at, said)))
}

/// Whether this is the id of the newest thing that was said against sending, and that just now.
pub(super) fn is_newest(all: &[Said], id: Option<EventId>, now: Seconds) -> bool {
    let is_newest = |said: &&Said| all.iter().all(|o| (o.at, o.event) <= (said.at, said.event));
    all.iter()
        .find(is_newest)
        .is_some_and(|said| Some(said.event) == id && within(FIVE_MINUTES + 1, said.at, now))
}
