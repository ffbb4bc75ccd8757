//! Offsets that are part of a transaction, and who may commit them.

use std::time::Duration;

use rdkafka::TopicPartitionList;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::KafkaError;
use rdkafka::producer::{BaseProducer, Producer};
use rdkafka::types::RDKafkaErrorCode;
use rdkafka::{Offset, consumer::ConsumerGroupMetadata};

use super::support::{self, LONG};

fn member(bootstrap: &str, group: &str, topic: &str) -> BaseConsumer {
    let settings =
        [("partition.assignment.strategy", "range"), ("isolation.level", "read_committed")];
    let consumer = support::consumer(bootstrap, group, &settings);
    consumer.subscribe(&[topic]).expect("subscribed");
    consumer
}

fn wait_for(members: &[&BaseConsumer], each: usize) {
    support::eventually("the partitions are shared", || {
        for member in members {
            let _ = member.poll(Duration::from_millis(20));
        }
        members.iter().all(|member| support::assigned(member) == each)
    });
}

fn send_offset(
    producer: &BaseProducer,
    topic: &str,
    offset: i64,
    metadata: &str,
    group: &ConsumerGroupMetadata,
) -> Result<(), KafkaError> {
    let list = support::at(topic, 0, offset);
    let mut element = list.find_partition(topic, 0).expect("the partition");
    element.set_metadata(metadata);
    producer.send_offsets_to_transaction(&list, group, LONG)
}

/// Offsets are stored when their transaction is committed, with their
/// metadata; before that the committed offset is not told, after an abort the
/// old one stands.
pub fn check_offsets_belong_to_the_transaction(bootstrap: &str) {
    let input = support::create(bootstrap, "input", 1, &[]);
    let output = support::create(bootstrap, "output", 1, &[]);
    let member = member(bootstrap, &support::unique("g"), &input);
    wait_for(&[&member], 1);
    let group = member.group_metadata().expect("a member");
    let producer = support::transactional(bootstrap, &support::unique("txn"));

    producer.begin_transaction().expect("begun");
    support::send(&producer, &output, 0, "x");
    send_offset(&producer, &input, 7, "seven", &group).expect("sent");
    let mut asked = TopicPartitionList::new();
    asked.add_partition(&input, 0);
    let early = member.committed_offsets(asked, Duration::from_secs(2));
    assert!(early.is_err(), "an unstable offset was told: {early:?}");
    producer.commit_transaction(LONG).expect("committed");
    let seven = (Offset::Offset(7), "seven".to_owned());
    assert_eq!(support::committed(&member, &input, 0), seven);

    producer.begin_transaction().expect("begun");
    support::send(&producer, &output, 0, "y");
    send_offset(&producer, &input, 15, "fifteen", &group).expect("sent");
    support::abort(&producer);
    assert_eq!(support::committed(&member, &input, 0), seven);
}

fn assert_must_abort(result: Result<(), KafkaError>, expected: RDKafkaErrorCode) {
    let Err(KafkaError::Transaction(error)) = result else {
        panic!("the offsets were taken: {result:?}");
    };
    assert_eq!(error.code(), expected);
    assert!(error.txn_requires_abort());
}

/// A member of an older generation cannot store offsets in a transaction.
pub fn check_stale_generation_is_refused(bootstrap: &str) {
    let input = support::create(bootstrap, "stale", 2, &[]);
    let group = support::unique("g");
    let first = member(bootstrap, &group, &input);
    wait_for(&[&first], 2);
    let stale = first.group_metadata().expect("a member");
    let second = member(bootstrap, &group, &input);
    wait_for(&[&first, &second], 1);
    let producer = support::transactional(bootstrap, &support::unique("txn"));
    producer.begin_transaction().expect("begun");
    support::send(&producer, &input, 0, "x");
    let refused = send_offset(&producer, &input, 5, "", &stale);
    assert_must_abort(refused, RDKafkaErrorCode::IllegalGeneration);
    support::abort(&producer);
    let fresh = first.group_metadata().expect("a member");
    producer.begin_transaction().expect("begun");
    support::send(&producer, &input, 0, "x");
    send_offset(&producer, &input, 6, "", &fresh).expect("the fresh one may");
    producer.commit_transaction(LONG).expect("committed");
    let (offset, _) = support::committed(&first, &input, 0);
    assert_eq!(offset, Offset::Offset(6));
}

/// Nor can a member that has left.
pub fn check_unknown_member_is_refused(bootstrap: &str) {
    let input = support::create(bootstrap, "left", 1, &[]);
    let group = support::unique("g");
    let gone = member(bootstrap, &group, &input);
    wait_for(&[&gone], 1);
    let stale = gone.group_metadata().expect("a member");
    drop(gone);
    let stays = member(bootstrap, &group, &input);
    wait_for(&[&stays], 1);
    let producer = support::transactional(bootstrap, &support::unique("txn"));
    producer.begin_transaction().expect("begun");
    support::send(&producer, &input, 0, "x");
    let refused = send_offset(&producer, &input, 5, "", &stale);
    assert_must_abort(refused, RDKafkaErrorCode::UnknownMemberId);
    support::abort(&producer);
    let (offset, _) = support::committed(&stays, &input, 0);
    assert_eq!(offset, Offset::Invalid);
}
