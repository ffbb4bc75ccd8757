//! Three nodes, one of them killed at a time while messages flow: the coordinator of the gate's
//! transactions, the coordinator of its group, the leader of an input partition. Each comes back after
//! ten seconds. Nothing is lost or doubled; the gate goes on by itself, or its supervisor starts it
//! again after exit 75.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use libtest_mimic::Trial;

use crate::kills::write_until;
use crate::leaderless::THREE;
use crate::support::child::{GateChild, GateHome};
use crate::support::kafka::Cluster;
use crate::support::raw::{Coordinates, coordinator, leader};
use crate::support::receipts::Receipts;
use crate::support::stage::Stage;
use crate::support::world::{grant, now_ms, withdraw};
use crate::trial::on_own;

const PARTITIONS: i32 = 6;
const MESSAGES_A_SECOND: u32 = 1_500;
const PEOPLE: u32 = 1_000;
const AWAY: Duration = Duration::from_secs(10);
const GATE: &str = "gate-0";
/// The exit code that asks to be started again.
const TRY_AGAIN: i32 = 75;

pub fn trials() -> Vec<Trial> {
    vec![on_own("node_loss_in_open_transactions_loses_and_doubles_nothing", THREE, |cluster| {
        let stage = Stage::new(&cluster.bootstrap(), "node-loss", PARTITIONS);
        let past = now_ms() - 60_000;
        let agreed: Vec<_> = (0..PEOPLE).map(|one| grant("cafe", one, &["offers"], past)).collect();
        stage.consent(&agreed);
        let out: Vec<_> = (0..PEOPLE).step_by(5).map(|one| withdraw("cafe", one)).collect();
        stage.consent(&out);
        let home = GateHome::new(&stage.toml("watchdog_limit = \"10s\"\n[log]\nformat = \"json\""));
        let over = AtomicBool::new(false);
        let hits = thread::scope(|scope| {
            let supervised = scope.spawn(|| supervise(&home, &over));
            let writing = scope.spawn(|| write_until(&stage, &over, MESSAGES_A_SECOND));
            await_progress(&stage, Duration::from_secs(60));
            let hits = strike_each_role(cluster, &stage, &home);
            over.store(true, Ordering::SeqCst);
            writing.join().expect("all is written");
            println!("restarts after exit 75: {}", supervised.join().expect("a supervisor"));
            hits
        });
        finish(&stage, &home);
        for hit in &hits {
            println!("{}: {:?}", hit.role, hit.stages);
        }
        let inside = |hit: &Hit| hit.stages.iter().any(|stage| stage != "idle");
        assert!(hits.iter().any(inside), "no fault fell inside an open transaction");
    })]
}

/// What a fault hit, as the gate's producer tells it.
struct Hit {
    role: &'static str,
    stages: Vec<String>,
}

fn strike_each_role(cluster: &Cluster, stage: &Stage, home: &GateHome) -> Vec<Hit> {
    let kafka = &stage.kafka;
    let group = format!("gate-{}", stage.topics.outbound);
    let id = format!("{group}.{GATE}.0");
    let roles: [(&str, &dyn Fn() -> i32); 3] = [
        ("transaction coordinator", &|| coordinator(kafka, Coordinates::Transaction, &id)),
        ("group coordinator", &|| coordinator(kafka, Coordinates::Group, &group)),
        ("partition leader", &|| leader(kafka, &stage.topics.outbound, 0)),
    ];
    roles
        .into_iter()
        .map(|(role, node)| {
            let node = node();
            let before = home.log(GATE).len();
            let (began, before_it) = (Instant::now(), stage.decided_so_far());
            cluster.node(node).kill9();
            thread::sleep(AWAY);
            let meanwhile = stage.decided_so_far() - before_it;
            cluster.node(node).restart();
            let back_s = began.elapsed().as_secs();
            await_progress(stage, Duration::from_secs(90));
            let goes_on_s = began.elapsed().as_secs();
            println!(
                "{role}: node {node} back after {back_s} s, the gate goes on after {goes_on_s} s at the \
                 latest ({meanwhile} decided while it was away)"
            );
            Hit { role, stages: stages_of(&home.log(GATE)[before..]) }
        })
        .collect()
}

/// The stages named beside lost connections, or a call that the watchdog ended.
fn stages_of(log: &str) -> Vec<String> {
    let events = log.lines().filter_map(|line| {
        let event: serde_json::Value = serde_json::from_str(line).ok()?;
        match event["message"].as_str()? {
            "kafka.producer_tainted" | "kafka.producer_connection_lost" => {
                Some(event["stage"].as_str()?.to_owned())
            }
            "gate.call_hangs" => Some(event["call"].as_str()?.to_owned()),
            _ => None,
        }
    });
    let mut stages: Vec<String> = events.collect();
    stages.sort();
    stages.dedup();
    stages
}

/// Waits until the gate has committed something new, twice.
fn await_progress(stage: &Stage, limit: Duration) {
    let until = Instant::now() + limit;
    let first = stage.decided_so_far();
    while stage.decided_so_far() <= first {
        assert!(Instant::now() < until, "the gate does not go on within {limit:?}");
        thread::sleep(Duration::from_millis(200));
    }
}

/// Keeps a gate running until told otherwise; returns how often it had to be started again.
fn supervise(home: &GateHome, over: &AtomicBool) -> usize {
    let mut restarts = 0;
    let mut gate = home.start(GATE);
    while !over.load(Ordering::SeqCst) {
        if let Some(code) = gate.ended() {
            assert_eq!(code, TRY_AGAIN, "the gate's log ends:\n{}", tail(&home.log(GATE)));
            restarts += 1;
            gate = home.start(GATE);
        }
        thread::sleep(Duration::from_millis(100));
    }
    end(gate, home);
    restarts
}

fn end(gate: GateChild, home: &GateHome) {
    let code = gate.terminate();
    assert!(
        [0, TRY_AGAIN].contains(&code),
        "exit {code}, its log ends:\n{}",
        tail(&home.log(GATE))
    );
}

/// With all nodes up, a last gate decides what is left.
fn finish(stage: &Stage, home: &GateHome) {
    let gate = home.start(GATE);
    stage.await_drained(Duration::from_secs(120));
    assert_eq!(gate.terminate(), 0, "an orderly end");
    let ledger = stage.ledger();
    println!("{} messages", ledger.fates.len());
    ledger.assert_clean();
    Receipts::read(&stage.kafka, &stage.topics).assert_tell(&ledger);
    home.assert_verified();
}

fn tail(log: &str) -> String {
    let lines: Vec<&str> = log.lines().collect();
    lines[lines.len().saturating_sub(30)..].join("\n")
}
