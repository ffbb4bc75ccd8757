//! Identities of one person: what is said on one counts on the others, and what permits does not.

use consentgate::consent::{
    ConsentEvent, Content, EventKind, Identity, IdentityRef, KeyParts, Placement,
};
use consentgate::decision::{Message, Reason};

use super::super::gate::{allows, decides_at, offer, suppresses};
use super::super::log::{ANNA, BEN, CARLA, Log, event, grant, millis, of, subject, withdraw};

/// Anna is also Carla.
pub(super) fn link(one: &str, other: &str) -> ConsentEvent {
    ConsentEvent { linked: Identity::parse(other), ..of(one, event(EventKind::IdentityLink)) }
}

fn unlink(occurred: u32, one: &str, other: &str) -> ConsentEvent {
    ConsentEvent {
        linked: Identity::parse(other),
        occurred_at_ms: millis(occurred),
        ..of(one, event(EventKind::IdentityUnlink))
    }
}

/// The person has `new` in place of `old`.
fn changed(new: &str, old: &str) -> ConsentEvent {
    ConsentEvent { linked: Identity::parse(old), ..of(new, event(EventKind::IdentityChanged)) }
}

/// Anna agreed to offers.
fn agreed() -> Log {
    Log::default().then(100, grant(100, &["offers"]))
}

fn to_carla() -> Message<'static> {
    Message { to: IdentityRef::parse(CARLA), ..offer() }
}

#[test]
fn an_objection_counts_on_every_linked_identity_whenever_they_were_linked() {
    let left = || agreed().then(200, of(CARLA, withdraw(&["offers"])));
    allows(&left(), &offer());
    suppresses(&left().then(300, link(ANNA, CARLA)), &offer(), Reason::Withdrawn);
    suppresses(&left().then(300, link(CARLA, ANNA)), &offer(), Reason::Withdrawn);
    let linked_first = agreed().then(150, link(ANNA, CARLA));
    let log = linked_first.then(200, of(CARLA, withdraw(&[])));
    suppresses(&log, &offer(), Reason::Withdrawn);
}

#[test]
fn a_grant_counts_on_its_own_identity_alone() {
    let log = agreed().then(150, link(ANNA, CARLA));
    allows(&log, &offer());
    suppresses(&log, &to_carla(), Reason::NoGrant);
}

#[test]
fn a_grant_must_be_later_by_more_than_a_minute_than_what_was_said_on_a_linked_identity() {
    let log = Log::default().then(100, link(ANNA, CARLA)).then(200, of(CARLA, withdraw(&[])));
    let granted = |at| log.clone().then(at, grant(at, &["offers"]));
    suppresses(&granted(260), &offer(), Reason::Withdrawn);
    allows(&granted(261), &offer());
    // On the same identity one clock orders all.
    let own = Log::default().then(100, link(ANNA, CARLA)).then(200, withdraw(&[]));
    allows(&own.then(201, grant(201, &["offers"])), &offer());
}

#[test]
fn what_is_about_the_person_travels_and_what_is_about_a_number_does_not() {
    let linked = || agreed().then(150, link(ANNA, CARLA));
    for (kind, reason) in [
        (EventKind::Complaint, Reason::Complained),
        (EventKind::PlatformStop, Reason::PlatformStop),
        (EventKind::Erase, Reason::Erased),
        (EventKind::Block, Reason::Blocked),
        (EventKind::Restrict, Reason::Restricted),
    ] {
        suppresses(&linked().then(200, of(CARLA, event(kind))), &offer(), reason);
    }
    for kind in [EventKind::WrongNumber, EventKind::Reassigned, EventKind::Cooldown] {
        allows(&linked().then(200, of(CARLA, event(kind))), &offer());
    }
}

#[test]
fn it_counts_over_several_links() {
    let log = agreed().then(150, link(ANNA, BEN)).then(151, link(BEN, CARLA));
    suppresses(&log.then(200, of(CARLA, withdraw(&[]))), &offer(), Reason::Withdrawn);
}

#[test]
fn a_link_is_one_business_s_knowledge() {
    let elsewhere =
        ConsentEvent { business: Some(super::super::log::business("shop")), ..link(ANNA, CARLA) };
    let log = agreed().then(150, elsewhere).then(200, of(CARLA, withdraw(&[])));
    allows(&log, &offer());
}

#[test]
fn an_unlink_lifts_what_is_older_by_more_than_a_minute_and_nothing_newer() {
    let linked = agreed().then(150, link(ANNA, CARLA)).then(200, of(CARLA, withdraw(&[])));
    let parted = |at| linked.clone().then(at, unlink(at, CARLA, ANNA));
    suppresses(&parted(260), &offer(), Reason::Withdrawn);
    allows(&parted(261), &offer());
    // It parts two, from whichever side it is told.
    allows(&linked.clone().then(261, unlink(261, ANNA, CARLA)), &offer());
    // What is said from then on counts again, until they are parted again.
    let again = parted(400).then(400, of(CARLA, withdraw(&[])));
    suppresses(&again, &offer(), Reason::Withdrawn);
    allows(&again.then(500, unlink(500, CARLA, ANNA)), &offer());
}

