//! How long a grant lasts where the policy says so.

use consentgate::consent::{ConsentEvent, ScopeName, Strength};
use consentgate::decision::Reason;
use consentgate::policy::{
    ConsentTexts, Policy, PolicyError, ScopeClass, ScopeRule, VALID_FOR_MAX_S, VALID_FOR_MIN_S,
};

use super::super::gate::{decides, decides_by, offer, order_update, standard};
use super::super::log::{Log, confirm, grant, millis, withdraw};

const OVER: Option<Reason> = Some(Reason::GrantExpired);
const HOUR: u32 = VALID_FOR_MIN_S;

/// Offers for so long after they were agreed to; orders until somebody says otherwise.
fn offers_for(seconds: u32, strength: Strength) -> Result<Policy, PolicyError> {
    let name = |name| ScopeName::parse(name).unwrap();
    let offers = ScopeRule::new(ScopeClass::Marketing, strength).valid_for(seconds);
    let orders = ScopeRule::new(ScopeClass::Informing, Strength::Single);
    Policy::new([(name("offers"), offers), (name("order_updates"), orders)], [])
}

fn hourly() -> Policy {
    offers_for(HOUR, Strength::Single).unwrap().with_consent_texts(ConsentTexts::Any)
}

/// Anna agreed so many seconds before the message is decided, at 1,000 seconds and an hour.
#[track_caller]
fn decides_after(ago: u32, policy: &Policy, found: Option<Reason>) {
    let now = HOUR + 1_000;
    let log = Log::default().then(now - ago, grant(now - ago, &["offers", "order_updates"]));
    decides_by(now, &log, policy, &offer(), found);
    decides_by(now, &log, policy, &order_update(), None);
}

#[test]
fn a_grant_lasts_as_long_as_the_policy_says_and_no_second_more() {
    decides_after(HOUR - 1, &hourly(), None);
    decides_after(HOUR, &hourly(), OVER);
    decides_after(HOUR, &standard(), None);
    decides_after(
        HOUR,
        &offers_for(VALID_FOR_MAX_S, Strength::Single)
            .unwrap()
            .with_consent_texts(ConsentTexts::Any),
        None,
    );
}

#[test]
fn a_new_grant_begins_anew_and_a_confirmation_does_not() {
    let (old, now) = (grant(100, &["offers"]), 100 + HOUR);
    let again = Log::default().then(100, old.clone()).then(200, grant(200, &["offers"]));
    decides_by(now, &again, &hourly(), &offer(), None);
    let confirmed = Log::default().then(100, old.clone()).then(200, confirm(200, &old));
    decides_by(now, &confirmed, &hourly(), &offer(), OVER);
    let double = offers_for(HOUR, Strength::Double).unwrap().with_consent_texts(ConsentTexts::Any);
    decides_by(now - 1, &confirmed, &double, &offer(), None);
    decides_by(now, &confirmed, &double, &offer(), OVER);
}

#[test]
fn an_end_of_its_own_counts_if_it_comes_first() {
    let until = |end| ConsentEvent { valid_until_ms: millis(end), ..grant(100, &["offers"]) };
    let log = Log::default().then(100, until(1_001));
    decides(&log, &hourly(), &offer(), None);
    let log = Log::default().then(100, until(1_000));
    decides(&log, &hourly(), &offer(), OVER);
    let log = Log::default().then(100, until(9_000));
    decides_by(100 + HOUR, &log, &hourly(), &offer(), OVER);
}

#[test]
fn a_grant_that_is_over_lifts_what_it_lifted() {
    let log = Log::default().then(100, withdraw(&[])).then(200, grant(200, &["offers"]));
    decides_by(200 + HOUR, &log, &hourly(), &offer(), OVER);
}

#[test]
fn no_grant_lasts_for_no_time_or_for_ever_and_a_day() {
    for seconds in [0, 1, VALID_FOR_MIN_S - 1, VALID_FOR_MAX_S + 1, u32::MAX] {
        let refused = offers_for(seconds, Strength::Single);
        assert!(matches!(refused, Err(PolicyError::ValidFor(_))), "{seconds}");
    }
}
