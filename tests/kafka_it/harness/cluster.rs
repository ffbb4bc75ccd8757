//! Nodes that freeze, die and come back.

use std::time::Duration;

use libtest_mimic::Trial;

use crate::support::kafka::{Cluster, ClusterSpec, Nodes};
use crate::support::producers::{NewRecord, Writer};
use crate::support::raw::{self, Api, Connection, Coordinates};
use crate::support::reading::{Isolation, read_all, texts};
use crate::support::topics::{create_topic, topic_setting};
use crate::trial::on_own;

const ONE: ClusterSpec<'static> =
    ClusterSpec { extra: &[("message.max.bytes", "2222222")], ..ClusterSpec::PLAIN };
const THREE: ClusterSpec<'static> = ClusterSpec { nodes: Nodes::Three, ..ClusterSpec::PLAIN };

pub fn trials() -> Vec<Trial> {
    vec![
        on_own("harness_one_node_that_freezes_answers_again", ONE, a_frozen_node_answers_again),
        on_own("harness_three_nodes_survive_kill9", THREE, three_nodes_survive_kill9),
    ]
}

fn a_frozen_node_answers_again(cluster: &Cluster) {
    let kafka = cluster.bootstrap();
    create_topic(&kafka, "extra", 1, &[]);
    let limit = topic_setting(&kafka, "extra", "max.message.bytes");
    assert_eq!(limit.as_deref(), Some("2222222"), "the spec's own setting counts");

    let node = cluster.node(1);
    let ask = || {
        Connection::open(&node.address(), Duration::from_millis(500))
            .and_then(|mut to| to.call(Api::API_VERSIONS, 0, &raw::Writer::default()))
    };
    ask().expect("a running node answers");
    node.sigstop();
    ask().expect_err("a frozen node does not answer");
    node.sigcont();
    ask().expect("a woken node answers");

    Writer::new(&kafka).write_one("extra", &value("kept"));
    node.kill9();
    ask().expect_err("a dead node does not answer");
    node.restart();
    assert_eq!(texts(&read_all(&kafka, "extra", Isolation::Committed)), ["kept"]);
    node.stop();
    node.restart();
    assert_eq!(texts(&read_all(&kafka, "extra", Isolation::Committed)), ["kept"]);
}

fn three_nodes_survive_kill9(cluster: &Cluster) {
    let kafka = cluster.bootstrap();
    create_topic(&kafka, "replicated", 1, &[]);
    let setting = |name| topic_setting(&kafka, "replicated", name).unwrap_or_default();
    assert_eq!(setting("min.insync.replicas"), "2");
    let writer = Writer::new(&kafka);
    let leader = raw::leader(&kafka, "replicated", 0);
    writer.write_one("replicated", &value("before"));

    cluster.node(leader).kill9();
    writer.write_one("replicated", &value("without its leader"));
    let next_leader = raw::leader(&kafka, "replicated", 0);
    assert_ne!(next_leader, leader);
    cluster.node(leader).restart();
    cluster.node(next_leader).kill9();
    writer.write_one("replicated", &value("without the next"));
    cluster.node(next_leader).restart();

    let read = texts(&read_all(&kafka, "replicated", Isolation::Committed));
    assert_eq!(read, ["before", "without its leader", "without the next"]);
    for (what, key) in [(Coordinates::Group, "a-group"), (Coordinates::Transaction, "an-id")] {
        let coordinator = raw::coordinator(&kafka, what, key);
        assert!(cluster.nodes().iter().any(|node| node.id() == coordinator), "{what:?}");
    }
}

fn value(text: &str) -> NewRecord<'_> {
    NewRecord { value: Some(text.as_bytes()), ..NewRecord::default() }
}
