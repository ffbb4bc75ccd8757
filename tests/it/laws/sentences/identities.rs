//! Two identities of one person: what permits must be on the address, what objects counts on both.

use consentgate::consent::{ConsentEvent, EventKind, IdentityRef};
use consentgate::decision::{Message, Reason};

use super::super::gate::{allows, offer, standard, suppresses};
use super::super::log::{ANNA, CARLA, Log, event, grant, lift, of, withdraw};

/// An offer to Anna's number, which also names her user id.
fn to_both() -> Message<'static> {
    Message { also: [IdentityRef::parse(CARLA), None], ..offer() }
}

#[test]
fn a_grant_on_the_other_identity_permits_nothing() {
    let log = Log::default().then(100, of(CARLA, grant(100, &["offers"])));
    suppresses(&log, &to_both(), Reason::NoGrant);
    allows(&log.then(100, grant(100, &["offers"])), &to_both());
}

#[test]
fn an_objection_on_another_identity_needs_a_grant_a_minute_later() {
    for objection in [
        withdraw(&[]),
        withdraw(&["offers"]),
        event(EventKind::Complaint),
        event(EventKind::WrongNumber),
        event(EventKind::Reassigned),
        event(EventKind::Erase),
    ] {
        let log = Log::default().then(100, of(CARLA, objection));
        for (granted, goes) in [(100, false), (160, false), (161, true)] {
            let log = log.clone().then(granted, grant(granted, &["offers"]));
            let found = super::super::gate::judge_state(
                &super::super::gate::state_of(&log.0),
                &standard(),
                consentgate::consent::Seconds(1_000),
                &to_both(),
            );
            match found.primary() {
                None => allows(&log, &to_both()),
                Some(reason) => suppresses(&log, &to_both(), reason),
            }
            assert_eq!(found.primary().is_none(), goes, "granted at {granted}");
        }
    }
}

#[test]
fn an_objection_to_another_scope_on_the_other_identity_does_not_count() {
    let log = Log::default()
        .then(100, grant(100, &["offers"]))
        .then(100, of(CARLA, withdraw(&["surveys"])));
    allows(&log, &to_both());
    suppresses(&log.then(101, of(CARLA, withdraw(&["offers"]))), &to_both(), Reason::Withdrawn);
}

#[test]
fn an_identity_named_twice_is_still_one() {
    let log = Log::default().then(100, withdraw(&[])).then(101, grant(101, &["offers"]));
    let twice = Message { also: [IdentityRef::parse(ANNA), None], ..offer() };
    allows(&log, &twice);
    suppresses(&log.then(101, withdraw(&[])), &twice, Reason::Withdrawn);
}

#[test]
fn a_block_or_restriction_on_either_identity_counts() {
    let agreed = Log::default().then(100, grant(100, &["offers"]));
    for (on, off, reason) in [
        (EventKind::Block, EventKind::Unblock, Reason::Blocked),
        (EventKind::Restrict, EventKind::Unrestrict, Reason::Restricted),
    ] {
        let log = agreed.clone().then(20, of(CARLA, event(on)));
        suppresses(&log, &to_both(), reason);
        allows(&log, &offer());
        let lifted: ConsentEvent = of(CARLA, lift(off, 21));
        allows(&log.then(21, lifted), &to_both());
    }
}

#[test]
fn an_address_that_cannot_be_read_is_suppressed() {
    let log = Log::default().then(100, grant(100, &["offers"]));
    let lost = Message { to: None, ..offer() };
    suppresses(&log, &lost, Reason::IdentityUnreadable);
}
