//! Links: which identities a business holds for one person's.

use std::collections::BTreeSet;

use consentgate::consent::{BusinessId, ConsentRecord, EventKind, Seconds, Subject};

use super::person::lifted;
use super::record::{Reading, event, reading, value_person};

const OTHER_CLOCKS: u64 = 60;
const MOST: usize = 16;

/// The two that a record links; of a change of identity the new one first.
fn linked(record: &ConsentRecord) -> Option<[Subject; 2]> {
    let counts = matches!(
        reading(record),
        Reading::Kind(EventKind::IdentityLink | EventKind::IdentityChanged)
    );
    let one = value_person(record).filter(|_| counts)?;
    let other = event(record)?.linked.clone()?;
    let other = Subject { business: one.business.clone(), identity: other };
    (one != other).then_some([one, other])
}

/// When a record parted two.
fn parted(record: &ConsentRecord, one: &Subject, other: &Subject) -> Option<Seconds> {
    let names = event(record)?.linked.as_ref();
    let of = |person: &Subject, linked: &Subject| {
        let at = lifted(record, person, EventKind::IdentityUnlink);
        at.filter(|_| names == Some(&linked.identity))
    };
    of(one, other).or(of(other, one))
}

fn is_later(one: Seconds, than: Seconds) -> bool {
    u64::from(one.0) > u64::from(than.0) + OTHER_CLOCKS
}

fn is_link(record: &ConsentRecord, one: &Subject, other: &Subject) -> bool {
    linked(record).is_some_and(|ends| ends.contains(one) && ends.contains(other))
}

/// Whether two were parted later than this second.
fn are_parted_after(
    records: &[ConsentRecord],
    one: &Subject,
    other: &Subject,
    at: Seconds,
) -> bool {
    records.iter().filter_map(|r| parted(r, one, other)).any(|ended| is_later(ended, at))
}

/// Whether two are linked now.
fn are_linked(records: &[ConsentRecord], one: &Subject, other: &Subject) -> bool {
    let links = records.iter().filter(|record| is_link(record, one, other));
    links.map(|r| r.appended_at).any(|begun| !are_parted_after(records, one, other, begun))
}

/// Whether what was said on one at `at` counts on the other because of a link between them.
fn carries(records: &[ConsentRecord], one: &Subject, other: &Subject, at: Seconds) -> bool {
    let ever = records.iter().any(|record| is_link(record, one, other));
    let lifted = are_parted_after(records, one, other, at);
    ever && (!lifted || are_linked(records, one, other))
}

/// All identities of a business that any link names.
fn everybody(records: &[ConsentRecord], business: &BusinessId) -> BTreeSet<Subject> {
    let ends = records.iter().filter_map(linked).flatten();
    ends.filter(|end| end.business == *business).collect()
}

/// All that one comes to over steps that hold, itself among them.
fn all_from(
    records: &[ConsentRecord],
    from: &Subject,
    holds: impl Fn(&Subject, &Subject) -> bool,
) -> BTreeSet<Subject> {
    let all = everybody(records, &from.business);
    let mut found = BTreeSet::from([from.clone()]);
    let is_next = |found: &BTreeSet<Subject>, one: &Subject| {
        !found.contains(one) && found.iter().any(|known| holds(known, one))
    };
    while let Some(next) = all.iter().find(|one| is_next(&found, one)) {
        found.insert(next.clone());
    }
    found
}

/// Whether what was said on one at `at` counts on the other, directly or over others.
pub(super) fn reaches(
    records: &[ConsentRecord],
    one: &Subject,
    other: &Subject,
    at: Seconds,
) -> bool {
    all_from(records, one, |a, b| carries(records, a, b, at)).contains(other)
}

/// Whether two were ever held for one person, directly or over others.
pub(super) fn were_ever_one(records: &[ConsentRecord], one: &Subject, other: &Subject) -> bool {
    let ever = |a: &Subject, b: &Subject| records.iter().any(|record| is_link(record, a, b));
    all_from(records, one, ever).contains(other)
}

/// All that any link names beside this one.
pub(super) fn others(records: &[ConsentRecord], person: &Subject) -> Vec<Subject> {
    let all = everybody(records, &person.business);
    all.into_iter().filter(|other| other != person).collect()
}

/// Whether anybody has more identities than a person may have.
pub(super) fn is_crowded(records: &[ConsentRecord], business: &BusinessId) -> bool {
    let all = everybody(records, business);
    let size = |one: &Subject| all_from(records, one, |a, b| are_linked(records, a, b)).len();
    all.len() > MOST && all.iter().any(|one| size(one) > MOST)
}

/// When the person gave this identity up for another one, by this record.
fn gave_up(record: &ConsentRecord, person: &Subject) -> Option<Seconds> {
    let [_, old] = linked(record)?;
    let is_change = reading(record) == Reading::Kind(EventKind::IdentityChanged);
    (is_change && old == *person).then_some(record.appended_at)
}

/// Whether the grant of this second is not later than the giving up of its identity.
pub(super) fn is_given_up(records: &[ConsentRecord], person: &Subject, granted: Seconds) -> bool {
    records.iter().filter_map(|record| gave_up(record, person)).any(|at| !is_later(granted, at))
}

/// Whether a record says anything about links of this person that counts.
pub(super) fn counts_for(record: &ConsentRecord, person: &Subject) -> bool {
    let links = linked(record).is_some_and(|ends| ends.contains(person));
    let names = event(record).and_then(|event| event.linked.as_ref());
    let parts = lifted(record, person, EventKind::IdentityUnlink).is_some();
    links || parts && names.is_some_and(|name| *name != person.identity)
}
