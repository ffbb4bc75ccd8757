//! P2 and P4 under SIGKILL: three gates that are killed or stopped and started again at random moments,
//! and each message exactly once in allowed or audit, in order, byte for byte, with receipts that tell
//! so. Once for each way in which they may share the partitions.
//!
//! The control copies messages at least once, as a plain consumer and producer do, and must double
//! some when it is killed.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use libtest_mimic::Trial;
use rand::Rng;
use rand::rngs::StdRng;

use crate::copier;
use crate::support::chance::chance;
use crate::support::child::{GateChild, GateHome};
use crate::support::kafka::{ClusterSpec, QUICK_GROUPS};
use crate::support::reading::{Isolation, read_all};
use crate::support::receipts::Receipts;
use crate::support::stage::{Stage, await_drained};
use crate::support::world::{grant, now_ms, withdraw};
use crate::trial::{on_own, on_shared};

const MESSAGES: u32 = 100_000;
const PARTITIONS: i32 = 8;
const GATES: usize = 3;
/// A gate that is down already is not struck.
const STRIKES: usize = 14;
/// A round in which no kill fell into an open transaction is played again: about one in thirty on a busy
/// machine.
const ROUNDS_MAX: u32 = 5;
/// Messages come for about as long as gates are killed.
const MESSAGES_A_SECOND: u32 = 4_000;
const PEOPLE: u32 = 1_000;

pub fn trials() -> Vec<Trial> {
    vec![
        on_shared("kills_of_gates_lose_and_double_nothing", |kafka| {
            gates_are_killed(kafka, "range")
        }),
        on_shared("kills_under_cooperative_lose_and_double_nothing", |kafka| {
            gates_are_killed(kafka, "cooperative");
        }),
        on_own("kills_under_consumer_lose_and_double_nothing", QUICK_SHARING, |cluster| {
            gates_are_killed(&cluster.bootstrap(), "consumer");
        }),
        on_shared("kills_of_a_plain_copier_double_messages", a_copier_is_killed),
    ]
}

/// A broker that shares a group's partitions itself, and quickly.
pub const QUICK_SHARING: ClusterSpec<'static> =
    ClusterSpec { extra: QUICK_GROUPS, ..ClusterSpec::PLAIN };

fn gates_are_killed(kafka: &str, protocol: &str) {
    let stage = Stage::new(kafka, &format!("kills-{protocol}"), PARTITIONS);
    let past = now_ms() - 60_000;
    let agreed: Vec<_> = (0..PEOPLE).map(|one| grant("cafe", one, &["offers"], past)).collect();
    stage.consent(&agreed);
    let out: Vec<_> = (0..PEOPLE).step_by(5).map(|one| withdraw("cafe", one)).collect();
    stage.consent(&out);
    let home = GateHome::new(&stage.toml(&format!("group_protocol = \"{protocol}\"")));
    let mut chance = chance("kills");
    let struck = (1..=ROUNDS_MAX).find(|_| {
        play_round(&stage, &home, protocol, &mut chance);
        let cut_short = cut_short(&stage);
        println!("{cut_short} records of transactions that the kills cut short");
        cut_short > 0
    });
    let ledger = stage.ledger();
    assert_eq!(ledger.fates.len(), (MESSAGES * struck.unwrap_or(ROUNDS_MAX)) as usize);
    ledger.assert_clean();
    assert!(ledger.allowed() > 0 && ledger.suppressed() > 0);
    Receipts::read(kafka, &stage.topics).assert_tell(&ledger);
    home.assert_verified();
    assert!(struck.is_some(), "no kill fell inside an open transaction");
}

/// Messages, and strikes meanwhile, until all is decided and all gates have ended.
fn play_round(stage: &Stage, home: &GateHome, protocol: &str, chance: &mut StdRng) {
    thread::scope(|scope| {
        let writing = scope.spawn(|| write_steadily(stage, MESSAGES, MESSAGES_A_SECOND));
        let (gates, strikes) = strike_at_random(stage, home, chance);
        println!("{protocol}: {strikes:?}");
        writing.join().expect("all is written");
        stage.await_drained(Duration::from_secs(120));
        for gate in gates {
            assert_eq!(gate.terminate(), 0, "an orderly end");
        }
    });
}

/// How gates ended.
#[derive(Debug, Default)]
struct Strikes {
    killed: usize,
    stopped: usize,
}

