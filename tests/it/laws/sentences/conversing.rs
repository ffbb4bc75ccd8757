//! Conversations: the person writes, and the business may answer. Nothing else follows from it.

use consentgate::consent::{
    Actor, Category, Coded, ConsentEvent, Content, EventId, EventKind, IdentityRef, KeyParts,
    Placement,
};
use consentgate::decision::{Message, Reason};

use super::super::gate::{allows, decides_at, offer, order_update, suppresses};
use super::super::log::{ANNA, CARLA, Log, event, grant, millis, of, subject, withdraw};
use super::linking::link;

const DAY: u32 = 24 * 3_600;
const CLOSED: Option<Reason> = Some(Reason::WindowClosed);

fn id(name: &str) -> Option<EventId> {
    Some(EventId::of(name))
}

/// Anna writes a message to the cafe.
fn wrote(occurred: u32, name: &str) -> ConsentEvent {
    ConsentEvent {
        inbound: id(name),
        occurred_at_ms: millis(occurred),
        actor: Coded::Known(Actor::Subject),
        ..event(EventKind::Inbound)
    }
}

/// Anna asks the cafe for a code.
fn asked(occurred: u32) -> ConsentEvent {
    let actor = Coded::Known(Actor::Subject);
    ConsentEvent { occurred_at_ms: millis(occurred), actor, ..event(EventKind::UserRequest) }
}

/// An objection that can be named.
fn named(name: &str, event: ConsentEvent) -> ConsentEvent {
    ConsentEvent { event_id: id(name), ..event }
}

fn by(inbound: &str, event: ConsentEvent) -> ConsentEvent {
    ConsentEvent { inbound: id(inbound), ..event }
}

fn reply() -> Message<'static> {
    Message { scope: "", category: Category::Service, ..offer() }
}

fn farewell(answers: &str) -> Message<'static> {
    Message { category: Category::Farewell, answers: id(answers), ..reply() }
}

fn code() -> Message<'static> {
    Message { scope: "", category: Category::Authentication, ..offer() }
}

#[test]
fn a_reply_may_go_for_a_day_after_the_person_wrote() {
    let log = Log::default().then_active(200, wrote(200, "hello"));
    decides_at(200, &log, &reply(), None);
    decides_at(200 + DAY - 1, &log, &reply(), None);
    decides_at(200 + DAY, &log, &reply(), CLOSED);
    suppresses(&Log::default().then(100, grant(100, &["offers"])), &reply(), Reason::WindowClosed);
}

#[test]
fn what_lies_in_the_log_of_record_opens_the_window_too() {
    allows(&Log::default().then(900, wrote(900, "hello")), &reply());
}

#[test]
fn a_window_counts_from_the_writing_and_not_from_the_telling() {
    let log = Log::default().then_active(DAY, wrote(200, "told late"));
    decides_at(200 + DAY, &log, &reply(), CLOSED);
    // A clock that runs ahead does not keep it open for longer.
    let log = Log::default().then_active(200, wrote(9_000, "ahead"));
    decides_at(200 + DAY, &log, &reply(), CLOSED);
}

#[test]
fn undated_or_not_the_persons_or_without_an_id_opens_nothing() {
    let hello = || wrote(900, "hello");
    for refused in [
        ConsentEvent { occurred_at_ms: None, ..hello() },
        ConsentEvent { actor: Coded::Known(Actor::Business), ..hello() },
        ConsentEvent { actor: Coded::Unspecified, ..hello() },
        ConsentEvent { inbound: None, ..hello() },
    ] {
        // Something else makes the business known.
        let log = Log::default().then(100, grant(100, &["offers"]));
        suppresses(&log.then_active(900, refused), &reply(), Reason::WindowClosed);
    }
    let by_event_id = ConsentEvent { event_id: id("e1"), inbound: None, ..hello() };
    allows(&Log::default().then_active(900, by_event_id), &reply());
}

#[test]
fn it_opens_the_window_of_the_identity_that_wrote_and_of_no_other() {
    let log = Log::default().then_active(900, of(CARLA, wrote(900, "hello")));
    let carla = IdentityRef::parse(CARLA);
    allows(&log, &Message { to: carla, ..reply() });
    suppresses(&log, &Message { also: [carla, None], ..reply() }, Reason::WindowClosed);
}

#[test]
fn in_the_wrong_partition_it_opens_nothing() {
    let hello = wrote(900, "hello");
    let key = KeyParts::Subject(subject("cafe", ANNA));
    let content = Content::Event(Box::new(hello));
    let log = Log::default().then(100, grant(100, &["offers"]));
    let log = log.then_as(900, key, Placement::Wrong, content);
    suppresses(&log, &reply(), Reason::WindowClosed);
}

