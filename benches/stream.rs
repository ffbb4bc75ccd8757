//! A lane from poll to commit on a log in memory, beside a loop that only moves the records.
//!
//! `cargo bench --bench stream`; with `CONSENTGATE_BENCH_WORLD=full` ten times the world. The lane is
//! the gate's own: it reads, asks, decides, writes audit entries and signs a receipt every 50,000
//! messages or 100 ms.
//! Reader and writer are the same on both sides and cost next to nothing (the writer only counts), so
//! the difference is what the gate itself costs a message. It is not what a gate costs on Kafka: that
//! is `consentgate simulate --bench`. Nor are the metrics switched on.
#![allow(
    missing_docs,
    unreachable_pub,
    dead_code,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a bench that cannot go on must stop, and uses its own part of the data sets"
)]

mod datasets;
mod measure;
mod ports;

use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use consentgate::consent::RouteName;
use consentgate::decision::{Decision, Scratch, decide_batch};
use consentgate::index::ConsentIndex;
use consentgate::policy::Policy;
use consentgate::stream::{
    Lane, LaneParts, LaneSettings, LaneStep, Origin, SharedIndex, StartFrom,
};
use consentgate::wire::audit::AuditEncoder;
use consentgate::wire::formats::Format;
use consentgate::wire::pseudonym::{PseudonymKey, Pseudonyms};
use consentgate::wire::receipt::{ColumnWriter, FenceMode, Mode, SigningKey, VerifyingKeys};
use criterion::{Criterion, Throughput};
use datasets::{NOW, Size, World, eternal_fence, read, records, view};
use ports::{AlwaysFresh, BareLoop, Port, StandingClock, Written};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Different messages in the log: so many that no cache holds them or their recipients.
const MESSAGES: usize = 200_000;
/// At most so many records a batch, as by default.
const BATCH: usize = 10_000;
/// Messages that are timed together: whole batches, and at least one commit.
const TIMED: u64 = 10 * BATCH as u64;
/// How often both sides run in turns.
const TURNS: u32 = 100;

/// The lane, and what comes out of it.
struct Gate {
    lane: Lane<Port, AlwaysFresh, StandingClock>,
    written: Rc<Cell<Written>>,
}

fn main() {
    let world = World::new(Size::from_env(Size::Tenth));
    println!("{}", world.describe());
    let index = world.index();
    let (records, allowed) = nine_in_ten_allowed(records(&world.mix(1, 2 * MESSAGES)), &index);
    let log = Port::over(&records);
    let mut bare = BareLoop::new(log.again(), StandingClock::at(NOW.0), settings());
    let mut listing = Gate::new(log.again(), world.index(), Some(ColumnWriter::new(pseudonyms())));
    let mut gate = Gate::new(log, index, None);
    check(&mut gate, &mut bare, allowed);
    tell_column(&mut gate, &mut listing, allowed);
    let mut criterion = Criterion::default()
        .sample_size(20)
        .warm_up_time(Duration::from_secs(1))
        .measurement_time(Duration::from_secs(4))
        .configure_from_args();
    let mut group = criterion.benchmark_group("stream");
    group.throughput(Throughput::Elements(TIMED));
    group.bench_function("lane", |bencher| bencher.iter(|| gate.decide(TIMED)));
    group.bench_function("lane_listing", |bencher| bencher.iter(|| listing.decide(TIMED)));
    group.bench_function("bare_loop", |bencher| bencher.iter(|| bare.forward(TIMED)));
    group.finish();
    criterion.final_summary();
    let [lane_ns, bare_ns] =
        measure::in_turns(1, 0..TURNS, [&mut |_| gate.decide(TIMED), &mut |_| bare.forward(TIMED)])
            .map(|timed_ns| timed_ns / TIMED as f64);
    println!(
        "lane {lane_ns:.0} ns a message ({:.2} M messages a second), bare loop {bare_ns:.1} ns, \
         the gate's own part {:.0} ns; {:?}",
        1e3 / lane_ns,
        lane_ns - bare_ns,
        gate.written.get(),
    );
}

