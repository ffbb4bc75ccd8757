//! Nodes of the embedded broker that stop and start under real clients.

use std::time::Duration;

use consentgate::broker::NodeId;
use rdkafka::consumer::Consumer;
use rdkafka::producer::Producer;

use crate::conformance::support::{self, LONG};
use crate::embedded_broker_faults::{TOPIC, send_all, start, visible};

#[test]
fn a_transaction_outlives_a_second_without_any_node() {
    let (broker, bootstrap) = start(3, 3);
    let producer = support::transactional(&bootstrap, "txn");
    producer.begin_transaction().expect("begun");
    send_all(&producer, 3, 300);
    producer.poll(Duration::from_millis(30));
    for node in 1..=3 {
        broker.stop_node(NodeId(node));
    }
    send_all(&producer, 3, 300);
    producer.poll(Duration::from_secs(1));
    for node in 1..=3 {
        broker.start_node(NodeId(node));
    }
    producer.commit_transaction(LONG).expect("committed");
    assert_eq!(visible(&bootstrap, 3), 600);
}

#[test]
fn leaders_and_coordinators_move_when_a_node_stops() {
    let (broker, bootstrap) = start(3, 3);
    let producer = support::transactional(&bootstrap, "txn");
    for node in 1..=3 {
        producer.begin_transaction().expect("begun");
        send_all(&producer, 3, 30);
        broker.stop_node(NodeId(node));
        send_all(&producer, 3, 30);
        producer.commit_transaction(LONG).expect("committed");
        broker.start_node(NodeId(node));
    }
    assert_eq!(visible(&bootstrap, 3), 180);
}

#[test]
fn a_group_outlives_its_coordinator() {
    let (broker, bootstrap) = start(3, 3);
    let member = support::consumer(&bootstrap, "group", &[]);
    member.subscribe(&[TOPIC]).expect("subscribed");
    support::eventually("it has its partitions", || {
        let _ = member.poll(Duration::from_millis(20));
        support::assigned(&member) == 3
    });
    for node in 1..=3 {
        broker.stop_node(NodeId(node));
        for partition in 0..3 {
            support::fill(&bootstrap, TOPIC, partition, 10);
        }
        support::drain(&member, 30);
        member.commit_consumer_state(rdkafka::consumer::CommitMode::Sync).expect("committed");
        broker.start_node(NodeId(node));
    }
}
