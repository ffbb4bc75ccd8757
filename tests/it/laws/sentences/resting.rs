//! Quiet hours and countries: when and where messages do not go.

use consentgate::consent::{BusinessId, Category, EventKind, IdentityRef, Seconds};
use consentgate::decision::{Message, OptOutPath, Reason};
use consentgate::policy::{
    CallingPrefix, CountryCode, CountryRule, Policy, QuietHours, QuietTimes, Reach, Region,
    Stricter, TimeOfDay, UtcOffset,
};

use super::super::gate::{
    decide_on, decides_by, index_of, not_before_of, offer, open, order_update, standard,
};
use super::super::log::{BEN, CARLA, Log, event, grant, of, withdraw};

const HOUR: u32 = 3_600;
const DAY: u32 = 24 * HOUR;
const QUIET: Option<Reason> = Some(Reason::QuietHours);
const REFUSED: Option<Reason> = Some(Reason::CountryRule);

fn region(prefix: &str, country: &str) -> Region {
    Region::new(CallingPrefix::parse(prefix), CountryCode::parse(country)).unwrap()
}

/// Every night from nine to eight.
fn night(region: Region, utc_offset: &str) -> QuietHours {
    QuietHours {
        region,
        from: TimeOfDay::parse("21:00").unwrap(),
        to: TimeOfDay::parse("08:00").unwrap(),
        utc_offset: UtcOffset::parse(utc_offset).unwrap(),
        reach: Reach::Marketing,
    }
}

/// The standard policy with the nights of Boston, and of Berlin for user ids.
fn nightly() -> Policy {
    let nights = [night(region("+1", "US"), "-05:00"), night(region("", "DE"), "+01:00")];
    standard().with_quiet_hours(QuietTimes::new(nights).unwrap())
}

fn agreed() -> Log {
    let scopes = ["offers", "order_updates", "authentication"];
    Log::default()
        .then(100, grant(100, &scopes))
        .then(100, of(BEN, grant(100, &scopes)))
        .then(100, of(CARLA, grant(100, &scopes)))
}

