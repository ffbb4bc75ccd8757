//! One round: topics of its own, gates, traffic, faults one after another, and the check of it all.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use rand::rngs::StdRng;

use crate::check::check;
use crate::fault::Fault;
use crate::field::Field;
use crate::follower::Follower;
use crate::gates::Gates;
use crate::plan::{Plan, Round};
use crate::results::{Outcome, Results};
use crate::ruin;
use crate::strikes::strike;
use crate::support::gate::gate_toml;
use crate::support::kafka::Cluster;
use crate::support::kafka_proxy::Proxy;
use crate::support::quiet::text_of;
use crate::support::stage::Stage;
use crate::traffic::Traffic;

/// Of each topic.
pub const PARTITIONS: i32 = 6;
/// Between two faults.
const QUIET: Duration = Duration::from_millis(1_500);
const SETTLED_WITHIN: Duration = Duration::from_secs(180);
/// Of each gate: a call that hangs ends it soon, and its log can be read by a test.
const GATE: &str = "watchdog_limit = \"10s\"";
const LOG: &str = "[log]\nformat = \"json\"";

/// Plays a round and enters what came of it.
pub fn play(
    cluster: &Cluster,
    proxies: &[Proxy],
    plan: &Plan,
    round: &Round,
    chance: &mut StdRng,
    results: &mut Results,
) {
    let stage = Stage::new(&cluster.bootstrap(), "campaign", PARTITIONS);
    Traffic::prepare(&stage);
    let more = format!("{GATE}\n{}\n{LOG}", round.gate);
    let toml = gate_toml(&cluster.proxied_bootstrap(), &stage.topics, &more);
    let gates = Gates::start(&toml);
    let follower = Follower::start(&stage.kafka, &stage.topics, PARTITIONS);
    let traffic = Traffic::default();
    let (written, over) = (AtomicBool::new(false), AtomicBool::new(false));
    let field = Field { cluster, proxies, stage: &stage, gates: &gates, follower: &follower };
    thread::scope(|scope| {
        let flow = scope.spawn(|| traffic.flow(&stage, plan.messages_a_second, &written));
        scope.spawn(|| gates.supervise(&over));
        // What fails here must not leave the other threads without an end.
        let played = catch_unwind(AssertUnwindSafe(|| {
            field.await_going_on(Instant::now()).expect("the gates start");
            for &fault in &round.faults {
                let outcome = play_one(&field, fault, &traffic, chance);
                println!("{}: {outcome}", fault.name());
                results.enter(fault, &round.gate, outcome);
                thread::sleep(QUIET);
            }
            written.store(true, Ordering::SeqCst);
            flow.join().expect("all is written");
            traffic.fill_up(&stage, plan.messages_a_round);
            stage.await_drained(SETTLED_WITHIN);
        }));
        written.store(true, Ordering::SeqCst);
        over.store(true, Ordering::SeqCst);
        played.unwrap_or_else(|panic| std::panic::resume_unwind(panic));
    });
    let mut verdict = check(&stage, &gates, follower, &traffic);
    println!("{}", round.ruin.name());
    ruin::strike(round.ruin, &stage, &gates, &mut verdict);
    results.ruin(round.ruin);
    results.conclude(verdict);
    stage.topics.delete(&stage.kafka);
}

fn play_one(field: &Field<'_>, fault: Fault, traffic: &Traffic, chance: &mut StdRng) -> Outcome {
    let began = Instant::now();
    let struck = catch_unwind(AssertUnwindSafe(|| strike(field, fault, traffic, chance)));
    field.mend();
    let held = field.await_going_on(began);
    match (held, struck) {
        // Whether or not the fault came about as it should have.
        (None, _) => Outcome::NeverWentOn,
        (Some(_), Err(why)) => Outcome::NotStruck(text_of(&*why)),
        (Some(held), Ok(())) => Outcome::Held(held),
    }
}
