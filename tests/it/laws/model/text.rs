//! What the records say about consent texts.

use consentgate::consent::{
    BusinessId, ConsentEvent, ConsentRecord, EventKind, KeyParts, NamesWhatsapp, Placement,
    TextRef, Topic,
};

use super::person::{Agreed, imposes_at, permits_at};
use super::record::{Reading, businesses, event, reading};

/// How much earlier than a retirement a grant must be, in seconds: the clocks are not the same.
const OTHER_CLOCKS: u64 = 60;

/// The event by which this record publishes a text of the business, if it does.
pub(super) fn published<'r>(
    record: &'r ConsentRecord,
    business: &BusinessId,
) -> Option<&'r ConsentEvent> {
    let event = event(record)?;
    let text = event.text.as_ref()?;
    let is_of_business = record.key == KeyParts::Business(business.clone())
        && event.business.as_ref() == Some(business)
        && event.identity.is_none();
    let is_whole = !text.id.is_empty()
        && !text.version.is_empty()
        && !text.language.as_str().is_empty()
        && event.text_complete
        && event.scopes_complete
        && (1..=64).contains(&event.scopes.len())
        && event.event_id.is_some();
    let is_its_own = event.sentence.is_some() && event.sentence == text.sha256;
    let is_kept =
        record.place.topic == Topic::ConsentEvents && record.placement == Placement::Right;
    let counts = reading(record) == Reading::Kind(EventKind::TextPublished)
        && permits_at(record).is_some()
        && is_of_business
        && is_whole
        && is_its_own
        && is_kept;
    counts.then_some(event)
}

/// Whether a grant on this text proves that the person agreed to the scope.
pub(super) fn proves(
    records: &[ConsentRecord],
    business: &BusinessId,
    text: &TextRef,
    scope: &str,
) -> bool {
    let all: Vec<_> = records
        .iter()
        .filter_map(|record| published(record, business))
        .filter(|event| {
            event.text.as_ref().is_some_and(|t| (&t.id, &t.version) == (&text.id, &text.version))
        })
        .collect();
    let language = |event: &ConsentEvent| event.text.as_ref().unwrap().language.clone();
    let is_contradicted = |event: &ConsentEvent| {
        all.iter()
            .any(|other| language(other) == language(event) && other.sentence != event.sentence)
    };
    // What the person may have read.
    let read: Vec<_> = all
        .iter()
        .filter(|event| text.language.as_str().is_empty() || text.language == language(event))
        .filter(|event| {
            text.sha256.is_none() || text.sha256 == event.sentence || is_contradicted(event)
        })
        .collect();
    !read.is_empty()
        && read.iter().all(|event| {
            !is_contradicted(event)
                && event.whatsapp == NamesWhatsapp::Yes
                && event.scopes.iter().any(|name| name.as_str() == scope)
        })
}

/// Whether a text was retired before a grant, or not clearly after it.
pub(super) fn is_retired(
    records: &[ConsentRecord],
    business: &BusinessId,
    grant: &Agreed<'_>,
) -> bool {
    records.iter().any(|record| {
        let Some(event) = event(record) else {
            return false;
        };
        let retires = reading(record) == Reading::Kind(EventKind::TextRetired)
            && businesses(record).contains(&business);
        let at = u64::from(imposes_at(record, event).0);
        retires && is_named(event, grant.text) && u64::from(grant.at.0) + OTHER_CLOCKS >= at
    })
}

/// Whether an event about texts is about this one. What a side does not say matches everything.
pub(super) fn is_named(event: &ConsentEvent, text: &TextRef) -> bool {
    let Some(named) = &event.text else {
        return true;
    };
    let id = named.id.is_empty() || named.id == text.id;
    let silent = named.version.is_empty() || text.version.is_empty();
    id && (silent || named.version == text.version)
}

/// Whether a record says anything about texts that makes its business known.
pub(super) fn counts_for(record: &ConsentRecord, business: &BusinessId) -> bool {
    let ends = [EventKind::Invalidate, EventKind::TextRetired].map(Reading::Kind);
    ends.contains(&reading(record)) && businesses(record).contains(&business)
        || published(record, business).is_some()
}
