//! Erasure hides what is not later than it, and goes on objecting.

use consentgate::consent::{ConsentEvent, EventKind, ScopeName, Strength};
use consentgate::decision::{Message, Reason};
use consentgate::policy::{ConsentTexts, Policy, ScopeClass, ScopeRule};

use super::super::gate::{allows, decides, offer, standard, state_of, suppresses};
use super::super::log::{ANNA, Log, confirm, event, grant, lift, subject};

fn erase() -> ConsentEvent {
    event(EventKind::Erase)
}

#[test]
fn erase_hides_what_is_not_later() {
    for at in [99, 100, 101] {
        let before = Log::default().then(at, grant(at, &["offers"])).then(100, erase());
        let after = Log::default().then(100, erase()).then(at, grant(at, &["offers"]));
        for log in [before, after] {
            let known = &state_of(&log.0).subjects[&subject("cafe", ANNA)];
            assert_eq!(known.grants.is_empty(), at <= 100, "granted at {at}");
            match at {
                101 => allows(&log, &offer()),
                _ => suppresses(&log, &offer(), Reason::Erased),
            }
        }
    }
}

#[test]
fn an_erased_grant_is_not_found_again_and_a_merely_withdrawn_one_is() {
    let log = Log::default().then(100, grant(100, &["offers"]));
    let rule = |log: &Log| {
        let judgement = super::super::gate::judge_state(
            &state_of(&log.0),
            &standard(),
            consentgate::consent::Seconds(1_000),
            &offer(),
        );
        judgement.mask().contains(Reason::NoGrant)
    };
    assert!(rule(&log.clone().then(101, erase())));
    assert!(!rule(&log.then(101, super::super::log::withdraw(&[]))));
}

#[test]
fn a_block_outlives_an_erasure() {
    let log = Log::default()
        .then(90, event(EventKind::Block))
        .then(100, erase())
        .then(110, grant(110, &["offers"]));
    suppresses(&log, &offer(), Reason::Blocked);
    allows(&log.then(120, lift(EventKind::Unblock, 120)), &offer());
}

#[test]
fn an_erasure_hides_confirms_too() {
    let rule = ScopeRule::new(ScopeClass::Marketing, Strength::Double);
    let strict = Policy::new([(ScopeName::parse("offers").unwrap(), rule)], []).unwrap();
    let strict = strict.with_consent_texts(ConsentTexts::Any);
    let again = grant(110, &["offers"]);
    let log =
        Log::default().then(95, confirm(95, &again)).then(100, erase()).then(110, again.clone());
    decides(&log, &strict, &offer(), Some(Reason::GrantTooWeak));
    decides(&log.then(111, confirm(111, &again)), &strict, &offer(), None);
}

#[test]
fn an_erasure_at_one_business_says_nothing_to_another() {
    let shop =
        |event| ConsentEvent { business: Some(super::super::log::business("shop")), ..event };
    let log = Log::default()
        .then(100, grant(100, &["offers"]))
        .then(100, shop(grant(100, &["offers"])))
        .then(110, shop(erase()));
    allows(&log, &offer());
    let of_shop = Message { business: "shop", ..offer() };
    suppresses(&log, &of_shop, Reason::Erased);
}