/// Kills or stops gates and starts them again, some at once, some after the others took over.
fn strike_at_random(
    stage: &Stage,
    home: &GateHome,
    chance: &mut StdRng,
) -> (Vec<GateChild>, Strikes) {
    let name = |nth: usize| format!("gate-{nth}");
    let mut gates: Vec<Option<GateChild>> =
        (0..GATES).map(|nth| Some(home.start(&name(nth)))).collect();
    let mut back_at: Vec<Option<Instant>> = vec![None; GATES];
    thread::sleep(Duration::from_secs(2));
    let mut strikes = Strikes::default();
    for _ in 0..STRIKES {
        await_progress(stage);
        thread::sleep(Duration::from_millis(chance.random_range(300..2_500)));
        for nth in 0..GATES {
            if back_at[nth].is_some_and(|at| at <= Instant::now()) {
                (gates[nth], back_at[nth]) = (Some(home.start(&name(nth))), None);
            }
        }
        let nth = chance.random_range(0..GATES);
        if let Some(gate) = gates[nth].take() {
            if chance.random_bool(0.3) {
                match gate.terminate() {
                    0 => strikes.stopped += 1,
                    // It had only just been started, and did not listen yet.
                    143 => strikes.killed += 1,
                    code => panic!("an orderly end, and not {code}"),
                }
            } else {
                gate.kill9();
                strikes.killed += 1;
            }
            // The session ends after 6 s.
            let away_ms =
                if chance.random_bool(0.3) { 7_000 } else { chance.random_range(0..1_500) };
            back_at[nth] = Some(Instant::now() + Duration::from_millis(away_ms));
        }
    }
    let all = gates.into_iter().enumerate();
    let gates = all.map(|(nth, gate)| gate.unwrap_or_else(|| home.start(&name(nth)))).collect();
    (gates, strikes)
}

/// Waits for a while until something is decided: a gate that only starts has nothing to lose.
fn await_progress(stage: &Stage) {
    let (before, until) = (stage.decided_so_far(), Instant::now() + Duration::from_secs(5));
    while stage.decided_so_far() <= before && Instant::now() < until {
        thread::sleep(Duration::from_millis(50));
    }
}

/// Records that lie in the outputs and that no reader of committed records sees.
fn cut_short(stage: &Stage) -> usize {
    let count = |topic: &str, isolation| read_all(&stage.kafka, topic, isolation).len();
    let topics = [&stage.topics.allowed, &stage.topics.audit];
    let cut =
        |topic: &&String| count(topic, Isolation::Uncommitted) - count(topic, Isolation::Committed);
    topics.iter().map(cut).sum()
}

/// Writes so many messages to all people in turn, at a rate.
fn write_steadily(stage: &Stage, messages: u32, a_second: u32) {
    write_at_rate(stage, a_second, |written| written >= messages);
}

/// Writes messages until it is over.
pub fn write_until(stage: &Stage, over: &AtomicBool, a_second: u32) {
    write_at_rate(stage, a_second, |_| over.load(Ordering::SeqCst));
}

fn write_at_rate(stage: &Stage, a_second: u32, is_over: impl Fn(u32) -> bool) {
    let began = Instant::now();
    let at_once = a_second / 20;
    let mut written = 0;
    while !is_over(written) {
        let people: Vec<u32> = (written..written + at_once)
            .map(|number| number.wrapping_mul(2_654_435_761) % PEOPLE)
            .collect();
        stage.offers(&people, written.into());
        written += at_once;
        let due = Duration::from_secs_f64(f64::from(written) / f64::from(a_second));
        thread::sleep(due.saturating_sub(began.elapsed()));
    }
}

fn a_copier_is_killed(kafka: &str) {
    const FEW: u32 = 20_000;
    let stage = Stage::new(kafka, "copier", PARTITIONS);
    let group = format!("copier-{}", stage.topics.outbound);
    let mut chance = chance("copier");
    thread::scope(|scope| {
        let writing = scope.spawn(|| write_steadily(&stage, FEW, MESSAGES_A_SECOND));
        for _ in 0..3 {
            let copier = copier::start(&stage, &group);
            thread::sleep(Duration::from_millis(chance.random_range(1_000..2_500)));
            copier.kill9();
        }
        let _copier = copier::start(&stage, &group);
        writing.join().expect("all is written");
        let topic = &stage.topics.outbound;
        await_drained(kafka, &group, topic, PARTITIONS, Duration::from_secs(60));
    });
    let ledger = stage.ledger();
    let (doubled, lost) = (ledger.doubled().len(), ledger.lost().len());
    println!("a plain copier: {doubled} of {FEW} doubled, {lost} lost");
    assert!(doubled > 0, "the ledger would not notice a copy that is not exactly once");
}
