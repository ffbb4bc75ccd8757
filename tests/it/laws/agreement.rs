//! The code and the model agree, for every message of every small world, each in one of its seconds.

use std::collections::BTreeSet;

use consentgate::consent::{Category, ConsentRecord, Content, EventKind, Fact, Seconds, fold};
use consentgate::decision::{Message, Reason};
use consentgate::policy::Policy;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

use super::gate::{decide_on, index_of, judge_state, not_before_of, open, reasons_of, state_of};
use super::model;
use super::world::{NOWS, cases, messages, policies, world, world_of};

/// Reasons that no record and no message of these worlds can lead to.
const OUT_OF_REACH: [Reason; 4] = [
    Reason::Malformed,
    Reason::Unforwardable,
    Reason::BusinessObjection,
    Reason::IndexInconsistent,
];

/// People write, ask for codes and object, and agree to codes now and then.
const CONVERSATIONS: [EventKind; 8] = [
    EventKind::Inbound,
    EventKind::Inbound,
    EventKind::UserRequest,
    EventKind::Withdraw,
    EventKind::Complaint,
    EventKind::PlatformStop,
    EventKind::Erase,
    EventKind::Grant,
];

/// Identities are linked and parted while people agree and object on each of them.
const LINKS: [EventKind; 10] = [
    EventKind::IdentityLink,
    EventKind::IdentityLink,
    EventKind::IdentityUnlink,
    EventKind::IdentityChanged,
    EventKind::Grant,
    EventKind::Grant,
    EventKind::Withdraw,
    EventKind::Block,
    EventKind::Erase,
    EventKind::WrongNumber,
];

/// The platform says this and that of templates, and now and then somebody agrees or writes.
const TEMPLATES: [EventKind; 6] = [
    EventKind::TemplateState,
    EventKind::TemplateState,
    EventKind::TemplateState,
    EventKind::TemplateState,
    EventKind::Grant,
    EventKind::Inbound,
];

/// Texts are published, retired and found to be no good while people agree to them.
const TEXTS: [EventKind; 10] = [
    EventKind::TextPublished,
    EventKind::TextPublished,
    EventKind::TextPublished,
    EventKind::TextRetired,
    EventKind::Grant,
    EventKind::Grant,
    EventKind::Grant,
    EventKind::Withdraw,
    EventKind::Inbound,
    EventKind::Invalidate,
];

const WORLDS: usize = 200;

/// A grant here and there, so that something goes where nothing is paused.
const SWITCHES: [EventKind; 4] =
    [EventKind::Pause, EventKind::Resume, EventKind::Resume, EventKind::Grant];

/// A law over worlds that never get there would prove nothing.
#[test]
fn the_worlds_reach_every_reason_and_often_let_something_through() {
    let mut runner = TestRunner::deterministic();
    let (mut reached, mut allowed, mut held) = (BTreeSet::new(), 0, 0);
    for round in 0..WORLDS {
        let records = world().new_tree(&mut runner).unwrap().current();
        let state = state_of(&records);
        let policy = &policies()[round % 3];
        held += usize::from(state.holding().is_some());
        let now = Seconds(162);
        let judged = messages().into_iter().map(|m| judge_state(&state, policy, now, &m));
        let judged: Vec<_> = judged.collect();
        let goes = judged.iter().any(|judgement| judgement.primary().is_none());
        allowed += usize::from(goes && state.holding().is_none());
        reached.extend(judged.iter().flat_map(|judgement| judgement.mask().iter()));
    }
    let missing: Vec<_> = Reason::ALL
        .into_iter()
        .filter(|reason| !reached.contains(reason) && !OUT_OF_REACH.contains(reason))
        .collect();
    assert!(missing.is_empty(), "never reached: {missing:?}");
    assert!(allowed >= WORLDS / 4, "only {allowed} of {WORLDS} worlds let anything through");
    assert!((3..WORLDS / 4).contains(&held), "{held} of {WORLDS} worlds are held");
}

