//! Kill switches: what they stop, and what alone lets it go on.

use consentgate::consent::{
    Coded, ConsentEvent, Content, Effect, EventKind, KeyParts, PauseTarget, Placement,
    RULES_VERSION, Topic,
};
use consentgate::decision::{Message, Reason};

use super::super::gate::{allows, decides, is_held, offer, order_update, standard, suppresses};
use super::super::log::{ANNA, Log, business, event, grant, millis, scopes, subject};
use consentgate::policy::{ConsentTexts, Policy};

fn agreed() -> Log {
    let scopes = ["offers", "order_updates"];
    let shop = ConsentEvent { business: Some(business("shop")), ..grant(100, &scopes) };
    Log::default().then(100, grant(100, &scopes)).then(100, shop)
}

fn of_shop() -> Message<'static> {
    Message { business: "shop", ..offer() }
}

fn switch(kind: EventKind, pauses: &[PauseTarget]) -> ConsentEvent {
    ConsentEvent { identity: None, pauses: pauses.to_vec(), ..event(kind) }
}

fn pause(pauses: &[PauseTarget]) -> ConsentEvent {
    switch(EventKind::Pause, pauses)
}

fn resume(occurred: u32, pauses: &[PauseTarget]) -> ConsentEvent {
    ConsentEvent { occurred_at_ms: millis(occurred), ..switch(EventKind::Resume, pauses) }
}

fn of_everybody(event: ConsentEvent) -> ConsentEvent {
    ConsentEvent { business: None, ..event }
}

fn offers() -> PauseTarget {
    PauseTarget::Scope(scopes(&["offers"]).remove(0))
}

fn spring() -> PauseTarget {
    PauseTarget::Campaign("spring".into())
}

fn sale() -> PauseTarget {
    PauseTarget::Template("sale".into())
}

fn in_place(event: ConsentEvent) -> Content {
    Content::Event(Box::new(event))
}

#[test]
fn a_paused_business_sends_nothing_and_another_sends_on() {
    let log = agreed().then(200, pause(&[]));
    suppresses(&log, &offer(), Reason::Paused);
    suppresses(&log, &order_update(), Reason::Paused);
    allows(&log, &of_shop());
    allows(&log.then(300, resume(300, &[])), &offer());
}

#[test]
fn a_paused_scope_stops_that_scope_alone() {
    let log = agreed().then(200, pause(&[offers()]));
    suppresses(&log, &offer(), Reason::Paused);
    allows(&log, &order_update());
    allows(&log.then(300, resume(300, &[offers()])), &offer());
}

#[test]
fn a_paused_campaign_or_template_stops_what_names_it() {
    let of_spring = Message { campaign_id: "spring", ..offer() };
    let of_sale = Message { template: "sale", ..offer() };
    for (target, meant, other) in [(spring(), of_spring, of_sale), (sale(), of_sale, of_spring)] {
        let log = agreed().then(200, pause(std::slice::from_ref(&target)));
        suppresses(&log, &meant, Reason::Paused);
        allows(&log, &other);
        allows(&log, &offer());
        allows(&log.then(300, resume(300, &[target])), &meant);
    }
    // Names are compared letter by letter.
    let log = agreed().then(200, pause(&[spring()]));
    allows(&log, &Message { campaign_id: "Spring", ..offer() });
}

#[test]
fn a_pause_that_names_several_things_stops_each_of_them() {
    let log = agreed().then(200, pause(&[offers(), spring()]));
    suppresses(&log, &offer(), Reason::Paused);
    suppresses(&log, &Message { campaign_id: "spring", ..order_update() }, Reason::Paused);
    allows(&log, &order_update());
    // Going on needs one resume for each, for a resume of several might mean what they share.
    let both = log.clone().then(300, resume(300, &[offers(), spring()]));
    suppresses(&both, &offer(), Reason::Paused);
    allows(&log.then(300, resume(300, &[offers()])), &offer());
}

