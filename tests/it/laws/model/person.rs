//! What the records say about one person.

use consentgate::consent::{
    Actor, BusinessId, Coded, ConsentEvent, ConsentRecord, EventId, EventKind, Method, Placement,
    ScopeName, Seconds, Strength, Subject, TextRef, Topic,
};

use super::conversation;
use super::links;
use super::pause::is_switched;
use super::proof::is_collected;
use super::record::{
    Reading, agrees, businesses, event, is_doubtful, is_quarantined, key_person, reading,
    value_person,
};
use super::template::is_told_of;
use super::text::{self, is_named};

const SCOPES_MAX: usize = 64;

/// What an objection speaks against.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Against {
    Scope(ScopeName),
    AllScopes,
    PlatformStop,
    Complaint,
    Number,
    Erase,
    Unknown,
}

/// One thing that was said against sending.
#[derive(Clone, Debug)]
pub(crate) struct Said {
    pub against: Against,
    pub at: Seconds,
    /// The event's id, or one made of its place.
    pub event: EventId,
}

/// The second in which an event that permits or lifts counts: never later than its append.
pub(super) fn permits_at(record: &ConsentRecord) -> Option<Seconds> {
    let millis = event(record)?.occurred_at_ms?;
    let occurred = u32::try_from(millis.div_euclid(1_000)).ok()?;
    Some(Seconds(occurred.min(record.appended_at.0)))
}

/// The second from which an objection of a known kind counts.
pub(super) fn imposes_at(record: &ConsentRecord, event: &ConsentEvent) -> Seconds {
    let by_import = event.method == Coded::Known(Method::Import)
        && event.actor == Coded::Known(Actor::Importer);
    match permits_at(record) {
        Some(earlier) if event.historic && by_import => earlier,
        _ => record.appended_at,
    }
}

/// When the person was blocked, restricted or the like by this record.
pub(crate) fn imposed(
    record: &ConsentRecord,
    person: &Subject,
    kind: EventKind,
) -> Option<Seconds> {
    let event = event(record)?;
    let counts =
        reading(record) == Reading::Kind(kind) && value_person(record).as_ref() == Some(person);
    counts.then(|| imposes_at(record, event))
}

/// Thirty days, in seconds.
const LONGEST_WAIT: u64 = 2_592_000;

/// Whether this record makes marketing to the person wait in this second. It counts from whenever
/// it is known, so a wait has an end and no beginning.
pub(crate) fn waits(record: &ConsentRecord, person: &Subject, now: Seconds) -> bool {
    let counts = reading(record) == Reading::Kind(EventKind::Cooldown)
        && value_person(record).as_ref() == Some(person);
    let Some(event) = event(record).filter(|_| counts) else {
        return false;
    };
    let too_late = u64::from(now.0) >= u64::from(record.appended_at.0) + LONGEST_WAIT;
    // Any millisecond of this second before the end is enough.
    let over = event.until_ms.is_some_and(|end| end > 0 && i64::from(now.0) * 1_000 >= end);
    !too_late && !over
}

/// When this record lifted something, or confirmed: only where key, value and partition agree, in
/// the log of record, and dated.
pub(crate) fn lifted(record: &ConsentRecord, person: &Subject, kind: EventKind) -> Option<Seconds> {
    let counts = reading(record) == Reading::Kind(kind)
        && agrees(record)
        && value_person(record).as_ref() == Some(person)
        && record.placement == Placement::Right
        && record.place.topic == Topic::ConsentEvents;
    if counts { permits_at(record) } else { None }
}

/// All that this record says against sending to the person.
pub(crate) fn objections(record: &ConsentRecord, person: &Subject) -> Vec<Said> {
    let place = EventId::of(&record.place.to_string());
    let by_place = |against| Said { against, at: record.appended_at, event: place };
    let is_value = value_person(record).as_ref() == Some(person);
    let mut said = Vec::new();
    if is_doubtful(record) && key_person(record).as_ref() == Some(person) {
        said.push(by_place(Against::AllScopes));
    }
    let Some(event) = event(record) else {
        return said;
    };
    let named = event.event_id.unwrap_or(place);
    match reading(record) {
        Reading::Unreadable if is_value => said.push(by_place(Against::AllScopes)),
        Reading::Objects if is_value => {
            said.push(Said { event: named, ..by_place(Against::Unknown) });
        }
        Reading::Kind(kind) if is_value => {
            let all = match kind {
                EventKind::PlatformStop => vec![Against::PlatformStop],
                EventKind::Complaint => vec![Against::Complaint],
                EventKind::Reassigned | EventKind::WrongNumber => vec![Against::Number],
                EventKind::Erase => vec![Against::Erase],
                EventKind::Withdraw | EventKind::Refuse => scopes_against(event),
                _ => vec![],
            };
            let at = imposes_at(record, event);
            said.extend(all.into_iter().map(|against| Said { against, at, event: named }));
        }
        _ => {}
    }
    said
}

/// All that anybody said against sending to the person.
pub(super) fn said_by(records: &[ConsentRecord], person: &Subject) -> Vec<Said> {
    records.iter().flat_map(|record| objections(record, person)).collect()
}

fn scopes_against(event: &ConsentEvent) -> Vec<Against> {
    let readable = event.scopes_complete && (1..=SCOPES_MAX).contains(&event.scopes.len());
    if readable {
        event.scopes.iter().cloned().map(Against::Scope).collect()
    } else {
        vec![Against::AllScopes]
    }
}

/// A record that grants a scope to the business.
#[derive(Clone, Copy)]
pub(crate) struct Agreed<'r> {
    pub at: Seconds,
    pub event: &'r ConsentEvent,
    pub text: &'r TextRef,
}

