//! Clients and small steps that the checks share.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use rdkafka::admin::{AdminClient, AdminOptions, NewTopic, TopicReplication};
use rdkafka::client::DefaultClientContext;
use rdkafka::config::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::KafkaError;
use rdkafka::producer::{BaseProducer, BaseRecord, Producer};
use rdkafka::types::RDKafkaErrorCode;
use rdkafka::{Offset, TopicPartitionList};

pub use super::drained::{assert_silent, drain, drain_for};

/// Longer than any step takes on a busy machine.
pub const LONG: Duration = Duration::from_secs(30);

/// A name that no other test run uses.
pub fn unique(prefix: &str) -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let since = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970");
    let next = NEXT.fetch_add(1, Ordering::Relaxed);
    format!("{prefix}-{}-{}-{next}", std::process::id(), since.as_millis())
}

fn config(bootstrap: &str, defaults: &[(&str, &str)], settings: &[(&str, &str)]) -> ClientConfig {
    let mut config = ClientConfig::new();
    config.set("bootstrap.servers", bootstrap);
    for (key, value) in defaults.iter().chain(settings) {
        config.set(*key, *value);
    }
    config
}

/// The settings of a producer, with these on top.
pub fn producer_config(bootstrap: &str, settings: &[(&str, &str)]) -> ClientConfig {
    let defaults = [
        ("linger.ms", "5"),
        ("message.timeout.ms", "20000"),
        ("partitioner", "murmur2_random"),
        ("retry.backoff.ms", "20"),
        ("reconnect.backoff.ms", "20"),
        ("reconnect.backoff.max.ms", "100"),
    ];
    config(bootstrap, &defaults, settings)
}

/// A producer.
pub fn producer(bootstrap: &str, settings: &[(&str, &str)]) -> BaseProducer {
    producer_config(bootstrap, settings).create().expect("a producer")
}

/// A transactional producer that is ready to begin.
pub fn transactional(bootstrap: &str, id: &str) -> BaseProducer {
    let settings = [("transactional.id", id), ("transaction.timeout.ms", "30000")];
    let producer = producer(bootstrap, &settings);
    producer.init_transactions(LONG).expect("a producer id");
    producer
}

/// The settings of a consumer, with these on top.
pub fn consumer_config(bootstrap: &str, group: &str, settings: &[(&str, &str)]) -> ClientConfig {
    let defaults = [
        ("group.id", group),
        ("enable.auto.commit", "false"),
        ("auto.offset.reset", "earliest"),
        ("fetch.wait.max.ms", "100"),
        ("session.timeout.ms", "6000"),
        ("heartbeat.interval.ms", "500"),
        ("check.crcs", "true"),
    ];
    config(bootstrap, &defaults, settings)
}

/// A consumer.
pub fn consumer(bootstrap: &str, group: &str, settings: &[(&str, &str)]) -> BaseConsumer {
    consumer_config(bootstrap, group, settings).create().expect("a consumer")
}

/// A consumer that reads a topic from its start at this isolation level.
pub fn reader(bootstrap: &str, topic: &str, partitions: i32, isolation: &str) -> BaseConsumer {
    let consumer = consumer(bootstrap, &unique("reader"), &[("isolation.level", isolation)]);
    assign(&consumer, topic, partitions, Offset::Beginning);
    consumer
}

/// Assigns all partitions of a topic at one offset.
pub fn assign(consumer: &BaseConsumer, topic: &str, partitions: i32, offset: Offset) {
    let mut list = TopicPartitionList::new();
    for partition in 0..partitions {
        list.add_partition_offset(topic, partition, offset).expect("an offset");
    }
    consumer.assign(&list).expect("an assignment");
}

/// A list of one partition at an offset.
pub fn at(topic: &str, partition: i32, offset: i64) -> TopicPartitionList {
    let mut list = TopicPartitionList::new();
    list.add_partition_offset(topic, partition, Offset::Offset(offset)).expect("an offset");
    list
}

/// An administrator.
pub fn admin(bootstrap: &str) -> AdminClient<DefaultClientContext> {
    config(bootstrap, &[], &[]).create().expect("an admin client")
}

