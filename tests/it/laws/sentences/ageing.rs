//! Age: a message that lay too long is not sent.

use consentgate::consent::{Actor, Category, Coded, ConsentEvent, EventId, EventKind, Seconds};
use consentgate::decision::{Message, Reason};
use consentgate::policy::{MAX_AGE_MAX_S, MaxAges};

use super::super::gate::{allows, decides, decides_at, offer, order_update, standard, suppresses};
use super::super::log::{Log, event, grant, millis, withdraw};

const OLD: Option<Reason> = Some(Reason::Expired);
const TEN_MINUTES: u32 = 600;
const DAY: u32 = 86_400;

fn agreed() -> Log {
    Log::default().then(100, grant(100, &["offers", "order_updates", "authentication"]))
}

fn sent(at: u32, message: Message<'_>) -> Message<'_> {
    Message { sent_at: Some(Seconds(at)), ..message }
}

fn code() -> Message<'static> {
    Message { scope: "", category: Category::Authentication, ..offer() }
}

#[test]
fn a_code_is_good_for_ten_minutes_and_anything_else_for_a_day() {
    for (message, limit) in [(code(), TEN_MINUTES), (offer(), DAY), (order_update(), DAY)] {
        let message = sent(200, message);
        decides_at(200 + limit, &agreed(), &message, None);
        decides_at(201 + limit, &agreed(), &message, OLD);
    }
}

#[test]
fn a_reply_that_lay_too_long_is_none() {
    let wrote = |at| ConsentEvent {
        inbound: Some(EventId(7)),
        occurred_at_ms: millis(at),
        actor: Coded::Known(Actor::Subject),
        ..event(EventKind::Inbound)
    };
    let reply = Message { scope: "", category: Category::Service, ..offer() };
    let log = agreed().then(300 + DAY, wrote(300 + DAY));
    decides_at(400 + DAY, &log, &sent(400, reply), None);
    decides_at(401 + DAY, &log, &sent(400, reply), OLD);
}

#[test]
fn a_message_from_the_future_was_sent_now_and_one_without_a_time_never() {
    allows(&agreed(), &sent(1_001, offer()));
    allows(&agreed(), &sent(u32::MAX, offer()));
    suppresses(&agreed(), &Message { sent_at: None, ..offer() }, Reason::Expired);
}

#[test]
fn an_early_deadline_counts_before_the_age_does() {
    let short = Message { deadline: Some(Seconds(300)), ..sent(200, offer()) };
    decides_at(299, &agreed(), &short, None);
    decides_at(300, &agreed(), &short, OLD);
    let long = Message { deadline: Some(Seconds(u32::MAX)), ..sent(200, offer()) };
    decides_at(201 + DAY, &agreed(), &long, OLD);
}

#[test]
fn the_policy_says_how_old() {
    let ages = |category, age| MaxAges::STANDARD.with(category, age).unwrap();
    let hasty = standard().with_max_ages(ages(Category::Marketing, 1));
    decides(&agreed(), &hasty, &sent(999, offer()), None);
    decides(&agreed(), &hasty, &sent(998, offer()), OLD);
    decides(&agreed(), &hasty, &sent(998, order_update()), None);
    let patient = standard().with_max_ages(ages(Category::Authentication, MAX_AGE_MAX_S));
    decides(&agreed(), &patient, &sent(100, code()), None);
}

#[test]
fn a_promotion_by_another_name_may_be_no_older_than_either() {
    let notice = Message { category: Category::Utility, ..offer() };
    for category in [Category::Marketing, Category::Utility] {
        let hasty = MaxAges::STANDARD.with(category, 10).unwrap();
        let hasty = standard().with_max_ages(hasty);
        decides(&agreed(), &hasty, &sent(990, notice), None);
        decides(&agreed(), &hasty, &sent(989, notice), OLD);
    }
}

#[test]
fn no_limit_is_nothing_at_all_or_for_ever() {
    for age in [0, MAX_AGE_MAX_S + 1, u32::MAX] {
        assert!(MaxAges::STANDARD.with(Category::Marketing, age).is_err(), "{age}");
    }
    assert!(MaxAges::STANDARD.with(Category::Marketing, MAX_AGE_MAX_S).is_ok());
}

#[test]
fn an_old_message_to_somebody_who_left_is_both() {
    let log = agreed().then(200, withdraw(&["offers"]));
    let old = sent(100, offer());
    decides_at(101 + DAY, &log, &old, OLD);
    decides_at(100 + DAY, &log, &old, Some(Reason::Withdrawn));
}
