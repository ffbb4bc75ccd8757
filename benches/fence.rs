//! What a fence's question costs, by how it is asked: `leader`, `quorum`, `beat`.
//!
//! `cargo bench --bench fence` asks an embedded broker of three nodes;
//! `CONSENTGATE_BENCH_KAFKA=host:port` a real Kafka, whose topics get three replicas if it has three
//! brokers. One question after the other, in turns, so that all meet the same machine. The row of
//! `leader` is the baseline. `CONSENTGATE_BENCH_QUESTIONS` says how many of each (2,000).
#![allow(
    missing_docs,
    unreachable_pub,
    dead_code,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a bench that cannot go on must stop, and uses its own part of the tests' support"
)]

#[path = "../tests/support/mod.rs"]
mod support;

use std::time::{Duration, Instant};

use consentgate::broker::{Broker, BrokerConfig};
use consentgate::consent::Topic;
use consentgate::kafka::{Beat, BeatEnds, Clients, ConsentTopic, LogEnds, QuorumEnds};
use consentgate::stream::ports::EndsPort;
use support::gate::config;
use support::stage::Stage;
use support::topics::{Change, GateTopics};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const PARTITIONS: i32 = 12;
/// Questions before the first that counts: connections are made then.
const WARM_UP: usize = 50;
/// As long as the gate waits between two heartbeats.
const PAUSE: Duration = Duration::from_millis(2);

fn main() {
    let lent = std::env::var("CONSENTGATE_BENCH_KAFKA").ok();
    let three = BrokerConfig { nodes: 3, ..BrokerConfig::default() };
    let broker = lent.is_none().then(|| Broker::start(three).expect("a broker"));
    let kafka = broker.as_ref().map_or_else(|| lent.unwrap_or_default(), Broker::bootstrap);
    let topics = GateTopics::named("fence-cost");
    let two = Change::Setting("min.insync.replicas", "2");
    topics.create_but(&kafka, PARTITIONS, &[(&topics.consent_events, two)]);
    let stage = Stage::on(&kafka, topics, PARTITIONS);
    let config = config(&stage.toml(""), "gate-0");
    let clients = Clients::new(config.kafka, config.gate);
    let name = stage.topics.consent_events.clone();
    let topic = ConsentTopic { role: Topic::ConsentEvents, name, partitions: PARTITIONS };

    let beat = Beat { key: b"/".to_vec(), value: vec![0; 40] };
    let mut fences: [(&str, Box<dyn EndsPort>); 3] = [
        ("leader", Box::new(LogEnds::open(&clients, vec![topic.clone()]).expect("leader"))),
        ("quorum", Box::new(QuorumEnds::open(&clients, vec![topic.clone()]).expect("quorum"))),
        ("beat", Box::new(BeatEnds::open(&clients, vec![(topic, beat)]).expect("beat"))),
    ];
    let asked = std::env::var("CONSENTGATE_BENCH_QUESTIONS").ok().and_then(|n| n.parse().ok());
    let mut times = [const { Vec::new() }; 3];
    for nth in 0..WARM_UP + asked.unwrap_or(2_000) {
        for ((_, fence), times) in fences.iter_mut().zip(&mut times) {
            std::thread::sleep(PAUSE);
            let began = Instant::now();
            let told = fence.ends();
            let took = began.elapsed();
            let whole = told.is_ok_and(|told| told.answers.iter().all(|one| one.end.is_ok()));
            if nth >= WARM_UP {
                assert!(whole, "every partition has an end");
                times.push(took);
            }
        }
    }
    report(&fences.map(|(name, _)| name), &mut times);
}

fn report(names: &[&str], times: &mut [Vec<Duration>]) {
    println!("fence   p50 ms  p99 ms  max ms  p50 by leader's");
    let mut baseline = None;
    for (name, times) in names.iter().zip(times) {
        times.sort_unstable();
        let at = |share: f64| {
            let nth = ((times.len() as f64 - 1.0) * share).round() as usize;
            times[nth].as_secs_f64() * 1_000.0
        };
        let base = *baseline.get_or_insert(at(0.5));
        println!(
            "{name:6}  {:>6.2}  {:>6.2}  {:>6.2}  {:>15.2}",
            at(0.5),
            at(0.99),
            at(1.0),
            at(0.5) / base
        );
    }
}
