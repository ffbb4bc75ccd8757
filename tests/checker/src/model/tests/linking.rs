//! Identities of one person: what is said on one counts on the others, and what permits does not.

use super::*;

fn agreed() -> Told {
    Told::default().then(100, grant(100, &["offers"]))
}

fn linked(kind: Kind, one: &str, other: &str) -> ConsentEvent {
    let (linked_phone, linked_user_id) = match other.starts_with('+') {
        true => (other.to_owned(), String::new()),
        false => (String::new(), other.to_owned()),
    };
    ConsentEvent { linked_phone, linked_user_id, ..of(one, event(kind)) }
}

fn link(one: &str, other: &str) -> ConsentEvent {
    linked(Kind::IdentityLink, one, other)
}

#[test]
fn what_is_about_the_person_travels_and_what_is_about_a_number_does_not() {
    let told = || agreed().then(150, link(ANNA, CARLA));
    for (kind, reason) in [
        (Kind::Withdraw, Reason::Withdrawn),
        (Kind::Complaint, Reason::Complained),
        (Kind::PlatformStop, Reason::PlatformStop),
        (Kind::Erase, Reason::Erased),
        (Kind::Block, Reason::Blocked),
        (Kind::Restrict, Reason::Restricted),
    ] {
        told().then(200, of(CARLA, event(kind))).suppresses(&offer(), reason);
    }
    for kind in [Kind::WrongNumber, Kind::Reassigned, Kind::Cooldown] {
        told().then(200, of(CARLA, event(kind))).allows(&offer());
    }
    told().suppresses(&to(CARLA, offer()), Reason::NoGrant);
    let far = agreed().then(150, link(ANNA, BEN)).then(151, link(BEN, CARLA));
    far.then(200, of(CARLA, withdraw(&[]))).suppresses(&offer(), Reason::Withdrawn);
}

#[test]
fn a_grant_must_be_later_by_more_than_a_minute_than_what_was_said_elsewhere() {
    let linked =
        || Told::default().then(100, link(ANNA, CARLA)).then(200, of(CARLA, withdraw(&[])));
    linked().then(260, grant(260, &["offers"])).suppresses(&offer(), Reason::Withdrawn);
    linked().then(261, grant(261, &["offers"])).allows(&offer());
    let both = OutboundMessage { also_known_as: CARLA.to_owned(), ..offer() };
    let named = || Told::default().then(200, of(CARLA, event(Kind::WrongNumber)));
    named().then(260, grant(260, &["offers"])).suppresses(&both, Reason::WrongNumber);
    named().then(261, grant(261, &["offers"])).allows(&both);
    // What the address says of itself is judged by its own clock.
    let own = Told::default().then(100, link(ANNA, CARLA)).then(200, withdraw(&[]));
    own.then(201, grant(201, &["offers"])).allows(&both);
}

#[test]
fn an_unlink_lifts_what_is_older_by_more_than_a_minute() {
    let told = |unlinked| {
        let told = agreed().then(150, link(ANNA, CARLA)).then(200, of(CARLA, withdraw(&[])));
        told.then(unlinked, at(unlinked, linked(Kind::IdentityUnlink, CARLA, ANNA)))
    };
    told(260).suppresses(&offer(), Reason::Withdrawn);
    told(261).allows(&offer());
    told(400).then(400, of(CARLA, withdraw(&[]))).suppresses(&offer(), Reason::Withdrawn);
}

#[test]
fn who_changes_identity_must_agree_again() {
    let moved = || {
        let told = Told::default().then(100, of(CARLA, grant(100, &["offers"])));
        told.then(200, linked(Kind::IdentityChanged, ANNA, CARLA))
    };
    moved().suppresses(&to(CARLA, offer()), Reason::NoGrant);
    moved().suppresses(&offer(), Reason::NoGrant);
    moved()
        .then(260, of(CARLA, grant(260, &["offers"])))
        .suppresses(&to(CARLA, offer()), Reason::NoGrant);
    moved().then(261, of(CARLA, grant(261, &["offers"]))).allows(&to(CARLA, offer()));
    moved().then(201, grant(201, &["offers"])).allows(&offer());
}

#[test]
fn both_forms_of_a_number_object_and_one_grants() {
    let (short, long) = ("+520000000123", "+5210000000123");
    let told = || Told::default().then(100, of(short, grant(100, &["offers"])));
    told().allows(&to(short, offer()));
    told().suppresses(&to(long, offer()), Reason::NoGrant);
    told().then(200, of(long, withdraw(&[]))).suppresses(&to(short, offer()), Reason::Withdrawn);
}

#[test]
fn a_crowd_stops_the_business() {
    let crowd = |count: u32| {
        (1..count).fold(agreed(), |told, nth| told.then(150, link(ANNA, &format!("US.anna{nth}"))))
    };
    crowd(16).allows(&offer());
    crowd(17).suppresses(&offer(), Reason::BusinessQuarantined);
    let parted = at(300, linked(Kind::IdentityUnlink, ANNA, "US.anna3"));
    crowd(17).then(300, parted).allows(&offer());
}

#[test]
fn a_link_with_nobody_waits_for_a_void() {
    let told = agreed().then(150, of(BEN, event(Kind::IdentityLink)));
    told.suppresses(&offer(), Reason::BusinessQuarantined);
}

#[test]
fn a_message_that_an_objection_names_speaks_for_nothing_on_linked_identities_too() {
    let by_stop = ConsentEvent { inbound_id: "stop".to_owned(), ..of(CARLA, withdraw(&[])) };
    let told = Told::default().then(150, link(ANNA, CARLA)).then(200, by_stop);
    let told = told.then_in(Topic::Activity, 400, wrote(400, "stop"));
    told.suppresses(&reply(), Reason::Withdrawn);
    // Of an objection that does not count on Anna nobody says whether what it names may speak.
    let wrong =
        ConsentEvent { inbound_id: "hello".to_owned(), ..of(CARLA, event(Kind::WrongNumber)) };
    let told = Told::default().then(150, link(ANNA, CARLA)).then(160, wrong);
    let told = told.then(200, withdraw(&[]));
    let told = told.then_in(Topic::Activity, 400, wrote(400, "hello"));
    let verdict = told.verdict_at(500, ANY, &reply());
    assert_eq!((verdict.must, verdict.may & bit(Reason::Withdrawn)), (0, bit(Reason::Withdrawn)));
}