#[test]
fn an_open_window_is_no_consent() {
    let log = Log::default().then_active(900, wrote(900, "hello"));
    suppresses(&log, &offer(), Reason::NoGrant);
    suppresses(&log, &order_update(), Reason::NoGrant);
    suppresses(&log, &code(), Reason::NoGrant);
    let log = Log::default().then(100, grant(100, &["offers"])).then(200, withdraw(&["offers"]));
    suppresses(&log.then_active(900, wrote(900, "hello")), &offer(), Reason::Withdrawn);
}

#[test]
fn who_writes_more_than_a_minute_after_they_left_may_be_answered() {
    let left = || Log::default().then(200, withdraw(&[]));
    for (wrote_at, fate) in [(199, true), (260, true), (261, false)] {
        let log = left().then_active(wrote_at.max(200), wrote(wrote_at, "hello"));
        decides_at(300, &log, &reply(), fate.then_some(Reason::Withdrawn));
    }
}

#[test]
fn the_message_by_which_they_left_never_speaks_whichever_identity_told_of_it() {
    let carla = IdentityRef::parse(CARLA);
    let stop = |who, log: Log| log.then(200, of(who, by("stop", withdraw(&[]))));
    let told = |log: Log| log.then_active(400, wrote(400, "stop"));
    // The opt-out was recorded under another number of theirs, be it linked, linked later, or named.
    let linked = stop(CARLA, Log::default().then(150, link(ANNA, CARLA)));
    suppresses(&told(linked.clone()), &reply(), Reason::Withdrawn);
    suppresses(&told(linked).then(450, link(ANNA, CARLA)), &reply(), Reason::Withdrawn);
    let beside = Message { also: [carla, None], ..reply() };
    let alone = told(stop(CARLA, Log::default()));
    suppresses(&alone, &beside, Reason::Withdrawn);
    // To Anna alone it is a message like any other.
    let left = alone.then(210, withdraw(&[]));
    allows(&left, &reply());
    suppresses(&left, &beside, Reason::Withdrawn);
    // And whatever she writes after it is heard.
    allows(&left.then_active(500, wrote(500, "a question")), &beside);
}

#[test]
fn the_message_by_which_they_left_never_speaks_for_an_answer() {
    // The platform tells of it late, and with a clock that runs ahead.
    let left = || Log::default().then(200, by("stop", withdraw(&[])));
    let log = left().then_active(400, wrote(400, "stop"));
    suppresses(&log, &reply(), Reason::Withdrawn);
    // Nor for one after any other objection.
    let log = log.then(250, withdraw(&["offers"]));
    suppresses(&log, &reply(), Reason::Withdrawn);
    allows(&log.then_active(500, wrote(500, "a question")), &reply());
    // A wrong number is never passed over, whatever they write.
    let wrong = left().then(210, event(EventKind::WrongNumber));
    let log = wrong.then_active(500, wrote(500, "a question"));
    suppresses(&log, &reply(), Reason::WrongNumber);
}

#[test]
fn what_waived_once_waives_no_more_when_the_window_has_closed() {
    let log = Log::default().then(200, withdraw(&[])).then_active(300, wrote(300, "a question"));
    // Only the message by which they leave again keeps the window open.
    let log = log.then(80_000, by("stop", withdraw(&["offers"])));
    let log = log.then_active(80_000, wrote(80_000, "stop"));
    decides_at(86_000, &log, &reply(), None);
    decides_at(87_000, &log, &reply(), Some(Reason::Withdrawn));
}

#[test]
fn complaints_wrong_numbers_and_what_nobody_can_read_stay_whatever_they_write() {
    let objections = [
        (event(EventKind::Complaint), Reason::Complained),
        (event(EventKind::WrongNumber), Reason::WrongNumber),
        (event(EventKind::Reassigned), Reason::WrongNumber),
        (ConsentEvent { kind: Coded::Unknown(99), ..withdraw(&[]) }, Reason::ObjectionUnknown),
    ];
    for (objection, reason) in objections {
        let log = Log::default().then(200, named("o", objection));
        let log = log.then_active(400, wrote(400, "a question"));
        suppresses(&log, &reply(), reason);
        decides_at(401, &log, &farewell("o"), Some(reason));
    }
    for objection in [withdraw(&[]), event(EventKind::PlatformStop), event(EventKind::Erase)] {
        let log = Log::default().then(200, objection);
        allows(&log.then_active(400, wrote(400, "a question")), &reply());
    }
}

