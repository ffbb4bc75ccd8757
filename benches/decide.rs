//! Batch decisions: the gate's order of rules on the index, against the same order on the plain map.
//!
//! `cargo bench --bench decide`; with `CONSENTGATE_BENCH_WORLD=full` ten times the world. A third
//! side begins with the encoded records, so that one sees what decoding costs. Before anything is
//! timed all sides must agree on every message. At the end they run in turns, batch by batch, and
//! the ratios of their medians are printed: those figures hold on a busy machine too.
//!
//! `index_with_templates` is the same index once ten templates of every other business are known.
#![allow(
    missing_docs,
    unreachable_pub,
    dead_code,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a bench that cannot go on must stop, and uses its own part of the data sets"
)]

mod baseline;
mod datasets;
mod measure;

use std::collections::BTreeMap;
use std::hint::black_box;

use baseline::Plain;
use consentgate::consent::template::Word;
use consentgate::consent::{Fact, TemplateRef, TemplateState, Usability};
use consentgate::decision::{Decision, Message, Reason, Scratch, decide_batch};
use consentgate::index::{ConsentIndex, ConsentView};
use consentgate::policy::Policy;
use criterion::{BenchmarkId, Criterion, Throughput};
use datasets::{NOW, Size, World, read, records, view};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Messages in a batch.
const BATCH: usize = 1_000;
/// So many different batches that no core's own cache holds their recipients.
const BATCHES: usize = 200;
/// Rounds over all batches when all sides run in turns.
const ROUNDS: usize = 5;

/// A message, or why there is none.
type Read<'r> = Result<Message<'r>, Reason>;
/// One batch, read and encoded.
type Batch<'r> = (&'r [Read<'r>], &'r [Vec<u8>]);

fn main() {
    let world = World::new(Size::from_env(Size::Tenth));
    println!("{}", world.describe());
    let mut index = world.index();
    let plain = Plain::of(world.facts());
    let gate = Gate { policy: Policy::standard(), view: view(&index) };
    let mut criterion = Criterion::default()
        .sample_size(30)
        .warm_up_time(std::time::Duration::from_secs(1))
        .measurement_time(std::time::Duration::from_secs(4))
        .configure_from_args();
    let mut figures = Vec::new();
    let streams =
        [("mix", world.mix(1, BATCH * BATCHES)), ("campaign", world.campaign(2, BATCH * BATCHES))];
    for (name, asks) in &streams {
        let records = records(asks);
        let messages: Vec<_> = records.iter().map(|record| read(record)).collect();
        let stream = Stream { name, records: &records, messages: &messages };
        compare(&stream, &gate, &plain);
        bench(&mut criterion, &stream, &gate, &plain);
        figures.push((*name, in_turns(&stream, &gate, &plain)));
    }
    tell_of_templates(&world, &mut index);
    let gate = Gate { policy: Policy::standard(), view: view(&index) };
    for (name, asks) in &streams {
        let records = records(asks);
        let messages: Vec<_> = records.iter().map(|record| read(record)).collect();
        let stream = Stream { name, records: &records, messages: &messages };
        compare(&stream, &gate, &plain);
        bench_told(&mut criterion, &stream, &gate);
    }
    criterion.final_summary();
    for (name, [gate_ns, plain_ns, records_ns]) in figures {
        println!(
            "{name}: index {gate_ns:.0} ns a message, plain map {plain_ns:.0} ns, ratio {:.2}; \
             from records {records_ns:.0} ns, {:.2} of deciding alone",
            gate_ns / plain_ns,
            records_ns / gate_ns,
        );
    }
}

/// Approves ten templates of every other business, that of all messages among them.
fn tell_of_templates(world: &World, index: &mut ConsentIndex) {
    let mut said = TemplateState::default();
    said.say_usability(Usability::Usable, Word { at: NOW, lifts_at: Some(NOW) });
    for company in world.companies.iter().step_by(2) {
        for version in 0..10 {
            let name = format!("spring_offer_v{version}");
            let template = TemplateRef::new(&name, "pt_BR").expect("a name");
            let (business, said) = (company.id.clone(), Box::new(said));
            index.apply(Fact::Template { business, template, said });
        }
    }
}

fn bench_told(criterion: &mut Criterion, stream: &Stream<'_>, gate: &Gate<'_>) {
    let mut group = criterion.benchmark_group("decide_1000");
    group.throughput(Throughput::Elements(BATCH as u64));
    let (mut scratch, mut decisions) = (Scratch::default(), vec![]);
    group.bench_function(BenchmarkId::new("index_with_templates", stream.name), |bencher| {
        let mut batches = stream.messages.chunks(BATCH).cycle();
        bencher.iter(|| {
            if let Some(batch) = batches.next() {
                gate.decide(batch, &mut scratch, &mut decisions);
            }
            decisions.len()
        });
    });
    group.finish();
}

/// The same messages, encoded and read.
struct Stream<'r> {
    name: &'r str,
    records: &'r [Vec<u8>],
    messages: &'r [Read<'r>],
}

