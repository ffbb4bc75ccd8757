//! No order, no interleaving and no repetition of records changes anything.

use consentgate::consent::{
    Category, ConsentRecord, Content, Effect, EventKind, Seconds, Usability, WayOut,
};
use consentgate::decision::Message;
use proptest::prelude::*;

use super::gate::{dump, index_of, judge_state, open, state_of};
use super::model;
use super::world::{Mood, NOWS, cases, messages, policies, record, world};
use consentgate::index::{Detail, Query};

/// All records of a world, some of them twice, in any order.
fn shuffled() -> impl Strategy<Value = (Vec<ConsentRecord>, Vec<ConsentRecord>)> {
    world().prop_flat_map(|records| {
        let again = proptest::sample::subsequence(records.clone(), 0..=records.len());
        let mixed = again.prop_flat_map({
            let records = records.clone();
            move |again| Just([records.clone(), again].concat()).prop_shuffle()
        });
        (Just(records), mixed)
    })
}

/// The same partitions, each in its own order, read in another interleaving.
fn interleaved(records: &[ConsentRecord], turns: &[usize]) -> Vec<ConsentRecord> {
    let mut partitions: Vec<std::collections::VecDeque<_>> = vec![Default::default(); 9];
    for record in records {
        let topic = record.place.topic as usize;
        partitions[topic * 3 + record.place.partition.0 as usize].push_back(record.clone());
    }
    let mut out = Vec::new();
    for turn in turns.iter().copied().chain((0..9).cycle()) {
        out.extend(partitions[turn].pop_front());
        if out.len() == records.len() {
            return out;
        }
    }
    out
}

proptest! {
    #![proptest_config(cases(100))]

    #[test]
    fn any_order_and_any_repetition_give_the_same_state((records, mixed) in shuffled()) {
        let (once, other) = (state_of(&records), state_of(&mixed));
        prop_assert_eq!(&once, &other);
        prop_assert_eq!(dump(&once), dump(&other));
    }

    #[test]
    fn any_order_and_any_repetition_give_the_same_answers((records, mixed) in shuffled()) {
        let (once, other) = (index_of(&records), index_of(&mixed));
        prop_assert_eq!(once.holding(), other.holding());
        let (Ok(once), Ok(other)) = (open(&once), open(&other)) else {
            return Ok(());
        };
        for detail in [Detail::Quick, Detail::Full] {
            let messages = messages();
            let queries: Vec<_> = messages.iter().map(|message| Query {
                business: message.business,
                to: message.to,
                also: message.also,
                scope: message.scope,
                detail,
            }).collect();
            let (mut left, mut right) = (Vec::new(), Vec::new());
            once.answer_batch(&queries, &mut left);
            other.answer_batch(&queries, &mut right);
            for (left, right) in left.iter().zip(&right) {
                prop_assert_eq!(left.facts(), right.facts());
            }
        }
    }

    #[test]
    fn a_replay_with_another_clock_policy_and_interleaving_gives_the_same_state(
        records in world(),
        turns in proptest::collection::vec(0..9_usize, 0..20),
        reads in proptest::collection::vec((0..3_usize, 0..NOWS.len(), 0..800_usize), 0..6),
    ) {
        let live = state_of(&records);
        let messages = messages();
        let mut replayed = consentgate::consent::State::default();
        for record in interleaved(&records, &turns) {
            for fact in consentgate::consent::fold(&record).facts {
                replayed.join(fact);
            }
            for (policy, now, message) in &reads {
                let message = messages[message % messages.len()];
                judge_state(&replayed, &policies()[*policy], Seconds(NOWS[*now]), &message);
            }
        }
        prop_assert_eq!(dump(&live), dump(&replayed));
        prop_assert_eq!(live, replayed);
    }

    #[test]
    fn nothing_that_objects_ever_lets_more_through(
        records in world(),
        mut objecting in record(Mood::usual(10)).prop_filter("objects or cannot be read", objects),
        policy in 0..3_usize,
    ) {
        objecting.place.offset = consentgate::consent::Offset(1_000);
        let policy = &policies()[policy];
        let before = state_of(&records);
        let after = state_of(records.iter().chain([&objecting]));
        prop_assert!(before.holding().is_none() || after.holding().is_some());
        // A farewell answers an objection, so it is the one message that needs one.
        let is_farewell = |message: &Message<'_>| message.category == Category::Farewell;
        for message in messages().into_iter().filter(|message| !is_farewell(message)) {
            let goes = |state| judge_state(state, policy, Seconds(162), &message).primary().is_none();
            prop_assert!(goes(&before) || !goes(&after), "{:?}", message);
        }
    }

    #[test]
    fn folding_a_record_twice_gives_the_same_facts(record in record(Mood::usual(10))) {
        prop_assert_eq!(consentgate::consent::fold(&record), consentgate::consent::fold(&record));
        let alone = [record];
        prop_assert_eq!(model::holds(&alone), state_of(&alone).holding().is_some());
    }
}

fn objects(record: &ConsentRecord) -> bool {
    match &record.content {
        Content::Undecodable => true,
        Content::Ignored => false,
        Content::Event(event) => match (event.kind.known(), event.effect.known()) {
            // It may say that a template is better than it was thought to be.
            (Some(EventKind::TemplateState), _) => event.template.as_ref().is_none_or(|said| {
                let loose = (Category::Utility, Category::Authentication);
                let category = said.category.known();
                said.usability.known() != Some(Usability::Usable)
                    && category != Some(loose.0)
                    && category != Some(loose.1)
                    && said.way_out.known().is_none_or(|way_out| way_out == WayOut::Missing)
            }),
            (Some(kind), _) => kind.effect() == Effect::Objects,
            (None, effect) => effect != Some(Effect::Permits) && effect != Some(Effect::Neutral),
        },
    }
}