#[test]
fn an_unlink_that_is_undated_or_older_or_unclear_parts_nothing() {
    let linked = || agreed().then(300, link(ANNA, CARLA)).then(200, of(CARLA, withdraw(&[])));
    for parts_nothing in [
        unlink(360, CARLA, ANNA),
        ConsentEvent { occurred_at_ms: None, ..unlink(900, CARLA, ANNA) },
        ConsentEvent { linked: None, ..unlink(900, CARLA, ANNA) },
        unlink(900, CARLA, BEN),
    ] {
        suppresses(&linked().then(900, parts_nothing), &offer(), Reason::Withdrawn);
    }
    allows(&linked().then(900, unlink(361, CARLA, ANNA)), &offer());
    // An old unlink that is appended again parts nothing newer.
    let again = agreed().then(300, link(ANNA, CARLA)).then(900, unlink(200, CARLA, ANNA));
    suppresses(&again.then(901, of(CARLA, withdraw(&[]))), &offer(), Reason::Withdrawn);
}

#[test]
fn no_unlink_lifts_what_was_said_on_the_identity_itself() {
    let log = agreed().then(150, link(ANNA, CARLA)).then(200, withdraw(&[]));
    suppresses(&log.then(900, unlink(900, ANNA, CARLA)), &offer(), Reason::Withdrawn);
}

#[test]
fn a_link_counts_in_the_wrong_partition_and_an_unlink_does_not() {
    let key = || KeyParts::Subject(subject("cafe", CARLA));
    let wrong = |log: Log, at, event| {
        log.then_as(at, key(), Placement::Wrong, Content::Event(Box::new(event)))
    };
    let left = agreed().then(200, of(CARLA, withdraw(&[])));
    let linked = wrong(left, 300, link(CARLA, ANNA));
    suppresses(&linked, &offer(), Reason::Withdrawn);
    suppresses(&wrong(linked, 900, unlink(900, CARLA, ANNA)), &offer(), Reason::Withdrawn);
}

#[test]
fn a_link_with_nobody_waits_for_a_void() {
    let log = agreed().then(200, ConsentEvent { linked: None, ..link(BEN, CARLA) });
    suppresses(&log, &offer(), Reason::BusinessQuarantined);
    let void =
        ConsentEvent { identity: None, voids: Some(log.last_place()), ..event(EventKind::Void) };
    allows(&log.then(300, void), &offer());
}

#[test]
fn nobody_is_linked_to_themselves() {
    allows(&agreed().then(200, link(ANNA, ANNA)), &offer());
    allows(&agreed().then(200, changed(ANNA, ANNA)), &offer());
}

#[test]
fn who_changes_identity_must_agree_again_and_keeps_what_was_said() {
    // Anna was Carla: her old user id permits nothing that is not later.
    let carla = || Log::default().then(100, of(CARLA, grant(100, &["offers"])));
    allows(&carla(), &to_carla());
    let moved = || carla().then(200, changed(ANNA, CARLA));
    suppresses(&moved(), &to_carla(), Reason::NoGrant);
    suppresses(&moved(), &offer(), Reason::NoGrant);
    let granted = |at| moved().then(at, of(CARLA, grant(at, &["offers"])));
    suppresses(&granted(260), &to_carla(), Reason::NoGrant);
    allows(&granted(261), &to_carla());
    allows(&moved().then(201, grant(201, &["offers"])), &offer());
    let left = moved().then(201, grant(201, &["offers"])).then(300, of(CARLA, withdraw(&[])));
    suppresses(&left, &offer(), Reason::Withdrawn);
}

#[test]
fn what_a_named_identity_says_of_itself_is_judged_by_its_own_clock() {
    // Carla is named too, and linked: Anna's own words do not come back over her.
    let log = Log::default().then(100, link(ANNA, CARLA)).then(200, withdraw(&[]));
    let log = log.then(201, grant(201, &["offers"]));
    allows(&log, &Message { also: [IdentityRef::parse(CARLA), None], ..offer() });
}

#[test]
fn an_erased_identity_still_speaks_for_the_linked_ones() {
    let log = agreed().then(150, link(ANNA, CARLA)).then(200, of(CARLA, event(EventKind::Erase)));
    suppresses(&log, &offer(), Reason::Erased);
    let later = log.then(300, of(CARLA, withdraw(&[])));
    suppresses(&later, &offer(), Reason::Withdrawn);
    // Linked only after it was erased.
    let log = agreed().then(150, of(CARLA, event(EventKind::Erase))).then(200, link(ANNA, CARLA));
    suppresses(&log, &offer(), Reason::Erased);
}

#[test]
fn a_person_may_have_sixteen_identities_and_a_crowd_stops_the_business() {
    let named = |number: u32| format!("US.anna{number}");
    let linked =
        |count: u32| (1..count).fold(agreed(), |log, n| log.then(150, link(ANNA, &named(n))));
    decides_at(200, &linked(16), &offer(), None);
    let crowd = linked(17);
    decides_at(200, &crowd, &offer(), Some(Reason::BusinessQuarantined));
    let parted = crowd.then(300, unlink(300, ANNA, &named(3)));
    decides_at(400, &parted, &offer(), None);
}
