//! What a reader sees of transactions, and which ends it is told.

use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::producer::{BaseProducer, Producer};
use rdkafka::{Offset, TopicPartitionList};

use super::support::{self, LONG};

/// The end that a client of this isolation level is told, as a fence asks it.
fn end(consumer: &BaseConsumer, topic: &str) -> i64 {
    let mut asked = TopicPartitionList::new();
    asked.add_partition_offset(topic, 0, Offset::End).expect("an offset");
    let told = consumer.offsets_for_times(asked, LONG).expect("offsets");
    let elements = told.elements();
    let element = elements.first().expect("one partition");
    element.error().expect("no error");
    element.offset().to_raw().expect("an offset")
}

fn ends(bootstrap: &str, topic: &str) -> (i64, i64) {
    let told = |isolation| {
        let settings = [("isolation.level", isolation)];
        let consumer = support::consumer(bootstrap, &support::unique("fence"), &settings);
        end(&consumer, topic)
    };
    (told("read_uncommitted"), told("read_committed"))
}

fn transaction(producer: &BaseProducer, topic: &str, values: &[&str]) {
    producer.begin_transaction().expect("begun");
    for value in values {
        support::send(producer, topic, 0, value);
    }
    support::flush(producer);
}

/// Committed records are read, transaction after transaction.
pub fn check_committed_transaction_is_visible(bootstrap: &str) {
    let topic = support::create(bootstrap, "committed", 1, &[]);
    let producer = support::transactional(bootstrap, &support::unique("txn"));
    for value in ["a", "b", "c"] {
        transaction(&producer, &topic, &[value, value]);
        producer.commit_transaction(LONG).expect("committed");
    }
    let reader = support::reader(bootstrap, &topic, 1, "read_committed");
    let drained = support::drain(&reader, 6);
    assert_eq!(drained.values(), ["a", "a", "b", "b", "c", "c"]);
}

/// Aborted records are in the log, for those who want to see them.
pub fn check_aborted_transaction_is_hidden(bootstrap: &str) {
    let topic = support::create(bootstrap, "aborted", 1, &[]);
    let producer = support::transactional(bootstrap, &support::unique("txn"));
    transaction(&producer, &topic, &["aborted", "aborted"]);
    support::abort(&producer);
    transaction(&producer, &topic, &["committed"]);
    producer.commit_transaction(LONG).expect("committed");
    let reader = support::reader(bootstrap, &topic, 1, "read_committed");
    assert_eq!(support::drain(&reader, 1).values(), ["committed"]);
    support::assert_silent(&reader);
    let reader = support::reader(bootstrap, &topic, 1, "read_uncommitted");
    let drained = support::drain(&reader, 3);
    assert_eq!(drained.values(), ["aborted", "aborted", "committed"]);
}

/// An open transaction stops `read_committed` readers, also for what others
/// write behind it; the high watermark goes on.
pub fn check_open_transaction_is_hidden(bootstrap: &str) {
    let topic = support::create(bootstrap, "open", 1, &[]);
    let producer = support::transactional(bootstrap, &support::unique("txn"));
    transaction(&producer, &topic, &["open", "open"]);
    support::fill(bootstrap, &topic, 0, 1);
    let reader = support::reader(bootstrap, &topic, 1, "read_committed");
    support::assert_silent(&reader);
    assert_eq!(ends(bootstrap, &topic), (3, 0));
    producer.commit_transaction(LONG).expect("committed");
    assert_eq!(support::drain(&reader, 3).values(), ["open", "open", "0"]);
    assert_eq!(ends(bootstrap, &topic), (4, 4), "the marker counts");
}

/// Of two transactions with records in between each other, the aborted one
/// alone is left out.
pub fn check_interleaved_transactions_are_told_apart(bootstrap: &str) {
    let topic = support::create(bootstrap, "between", 1, &[]);
    let good = support::transactional(bootstrap, &support::unique("good"));
    let bad = support::transactional(bootstrap, &support::unique("bad"));
    good.begin_transaction().expect("begun");
    bad.begin_transaction().expect("begun");
    for round in 0..5 {
        for (producer, name) in [(&good, "good"), (&bad, "bad")] {
            support::send(producer, &topic, 0, &format!("{name} {round}"));
            support::flush(producer);
        }
    }
    support::abort(&bad);
    good.commit_transaction(LONG).expect("committed");
    let reader = support::reader(bootstrap, &topic, 1, "read_committed");
    let drained = support::drain(&reader, 5);
    let expected = ["good 0", "good 1", "good 2", "good 3", "good 4"];
    assert_eq!(drained.values(), expected);
    support::assert_silent(&reader);
}

/// A consumer's position goes past the markers at the end, so that "applied"
/// can reach the end offset.
pub fn check_markers_take_offsets(bootstrap: &str) {
    let topic = support::create(bootstrap, "markers", 1, &[]);
    let producer = support::transactional(bootstrap, &support::unique("txn"));
    transaction(&producer, &topic, &["kept"]);
    producer.commit_transaction(LONG).expect("committed");
    transaction(&producer, &topic, &["dropped"]);
    support::abort(&producer);
    assert_eq!(ends(bootstrap, &topic), (4, 4));
    let reader = support::reader(bootstrap, &topic, 1, "read_committed");
    support::drain(&reader, 1);
    support::eventually("the position is behind the last marker", || {
        let silent = reader.poll(std::time::Duration::from_millis(20)).is_none();
        let position = reader.position().expect("a position");
        let position = position.find_partition(&topic, 0).expect("the partition");
        silent && position.offset() == Offset::Offset(4)
    });
}