#[test]
fn a_pause_of_a_scope_that_nobody_knows_stops_every_scope() {
    let raffles = PauseTarget::Scope(scopes(&["raffles"]).remove(0));
    let log = agreed().then(200, pause(&[raffles]));
    suppresses(&log, &offer(), Reason::Paused);
    let standard = standard();
    let known = standard.scopes().map(|(name, rule)| (name.clone(), rule));
    let once = Policy::new(known, scopes(&["raffles"])).unwrap();
    let once = once.with_consent_texts(ConsentTexts::Any);
    decides(&log, &once, &offer(), None);
}

#[test]
fn a_pause_that_cannot_be_read_whole_stops_the_business() {
    let log = agreed().then(200, ConsentEvent { pauses_complete: false, ..pause(&[spring()]) });
    suppresses(&log, &offer(), Reason::Paused);
    let log = agreed().then(200, ConsentEvent { occurred_at_ms: None, ..pause(&[]) });
    suppresses(&log, &offer(), Reason::Paused);
}

#[test]
fn only_a_later_resume_of_the_same_thing_lifts_a_pause() {
    let things = [PauseTarget::Business, offers(), spring(), sale()];
    let named = |thing: &PauseTarget| match thing {
        PauseTarget::Business => vec![],
        thing => vec![thing.clone()],
    };
    let message = Message { campaign_id: "spring", template: "sale", ..offer() };
    for stopped in &things {
        let log = agreed().then(200, pause(&named(stopped)));
        for resumed in &things {
            let log = log.clone().then(300, resume(300, &named(resumed)));
            match stopped == resumed {
                true => allows(&log, &message),
                false => suppresses(&log, &message, Reason::Paused),
            }
        }
        let granted = log.clone().then(300, grant(300, &["offers"]));
        suppresses(&granted, &message, Reason::Paused);
    }
}

#[test]
fn in_one_second_it_stays_paused_and_an_old_resume_lifts_nothing_newer() {
    let log = agreed().then(200, pause(&[]));
    suppresses(&log.clone().then(200, resume(200, &[])), &offer(), Reason::Paused);
    suppresses(&log.clone().then(300, resume(200, &[])), &offer(), Reason::Paused);
    let again = log.then(300, resume(300, &[])).then(400, pause(&[]));
    suppresses(&again, &offer(), Reason::Paused);
    suppresses(&again.clone().then(500, resume(300, &[])), &offer(), Reason::Paused);
    allows(&again.then(500, resume(500, &[])), &offer());
    // A writer's clock that runs ahead makes no resume later than its append.
    let early = agreed().then(200, resume(900, &[])).then(300, pause(&[]));
    suppresses(&early, &offer(), Reason::Paused);
}

#[test]
fn a_resume_with_any_doubt_lifts_nothing() {
    let log = agreed().then(200, pause(&[]));
    let plain = resume(300, &[]);
    let doubtful = [
        ConsentEvent { occurred_at_ms: None, ..plain.clone() },
        ConsentEvent { pauses_complete: false, ..plain.clone() },
        ConsentEvent { scopes: scopes(&["offers"]), ..plain.clone() },
        ConsentEvent { scopes_complete: false, ..plain.clone() },
        ConsentEvent { effect: Coded::Unknown(9), ..plain.clone() },
        ConsentEvent { min_reader: RULES_VERSION + 1, ..plain.clone() },
    ];
    for event in doubtful {
        suppresses(&log.clone().then(300, event), &offer(), Reason::Paused);
    }
    let key = || KeyParts::Business(business("cafe"));
    let astray = log.clone().then_as(300, key(), Placement::Wrong, in_place(plain.clone()));
    suppresses(&astray, &offer(), Reason::Paused);
    let mut moved = log.clone().then(300, plain.clone());
    moved.0.last_mut().unwrap().place.topic = Topic::ConsentActivity;
    suppresses(&moved, &offer(), Reason::Paused);
    for key in [KeyParts::Platform, KeyParts::Subject(subject("cafe", ANNA))] {
        let other = log.clone().then_as(300, key, Placement::Right, in_place(plain.clone()));
        suppresses(&other, &offer(), Reason::Paused);
    }
    let nameless = in_place(of_everybody(plain.clone()));
    let half = log.clone().then_as(300, key(), Placement::Right, nameless);
    suppresses(&half, &offer(), Reason::Paused);
    allows(&log.then(300, plain), &offer());
}

