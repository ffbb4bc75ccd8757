//! A consent partition whose leader is gone: what it held cannot be known, so the gate holds, and goes
//! on when the leader is back.

use std::thread;
use std::time::Duration;

use consentgate::telemetry::HoldCause;
use libtest_mimic::Trial;

use crate::support::gate::{await_ready, await_that};
use crate::support::kafka::{Cluster, ClusterSpec, Nodes};
use crate::support::raw::{Coordinates, coordinator};
use crate::support::receipts::Receipts;
use crate::support::stage::Stage;
use crate::support::topics::{Change, GateTopics};
use crate::support::world::{grant, now_ms, withdraw};
use crate::trial::on_own;

pub const THREE: ClusterSpec<'static> = ClusterSpec { nodes: Nodes::Three, ..ClusterSpec::PLAIN };
const PEOPLE: u32 = 50;

pub fn trials() -> Vec<Trial> {
    vec![on_own("leaderless_consent_partition_holds", THREE, |cluster| {
        let (stage, lone_node) = stage_with_a_lone_partition(cluster);
        let past = now_ms() - 60_000;
        let agreed: Vec<_> = (0..PEOPLE).map(|one| grant("cafe", one, &["offers"], past)).collect();
        stage.consent(&agreed);
        stage.consent(&[withdraw("cafe", 0), withdraw("cafe", 1)]);
        let everybody: Vec<u32> = (0..PEOPLE).collect();
        stage.offers(&everybody, 0);
        let gate = stage.gate();
        await_ready(&gate);
        stage.await_drained(Duration::from_secs(60));
        assert_eq!(stage.ledger().allowed(), PEOPLE as usize - 2);

        cluster.node(lone_node).kill9();
        stage.offers(&everybody, 1_000);
        await_that("the gate holds", || !gate.health.causes().is_empty());
        await_that("the gate says why it holds", || {
            gate.health.causes().contains(&HoldCause::ConsentPartitionUnavailable)
        });
        thread::sleep(Duration::from_secs(5));
        assert_eq!(stage.ledger().decided(), PEOPLE as usize, "nothing more is decided");

        cluster.node(lone_node).restart();
        await_ready(&gate);
        stage.await_drained(Duration::from_secs(60));
        gate.join(Duration::from_secs(20)).expect("an orderly end");
        let (ledger, receipts) = (stage.ledger(), Receipts::read(&stage.kafka, &stage.topics));
        ledger.assert_clean();
        receipts.assert_tell(&ledger);
        assert_eq!((ledger.allowed(), ledger.suppressed()), (2 * (PEOPLE as usize - 2), 4));
        let causes = receipts.hold_causes();
        assert!(causes.contains("consent_partition_unavailable"), "the receipts tell: {causes:?}");
    })]
}

/// The consent topic's partitions have one replica each; the second lies on a node that coordinates
/// nothing for the gate, so that its loss is the only one.
fn stage_with_a_lone_partition(cluster: &Cluster) -> (Stage, i32) {
    const PLACES: [&[&[i32]]; 3] = [&[&[2], &[1]], &[&[1], &[2]], &[&[1], &[3]]];
    let kafka = cluster.bootstrap();
    let topics = GateTopics::named("leaderless");
    let group = format!("gate-{}", topics.outbound);
    let busy = [
        coordinator(&kafka, Coordinates::Group, &group),
        coordinator(&kafka, Coordinates::Transaction, &format!("{group}.gate-0.0")),
    ];
    let lone_node = (1..=3).find(|node| !busy.contains(node)).expect("three nodes");
    let places = Change::Replicas(PLACES[lone_node as usize - 1]);
    let alone = Change::Setting("min.insync.replicas", "1");
    topics.create_but(
        &kafka,
        2,
        &[(&topics.consent_events, places), (&topics.consent_events, alone)],
    );
    (Stage::on(&kafka, topics, 2), lone_node)
}
