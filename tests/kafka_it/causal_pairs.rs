//! P1: what Kafka acknowledged before a message was written is honoured for that message.
//!
//! Each pair is a consent event, its acknowledgement, then a message to the same person, while other
//! people's events come in bursts and their messages in a stream. The same with a fence that claims
//! without asking must slip, or the pairs prove nothing.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use consentgate_checker::{Acknowledged, CausalPair, Run, check_pairs};
use libtest_mimic::Trial;

use crate::support::checker::{checked, checker_options, checker_topics};
use crate::support::gate::{await_ready, await_that, start};
use crate::support::producers::{Place, Writer};
use crate::support::stage::{Stage, event_record, message};
use crate::support::world::{grant, now_ms, offer, phone, withdraw};
use crate::trial::on_shared;

/// Pairs of each kind.
const PAIRS: u32 = 2_000;
const WRITERS: u32 = 4;
/// People who only make noise.
const NOISY: u32 = 1_000_000;
const BURST: u32 = 1_000;

pub fn trials() -> Vec<Trial> {
    vec![
        on_shared("causal_pairs_never_slip", |kafka| {
            let stage = Stage::new(kafka, "pairs", 4);
            let slips = play(&stage, Fence::Asked);
            assert_eq!(slips, Slips { opted_out: 0, opted_in: 0 });
        }),
        on_shared("causal_pairs_slip_without_a_fence", |kafka| {
            let stage = Stage::new(kafka, "blind", 4);
            let slips = play(&stage, Fence::Blind);
            println!("without a fence: {slips:?} of {PAIRS} each");
            assert!(slips.opted_out > 0, "the pairs would not notice a gate without a fence");
        }),
    ]
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Fence {
    Asked,
    /// It claims to have asked.
    Blind,
}

/// Messages decided as if their event had not been acknowledged before.
#[derive(Debug, PartialEq, Eq)]
struct Slips {
    /// Allowed after an opt-out.
    opted_out: usize,
    /// Suppressed after an opt-in.
    opted_in: usize,
}

fn play(stage: &Stage, fence: Fence) -> Slips {
    let past = now_ms() - 60_000;
    let granted: Vec<_> =
        (0..PAIRS).map(|person| grant("cafe", person, &["offers"], past)).collect();
    stage.consent(&granted);
    let prepared = stage.prepared("");
    let gate = start(match fence {
        Fence::Asked => prepared,
        Fence::Blind => prepared.with_blind_fence(),
    });
    let gate = gate.expect("the gate starts");
    await_ready(&gate);
    await_that("all grants are known", || {
        gate.index.read().expect("an index").stats().grants >= u64::from(PAIRS)
    });

    let over = AtomicBool::new(false);
    let (out, opted_in) = thread::scope(|scope| {
        scope.spawn(|| events_in_bursts(stage, &over));
        scope.spawn(|| messages_in_a_stream(stage, &over));
        let pairs = (0..WRITERS).map(|nth| scope.spawn(move || write_pairs(stage, nth)));
        let pairs: Vec<_> = pairs.collect();
        let mut written = (Vec::new(), Vec::new());
        for pairs in pairs {
            let (out, opted_in) = pairs.join().expect("all pairs are written");
            written.0.extend(out);
            written.1.extend(opted_in);
        }
        over.store(true, Ordering::SeqCst);
        written
    });
    stage.await_drained(Duration::from_secs(120));
    gate.join(Duration::from_secs(20)).expect("an orderly end");
    let ledger = stage.ledger();
    ledger.assert_clean();
    assert_eq!((out.len(), opted_in.len()), (PAIRS as usize, PAIRS as usize));
    let slips = Slips {
        opted_out: out.iter().filter(|place| ledger.is_allowed(**place)).count(),
        opted_in: opted_in.iter().filter(|place| !ledger.is_allowed(**place)).count(),
    };
    let told = slips_told_by_the_checker(stage, &out, &opted_in);
    assert_eq!(told, (slips.opted_out + slips.opted_in) as u64);
    slips
}

/// How many slips the independent checker finds. That each decision follows from what the gate had read it
/// finds of a blind gate too.
fn slips_told_by_the_checker(stage: &Stage, out: &[Place], opted_in: &[Place]) -> u64 {
    let pairs = |acknowledged, places: &[Place]| {
        let pair = move |place: &Place| CausalPair {
            acknowledged,
            partition: place.partition,
            offset: place.offset,
        };
        places.iter().map(pair).collect::<Vec<_>>()
    };
    let pairs = [pairs(Acknowledged::OptOut, out), pairs(Acknowledged::Grant, opted_in)].concat();
    let topics = checker_topics(&stage.kafka, &stage.topics);
    let told = check_pairs(&topics, &pairs, &checker_options(Run::Finished));
    let told = told.expect("readable topics");
    assert_eq!(told.counts.decisions, pairs.len() as u64, "{}", told.to_text());
    let report = checked(&stage.kafka, &stage.topics);
    assert!(report.is_clean() && report.not_judged.is_empty(), "{}", report.to_text());
    told.violation_count
}

/// Writes one writer's pairs of both kinds; returns where the messages lie.
fn write_pairs(stage: &Stage, writer: u32) -> (Vec<Place>, Vec<Place>) {
    let own = Writer::new(&stage.kafka);
    let pair = |event, person| {
        own.write_one(&stage.topics.consent_events, &event_record(&event));
        let (to, value) = (phone(person), offer("cafe", person, person.into()));
        own.write_one(&stage.topics.outbound, &message(&to, &value))
    };
    (writer..PAIRS)
        .step_by(WRITERS as usize)
        .map(|person| {
            let newcomer = PAIRS + person;
            let out = pair(withdraw("cafe", person), person);
            (out, pair(grant("cafe", newcomer, &["offers"], now_ms()), newcomer))
        })
        .unzip()
}

fn events_in_bursts(stage: &Stage, over: &AtomicBool) {
    let own = Writer::new(&stage.kafka);
    let mut person = NOISY;
    while !over.load(Ordering::SeqCst) {
        let at = now_ms();
        let events: Vec<_> =
            (person..person + BURST).map(|person| grant("bank", person, &["offers"], at)).collect();
        let records: Vec<_> = events.iter().map(event_record).collect();
        own.write(&stage.topics.consent_events, &records);
        person += BURST;
        thread::sleep(Duration::from_millis(200));
    }
}

fn messages_in_a_stream(stage: &Stage, over: &AtomicBool) {
    let own = Writer::new(&stage.kafka);
    let mut number = u64::from(NOISY);
    while !over.load(Ordering::SeqCst) {
        let messages: Vec<_> = (0..20)
            .map(|nth| (phone(NOISY + nth), offer("bank", NOISY + nth, number + u64::from(nth))))
            .collect();
        let records: Vec<_> = messages.iter().map(|(to, value)| message(to, value)).collect();
        own.write(&stage.topics.outbound, &records);
        number += 20;
        thread::sleep(Duration::from_millis(10));
    }
}