#[test]
fn an_erasure_hides_what_was_written_before_it() {
    let log = Log::default().then_active(200, wrote(200, "hello"));
    let log = log.then(300, event(EventKind::Erase));
    decides_at(299, &log, &reply(), Some(Reason::Erased));
    suppresses(&log.then_active(300, asked(300)), &code(), Reason::Erased);
}

#[test]
fn a_block_stops_replies_too() {
    let log = Log::default().then(200, event(EventKind::Block));
    suppresses(&log.then_active(900, wrote(900, "hello")), &reply(), Reason::Blocked);
}

#[test]
fn a_farewell_answers_the_newest_objection_within_five_minutes() {
    let log = Log::default().then_active(200, wrote(200, "stop"));
    let log = log.then(201, named("w", by("stop", withdraw(&[]))));
    decides_at(201, &log, &farewell("w"), None);
    decides_at(501, &log, &farewell("w"), None);
    decides_at(502, &log, &farewell("w"), Some(Reason::Withdrawn));
    decides_at(300, &log, &farewell("x"), Some(Reason::Withdrawn));
    decides_at(300, &log, &Message { answers: None, ..farewell("w") }, Some(Reason::Withdrawn));
    let later = log.then(300, named("again", withdraw(&["offers"])));
    decides_at(301, &later, &farewell("w"), Some(Reason::Withdrawn));
    decides_at(301, &later, &farewell("again"), None);
}

#[test]
fn a_farewell_needs_an_open_window_and_sells_nothing() {
    let left = |log: Log| log.then(201, named("w", withdraw(&[])));
    let unasked = left(Log::default());
    decides_at(202, &unasked, &farewell("w"), CLOSED);
    let asked = left(Log::default().then_active(200, wrote(200, "stop")));
    let selling = Message { scope: "offers", ..farewell("w") };
    decides_at(202, &asked, &selling, Some(Reason::Withdrawn));
    decides_at(202, &asked, &Message { scope: "alerts", ..farewell("w") }, None);
    // There is nothing to say goodbye to.
    let nobody = Log::default().then_active(200, wrote(200, "hello"));
    decides_at(202, &nobody, &farewell("w"), Some(Reason::FarewellUnfounded));
}

#[test]
fn a_farewell_answers_what_was_said_last_on_any_identity() {
    let log = Log::default().then_active(200, wrote(200, "stop"));
    let log = log.then(201, named("w", withdraw(&[])));
    let log = log.then(202, named("other", of(CARLA, withdraw(&[]))));
    let both = |answers| Message { also: [IdentityRef::parse(CARLA), None], ..farewell(answers) };
    decides_at(210, &log, &both("w"), Some(Reason::Withdrawn));
    decides_at(210, &log, &both("other"), None);
}

#[test]
fn a_code_may_go_for_ten_minutes_after_it_was_asked_for() {
    let log = Log::default().then_active(200, asked(200));
    decides_at(200, &log, &code(), None);
    decides_at(800, &log, &code(), None);
    decides_at(801, &log, &code(), Some(Reason::NoGrant));
    suppresses(&log, &offer(), Reason::NoGrant);
    decides_at(300, &log, &order_update(), Some(Reason::NoGrant));
    decides_at(300, &log, &reply(), CLOSED);
}

#[test]
fn who_asks_for_a_code_more_than_a_minute_after_they_left_gets_it() {
    let left = Log::default().then(200, withdraw(&[])).then(201, event(EventKind::Complaint));
    for (asked_at, fate) in [(261, true), (262, false)] {
        let log = left.clone().then_active(asked_at, asked(asked_at));
        decides_at(300, &log, &code(), fate.then_some(Reason::Withdrawn));
    }
    let stopped = Log::default().then(200, event(EventKind::PlatformStop));
    decides_at(300, &stopped.then_active(201, asked(201)), &code(), None);
    let blocked = Log::default().then(200, event(EventKind::Block));
    decides_at(300, &blocked.then_active(290, asked(290)), &code(), Some(Reason::Blocked));
}

#[test]
fn a_request_that_is_undated_or_not_the_persons_serves_nothing() {
    for refused in [
        ConsentEvent { occurred_at_ms: None, ..asked(900) },
        ConsentEvent { actor: Coded::Known(Actor::Business), ..asked(900) },
    ] {
        let log = Log::default().then(100, grant(100, &["offers"]));
        suppresses(&log.then_active(900, refused), &code(), Reason::NoGrant);
    }
}

#[test]
fn an_old_request_told_again_serves_no_second_code() {
    let log = Log::default().then_active(200, asked(200)).then_active(900, asked(200));
    suppresses(&log, &code(), Reason::NoGrant);
}