fn to(address: &str, message: Message<'static>) -> Message<'static> {
    let address: &'static str = address.to_string().leak();
    Message { to: IdentityRef::parse(address), ..message }
}

/// From when a message may go, in seconds after it is decided.
fn waits(now: u32, policy: &Policy, message: &Message<'_>) -> Option<u32> {
    let index = index_of(&agreed().0);
    let decided = decide_on(&open(&index).unwrap(), policy, Seconds(now), &[*message]);
    not_before_of(&decided[0]).map(|at| at.since(Seconds(now)))
}

#[test]
fn marketing_waits_for_the_morning_where_the_person_is() {
    // Nine in the evening in Boston is two in the morning in London.
    let (evening, morning) = (10 * DAY + 2 * HOUR, 10 * DAY + 13 * HOUR);
    for (now, found) in
        [(evening - 1, None), (evening, QUIET), (morning - 1, QUIET), (morning, None)]
    {
        decides_by(now, &agreed(), &nightly(), &offer(), found);
        decides_by(now, &agreed(), &nightly(), &to(BEN, offer()), None);
    }
    assert_eq!(waits(evening, &nightly(), &offer()), Some(11 * HOUR));
    assert_eq!(waits(morning - 1, &nightly(), &offer()), Some(1));
    assert_eq!(waits(morning, &nightly(), &offer()), None);
}

#[test]
fn a_user_id_says_its_country() {
    let midnight_in_berlin = 10 * DAY - HOUR;
    let carla = to(CARLA, offer());
    decides_by(midnight_in_berlin, &agreed(), &nightly(), &carla, QUIET);
    assert_eq!(waits(midnight_in_berlin, &nightly(), &carla), Some(8 * HOUR));
    decides_by(10 * DAY + 7 * HOUR, &agreed(), &nightly(), &carla, None);
}

#[test]
fn whoever_is_named_may_be_asleep() {
    let midnight_in_berlin = 10 * DAY - HOUR;
    let both = Message { also: [IdentityRef::parse(CARLA), None], ..offer() };
    decides_by(midnight_in_berlin, &agreed(), &nightly(), &offer(), None);
    decides_by(midnight_in_berlin, &agreed(), &nightly(), &both, QUIET);
    // Berlin sleeps until seven, and from two on Boston does until one in the afternoon.
    assert_eq!(waits(midnight_in_berlin, &nightly(), &both), Some(14 * HOUR));
}

#[test]
fn only_marketing_waits_unless_the_policy_says_all() {
    let night_in_boston = 10 * DAY + 5 * HOUR;
    let code = Message { scope: "", category: Category::Authentication, ..offer() };
    let all = QuietHours { reach: Reach::All, ..night(region("+1", "US"), "-05:00") };
    let all = standard().with_quiet_hours(QuietTimes::new([all]).unwrap());
    decides_by(night_in_boston, &agreed(), &nightly(), &order_update(), None);
    decides_by(night_in_boston, &agreed(), &all, &order_update(), QUIET);
    for policy in [nightly(), all] {
        decides_by(night_in_boston, &agreed(), &policy, &code, None);
        let promotion = Message { category: Category::Marketing, ..order_update() };
        decides_by(night_in_boston, &agreed(), &policy, &promotion, QUIET);
    }
}

#[test]
fn where_clocks_change_two_entries_are_quiet_whenever_either_is() {
    let winter = night(region("+1", "US"), "-05:00");
    let summer = night(region("+1", "US"), "-04:00");
    let both = standard().with_quiet_hours(QuietTimes::new([winter, summer]).unwrap());
    let summer_evening = 10 * DAY + HOUR;
    decides_by(summer_evening - 1, &agreed(), &both, &offer(), None);
    decides_by(summer_evening, &agreed(), &both, &offer(), QUIET);
    assert_eq!(waits(summer_evening, &both, &offer()), Some(12 * HOUR));
}

#[test]
fn who_left_is_not_just_asleep() {
    let night_in_boston = 10 * DAY + 5 * HOUR;
    let left = agreed().then(200, withdraw(&[]));
    decides_by(night_in_boston, &left, &nightly(), &offer(), Some(Reason::Withdrawn));
    let cooled = agreed().then(night_in_boston, event(EventKind::Cooldown));
    decides_by(night_in_boston, &cooled, &nightly(), &offer(), Some(Reason::Cooldown));
}

#[test]
fn a_business_may_let_people_sleep_longer() {
    let cafe = BusinessId::parse("cafe").unwrap();
    let nap = QuietHours {
        from: TimeOfDay::parse("13:00").unwrap(),
        to: TimeOfDay::parse("14:00").unwrap(),
        ..night(region("+1", ""), "-05:00")
    };
    let stricter = Stricter { quiet_hours: vec![nap], ..Stricter::default() };
    let mut policy = nightly();
    policy.add_business(cafe, &stricter).unwrap();
    let nap = 10 * DAY + 18 * HOUR;
    decides_by(nap, &agreed(), &nightly(), &offer(), None);
    decides_by(nap, &agreed(), &policy, &offer(), QUIET);
    // The platform's night is the cafe's too.
    decides_by(10 * DAY + 5 * HOUR, &agreed(), &policy, &offer(), QUIET);
}

#[test]
fn no_marketing_goes_to_a_country_that_is_refused_but_all_else_does() {
    let america = CountryRule::new(region("+1", "US"), []).unwrap();
    let policy = standard().with_countries([america]).unwrap();
    let decides = |message: &Message<'_>, found| {
        decides_by(1_000, &agreed(), &policy, message, found);
    };
    decides(&offer(), REFUSED);
    decides(&Message { category: Category::Utility, ..offer() }, REFUSED);
    decides(&to(BEN, offer()), None);
    decides(&to(CARLA, offer()), None);
    decides(&order_update(), None);
    decides(&Message { scope: "", category: Category::Authentication, ..offer() }, None);
    let both = Message { also: [offer().to, None], ..to(BEN, offer()) };
    decides(&both, REFUSED);
}

#[test]
fn an_area_may_be_left_out_of_a_country() {
    let except = |area| CallingPrefix::parse(area).unwrap();
    let but = |area| {
        let rule = CountryRule::new(region("+1", "US"), [except(area)]).unwrap();
        standard().with_countries([rule]).unwrap()
    };
    decides_by(1_000, &agreed(), &but("+1202"), &offer(), None);
    decides_by(1_000, &agreed(), &but("+1416"), &offer(), REFUSED);
}

#[test]
fn what_the_person_said_comes_before_where_the_person_is() {
    let america = CountryRule::new(region("+1", ""), []).unwrap();
    let policy = nightly().with_countries([america]).unwrap();
    let left = agreed().then(200, withdraw(&[]));
    decides_by(1_000, &left, &policy, &offer(), Some(Reason::Withdrawn));
    let trap = Message { opt_out_path: OptOutPath::Missing, ..offer() };
    decides_by(1_000, &agreed(), &policy, &trap, Some(Reason::NoOptOutPath));
    decides_by(10 * DAY + 5 * HOUR, &agreed(), &policy, &offer(), REFUSED);
}