/// What the gate decides by.
struct Gate<'i> {
    policy: Policy,
    view: ConsentView<'i>,
}

impl Gate<'_> {
    fn decide(&self, messages: &[Read<'_>], scratch: &mut Scratch, decisions: &mut Vec<Decision>) {
        decisions.clear();
        decide_batch(&self.policy, &self.view, NOW, messages, scratch, decisions);
    }

    fn decide_records(
        &self,
        records: &[Vec<u8>],
        scratch: &mut Scratch,
        decisions: &mut Vec<Decision>,
    ) {
        let messages: Vec<_> = records.iter().map(|record| read(record)).collect();
        self.decide(&messages, scratch, decisions);
    }
}

fn decide_plainly(
    plain: &Plain,
    gate: &Gate<'_>,
    messages: &[Read<'_>],
    out: &mut Vec<Option<Reason>>,
) {
    out.clear();
    plain.decide_batch(&gate.policy, NOW, messages, out);
}

/// All must say the same, or the figures mean nothing.
fn compare(stream: &Stream<'_>, gate: &Gate<'_>, plain: &Plain) {
    let (mut decisions, mut from_records, mut plain_decisions) = (vec![], vec![], vec![]);
    let mut scratch = Scratch::default();
    gate.decide(stream.messages, &mut scratch, &mut decisions);
    gate.decide_records(stream.records, &mut scratch, &mut from_records);
    decide_plainly(plain, gate, stream.messages, &mut plain_decisions);
    let count = stream.messages.len();
    assert_eq!([count; 3], [decisions.len(), from_records.len(), plain_decisions.len()]);
    let mut counts = BTreeMap::new();
    for (at, plain) in plain_decisions.iter().enumerate() {
        let (decided, again) = (primary(&decisions[at]), primary(&from_records[at]));
        assert_eq!((decided, again), (*plain, *plain), "message {at}: {:?}", stream.messages[at]);
        *counts.entry(plain.map_or("allowed", Reason::name)).or_insert(0u32) += 1;
    }
    println!("{}: of {count} messages {counts:?}", stream.name);
}

fn primary(decision: &Decision) -> Option<Reason> {
    match decision {
        Decision::Allow(_) => None,
        Decision::Suppress(suppression) => Some(suppression.primary),
    }
}

fn bench(criterion: &mut Criterion, stream: &Stream<'_>, gate: &Gate<'_>, plain: &Plain) {
    let mut group = criterion.benchmark_group("decide_1000");
    group.throughput(Throughput::Elements(BATCH as u64));
    let (mut scratch, mut decisions, mut plain_decisions) = (Scratch::default(), vec![], vec![]);
    group.bench_function(BenchmarkId::new("index", stream.name), |bencher| {
        let mut batches = stream.messages.chunks(BATCH).cycle();
        bencher.iter(|| {
            if let Some(batch) = batches.next() {
                gate.decide(batch, &mut scratch, &mut decisions);
            }
            decisions.len()
        });
    });
    group.bench_function(BenchmarkId::new("plain_map", stream.name), |bencher| {
        let mut batches = stream.messages.chunks(BATCH).cycle();
        bencher.iter(|| {
            if let Some(batch) = batches.next() {
                decide_plainly(plain, gate, batch, &mut plain_decisions);
            }
            plain_decisions.len()
        });
    });
    group.bench_function(BenchmarkId::new("index_from_records", stream.name), |bencher| {
        let mut batches = stream.records.chunks(BATCH).cycle();
        bencher.iter(|| {
            if let Some(batch) = batches.next() {
                gate.decide_records(batch, &mut scratch, &mut decisions);
            }
            decisions.len()
        });
    });
    group.finish();
}

/// Median nanoseconds a message: on the index, on the plain map, and on the index from records.
fn in_turns<'r>(stream: &Stream<'r>, gate: &Gate<'_>, plain: &Plain) -> [f64; 3] {
    let (mut scratch, mut decisions, mut plain_decisions) = (Scratch::default(), vec![], vec![]);
    let (mut other_scratch, mut from_records) = (Scratch::default(), vec![]);
    let mut on_index = |(messages, _): Batch<'r>| {
        gate.decide(messages, &mut scratch, &mut decisions);
        black_box(&decisions);
    };
    let mut on_plain = |(messages, _): Batch<'r>| {
        decide_plainly(plain, gate, messages, &mut plain_decisions);
        black_box(&plain_decisions);
    };
    let mut on_records = |(_, records): Batch<'r>| {
        gate.decide_records(records, &mut other_scratch, &mut from_records);
        black_box(&from_records);
    };
    let batches = stream.messages.chunks(BATCH).zip(stream.records.chunks(BATCH));
    let sides: [&mut dyn FnMut(Batch<'r>); 3] = [&mut on_index, &mut on_plain, &mut on_records];
    measure::in_turns(ROUNDS, batches, sides).map(|batch_ns| batch_ns / BATCH as f64)
}