proptest! {
    #![proptest_config(cases(64))]

    #[test]
    fn the_state_decides_as_the_model_does(records in world(), policy in 0..3_usize) {
        let state = state_of(&records);
        let policy = &policies()[policy];
        prop_assert_eq!(state.holding().is_some(), model::holds(&records));
        for (number, message) in messages().into_iter().enumerate() {
            let now = Seconds(NOWS[(number + records.len()) % NOWS.len()]);
            let verdict = model::decide(&records, policy, now, &message);
            let judgement = judge_state(&state, policy, now, &message);
            let found = (judgement.primary(), judgement.mask());
            prop_assert_eq!(found, (verdict.primary(), verdict.all()), "{:?}", message);
        }
    }

    #[test]
    fn the_index_decides_as_the_state_does(records in world(), policy in 0..3_usize) {
        let state = state_of(&records);
        let index = index_of(&records);
        let policy = &policies()[policy];
        prop_assert_eq!(index.holding(), state.holding());
        let messages = messages();
        let Ok(view) = open(&index) else {
            prop_assert!(state.holding().is_some());
            return Ok(());
        };
        for now in NOWS.map(Seconds) {
            let decisions = decide_on(&view, policy, now, &messages);
            prop_assert_eq!(decisions.len(), messages.len());
            for (message, decision) in messages.iter().zip(&decisions) {
                let judgement = judge_state(&state, policy, now, message);
                let expected = (judgement.primary(), judgement.mask().iter().collect());
                prop_assert_eq!(reasons_of(decision), expected, "{:?}", message);
                prop_assert_eq!(not_before_of(decision), judgement.not_before());
            }
        }
    }
}

proptest! {
    #![proptest_config(cases(400))]

    #[test]
    fn worlds_of_kill_switches_decide_as_the_model_does(records in world_of(&SWITCHES)) {
        let (state, index) = (state_of(&records), index_of(&records));
        prop_assert_eq!(state.holding().is_some(), model::holds(&records));
        prop_assert_eq!(index.holding(), state.holding());
        all_three_agree(&records, &[162], |message| message.also == [None; 2])?;
    }

    #[test]
    fn worlds_of_conversations_decide_as_the_model_does(records in world_of(&CONVERSATIONS)) {
        let is_personal = |message: &Message<'_>| {
            !matches!(message.category, Category::Marketing | Category::Utility)
        };
        all_three_agree(&records, &NOWS, is_personal)?;
    }

    #[test]
    fn worlds_of_templates_decide_as_the_model_does(records in world_of(&TEMPLATES)) {
        // Who is beside makes no difference to a template.
        all_three_agree(&records, &NOWS, |message| message.also == [None; 2])?;
    }

    #[test]
    fn no_record_grants_without_all_of_its_proof(records in world_of(&[EventKind::Grant])) {
        for record in &records {
            let facts = fold(record).facts;
            let Content::Event(event) = &record.content else { continue };
            let is_dated = event.occurred_at_ms.is_some();
            let is_whole = is_dated && event.event_id.is_some() && model::is_collected(event);
            let grants = facts.iter().any(|fact| matches!(fact, Fact::Grant { .. }));
            prop_assert!(!grants || is_whole, "{:?}", event);
        }
    }

    #[test]
    fn worlds_of_texts_decide_as_the_model_does(records in world_of(&TEXTS)) {
        let published = Policy::standard();
        let is_plain = |message: &Message<'_>| message.also == [None; 2];
        all_agree_under(&published, &records, &[162, 200, 462], is_plain)?;
    }

    #[test]
    fn worlds_of_links_decide_as_the_model_does(records in world_of(&LINKS)) {
        // Every world asks other messages, a few of all.
        let mut number = records.len();
        let mut is_asked = |_: &Message<'_>| {
            number += 1;
            number.is_multiple_of(17)
        };
        all_three_agree(&records, &NOWS, &mut is_asked)?;
    }
}

/// Puts these messages to the model, to the state and to the index, each in one of these seconds.
fn all_three_agree(
    records: &[ConsentRecord],
    nows: &[u32],
    is_asked: impl FnMut(&Message<'_>) -> bool,
) -> Result<(), TestCaseError> {
    all_agree_under(&policies()[records.len() % 3], records, nows, is_asked)
}

fn all_agree_under(
    policy: &Policy,
    records: &[ConsentRecord],
    nows: &[u32],
    is_asked: impl FnMut(&Message<'_>) -> bool,
) -> Result<(), TestCaseError> {
    let (state, index) = (state_of(records), index_of(records));
    let view = open(&index);
    for (number, message) in messages().into_iter().filter(is_asked).enumerate() {
        let now = Seconds(nows[number % nows.len()]);
        let verdict = model::decide(records, policy, now, &message);
        let judgement = judge_state(&state, policy, now, &message);
        let found = (judgement.primary(), judgement.mask());
        prop_assert_eq!(found, (verdict.primary(), verdict.all()), "{:?}", message);
        if let Ok(view) = &view {
            let decisions = decide_on(view, policy, now, &[message]);
            let expected = (verdict.primary(), verdict.all().iter().collect());
            prop_assert_eq!(reasons_of(&decisions[0]), expected, "{:?}", message);
        }
    }
    Ok(())
}
