//! Conversations: the person writes, and the business may answer. Nothing else follows from it.

use super::*;

fn active(told: Told, at: i64, event: ConsentEvent) -> Told {
    told.then_in(Topic::Activity, at, event)
}

fn asked(occurred: i64) -> ConsentEvent {
    ConsentEvent { actor: Actor::Subject.into(), ..at(occurred, event(Kind::UserRequest)) }
}

fn farewell(answers: &str) -> OutboundMessage {
    let category = Category::Farewell.into();
    OutboundMessage { category, objection_event_id: answers.to_owned(), ..reply() }
}

#[test]
fn a_reply_may_go_for_a_day_after_the_person_wrote() {
    let told = active(Told::default(), 200, wrote(200, "hello"));
    told.decides_at(200, &reply(), None);
    told.decides_at(200 + DAY - 1, &reply(), None);
    told.decides_at(200 + DAY, &reply(), Some(Reason::WindowClosed));
    told.decides_at(300, &offer(), Some(Reason::NoGrant));
    let undated = ConsentEvent { occurred_at_ms: None, ..wrote(900, "hello") };
    let told = Told::default().then(100, grant(100, &["offers"]));
    active(told, 900, undated).suppresses(&reply(), Reason::WindowClosed);
}

#[test]
fn who_writes_more_than_a_minute_after_they_left_may_be_answered() {
    for (wrote_at, answered) in [(199, false), (260, false), (261, true)] {
        let told = Told::default().then(200, withdraw(&[]));
        let told = active(told, wrote_at.max(200), wrote(wrote_at, "hello"));
        told.decides_at(300, &reply(), (!answered).then_some(Reason::Withdrawn));
    }
    let by_stop = ConsentEvent { inbound_id: "stop".to_owned(), ..withdraw(&[]) };
    let told = active(Told::default().then(200, by_stop), 400, wrote(400, "stop"));
    told.suppresses(&reply(), Reason::Withdrawn);
    active(told, 500, wrote(500, "a question")).allows(&reply());
    for (kind, reason) in
        [(Kind::Complaint, Reason::Complained), (Kind::WrongNumber, Reason::WrongNumber)]
    {
        let told = active(Told::default().then(200, event(kind)), 400, wrote(400, "hello"));
        told.suppresses(&reply(), reason);
    }
}

#[test]
fn a_farewell_answers_the_newest_objection_within_five_minutes() {
    let told = active(Told::default(), 200, wrote(200, "stop"));
    let told = told.then(201, ConsentEvent { event_id: "w".to_owned(), ..withdraw(&[]) });
    told.decides_at(201, &farewell("w"), None);
    told.decides_at(501, &farewell("w"), None);
    told.decides_at(502, &farewell("w"), Some(Reason::Withdrawn));
    told.decides_at(300, &farewell("x"), Some(Reason::Withdrawn));
    let selling = OutboundMessage { scope: "offers".to_owned(), ..farewell("w") };
    told.decides_at(300, &selling, Some(Reason::Withdrawn));
    let unasked =
        Told::default().then(201, ConsentEvent { event_id: "w".to_owned(), ..withdraw(&[]) });
    unasked.decides_at(202, &farewell("w"), Some(Reason::WindowClosed));
    let nobody = active(Told::default(), 200, wrote(200, "hello"));
    nobody.decides_at(202, &farewell("w"), Some(Reason::FarewellUnfounded));
}

/// It counts as an objection of the person in its key, newer than the one that is answered, which then counts
/// too.
#[test]
fn a_farewell_may_be_unfounded_for_a_record_that_cannot_be_read() {
    let objections =
        [(withdraw(&[]), Reason::Withdrawn), (event(Kind::PlatformStop), Reason::PlatformStop)];
    for (objection, reason) in objections {
        let told = active(Told::default(), 200, wrote(200, "stop"));
        let told = told.then(201, ConsentEvent { event_id: "w".to_owned(), ..objection });
        let may_be = bit(Reason::FarewellUnfounded) | bit(reason);
        let founded = told.verdict_at(202, ANY, &farewell("w"));
        assert_eq!((founded.must, founded.may & may_be), (0, 0), "{founded:?}");
        let told = told.then_as(Topic::Events, 202, &format!("cafe/{ANNA}"), Some(b"\xff"));
        let verdict = told.verdict_at(203, ANY, &farewell("w"));
        assert_eq!(verdict.must, bit(Reason::BusinessQuarantined), "{verdict:?}");
        assert_eq!(verdict.may & may_be, may_be, "{verdict:?}");
    }
}

#[test]
fn a_code_may_go_for_ten_minutes_after_it_was_asked_for() {
    let told = active(Told::default(), 200, asked(200));
    told.decides_at(800, &code(), None);
    told.decides_at(801, &code(), Some(Reason::NoGrant));
    told.decides_at(300, &order_update(), Some(Reason::NoGrant));
    for (asked_at, goes) in [(261, false), (262, true)] {
        let left = Told::default().then(200, withdraw(&[])).then(201, event(Kind::Complaint));
        let told = active(left, asked_at, asked(asked_at));
        told.decides_at(300, &code(), (!goes).then_some(Reason::Withdrawn));
    }
    let stopped = Told::default().then(200, event(Kind::PlatformStop));
    active(stopped, 201, asked(201)).decides_at(300, &code(), None);
}

#[test]
fn a_code_that_was_asked_for_may_lack_a_grant_for_a_record_that_cannot_be_read() {
    let told = active(Told::default(), 200, asked(200));
    told.decides_at(300, &code(), None);
    let told = told.then_as(Topic::Events, 202, &format!("cafe/{ANNA}"), Some(b"\xff"));
    let verdict = told.verdict_at(300, ANY, &code());
    let may_be = bit(Reason::NoGrant) | bit(Reason::Withdrawn);
    assert_eq!((verdict.must, verdict.may), (bit(Reason::BusinessQuarantined), may_be));
}
