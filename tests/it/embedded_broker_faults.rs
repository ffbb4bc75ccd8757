//! Faults that only the embedded broker can be told to have, and what real
//! clients make of them.

use std::io::ErrorKind;
use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use consentgate::broker::{ApiKey, Broker, BrokerConfig, Fault, NodeId, ResponseError, TopicSpec};
use rdkafka::consumer::Consumer;
use rdkafka::producer::{BaseProducer, Producer};
use rdkafka::{Offset, TopicPartitionList};

use crate::conformance::support::{self, LONG};
use crate::conformance::wire::{ANONYMOUS, Wire, batch};

/// The topic of these tests.
pub const TOPIC: &str = "topic";

/// A broker with one topic, and its bootstrap string.
pub fn start(nodes: u16, partitions: i32) -> (Broker, String) {
    let broker =
        Broker::start(BrokerConfig { nodes, ..BrokerConfig::default() }).expect("a broker");
    broker.create_topic(TOPIC, &TopicSpec::new(partitions)).expect("a topic");
    let bootstrap = broker.bootstrap();
    (broker, bootstrap)
}

/// Records of the topic that a `read_committed` reader sees.
pub fn visible(bootstrap: &str, partitions: i32) -> usize {
    let reader = support::reader(bootstrap, TOPIC, partitions, "read_committed");
    let drained = support::drain_for(&reader, usize::MAX, Duration::from_millis(1_500));
    drained.records.len()
}

/// Sends records to all partitions in turn.
pub fn send_all(producer: &BaseProducer, partitions: i32, count: i32) {
    for value in 0..count {
        support::send(producer, TOPIC, value % partitions, "x");
    }
}

#[test]
fn any_other_address_is_refused() {
    for address in [Ipv4Addr::UNSPECIFIED, Ipv4Addr::new(127, 0, 0, 2)] {
        let config = BrokerConfig { listen: IpAddr::V4(address), ..BrokerConfig::default() };
        let refused = Broker::start(config).expect_err("it does not start");
        assert_eq!(refused.kind(), ErrorKind::InvalidInput);
    }
}

#[test]
fn a_stopped_broker_leaves_its_port() {
    let (broker, bootstrap) = start(1, 1);
    support::fill(&bootstrap, TOPIC, 0, 1);
    let port = bootstrap.rsplit(':').next().expect("a port");
    let first_port = port.parse().expect("a number");
    broker.stop();
    let again = Broker::start(BrokerConfig { first_port, ..BrokerConfig::default() })
        .expect("the port is free");
    assert_eq!(again.offsets(TOPIC, 0), None, "nothing outlives a stop");
}

#[test]
fn lost_acks_make_no_duplicate_for_an_idempotent_producer() {
    let (broker, bootstrap) = start(1, 1);
    let producer = support::producer(&bootstrap, &[("enable.idempotence", "true")]);
    broker.faults().next(ApiKey::Produce, 3, Fault::LoseAnswer);
    for round in 0..10 {
        send_all(&producer, 1, 100);
        let _ = (round, producer.poll(Duration::from_millis(20)));
    }
    support::flush(&producer);
    assert_eq!(broker.offsets(TOPIC, 0), Some((0, 1_000)));
}

#[test]
fn lost_acks_make_duplicates_without_idempotence() {
    let (broker, bootstrap) = start(1, 1);
    let producer = support::producer(&bootstrap, &[]);
    broker.faults().next(ApiKey::Produce, 3, Fault::LoseAnswer);
    for round in 0..10 {
        send_all(&producer, 1, 100);
        let _ = (round, producer.poll(Duration::from_millis(20)));
    }
    support::flush(&producer);
    let (_, end) = broker.offsets(TOPIC, 0).expect("the partition");
    assert!(end > 1_000, "records in the log: {end}");
}

#[test]
fn a_lost_request_is_sent_again() {
    let (broker, bootstrap) = start(1, 1);
    let producer = support::producer(&bootstrap, &[("enable.idempotence", "true")]);
    broker.faults().next(ApiKey::Produce, 2, Fault::LoseRequest);
    send_all(&producer, 1, 100);
    support::flush(&producer);
    assert_eq!(broker.offsets(TOPIC, 0), Some((0, 100)));
    assert!(broker.faults().seen(ApiKey::Produce) >= 3);
}

#[test]
fn an_injected_error_is_seen_and_has_no_effect() {
    let (broker, bootstrap) = start(1, 1);
    let producer = support::producer(&bootstrap, &[("enable.idempotence", "true")]);
    let error = Fault::Error(ResponseError::NotEnoughReplicas);
    broker.faults().next(ApiKey::Produce, 2, error);
    send_all(&producer, 1, 10);
    support::flush(&producer);
    assert_eq!(broker.offsets(TOPIC, 0), Some((0, 10)));
    assert!(broker.faults().seen(ApiKey::Produce) >= 3);
}

#[test]
fn a_transaction_with_lost_answers_is_committed_once() {
    let (broker, bootstrap) = start(1, 2);
    let producer = support::transactional(&bootstrap, "txn");
    for _ in 0..3 {
        producer.begin_transaction().expect("begun");
        broker.faults().next(ApiKey::Produce, 2, Fault::LoseAnswer);
        broker.faults().next(ApiKey::EndTxn, 1, Fault::LoseAnswer);
        send_all(&producer, 2, 300);
        producer.commit_transaction(LONG).expect("committed");
    }
    assert_eq!(visible(&bootstrap, 2), 900);
}

