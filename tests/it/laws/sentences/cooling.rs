//! Cool-downs: marketing waits, and nothing else does.

use consentgate::consent::{
    Actor, Category, Coded, ConsentEvent, Content, EventKind, IdentityRef, KeyParts, Method,
    Placement,
};
use consentgate::decision::{Message, Reason};

use super::super::gate::{allows, decides_at, offer, order_update, suppresses};
use super::super::log::{ANNA, BEN, CARLA, Log, event, grant, millis, of, subject, withdraw};

const THIRTY_DAYS: u32 = 30 * 24 * 3_600;
const COOLS: Option<Reason> = Some(Reason::Cooldown);

fn agreed() -> Log {
    Log::default().then(100, grant(100, &["offers", "order_updates"]))
}

fn cooldown(until_ms: Option<i64>) -> ConsentEvent {
    ConsentEvent { until_ms, ..event(EventKind::Cooldown) }
}

#[test]
fn marketing_waits_until_the_cool_down_ends() {
    let log = agreed().then(200, cooldown(millis(500)));
    decides_at(199, &agreed(), &offer(), None);
    decides_at(200, &log, &offer(), COOLS);
    decides_at(499, &log, &offer(), COOLS);
    decides_at(500, &log, &offer(), None);
}

#[test]
fn a_part_of_a_second_does_not_end_it_early() {
    let log = agreed().then(200, cooldown(Some(500_001)));
    decides_at(500, &log, &offer(), COOLS);
    decides_at(501, &log, &offer(), None);
}

#[test]
fn what_is_no_marketing_does_not_wait() {
    let log = agreed().then(110, grant(110, &["authentication"]));
    let log = log.then(200, cooldown(None));
    allows(&log, &order_update());
    allows(&log, &Message { scope: "", category: Category::Authentication, ..offer() });
    // A scope that promotes does so under any name, and so does a promotion under a harmless scope.
    suppresses(&log, &Message { category: Category::Utility, ..offer() }, Reason::Cooldown);
    let promotion = Message { category: Category::Marketing, ..order_update() };
    suppresses(&log, &promotion, Reason::Cooldown);
}

#[test]
fn one_without_an_end_that_makes_sense_lasts_thirty_days() {
    for until in [None, Some(0), Some(-1), Some(i64::MIN), Some(i64::MAX), millis(u32::MAX)] {
        let log = agreed().then(200, cooldown(until));
        decides_at(200 + THIRTY_DAYS - 1, &log, &offer(), COOLS);
        decides_at(200 + THIRTY_DAYS, &log, &offer(), None);
    }
}

#[test]
fn none_lasts_longer_than_thirty_days_from_its_append() {
    // Not from when a writer says that it happened: its clock may run ahead.
    let ahead = ConsentEvent { occurred_at_ms: millis(9_000), ..cooldown(None) };
    let log = agreed().then(200, ahead);
    decides_at(200 + THIRTY_DAYS, &log, &offer(), None);
    let imported = ConsentEvent {
        occurred_at_ms: millis(100),
        historic: true,
        method: Coded::Known(Method::Import),
        actor: Coded::Known(Actor::Importer),
        ..cooldown(None)
    };
    let log = agreed().then(200, imported);
    decides_at(200 + THIRTY_DAYS - 1, &log, &offer(), COOLS);
}

#[test]
fn the_one_that_ends_last_counts_in_whatever_order() {
    let (short, long) = (cooldown(millis(400)), cooldown(millis(1_200)));
    let log = agreed().then(200, long.clone()).then(201, short.clone());
    suppresses(&log, &offer(), Reason::Cooldown);
    suppresses(&agreed().then(200, short).then(201, long), &offer(), Reason::Cooldown);
}

#[test]
fn no_grant_ends_it_and_it_ends_no_grant() {
    let log = agreed().then(200, cooldown(millis(2_000))).then(300, grant(300, &["offers"]));
    suppresses(&log, &offer(), Reason::Cooldown);
    decides_at(2_000, &log, &offer(), None);
}

#[test]
fn an_erasure_does_not_end_it() {
    let cooled = agreed().then(200, cooldown(millis(2_000)));
    let erased = cooled.then(300, event(EventKind::Erase)).then(400, grant(301, &["offers"]));
    decides_at(1_999, &erased, &offer(), COOLS);
    decides_at(2_000, &erased, &offer(), None);
}

#[test]
fn it_is_no_objection_and_comes_last() {
    let log = agreed().then(200, withdraw(&["offers"])).then(201, cooldown(None));
    suppresses(&log, &offer(), Reason::Withdrawn);
    let log = agreed().then(200, cooldown(None));
    let closed = consentgate::decision::OptOutPath::Missing;
    suppresses(&log, &Message { opt_out_path: closed, ..offer() }, Reason::NoOptOutPath);
}

#[test]
fn it_counts_on_every_identity_that_the_message_names() {
    let log = agreed().then(200, of(CARLA, cooldown(None)));
    allows(&log, &offer());
    let carla = IdentityRef::parse(CARLA);
    suppresses(&log, &Message { also: [carla, None], ..offer() }, Reason::Cooldown);
    suppresses(&log, &Message { also: [None, carla], ..offer() }, Reason::Cooldown);
}

#[test]
fn it_counts_in_the_wrong_partition_and_for_whom_the_value_names() {
    let key = || KeyParts::Subject(subject("cafe", ANNA));
    let content = |event| Content::Event(Box::new(event));
    let log = agreed().then_as(200, key(), Placement::Wrong, content(cooldown(None)));
    suppresses(&log, &offer(), Reason::Cooldown);
    // Key and value disagree: the business waits for a void, and the wait counts all the same.
    let log = agreed().then(100, of(BEN, grant(100, &["offers"])));
    let log = log.then_as(200, key(), Placement::Right, content(of(BEN, cooldown(None))));
    let void =
        ConsentEvent { identity: None, voids: Some(log.last_place()), ..event(EventKind::Void) };
    let to_ben = Message { to: IdentityRef::parse(BEN), ..offer() };
    suppresses(&log, &to_ben, Reason::BusinessQuarantined);
    suppresses(&log.then(201, void), &to_ben, Reason::Cooldown);
}