impl Agreed<'_> {
    pub(crate) fn declared_strength(&self) -> Strength {
        match self.event.strength {
            Coded::Known(Strength::Double) => Strength::Double,
            _ => Strength::Single,
        }
    }

    /// The first second at which it is over; `None` = never.
    pub(crate) fn over_at(&self) -> Option<u64> {
        let until = self.event.valid_until_ms?;
        let seconds = u64::try_from(until.div_euclid(1_000)).unwrap_or(0);
        Some(seconds.min(u64::from(u32::MAX)))
    }
}

fn agreed<'r>(record: &'r ConsentRecord, person: &Subject, scope: &str) -> Option<Agreed<'r>> {
    let at = lifted(record, person, EventKind::Grant)?;
    let event = event(record)?;
    let text = event.text.as_ref()?;
    let named = event.scopes.iter().any(|name| name.as_str() == scope)
        && event.scopes_complete
        && event.scopes.len() <= SCOPES_MAX;
    let how = is_collected(event) && event.text_complete;
    let complete = named && how && acted(event) && event.event_id.is_some() && !text.id.is_empty();
    complete.then_some(Agreed { at, event, text })
}

pub(super) fn acted(event: &ConsentEvent) -> bool {
    matches!(event.actor, Coded::Known(Actor::Subject | Actor::Guardian))
}

pub(super) fn is_hidden(records: &[ConsentRecord], person: &Subject, at: Seconds) -> bool {
    said_by(records, person).iter().any(|said| said.against == Against::Erase && said.at >= at)
}

/// The grants for a scope that are not hidden and than which none is newer: one second, so that all
/// their texts count.
pub(crate) fn newest_grants<'r>(
    records: &'r [ConsentRecord],
    person: &Subject,
    scope: &str,
) -> Vec<Agreed<'r>> {
    let all: Vec<_> = records
        .iter()
        .filter_map(|record| agreed(record, person, scope))
        .filter(|grant| !is_hidden(records, person, grant.at))
        .collect();
    let is_newest = |grant: &Agreed<'_>| all.iter().all(|other| other.at <= grant.at);
    let newest = all.iter().copied().filter(is_newest);
    newest.filter(|grant| !links::is_given_up(records, person, grant.at)).collect()
}

/// The weakest of grants of one second.
pub(crate) fn weakest<'r>(grants: &[Agreed<'r>]) -> Option<Agreed<'r>> {
    let weakness = |grant: &Agreed<'_>| {
        (
            grant.declared_strength(),
            grant.over_at().unwrap_or(u64::MAX),
            grant.text.clone(),
            grant.event.event_id,
        )
    };
    let is_weakest = |grant: &&Agreed<'_>| grants.iter().all(|o| weakness(grant) <= weakness(o));
    grants.iter().find(is_weakest).copied()
}

/// Whether the person confirmed a grant.
pub(crate) fn is_confirmed(
    records: &[ConsentRecord],
    person: &Subject,
    grant: &Agreed<'_>,
) -> bool {
    records.iter().any(|record| {
        let confirms = event(record).is_some_and(|event| {
            acted(event) && event.confirms.is_some() && event.confirms == grant.event.event_id
        });
        confirms
            && lifted(record, person, EventKind::Confirm)
                .is_some_and(|at| !is_hidden(records, person, at))
    })
}

/// Whether no grant on this text stands any longer. What a side does not say matches everything.
pub(crate) fn is_invalid(records: &[ConsentRecord], person: &Subject, text: &TextRef) -> bool {
    records.iter().any(|record| {
        let invalidates = reading(record) == Reading::Kind(EventKind::Invalidate)
            && businesses(record).contains(&&person.business);
        invalidates && event(record).is_some_and(|event| is_named(event, text))
    })
}

/// Whether a two-sided switch is on: its newest side wins, equal seconds mean on.
pub(crate) fn is_on(
    records: &[ConsentRecord],
    person: &Subject,
    on: EventKind,
    off: EventKind,
) -> bool {
    records.iter().filter_map(|record| imposed(record, person, on)).any(|begun| {
        !records.iter().filter_map(|record| lifted(record, person, off)).any(|ended| ended > begun)
    })
}

/// Whether a record says anything about a person that counts.
fn counts_for(record: &ConsentRecord, person: &Subject) -> bool {
    use EventKind as K;
    let imposes = [K::Block, K::Restrict, K::Cooldown];
    let lifts = [K::Unblock, K::Unrestrict];
    let event = event(record);
    let mut scopes = event.into_iter().flat_map(|event| &event.scopes);
    let confirms = event.is_some_and(|event| acted(event) && event.confirms.is_some());
    !objections(record, person).is_empty()
        || conversation::counts_for(record, person)
        || links::counts_for(record, person)
        || imposes.iter().any(|kind| imposed(record, person, *kind).is_some())
        || lifts.iter().any(|kind| lifted(record, person, *kind).is_some())
        || confirms && lifted(record, person, K::Confirm).is_some()
        || scopes.any(|scope| agreed(record, person, scope.as_str()).is_some())
}

/// Whether any record says something that counts about a business or about a person of it.
pub(crate) fn is_known(records: &[ConsentRecord], business: &BusinessId) -> bool {
    records.iter().any(|record| {
        let persons = [key_person(record), value_person(record)];
        let of_business = |person: &Subject| person.business == *business;
        text::counts_for(record, business)
            || persons.iter().flatten().any(|p| of_business(p) && counts_for(record, p))
    }) || is_quarantined(records, business)
        || is_switched(records, business)
        || is_told_of(records, business)
}