#[test]
fn a_late_end_of_transaction_ends_a_later_one() {
    let (broker, bootstrap) = start(1, 1);
    let settings = [
        ("transactional.id", "txn"),
        ("transaction.timeout.ms", "30000"),
        ("socket.timeout.ms", "1000"),
    ];
    let producer = support::producer(&bootstrap, &settings);
    producer.init_transactions(LONG).expect("a producer id");
    producer.begin_transaction().expect("begun");
    send_all(&producer, 1, 1);
    support::flush(&producer);
    let held = broker.faults().hold(ApiKey::EndTxn);
    producer.commit_transaction(LONG).expect("the second try");
    assert!(held.wait_caught(LONG));

    producer.begin_transaction().expect("begun");
    send_all(&producer, 1, 1);
    support::flush(&producer);
    assert_eq!(visible(&bootstrap, 1), 1);
    held.release();
    // What was open is committed by the request of the transaction before:
    // the hazard that the gate has to notice (KAFKA-17754).
    support::eventually("the second record is visible", || visible(&bootstrap, 1) == 2);
    assert!(producer.abort_transaction(LONG).is_err());
}

#[test]
fn a_transaction_beyond_its_time_is_aborted() {
    let (broker, bootstrap) = start(1, 1);
    let settings = [
        ("transactional.id", "txn"),
        ("transaction.timeout.ms", "1000"),
        ("message.timeout.ms", "1000"),
    ];
    let producer = support::producer(&bootstrap, &settings);
    producer.init_transactions(LONG).expect("a producer id");
    producer.begin_transaction().expect("begun");
    send_all(&producer, 1, 1);
    support::flush(&producer);
    support::eventually("the abort marker is written", || broker.offsets(TOPIC, 0) == Some((0, 2)));
    assert!(producer.commit_transaction(LONG).is_err());
    assert_eq!(visible(&bootstrap, 1), 0);
}

#[test]
fn nobody_answers_for_a_partition_without_leader() {
    let (broker, bootstrap) = start(1, 2);
    support::fill(&bootstrap, TOPIC, 0, 1);
    broker.set_leader(TOPIC, 0, None).expect("the partition");

    let mut node = Wire::connect(&bootstrap);
    let refused = ResponseError::NotLeaderOrFollower.code();
    let produced = node.produce(TOPIC, batch(100, ANONYMOUS));
    assert_eq!(produced.error_code, refused);
    assert_eq!(node.end(TOPIC, -1, -1), (refused, -1));
    assert_eq!(node.fetch(TOPIC, 0), refused);

    let consumer = support::consumer(&bootstrap, "fence", &[]);
    let metadata = consumer.fetch_metadata(Some(TOPIC), LONG).expect("metadata");
    let partitions = metadata.topics()[0].partitions();
    let leaderless = partitions.iter().find(|partition| partition.id() == 0);
    let leaderless = leaderless.expect("the partition is named");
    assert_eq!(leaderless.leader(), -1);
    assert!(leaderless.error().is_some());

    let mut asked = TopicPartitionList::new();
    for partition in 0..2 {
        asked.add_partition_offset(TOPIC, partition, Offset::End).expect("an offset");
    }
    let told = consumer.offsets_for_times(asked, Duration::from_secs(2));
    let answered = told.as_ref().is_ok_and(|told| {
        let elements = told.elements();
        elements.iter().any(|element| {
            let end = element.offset().to_raw();
            element.partition() == 0 && element.error().is_ok() && end >= Some(0)
        })
    });
    assert!(!answered, "an end without a leader: {told:?}");

    let producer = support::producer(&bootstrap, &[]);
    send_all(&producer, 1, 1);
    assert!(producer.flush(Duration::from_secs(1)).is_err(), "it waits");
    broker.set_leader(TOPIC, 0, Some(NodeId(1))).expect("the partition");
    support::flush(&producer);
    assert_eq!(broker.offsets(TOPIC, 0), Some((0, 2)));
}

#[test]
fn the_clock_of_the_broker_can_be_off() {
    let (broker, bootstrap) = start(1, 1);
    let stamped = TopicSpec::new(1).config("message.timestamp.type", "LogAppendTime");
    broker.create_topic("stamped", &stamped).expect("a topic");
    broker.set_clock_offset_ms(-3_600_000);
    support::fill(&bootstrap, "stamped", 0, 1);
    let reader = support::reader(&bootstrap, "stamped", 1, "read_committed");
    let polled = reader.poll(LONG).expect("a record").expect("no error");
    let time = rdkafka::Message::timestamp(&polled).to_millis();
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let now = i64::try_from(since.expect("after 1970").as_millis()).expect("fits");
    let behind = now - time.expect("a time");
    assert!((3_590_000..3_660_000).contains(&behind));
}

#[test]
fn old_batches_go_when_a_partition_is_full() {
    let broker =
        Broker::start(BrokerConfig { partition_bytes_max: 100_000, ..BrokerConfig::default() })
            .expect("a broker");
    broker.create_topic(TOPIC, &TopicSpec::new(1)).expect("a topic");
    let bootstrap = broker.bootstrap();
    let open = support::transactional(&bootstrap, "txn");
    let small_batches = [("batch.num.messages", "10")];
    let producer = support::producer(&bootstrap, &small_batches);
    let fill = || {
        for _ in 0..300 {
            support::send(&producer, TOPIC, 0, &"x".repeat(1_000));
        }
        support::flush(&producer);
        broker.offsets(TOPIC, 0).expect("the partition")
    };
    let (start, _) = fill();
    assert!(start > 0, "the oldest are gone");
    open.begin_transaction().expect("begun");
    send_all(&open, 1, 1);
    support::flush(&open);
    let (_, first_open) = broker.offsets(TOPIC, 0).expect("the partition");
    let (start, _) = fill();
    assert!(start < first_open, "nothing of an open transaction goes");
    open.commit_transaction(LONG).expect("committed");
    let (start, _) = fill();
    assert!(start >= first_open);
}
