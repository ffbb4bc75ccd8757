//! The laws of the simulated world.

use std::collections::{BTreeSet, HashSet};

use super::*;
use crate::consent::{Offset, Partition, Place, Placement, Seconds, Topic, fold};
use crate::decision::{Decision, Reason, Scratch, decide_batch};
use crate::index::{CaughtUp, ConsentIndex, Fence, IndexKeys, Tick};
use crate::policy::Policy;
use crate::wire::consent::{Produced, record};
use crate::wire::proto::consent::{ConsentEvent, Method};

/// 2026-01-01.
const NOW: Seconds = Seconds(1_767_225_600);

fn small() -> World {
    World::seeded(7, WorldSize { businesses: 40, people: 4_000 })
}

/// The index of a world; the withdrawals too if `then` says so.
fn indexed(world: &World, then: &[Produced]) -> ConsentIndex {
    let keys = IndexKeys { mixing: 1, user_ids: [2; 16], tombstones: [3; 16] };
    let mut index = ConsentIndex::new(keys);
    let (topic, partition) = (Topic::ConsentEvents, Partition(0));
    let events = world.consents().chain(then.iter().cloned());
    let mut next = 0;
    for event in events {
        let place = Place { topic, partition, offset: Offset(next) };
        let key = Some(event.key.as_bytes());
        let record = record(place, NOW, key, Placement::Right, Some(&event.value));
        let folded = fold(&record);
        folded.facts.into_iter().for_each(|fact| index.apply(fact));
        next += 1;
    }
    index.advance(topic, partition, Offset(next));
    index
}

/// The gate's answer to each message.
fn answers(index: &ConsentIndex, messages: &[SimulatedMessage]) -> Vec<Option<Reason>> {
    let fence = Fence { asked_at: Tick(1), ends: index.positions().clone() };
    let view = CaughtUp::prove(index, &fence, Tick(1)).unwrap().view();
    let decode = |message: &'_ SimulatedMessage| message.value.clone();
    let values: Vec<_> = messages.iter().map(decode).collect();
    let (policy, now) = (Policy::standard(), NOW.plus(60));
    let sent_at_ms = Some(i64::from(now.0) * 1_000);
    let decoded = values.iter().map(|value| crate::wire::outbound::decode(Some(value)));
    let decoded: Vec<_> =
        decoded.map(|message| message.map(|message| message.sent_at_ms(sent_at_ms))).collect();
    let mut decisions = Vec::new();
    decide_batch(&policy, &view, now, &decoded, &mut Scratch::default(), &mut decisions);
    let reason = |decision| match decision {
        Decision::Allow(_) => None,
        Decision::Suppress(suppression) => Some(suppression.primary),
    };
    decisions.into_iter().map(reason).collect()
}

#[test]
fn the_gate_gives_the_right_answer_to_every_message() {
    let world = small();
    let spec = LoadSpec { messages: 20_000, allowed_percent: 60, message_bytes: 300 };
    let messages: Vec<_> = Load::new(&world, spec).messages().collect();
    let before = answers(&indexed(&world, &[]), &messages);
    let withdrawals: Vec<_> = world.withdrawals().collect();
    let after = answers(&indexed(&world, &withdrawals), &messages);
    let mut reasons = BTreeSet::new();
    let mut kinds = HashSet::new();
    for ((message, before), after) in messages.iter().zip(before).zip(after) {
        let (first, then) = match message.expected {
            Expected::Allowed => (None, None),
            Expected::AllowedUntilWithdrawn => (None, Some(Reason::Withdrawn)),
            Expected::Suppressed(reason) => (Some(reason), Some(reason)),
        };
        assert_eq!((before, after), (first, then));
        reasons.extend(before.map(Reason::name));
        kinds.insert(std::mem::discriminant(&message.expected));
    }
    assert_eq!(kinds.len(), 3, "all kinds of answers occur");
    assert!(reasons.len() >= 13, "many reasons occur: {reasons:?}");
}

#[test]
fn the_share_of_people_who_agreed_is_as_asked_and_messages_have_their_size() {
    let world = small();
    for percent in [0, 50, 90, 100] {
        let spec = LoadSpec { messages: 5_000, allowed_percent: percent, ..LoadSpec::default() };
        let messages: Vec<_> = Load::new(&world, spec).messages().collect();
        let goes = |m: &&SimulatedMessage| !matches!(m.expected, Expected::Suppressed(_));
        let allowed = messages.iter().filter(goes).count() as i64;
        assert!((allowed - 50 * i64::from(percent)).abs() < 150, "{percent}: {allowed}");
        assert!(messages.iter().all(|m| m.value.len().abs_diff(300) <= 2));
    }
}

#[test]
fn all_ten_methods_occur_and_every_event_can_be_produced() {
    let mut methods = BTreeSet::new();
    for produced in small().consents() {
        let event = <ConsentEvent as prost::Message>::decode(produced.value.as_slice()).unwrap();
        methods.insert(event.method);
        assert_eq!(crate::wire::consent::produce(event).unwrap(), produced);
    }
    methods.remove(&(Method::Unspecified as i32));
    methods.remove(&(Method::Import as i32));
    assert_eq!(methods.len(), 10);
}

#[test]
fn a_seed_gives_one_world_and_another_seed_another() {
    let size = WorldSize { businesses: 5, people: 100 };
    let of = |seed| World::seeded(seed, size).consents().collect::<Vec<_>>();
    assert_eq!(of(1), of(1));
    assert_ne!(of(1), of(2));
}

#[test]
fn no_two_customers_of_a_business_have_one_address() {
    let world = small();
    let address = |c: Customer<'_>| (c.business.id.clone(), c.address.as_str().to_owned());
    let distinct: BTreeSet<_> = world.customers().map(address).collect();
    assert_eq!(distinct.len() as u64, world.customer_count());
    let phones =
        |(_, address): &(String, String)| address.starts_with('+').then(|| address.clone());
    let people: BTreeSet<_> = distinct.iter().filter_map(phones).collect();
    let numbers = distinct.iter().filter_map(phones).count();
    assert!(people.len() < numbers, "some people are customers of two businesses");
    assert!(people.iter().all(|phone| phone.starts_with("+999")));
}

#[test]
fn sizes_follow_zipf_and_the_smallest_world_still_works() {
    let world = small();
    let sizes: Vec<u64> = world.businesses().iter().map(|b| b.customers).collect();
    assert!(sizes.is_sorted_by(|a, b| a >= b) && sizes[0] > 8 * sizes[9], "{sizes:?}");
    let tiny = World::seeded(1, WorldSize { businesses: 0, people: 0 });
    assert_eq!(tiny.customer_count(), 1);
    let load = Load::new(&tiny, LoadSpec { messages: 50, ..LoadSpec::default() });
    assert_eq!(load.messages().count(), 50);
}

#[test]
fn a_message_is_found_again_by_its_id() {
    let world = small();
    let load = Load::new(&world, LoadSpec::default());
    assert_eq!(load.message_of("m4d2"), Some(load.message(1_234)));
    for other in ["", "m", "x1", "mzz"] {
        assert_eq!(load.message_of(other), None);
    }
    let leaver = world.leavers().next().unwrap();
    let answer = load.message_to(&leaver, 1).expected;
    assert_eq!(answer, Expected::AllowedUntilWithdrawn);
}
