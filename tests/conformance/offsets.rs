//! Offsets: the ends of a partition, times, and what a group committed.

use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer};
use rdkafka::error::KafkaError;
use rdkafka::producer::BaseRecord;
use rdkafka::types::RDKafkaErrorCode;
use rdkafka::{Offset, TopicPartitionList};

use super::support::{self, LONG};

/// The first and the next offset.
pub fn check_watermarks_are_told(bootstrap: &str) {
    let topic = support::create(bootstrap, "marks", 2, &[]);
    support::fill(bootstrap, &topic, 1, 100);
    let consumer = support::consumer(bootstrap, &support::unique("g"), &[]);
    let marks = |partition| consumer.fetch_watermarks(&topic, partition, LONG);
    assert_eq!(marks(0).expect("watermarks"), (0, 0));
    assert_eq!(marks(1).expect("watermarks"), (0, 100));
}

fn offset_for_time(consumer: &BaseConsumer, topic: &str, time: i64) -> Offset {
    let asked = support::at(topic, 0, time);
    let told = consumer.offsets_for_times(asked, LONG).expect("offsets");
    let elements = told.elements();
    let element = elements.first().expect("one partition");
    element.error().expect("no error");
    element.offset()
}

/// The first record that is not older than a time, within batches and across
/// them.
pub fn check_offsets_for_times(bootstrap: &str) {
    const START: i64 = 1_700_000_000_000;
    let topic = support::create(bootstrap, "times", 1, &[]);
    let producer = support::producer(bootstrap, &[("linger.ms", "200")]);
    for step in 0..20 {
        let record =
            BaseRecord::<str, str>::to(&topic).payload("x").timestamp(START + step * 1_000);
        producer.send(record).map_err(|e| e.0).expect("queued");
        if step % 5 == 4 {
            support::flush(&producer);
        }
    }
    let consumer = support::consumer(bootstrap, &support::unique("g"), &[]);
    let at = |time| offset_for_time(&consumer, &topic, START + time);
    assert_eq!(at(-1), Offset::Offset(0));
    assert_eq!(at(7_000), Offset::Offset(7));
    assert_eq!(at(12_001), Offset::Offset(13));
    assert_eq!(at(99_000), Offset::End);
}

/// A committed offset comes back with its metadata.
pub fn check_committed_offset_keeps_its_metadata(bootstrap: &str) {
    let topic = support::create(bootstrap, "meta", 2, &[]);
    let group = support::unique("g");
    let consumer = support::consumer(bootstrap, &group, &[]);
    let list = support::at(&topic, 0, 42);
    let mut element = list.find_partition(&topic, 0).expect("the partition");
    element.set_metadata("receipt 0123456789abcdef");
    consumer.commit(&list, CommitMode::Sync).expect("committed");
    let other = support::consumer(bootstrap, &group, &[]);
    assert_eq!(
        support::committed(&other, &topic, 0),
        (Offset::Offset(42), "receipt 0123456789abcdef".to_owned())
    );
    assert_eq!(support::committed(&other, &topic, 1), (Offset::Invalid, String::new()));
}

/// Metadata above 4096 bytes is refused, and the old offset stays.
pub fn check_long_metadata_is_refused(bootstrap: &str) {
    let topic = support::create(bootstrap, "longmeta", 1, &[]);
    let consumer = support::consumer(bootstrap, &support::unique("g"), &[]);
    consumer.commit(&support::at(&topic, 0, 1), CommitMode::Sync).expect("committed");
    let list = support::at(&topic, 0, 2);
    let mut element = list.find_partition(&topic, 0).expect("the partition");
    element.set_metadata("x".repeat(4_097));
    let refused = consumer.commit(&list, CommitMode::Sync);
    let expected = KafkaError::ConsumerCommit(RDKafkaErrorCode::OffsetMetadataTooLarge);
    assert_eq!(refused, Err(expected));
    let (offset, _) = support::committed(&consumer, &topic, 0);
    assert_eq!(offset, Offset::Offset(1));
}

/// A new member of a group goes on where the old one committed.
pub fn check_consumer_resumes_at_its_commit(bootstrap: &str) {
    let topic = support::create(bootstrap, "resume", 1, &[]);
    support::fill(bootstrap, &topic, 0, 100);
    let group = support::unique("g");
    {
        let first = support::consumer(bootstrap, &group, &[]);
        first.subscribe(&[&topic]).expect("subscribed");
        support::drain(&first, 42);
        let position = support::at(&topic, 0, 42);
        first.commit(&position, CommitMode::Sync).expect("committed");
    }
    let second = support::consumer(bootstrap, &group, &[]);
    second.subscribe(&[&topic]).expect("subscribed");
    let drained = support::drain(&second, 58);
    assert_eq!(drained.records.first().map(|record| record.offset), Some(42));
    let mut position = TopicPartitionList::new();
    position.add_partition(&topic, 0);
    assert_eq!(support::assigned(&second), position.count());
}
