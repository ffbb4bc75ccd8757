//! Records that cannot be read, and the way out.

use consentgate::consent::{
    Coded, ConsentEvent, Content, Effect, EventId, EventKind, KeyParts, Place, Placement,
    RULES_VERSION, Topic, VoidRemedy,
};
use consentgate::decision::{Message, Reason};

use super::super::gate::{allows, is_held, offer, suppresses};
use super::super::log::{ANNA, BEN, Log, business, event, grant, of, subject, withdraw};

fn agreed() -> Log {
    let shop = ConsentEvent { business: Some(business("shop")), ..grant(100, &["offers"]) };
    Log::default()
        .then(100, grant(100, &["offers"]))
        .then(100, of(BEN, grant(100, &["offers"])))
        .then(100, shop)
}

fn to_ben() -> Message<'static> {
    Message { to: consentgate::consent::IdentityRef::parse(BEN), ..offer() }
}

fn of_shop() -> Message<'static> {
    Message { business: "shop", ..offer() }
}

fn void(place: Place, remedy: VoidRemedy) -> ConsentEvent {
    ConsentEvent { identity: None, voids: Some(place), remedy, ..event(EventKind::Void) }
}

fn dropped() -> VoidRemedy {
    VoidRemedy::Dropped("written by a test".into())
}

fn astray(at: u32, log: Log, key: KeyParts, event: ConsentEvent) -> Log {
    log.then_as(at, key, Placement::Right, Content::Event(Box::new(event)))
}

#[test]
fn an_undecodable_record_quarantines_until_it_is_voided() {
    let log = agreed().then_garbage(101, KeyParts::Business(business("cafe")));
    suppresses(&log, &offer(), Reason::BusinessQuarantined);
    suppresses(&log, &to_ben(), Reason::BusinessQuarantined);
    allows(&log, &of_shop());
    let log = log.clone().then(102, void(log.last_place(), dropped()));
    allows(&log, &offer());
    allows(&log, &to_ben());
}

#[test]
fn a_voided_record_is_the_withdrawal_of_the_subject_in_its_key() {
    let log = agreed().then_garbage(101, KeyParts::Subject(subject("cafe", ANNA)));
    suppresses(&log, &to_ben(), Reason::BusinessQuarantined);
    let log = log.clone().then(102, void(log.last_place(), VoidRemedy::None));
    suppresses(&log, &offer(), Reason::Withdrawn);
    allows(&log, &to_ben());
}

#[test]
fn a_void_without_remedy_is_not_enough_when_only_the_business_is_named() {
    let log = agreed().then_garbage(101, KeyParts::Business(business("cafe")));
    for nothing in
        [VoidRemedy::None, VoidRemedy::Replaced(vec![]), VoidRemedy::Dropped("  ".into())]
    {
        let log = log.clone().then(102, void(log.last_place(), nothing));
        suppresses(&log, &offer(), Reason::BusinessQuarantined);
    }
    for remedy in [VoidRemedy::Replaced(vec![EventId(7)]), dropped()] {
        allows(&log.clone().then(102, void(log.last_place(), remedy)), &offer());
    }
}

#[test]
fn a_void_of_another_place_lifts_nothing() {
    let log = agreed().then_garbage(101, KeyParts::Business(business("cafe")));
    let elsewhere = Place { topic: Topic::ConsentActivity, ..log.last_place() };
    let log = log.then(102, void(elsewhere, dropped()));
    suppresses(&log, &offer(), Reason::BusinessQuarantined);
}

#[test]
fn a_void_of_a_later_version_or_outside_the_log_of_record_lifts_nothing() {
    let log = agreed().then_garbage(101, KeyParts::Business(business("cafe")));
    let plain = void(log.last_place(), dropped());
    let newer = ConsentEvent { min_reader: RULES_VERSION + 1, ..plain.clone() };
    let doubtful = ConsentEvent { effect: Coded::Unknown(9), ..plain.clone() };
    for event in [newer, doubtful] {
        suppresses(&log.clone().then(102, event), &offer(), Reason::BusinessQuarantined);
    }
    let mut moved = log.clone().then(102, plain.clone());
    moved.0.last_mut().unwrap().place.topic = Topic::ConsentActivity;
    suppresses(&moved, &offer(), Reason::BusinessQuarantined);
    allows(&log.then(102, plain), &offer());
}

#[test]
fn an_undecodable_record_that_names_nobody_holds_everything() {
    for key in [KeyParts::Platform, KeyParts::Unreadable] {
        let log = agreed().then_garbage(101, key);
        assert!(is_held(&log));
        assert!(is_held(&log.clone().then(102, void(log.last_place(), VoidRemedy::None))));
        let log = log.clone().then(102, void(log.last_place(), dropped()));
        assert!(!is_held(&log));
        allows(&log, &offer());
    }
}

#[test]
fn an_unknown_kind_that_objects_for_nobody_holds_everything_until_it_is_voided_with_a_remedy() {
    let strange = |effect| ConsentEvent {
        kind: Coded::Unknown(77),
        effect: Coded::Known(effect),
        ..ConsentEvent::default()
    };
    assert!(!is_held(&agreed().then(101, strange(Effect::Permits))));
    let log = agreed().then(101, strange(Effect::Objects));
    assert!(is_held(&log));
    assert!(is_held(&log.clone().then(102, void(log.last_place(), VoidRemedy::None))));
    let log = log.clone().then(102, void(log.last_place(), dropped()));
    assert!(!is_held(&log));
    allows(&log, &offer());
}

