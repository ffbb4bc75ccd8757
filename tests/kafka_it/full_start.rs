//! A start with an empty index on a full outbound topic: nothing is decided before the end of the
//! consent topics, as it was when the gate started, is applied.

use std::time::Duration;

use consentgate::consent::Topic;
use libtest_mimic::Trial;

use crate::support::gate::start;
use crate::support::reading::{Isolation, read_all};
use crate::support::receipts::Receipts;
use crate::support::stage::Stage;
use crate::support::world::{grant, now_ms, withdraw};
use crate::trial::on_shared;

const PEOPLE: u32 = 100_000;
const MESSAGES: u32 = 20_000;

pub fn trials() -> Vec<Trial> {
    vec![
        on_shared("full_start_decides_nothing_before_the_end_of_consent", |kafka| {
            let stage = full_stage(kafka, "full");
            let gate = start(stage.prepared("")).expect("the gate starts");
            stage.await_drained(Duration::from_secs(180));
            gate.join(Duration::from_secs(20)).expect("an orderly end");
            let ledger = stage.ledger();
            ledger.assert_clean();
            assert_eq!(wrong(&stage), 0);
            let receipts = Receipts::read(kafka, &stage.topics);
            receipts.assert_tell(&ledger);
            assert_positions_reach_the_end(&stage, &receipts);
        }),
        on_shared("full_start_decides_wrongly_without_a_fence", |kafka| {
            let stage = full_stage(kafka, "hasty");
            let gate = start(stage.prepared("").with_blind_fence()).expect("the gate starts");
            stage.await_drained(Duration::from_secs(180));
            gate.join(Duration::from_secs(20)).expect("an orderly end");
            let wrong = wrong(&stage);
            println!("without a fence: {wrong} of {MESSAGES} decided wrongly");
            assert!(wrong > 0, "the test would not notice a gate that does not wait");
        }),
    ]
}

/// Most people who agreed have taken it back: every fourth has not.
fn is_out(person: u32) -> bool {
    !person.is_multiple_of(4)
}

fn full_stage(kafka: &str, name: &str) -> Stage {
    let stage = Stage::new(kafka, name, 4);
    let past = now_ms() - 60_000;
    let grants: Vec<_> = (0..PEOPLE).map(|one| grant("cafe", one, &["offers"], past)).collect();
    stage.consent(&grants);
    let people = 0..PEOPLE;
    let outs: Vec<_> = people.filter(|&one| is_out(one)).map(|one| withdraw("cafe", one)).collect();
    stage.consent(&outs);
    stage.offers(&recipients(), 0);
    stage
}

/// Spread over all people.
fn recipients() -> Vec<u32> {
    (0..MESSAGES).map(|nth| nth * 7919 % PEOPLE).collect()
}

/// Messages whose fate is not what consent says.
fn wrong(stage: &Stage) -> usize {
    let ledger = stage.ledger();
    let person_of = |to: &[u8]| -> u32 {
        let digits = std::str::from_utf8(to).expect("a phone number");
        digits.trim_start_matches("+999").parse::<u32>().expect("digits") - 10_000_000
    };
    let input = read_all(&stage.kafka, &stage.topics.outbound, Isolation::Committed);
    let is_wrong = |record: &&crate::support::reading::ReadRecord| {
        let place =
            crate::support::producers::Place { partition: record.partition, offset: record.offset };
        let person = person_of(record.key.as_deref().expect("a key"));
        ledger.is_allowed(place) == is_out(person)
    };
    input.iter().filter(is_wrong).count()
}

fn assert_positions_reach_the_end(stage: &Stage, receipts: &Receipts) {
    let consent = read_all(&stage.kafka, &stage.topics.consent_events, Isolation::Committed);
    let lowest = receipts.lowest_positions(Topic::ConsentEvents);
    for partition in 0..stage.partitions {
        let of = consent.iter().filter(|record| record.partition == partition);
        let end = of.map(|record| record.offset + 1).max().unwrap_or(0);
        assert!(
            lowest.get(&partition).is_some_and(|position| *position >= end),
            "partition {partition}: decided at {:?} of {end}",
            lowest.get(&partition)
        );
    }
}
