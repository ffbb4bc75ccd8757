//! A group without a coordinator, while a gate's transactions flow.
//!
//! librdkafka asks for the coordinator three times and then never again: its call does not return.
//! The embedded broker refuses one commit of offsets, so that the gate's producer asks; the consumer
//! knows its coordinator, and the coordinators of transactions stay.

use std::thread;
use std::time::{Duration, Instant};

use consentgate::broker::{ApiKey, Broker, BrokerConfig, Fault, GroupCoordinators, ResponseError};

use crate::support::child::{GateChild, GateHome};
use crate::support::stage::Stage;
use crate::support::world::{grant, now_ms, withdraw};

const LONG: Duration = Duration::from_secs(60);
const PARTITIONS: i32 = 2;
/// The third and last question comes 1.2 s after the first one or later.
const SHORT_OUTAGE: Duration = Duration::from_millis(700);
/// A first one and two more, however long the outage.
const QUESTIONS: u64 = 3;

#[test]
fn a_gate_outlives_a_short_time_without_a_group_coordinator() {
    let world = World::new("short-outage");
    let mut gate = world.gate_at_work();
    world.lose_coordinator();
    thread::sleep(SHORT_OUTAGE);
    world.broker.set_group_coordinators(GroupCoordinators::Present);
    world.stage.await_drained(LONG);
    assert_eq!(gate.ended(), None, "{}", world.log());
    assert_eq!(gate.terminate(), 0, "{}", world.log());
    world.assert_clean();
}

#[test]
fn a_gate_that_hangs_without_a_group_coordinator_ends_with_75_and_the_next_goes_on() {
    let world = World::new("long-outage");
    let mut gate = world.gate_at_work();
    let asked_before = world.lose_coordinator();
    let code = gate.wait();
    assert_eq!(code, 75, "{}", world.log());
    assert!(world.log().contains("send_offsets_to_transaction"), "{}", world.log());
    assert_eq!(world.questions() - asked_before, QUESTIONS, "nothing asks again");
    world.broker.set_group_coordinators(GroupCoordinators::Present);
    let next = world.home.start("gate-0");
    world.stage.await_drained(LONG);
    assert_eq!(next.terminate(), 0, "{}", world.log());
    world.assert_clean();
}

struct World {
    broker: Broker,
    stage: Stage,
    home: GateHome,
}

impl World {
    fn new(test: &str) -> World {
        let broker = Broker::start(BrokerConfig::default()).expect("a broker");
        let stage = Stage::new(&broker.bootstrap(), test, PARTITIONS);
        let past = now_ms() - 60_000;
        stage.consent(&[1, 2].map(|person| grant("cafe", person, &["offers"], past)));
        stage.consent(&[withdraw("cafe", 2)]);
        let home = GateHome::new(&stage.toml("watchdog_limit = \"6s\""));
        World { broker, stage, home }
    }

    /// A gate that has committed transactions and knows its coordinators.
    fn gate_at_work(&self) -> GateChild {
        let gate = self.home.start("gate-0");
        self.stage.offers(&[1, 2, 3, 1, 2, 3], 0);
        self.stage.await_drained(LONG);
        gate
    }

    /// Takes the coordinator away under a transaction; returns when the gate has asked for it, with
    /// the number of questions before.
    fn lose_coordinator(&self) -> u64 {
        let before = self.questions();
        self.broker.set_group_coordinators(GroupCoordinators::Absent);
        let moved = Fault::Error(ResponseError::NotCoordinator);
        self.broker.faults().next(ApiKey::TxnOffsetCommit, 1, moved);
        self.stage.offers(&[1, 2, 3, 1, 2, 3], 6);
        let until = Instant::now() + LONG;
        while self.questions() == before {
            assert!(Instant::now() < until, "nobody asked for the coordinator: {}", self.log());
            thread::sleep(Duration::from_millis(5));
        }
        before
    }

    fn questions(&self) -> u64 {
        self.broker.groups_refused()
    }

    fn log(&self) -> String {
        self.home.log("gate-0")
    }

    fn assert_clean(&self) {
        let ledger = self.stage.ledger();
        ledger.assert_clean();
        assert_eq!((ledger.allowed(), ledger.suppressed()), (4, 8));
        self.home.assert_verified();
    }
}