#[test]
fn a_resume_of_a_person_lifts_nothing() {
    let log = agreed().then(200, pause(&[]));
    let of_anna = ConsentEvent { occurred_at_ms: millis(300), ..event(EventKind::Resume) };
    suppresses(&log.then(300, of_anna), &offer(), Reason::Paused);
}

#[test]
fn a_pause_counts_wherever_it_lies_and_for_whom_key_or_value_names() {
    for key in [
        KeyParts::Business(business("cafe")),
        KeyParts::Subject(subject("cafe", ANNA)),
        KeyParts::Platform,
        KeyParts::Unreadable,
    ] {
        let log = agreed().then_as(200, key, Placement::Wrong, in_place(pause(&[])));
        suppresses(&log, &offer(), Reason::Paused);
        allows(&log, &of_shop());
    }
    let key = KeyParts::Business(business("cafe"));
    let log = agreed().then_as(200, key, Placement::Right, in_place(of_everybody(pause(&[]))));
    suppresses(&log, &offer(), Reason::Paused);
    allows(&log, &of_shop());
}

#[test]
fn where_key_and_value_disagree_both_are_paused_and_quarantined() {
    let key = || KeyParts::Business(business("shop"));
    let log = agreed().then_as(200, key(), Placement::Right, in_place(pause(&[])));
    suppresses(&log, &offer(), Reason::BusinessQuarantined);
    suppresses(&log, &of_shop(), Reason::BusinessQuarantined);
    let remedy = consentgate::consent::VoidRemedy::Dropped("a test".into());
    let voids = Some(log.last_place());
    let void = ConsentEvent { identity: None, voids, remedy, ..event(EventKind::Void) };
    let voided = log.then(300, void);
    suppresses(&voided, &offer(), Reason::Paused);
    suppresses(&voided, &of_shop(), Reason::Paused);
    // A resume that names two businesses is as doubtful, and lifts nothing.
    let torn = in_place(resume(200, &[]));
    let log = agreed().then_as(200, key(), Placement::Right, torn);
    suppresses(&log, &offer(), Reason::BusinessQuarantined);
}

#[test]
fn a_pause_of_nobody_holds_everything_until_everything_is_resumed() {
    let log = agreed().then(200, of_everybody(pause(&[])));
    assert!(is_held(&log));
    for lifts_nothing in [
        resume(300, &[]),
        of_everybody(resume(200, &[])),
        of_everybody(resume(300, &[spring()])),
        of_everybody(ConsentEvent { occurred_at_ms: None, ..resume(300, &[]) }),
    ] {
        assert!(is_held(&log.clone().then(300, lifts_nothing)));
    }
    let log = log.then(300, of_everybody(resume(300, &[])));
    assert!(!is_held(&log));
    allows(&log, &offer());
    assert!(is_held(&log.then(400, of_everybody(pause(&[])))));
}

#[test]
fn a_pause_of_a_part_that_names_no_business_holds_everything() {
    for key in [KeyParts::Platform, KeyParts::Unreadable] {
        let part = in_place(of_everybody(pause(&[spring()])));
        let log = agreed().then_as(200, key, Placement::Right, part);
        assert!(is_held(&log));
        assert!(!is_held(&log.then(300, of_everybody(resume(300, &[])))));
    }
}

#[test]
fn a_resume_of_everything_lifts_no_business() {
    let log = agreed().then(200, pause(&[])).then(300, of_everybody(resume(300, &[])));
    suppresses(&log, &offer(), Reason::Paused);
}

#[test]
fn a_pause_comes_before_what_is_known_of_the_person() {
    let log = agreed().then(200, event(EventKind::Block)).then(200, pause(&[]));
    suppresses(&log, &offer(), Reason::Paused);
    let nobody = Log::default().then(200, pause(&[spring()]));
    suppresses(&nobody, &offer(), Reason::NoGrant);
    let contradicting =
        ConsentEvent { effect: Coded::Known(Effect::Permits), ..pause(&[spring()]) };
    suppresses(&agreed().then(200, contradicting), &offer(), Reason::BusinessQuarantined);
}
