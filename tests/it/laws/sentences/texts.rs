//! Texts that turned out to be no good.

use consentgate::consent::{Coded, ConsentEvent, EventKind, Strength, TextRef};
use consentgate::decision::Reason;

use super::super::gate::{allows, is_held, offer, suppresses};
use super::super::log::{Log, event, grant};

fn invalidate(text: Option<(&str, &str)>) -> ConsentEvent {
    ConsentEvent {
        identity: None,
        text: text.map(|(id, version)| TextRef::new(id, version)),
        ..event(EventKind::Invalidate)
    }
}

fn on(id: &str, version: &str) -> ConsentEvent {
    ConsentEvent { text: Some(TextRef::new(id, version)), ..grant(100, &["offers"]) }
}

#[test]
fn an_invalid_text_takes_its_grants_with_it_whenever_they_were_made() {
    let bad = invalidate(Some(("welcome", "1")));
    let log = Log::default().then(50, bad);
    suppresses(&log.clone().then(100, on("welcome", "1")), &offer(), Reason::TextInvalid);
    allows(&log.clone().then(100, on("welcome", "2")), &offer());
    allows(&log.then(100, on("terms", "1")), &offer());
}

#[test]
fn an_invalidation_that_does_not_say_which_version_means_all_of_them() {
    let log = Log::default().then(50, invalidate(Some(("welcome", ""))));
    suppresses(&log.clone().then(100, on("welcome", "2")), &offer(), Reason::TextInvalid);
    allows(&log.then(100, on("terms", "2")), &offer());
    let log = Log::default().then(50, invalidate(None));
    suppresses(&log.then(100, on("terms", "2")), &offer(), Reason::TextInvalid);
}

#[test]
fn a_grant_that_does_not_say_which_version_falls_with_any_of_them() {
    let log = Log::default().then(100, on("welcome", ""));
    allows(&log, &offer());
    allows(&log.clone().then(101, invalidate(Some(("terms", "1")))), &offer());
    suppresses(&log.then(101, invalidate(Some(("welcome", "1")))), &offer(), Reason::TextInvalid);
}

#[test]
fn the_weakest_of_equal_grants_wins_and_all_their_texts_must_be_valid() {
    let strong = ConsentEvent { strength: Coded::Known(Strength::Double), ..on("terms", "1") };
    let both = Log::default().then(100, on("welcome", "1")).then(100, strong);
    allows(&both, &offer());
    for bad in ["welcome", "terms"] {
        let log = both.clone().then(101, invalidate(Some((bad, "1"))));
        suppresses(&log, &offer(), Reason::TextInvalid);
        allows(&log.then(102, grant_on_new_text()), &offer());
    }
}

fn grant_on_new_text() -> ConsentEvent {
    ConsentEvent { text: Some(TextRef::new("welcome", "3")), ..grant(102, &["offers"]) }
}

#[test]
fn an_invalidation_that_names_no_business_holds_until_it_is_voided() {
    let nobody = ConsentEvent { business: None, ..invalidate(Some(("welcome", "1"))) };
    let log = Log::default().then(100, on("welcome", "1")).then(101, nobody);
    assert!(is_held(&log));
    let void = ConsentEvent {
        voids: Some(log.last_place()),
        remedy: consentgate::consent::VoidRemedy::Dropped("a test record".into()),
        ..event(EventKind::Void)
    };
    let log = log.then(102, void);
    assert!(!is_held(&log));
    allows(&log, &offer());
}