#[test]
fn an_unknown_kind_that_objects_for_a_business_quarantines_it_until_it_is_voided_with_a_remedy() {
    let strange =
        ConsentEvent { kind: Coded::Unknown(77), identity: None, ..event(EventKind::Withdraw) };
    let log = agreed().then(101, strange);
    suppresses(&log, &offer(), Reason::BusinessQuarantined);
    allows(&log, &of_shop());
    let later = log.clone().then(200, grant(200, &["offers"]));
    suppresses(&later, &offer(), Reason::BusinessQuarantined);
    let bare = log.clone().then(102, void(log.last_place(), VoidRemedy::None));
    suppresses(&bare, &offer(), Reason::BusinessQuarantined);
    for remedy in [VoidRemedy::Replaced(vec![EventId(7)]), dropped()] {
        allows(&log.clone().then(102, void(log.last_place(), remedy)), &offer());
    }
}

#[test]
fn whoever_the_key_of_an_unknown_objection_names_has_withdrawn() {
    let strange =
        ConsentEvent { kind: Coded::Unknown(77), identity: None, ..event(EventKind::Withdraw) };
    let log = astray(101, agreed(), KeyParts::Subject(subject("cafe", ANNA)), strange);
    suppresses(&log, &to_ben(), Reason::BusinessQuarantined);
    let log = log.clone().then(102, void(log.last_place(), VoidRemedy::None));
    suppresses(&log, &offer(), Reason::Withdrawn);
    allows(&log, &to_ben());
}

#[test]
fn kind_and_effect_both_zero_quarantine() {
    let silent =
        |effect| ConsentEvent { kind: Coded::Unspecified, effect, ..event(EventKind::Withdraw) };
    let log = agreed().then(101, silent(Coded::Unspecified));
    suppresses(&log, &to_ben(), Reason::BusinessQuarantined);
    allows(&agreed().then(101, silent(Coded::Known(Effect::Neutral))), &to_ben());
}

#[test]
fn an_effect_that_contradicts_the_kind_quarantines() {
    let torn = ConsentEvent { effect: Coded::Known(Effect::Permits), ..withdraw(&["offers"]) };
    let log = agreed().then(101, torn);
    suppresses(&log, &to_ben(), Reason::BusinessQuarantined);
    let log = log.clone().then(102, void(log.last_place(), VoidRemedy::None));
    allows(&log, &to_ben());
    suppresses(&log, &offer(), Reason::Withdrawn);
}

#[test]
fn whoever_a_contradiction_names_has_withdrawn() {
    let torn =
        ConsentEvent { effect: Coded::Known(Effect::Permits), ..of(BEN, withdraw(&["offers"])) };
    let key = KeyParts::Subject(subject("cafe", ANNA));
    let log = astray(101, agreed(), key, torn);
    let log = log.clone().then(102, void(log.last_place(), VoidRemedy::None));
    suppresses(&log, &to_ben(), Reason::Withdrawn);
    suppresses(&log, &offer(), Reason::Withdrawn);
}

#[test]
fn where_key_and_value_disagree_both_businesses_are_quarantined() {
    let key = KeyParts::Subject(subject("shop", BEN));
    for event in [grant(101, &["surveys"]), withdraw(&["offers"])] {
        let log = astray(101, agreed(), key.clone(), event);
        suppresses(&log, &to_ben(), Reason::BusinessQuarantined);
        suppresses(&log, &of_shop(), Reason::BusinessQuarantined);
    }
}

#[test]
fn a_readable_objection_counts_where_key_and_value_disagree_and_a_grant_does_not() {
    let key = KeyParts::Subject(subject("cafe", BEN));
    let log = astray(101, agreed(), key.clone(), withdraw(&["offers"]));
    let log = log.clone().then(102, void(log.last_place(), VoidRemedy::None));
    suppresses(&log, &offer(), Reason::Withdrawn);
    let surveys = Message { scope: "surveys", ..offer() };
    let log = astray(101, agreed(), key, grant(101, &["surveys"]));
    let log = log.clone().then(102, void(log.last_place(), VoidRemedy::None));
    suppresses(&log, &surveys, Reason::NoGrant);
    allows(&log, &offer());
}

#[test]
fn the_key_answers_for_its_own_business_alone() {
    // The value objects for somebody of the shop who cannot be read. Anna of the cafe withdrawing
    // from everything does not settle that.
    let nobody = ConsentEvent { business: Some(business("shop")), identity: None, ..withdraw(&[]) };
    let key = KeyParts::Subject(subject("cafe", ANNA));
    let log = astray(101, agreed(), key, nobody);
    let half = log.clone().then(102, void(log.last_place(), VoidRemedy::None));
    allows(&half, &to_ben());
    suppresses(&half, &of_shop(), Reason::BusinessQuarantined);
    let whole = log.clone().then(102, void(log.last_place(), dropped()));
    allows(&whole, &of_shop());
}
