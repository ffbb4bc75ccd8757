//! Batch decisions: the index against the plain answer, a `DashMap` of hash maps.
//!
//! `cargo bench --bench index`; with `CONSENTGATE_BENCH_WORLD=full` ten times the world. Criterion
//! shows both in one group. At the end both run in turns, batch by batch, and the ratio of their
//! medians is printed: that figure holds on a busy machine too.
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

use std::hint::black_box;

use baseline::{Plain, PlainAnswer};
use consentgate::index::{AnswerFacts, ConsentView, Query};
use criterion::{BenchmarkId, Criterion, Throughput};
use datasets::{Ask, Size, World, view};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Messages in a batch.
const BATCH: usize = 1_000;
/// Rounds over all batches when both run in turns.
const ROUNDS: usize = 1;

fn main() {
    let world = World::new(Size::from_env(Size::Tenth));
    println!("{}", world.describe());
    let index = world.index();
    let plain = Plain::of(world.facts());
    let view = view(&index);
    // As many messages as people: fewer would come from the caches of a large machine.
    let count = world.subjects as usize;
    let streams = [("mix", world.mix(1, count)), ("campaign", world.campaign(2, count))];
    let mut criterion = Criterion::default()
        .sample_size(30)
        .warm_up_time(std::time::Duration::from_secs(1))
        .measurement_time(std::time::Duration::from_secs(4))
        .configure_from_args();
    let mut ratios = Vec::new();
    for (name, asks) in &streams {
        let queries: Vec<Query<'_>> = asks.iter().map(Ask::query).collect();
        compare(&queries, view, &plain, name);
        bench(&mut criterion, name, &queries, view, &plain);
        ratios.push((*name, in_turns(&queries, view, &plain)));
    }
    criterion.final_summary();
    for (name, [index_ns, plain_ns]) in ratios {
        let ratio = index_ns / plain_ns;
        println!(
            "{name}: index {index_ns:.0} ns a message, plain map {plain_ns:.0} ns, ratio {ratio:.2}"
        );
    }
}

/// Both must say the same, or the figures mean nothing.
fn compare(queries: &[Query<'_>], view: ConsentView<'_>, plain: &Plain, name: &str) {
    let mut answers = Vec::new();
    let mut plain_answers = Vec::new();
    view.answer_batch(queries, &mut answers);
    plain.answer_batch(queries, &mut plain_answers);
    let (mut stand, mut unknown, mut ungranted) = (0u32, 0u32, 0u32);
    for (answer, plain) in answers.iter().zip(&plain_answers) {
        match (answer.facts(), plain) {
            (AnswerFacts::Stands, PlainAnswer::Stands) => stand += 1,
            (AnswerFacts::Full(full), PlainAnswer::Weigh { newest_objection, grant, .. })
                if full.to.newest_objection() == *newest_objection && full.to.grant == *grant =>
            {
                let is_known = full.to.known == consentgate::index::Known::Yes;
                unknown += u32::from(!is_known);
                ungranted += u32::from(is_known && grant.is_none());
            }
            (answer, plain) => panic!("{answer:?} is not {plain:?}"),
        }
    }
    println!(
        "{name}: of {} messages {stand} stand at once, {unknown} are to unknown recipients, \
         {ungranted} without a grant",
        queries.len()
    );
}

fn bench(
    criterion: &mut Criterion,
    name: &str,
    queries: &[Query<'_>],
    view: ConsentView<'_>,
    plain: &Plain,
) {
    let mut group = criterion.benchmark_group("batch_of_1000");
    group.throughput(Throughput::Elements(BATCH as u64));
    group.bench_function(BenchmarkId::new("index", name), |bencher| {
        let mut answers = Vec::new();
        let mut batches = queries.chunks(BATCH).cycle();
        bencher.iter(|| {
            if let Some(batch) = batches.next() {
                view.answer_batch(batch, &mut answers);
            }
            answers.len()
        });
    });
    group.bench_function(BenchmarkId::new("plain_map", name), |bencher| {
        let mut answers = Vec::new();
        let mut batches = queries.chunks(BATCH).cycle();
        bencher.iter(|| {
            if let Some(batch) = batches.next() {
                plain.answer_batch(batch, &mut answers);
            }
            answers.len()
        });
    });
    group.finish();
}

/// Median nanoseconds a message of the index and of the plain map, batch by batch in turns.
fn in_turns(queries: &[Query<'_>], view: ConsentView<'_>, plain: &Plain) -> [f64; 2] {
    let mut answers = Vec::new();
    let mut plain_answers = Vec::new();
    let mut ask_index = |batch: &[Query<'_>]| {
        view.answer_batch(batch, &mut answers);
        black_box(&answers);
    };
    let mut ask_plain = |batch: &[Query<'_>]| {
        plain.answer_batch(batch, &mut plain_answers);
        black_box(&plain_answers);
    };
    measure::in_turns(ROUNDS, queries.chunks(BATCH), [&mut ask_index, &mut ask_plain])
        .map(|batch_ns| batch_ns / BATCH as f64)
}
