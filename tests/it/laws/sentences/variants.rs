//! One number in the two ways of its country: a grant counts where it was given, an objection on both.

use consentgate::consent::{EventKind, IdentityRef};
use consentgate::decision::{Message, Reason};

use super::super::gate::{allows, offer, suppresses};
use super::super::log::{CARLA, Log, MARTA, MARTA_WITH_1, event, grant, lift, of, withdraw};
use super::linking::link;

/// An offer to Marta's number.
fn to(form: &str) -> Message<'_> {
    Message { to: IdentityRef::parse(form), ..offer() }
}

#[test]
fn a_grant_counts_on_the_form_that_it_names() {
    let log = Log::default().then(100, of(MARTA, grant(100, &["offers"])));
    allows(&log, &to(MARTA));
    suppresses(&log, &to(MARTA_WITH_1), Reason::NoGrant);
}

#[test]
fn an_objection_on_one_form_counts_on_the_other() {
    for (form, other) in [(MARTA, MARTA_WITH_1), (MARTA_WITH_1, MARTA)] {
        for (objection, reason) in [
            (withdraw(&["offers"]), Reason::Withdrawn),
            (withdraw(&[]), Reason::Withdrawn),
            (event(EventKind::PlatformStop), Reason::PlatformStop),
            (event(EventKind::Complaint), Reason::Complained),
            (event(EventKind::WrongNumber), Reason::WrongNumber),
            (event(EventKind::Reassigned), Reason::WrongNumber),
            (event(EventKind::Erase), Reason::Erased),
        ] {
            let log = Log::default()
                .then(100, of(form, grant(100, &["offers"])))
                .then(200, of(other, objection));
            suppresses(&log, &to(form), reason);
        }
    }
}

#[test]
fn an_objection_on_the_other_form_needs_a_grant_a_minute_later() {
    let log = Log::default().then(100, of(MARTA_WITH_1, withdraw(&[])));
    let granted = |at| log.clone().then(at, of(MARTA, grant(at, &["offers"])));
    suppresses(&granted(160), &to(MARTA), Reason::Withdrawn);
    allows(&granted(161), &to(MARTA));
}

#[test]
fn a_block_on_one_form_counts_on_the_other_until_it_is_lifted() {
    let log = Log::default()
        .then(100, of(MARTA, grant(100, &["offers"])))
        .then(50, of(MARTA_WITH_1, event(EventKind::Block)));
    suppresses(&log, &to(MARTA), Reason::Blocked);
    allows(&log.then(60, of(MARTA_WITH_1, lift(EventKind::Unblock, 60))), &to(MARTA));
}

#[test]
fn what_was_said_by_whoever_is_linked_to_one_form_counts_on_the_other() {
    let log = Log::default()
        .then(100, of(MARTA, grant(100, &["offers"])))
        .then(101, link(MARTA_WITH_1, CARLA))
        .then(200, of(CARLA, withdraw(&[])));
    suppresses(&log, &to(MARTA), Reason::Withdrawn);
}

#[test]
fn the_other_form_of_another_identity_counts_too() {
    let log = Log::default()
        .then(100, of(CARLA, grant(100, &["offers"])))
        .then(200, of(MARTA_WITH_1, withdraw(&[])));
    let both = Message { also: [IdentityRef::parse(MARTA), None], ..to(CARLA) };
    allows(&log, &to(CARLA));
    suppresses(&log, &both, Reason::Withdrawn);
}

#[test]
fn a_number_of_another_country_has_no_other_form() {
    let log = Log::default()
        .then(100, of("+990000000123", grant(100, &["offers"])))
        .then(200, of("+9910000000123", withdraw(&[])));
    allows(&log, &to("+990000000123"));
}
