//! Kill switches: somebody paused a thing, and nobody named the same thing later to go on.

use consentgate::consent::{
    BusinessId, ConsentRecord, EventKind, KeyParts, PauseTarget, Placement, Seconds, Topic,
};

use super::person::{imposes_at, permits_at};
use super::record::{Reading, businesses, event, reading, value_business};

/// A thing that can be paused.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum What<'r> {
    Business,
    Scope(&'r str),
    Campaign(&'r str),
    Template(&'r str),
}

fn what(target: &PauseTarget) -> What<'_> {
    match target {
        PauseTarget::Business => What::Business,
        PauseTarget::Scope(name) => What::Scope(name.as_str()),
        PauseTarget::Campaign(name) => What::Campaign(name),
        PauseTarget::Template(name) => What::Template(name),
    }
}

/// What a record pauses, and when.
fn pauses(record: &ConsentRecord) -> Vec<(What<'_>, Seconds)> {
    let Some(event) = event(record).filter(|_| reading(record) == Reading::Kind(EventKind::Pause))
    else {
        return Vec::new();
    };
    let at = imposes_at(record, event);
    match event.pauses_complete && !event.pauses.is_empty() {
        true => event.pauses.iter().map(|target| (what(target), at)).collect(),
        false => vec![(What::Business, at)],
    }
}

/// What a record lets go again, and when: one thing, in its own place, without a doubt.
fn resumes(record: &ConsentRecord) -> Option<(What<'_>, Seconds)> {
    let event = event(record)?;
    let in_place = reading(record) == Reading::Kind(EventKind::Resume)
        && record.place.topic == Topic::ConsentEvents
        && record.placement == Placement::Right;
    let plain = event.identity.is_none()
        && event.scopes.is_empty()
        && event.scopes_complete
        && event.pauses_complete
        && event.pauses.len() < 2;
    let thing = event.pauses.first().map_or(What::Business, what);
    (in_place && plain).then_some(())?;
    Some((thing, permits_at(record)?))
}

/// Whether a business has paused anything that is meant, and not gone on with it since.
pub(crate) fn is_paused(
    records: &[ConsentRecord],
    business: &BusinessId,
    is_meant: impl Fn(&What<'_>) -> bool,
) -> bool {
    let own = records.iter().filter(|record| businesses(record).contains(&business));
    own.flat_map(pauses).filter(|(what, _)| is_meant(what)).any(|(what, begun)| {
        !records.iter().filter(|record| resumes_business(record, business)).any(|record| {
            resumes(record).is_some_and(|(other, ended)| other == what && ended > begun)
        })
    })
}

fn resumes_business(record: &ConsentRecord, business: &BusinessId) -> bool {
    record.key == KeyParts::Business(business.clone()) && value_business(record) == Some(business)
}

/// Whether a record pauses or resumes anything of a business.
pub(crate) fn is_switched(records: &[ConsentRecord], business: &BusinessId) -> bool {
    records.iter().any(|record| {
        businesses(record).contains(&business) && !pauses(record).is_empty()
            || resumes_business(record, business) && resumes(record).is_some()
    })
}

/// Whether somebody paused everything of everybody, and nobody went on since.
pub(crate) fn is_everything_paused(records: &[ConsentRecord]) -> bool {
    let nameless = |record: &&ConsentRecord| businesses(record).is_empty();
    records.iter().filter(nameless).flat_map(pauses).any(|(_, begun)| {
        let goes_on = |record: &ConsentRecord| {
            record.key == KeyParts::Platform
                && nameless(&record)
                && resumes(record)
                    .is_some_and(|(what, ended)| what == What::Business && ended > begun)
        };
        !records.iter().any(goes_on)
    })
}