/// The first messages that are nine in ten allowed, in the order in which they were drawn, and how
/// many of them are allowed.
fn nine_in_ten_allowed(records: Vec<Vec<u8>>, index: &ConsentIndex) -> (Vec<Vec<u8>>, u64) {
    let messages: Vec<_> = records.iter().map(|record| read(record)).collect();
    let (mut scratch, mut decisions) = (Scratch::default(), Vec::new());
    let policy = Policy::standard();
    decide_batch(&policy, &view(index), NOW, &messages, &mut scratch, &mut decisions);
    drop(messages);
    let mut kept = Vec::with_capacity(MESSAGES);
    let (mut allowed, mut suppressed) = (0, 0);
    for (record, decision) in records.into_iter().zip(decisions) {
        match decision {
            Decision::Allow(_) => allowed += 1,
            Decision::Suppress(_) if 9 * suppressed < allowed => suppressed += 1,
            Decision::Suppress(_) => continue,
        }
        kept.push(record);
        if kept.len() == MESSAGES {
            break;
        }
    }
    let bytes: usize = kept.iter().map(Vec::len).sum();
    println!(
        "{} records of {} bytes on average, {allowed} of them allowed",
        kept.len(),
        bytes / kept.len()
    );
    assert_eq!(kept.len(), MESSAGES, "the world has too few messages that are allowed");
    (kept, allowed)
}

fn settings() -> LaneSettings {
    LaneSettings {
        source_topic: "outbound-messages".to_string(),
        batch_records: BATCH,
        batch_wait: Duration::ZERO,
        idle_wait: Duration::ZERO,
        commit_every: Duration::from_millis(100),
        commit_records: 50_000,
        fence_limit: Duration::ZERO,
        start_from: Some(StartFrom::Beginning),
    }
}

impl Gate {
    /// A lane that owns all partitions of the log.
    fn new(log: Port, index: ConsentIndex, column: Option<ColumnWriter>) -> Self {
        let fence = AlwaysFresh(Arc::new(eternal_fence(&index)));
        let signing = SigningKey::from_seed(&vec![9; 32].into()).unwrap();
        let mut trusted = VerifyingKeys::default();
        trusted.pin(&signing);
        let parts = LaneParts {
            format: Arc::new(Format::PROTOBUF),
            index: Arc::new(SharedIndex::new(index)),
            policy: Arc::new(Policy::standard()),
            audit: AuditEncoder::new(pseudonyms()),
            column,
            signing: Arc::new(signing),
            trusted,
            origin: Origin {
                cluster_id: "memory".to_string(),
                route: RouteName::MAIN,
                instance: "bench".to_string(),
                lane: 0,
                fence: FenceMode::Leader,
                mode: Mode::Gate,
            },
        };
        let written = log.written();
        let mut lane = Lane::new(log, fence, StandingClock::at(NOW.0), parts, settings());
        assert_eq!(lane.step(), Ok(LaneStep::Rebalanced), "the first poll assigns all partitions");
        Self { lane, written }
    }

    /// Decides so many messages, and commits what is due.
    fn decide(&mut self, messages: u64) {
        let mut left = messages;
        while left > 0 {
            match self.lane.step().expect("the log in memory never fails") {
                LaneStep::Decided(tally) => left -= tally.received_count(),
                LaneStep::Committed(_) => {}
                step => panic!("nothing holds the lane, but it came to {step:?}"),
            }
        }
    }
}

fn pseudonyms() -> Pseudonyms {
    Pseudonyms::new(Arc::new(PseudonymKey::new("k1", vec![8; 32].into()).unwrap()))
}

/// Goes once through the log with a lane that lists what it allows, and says what that adds.
fn tell_column(gate: &mut Gate, listing: &mut Gate, allowed: u64) {
    listing.decide(MESSAGES as u64);
    let [plain, listed] = [&*gate, &*listing].map(|gate| gate.written.get().receipt_bytes);
    println!(
        "receipts of {allowed} allowed messages: {plain} bytes, with the column {listed} bytes, \
         {:.1} bytes a message more",
        listed.saturating_sub(plain) as f64 / allowed as f64
    );
}

/// Goes once through the log, and finds each message written where it belongs, or the figures mean
/// nothing.
fn check(gate: &mut Gate, bare: &mut BareLoop, allowed: u64) {
    gate.decide(MESSAGES as u64);
    let written = gate.written.get();
    assert_eq!([written.allowed, written.audited], [allowed, MESSAGES as u64 - allowed]);
    assert!(written.commits > 0 && written.receipts > written.commits, "{written:?}");
    bare.forward(MESSAGES as u64);
    let written = bare.port.written().get();
    assert_eq!([written.allowed, written.audited], [MESSAGES as u64, 0]);
    assert!(written.commits > 0, "{written:?}");
}