/// Options with room for a busy machine.
pub fn admin_options() -> AdminOptions {
    AdminOptions::new().request_timeout(Some(LONG)).operation_timeout(Some(LONG))
}

/// Runs an admin call to its end.
pub fn wait<F: Future>(call: F) -> F::Output {
    tokio::runtime::Builder::new_current_thread().build().expect("a runtime").block_on(call)
}

/// Tries to create a topic.
pub fn try_create(
    bootstrap: &str,
    topic: &str,
    partitions: i32,
    configs: &[(&str, &str)],
) -> Result<(), RDKafkaErrorCode> {
    let mut new = NewTopic::new(topic, partitions, TopicReplication::Fixed(1));
    for (key, value) in configs {
        new = new.set(key, value);
    }
    let client = admin(bootstrap);
    let results = wait(client.create_topics([&new], &admin_options())).expect("an answer");
    let result = results.into_iter().next().expect("one result");
    result.map(|_| ()).map_err(|(_, code)| code)
}

/// Creates a topic of this prefix, and waits until every partition has a
/// leader.
pub fn create(bootstrap: &str, prefix: &str, partitions: i32, configs: &[(&str, &str)]) -> String {
    let topic = unique(prefix);
    try_create(bootstrap, &topic, partitions, configs).expect("the topic is created");
    wait_for_leaders(bootstrap, &topic, partitions);
    topic
}

/// Waits until a topic has this many partitions with a leader.
pub fn wait_for_leaders(bootstrap: &str, topic: &str, partitions: i32) {
    let client = admin(bootstrap);
    eventually("every partition has a leader", || {
        let Ok(metadata) = client.inner().fetch_metadata(Some(topic), LONG) else {
            return false;
        };
        let led = metadata
            .topics()
            .iter()
            .flat_map(|topic| topic.partitions())
            .filter(|partition| partition.leader() >= 0)
            .count();
        i32::try_from(led) == Ok(partitions)
    });
}

/// Waits until something holds; panics with its name if it never does.
pub fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    let start = Instant::now();
    while !holds() {
        assert!(start.elapsed() < LONG, "never so: {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// Queues one record.
pub fn send(producer: &BaseProducer, topic: &str, partition: i32, value: &str) {
    loop {
        let record = BaseRecord::to(topic).partition(partition).key("key").payload(value);
        match producer.send(record) {
            Ok(()) => return,
            Err((KafkaError::MessageProduction(RDKafkaErrorCode::QueueFull), _)) => {
                producer.poll(Duration::from_millis(10));
            }
            Err((error, _)) => panic!("not queued: {error}"),
        }
    }
}

/// Waits until everything that was sent is acknowledged or has failed.
pub fn flush(producer: &BaseProducer) {
    producer.flush(LONG).expect("the queue is empty");
}

/// Aborts the open transaction. The client purges its queue meanwhile and
/// needs somebody to take the reports.
pub fn abort(producer: &BaseProducer) {
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                producer.poll(Duration::from_millis(10));
            }
        });
        let aborted = producer.abort_transaction(LONG);
        done.store(true, Ordering::Relaxed);
        aborted.expect("aborted");
    });
}

/// Sends `count` records with the values 0, 1, ... and waits for their acks.
pub fn fill(bootstrap: &str, topic: &str, partition: i32, count: usize) {
    let producer = producer(bootstrap, &[]);
    for value in 0..count {
        send(&producer, topic, partition, &value.to_string());
    }
    flush(&producer);
}

/// Number of partitions that a consumer has now.
pub fn assigned(consumer: &BaseConsumer) -> usize {
    consumer.assignment().expect("an assignment").count()
}

/// The committed offset of a partition, once no transaction is open on it.
pub fn committed(consumer: &BaseConsumer, topic: &str, partition: i32) -> (Offset, String) {
    let mut asked = TopicPartitionList::new();
    asked.add_partition(topic, partition);
    let told = consumer.committed_offsets(asked, LONG).expect("committed offsets");
    let elements = told.elements();
    let element = elements.first().expect("one partition");
    element.error().expect("no error");
    (element.offset(), element.metadata().to_owned())
}
