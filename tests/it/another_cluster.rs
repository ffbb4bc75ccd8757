//! The brokers turn out to be another cluster while a gate is at work.

use std::time::Duration;

use consentgate::app::Gate;
use consentgate::broker::{Broker, BrokerConfig, NodeId};
use consentgate::telemetry::{HoldCause, Part, State};

use crate::support::gate::{await_ready, await_that};
use crate::support::reading::{Isolation, read_all};
use crate::support::stage::Stage;
use crate::support::world::{grant, now_ms};

const LONG: Duration = Duration::from_secs(60);

struct World {
    broker: Broker,
    stage: Stage,
    gate: Gate,
}

impl World {
    /// A gate that has let a message through.
    fn new(test: &str) -> World {
        let broker = Broker::start(BrokerConfig::default()).expect("a broker");
        let stage = Stage::new(&broker.bootstrap(), test, 2);
        stage.consent(&[grant("cafe", 1, &["offers"], now_ms())]);
        let gate = stage.gate();
        await_ready(&gate);
        stage.offer(1, 0);
        stage.await_drained(LONG);
        World { broker, stage, gate }
    }

    fn await_noticed(&self) {
        await_that("the gate says that it holds, and why", || {
            self.holds(|part| part == Part::Fence)
        });
    }

    /// Writes a message that would go out, and sees that the lane holds it back.
    fn assert_nothing_leaves(&self) {
        self.stage.offer(1, 1);
        await_that("the lane holds", || self.holds(|part| matches!(part, Part::Lane(..))));
        let allowed = &self.stage.topics.allowed;
        assert_eq!(read_all(&self.stage.kafka, allowed, Isolation::Committed).len(), 1);
    }

    /// Whether all parts of these hold because the cluster is another one.
    fn holds(&self, of: impl Fn(Part) -> bool) -> bool {
        let held = State::Holding(HoldCause::ClusterIdChanged);
        let parts = self.gate.health.parts();
        parts.iter().filter(|view| of(view.part)).all(|view| view.state == held)
    }
}

#[test]
fn another_cluster_behind_the_same_connections_is_noticed_and_holds_for_good() {
    let world = World::new("cluster-id-timer");
    world.broker.set_cluster_id("elsewhere");
    world.await_noticed();
    world.assert_nothing_leaves();
    world.broker.set_cluster_id(&BrokerConfig::default().cluster_id);
    world.assert_nothing_leaves();
    world.gate.join(LONG).expect("an orderly end");
}

#[test]
fn a_gate_that_connects_to_another_cluster_holds_until_it_is_started_again() {
    let world = World::new("cluster-id-reconnect");
    world.broker.set_cluster_id("elsewhere");
    world.broker.stop_node(NodeId(1));
    world.broker.start_node(NodeId(1));
    world.await_noticed();
    world.assert_nothing_leaves();
    world.gate.join(LONG).expect("an orderly end");
    // The restart confirms it.
    let gate = world.stage.gate();
    await_ready(&gate);
    world.stage.await_drained(LONG);
    gate.join(LONG).expect("an orderly end");
}
