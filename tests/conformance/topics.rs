//! Topics: created on request only, described, grown, deleted, truncated.

use rdkafka::Offset;
use rdkafka::admin::{NewPartitions, ResourceSpecifier};
use rdkafka::consumer::Consumer;
use rdkafka::error::KafkaError;
use rdkafka::producer::{BaseRecord, Producer};
use rdkafka::types::RDKafkaErrorCode;

use super::support::{self, LONG};

/// Metadata carries a cluster id, the same for every client.
pub fn check_cluster_id_is_told(bootstrap: &str) {
    let ask = || support::admin(bootstrap).inner().fetch_cluster_id(LONG);
    let id = ask().expect("a cluster id");
    assert!(!id.is_empty());
    assert_eq!(ask(), Some(id));
}

/// A topic has the partitions and configs it was created with, and is not
/// created twice.
pub fn check_topic_is_created_with_its_configs(bootstrap: &str) {
    let configs = [("message.timestamp.type", "LogAppendTime"), ("retention.ms", "-1")];
    let topic = support::create(bootstrap, "created", 3, &configs);
    let again = support::try_create(bootstrap, &topic, 3, &[]);
    assert_eq!(again, Err(RDKafkaErrorCode::TopicAlreadyExists));
    let wrong = [("retention.ms", "long")];
    let refused = support::try_create(bootstrap, &support::unique("wrong"), 1, &wrong);
    assert_eq!(refused, Err(RDKafkaErrorCode::InvalidConfig));

    let client = support::admin(bootstrap);
    let resource = ResourceSpecifier::Topic(&topic);
    let described = client.describe_configs([&resource], &support::admin_options());
    let described = support::wait(described).expect("an answer");
    let described = described.first().expect("one topic").as_ref();
    let described = described.expect("its configs");
    let value = |name: &str| {
        let entry = described.get(name).expect("a config of this name");
        entry.value.clone().unwrap_or_default()
    };
    assert_eq!(value("message.timestamp.type"), "LogAppendTime");
    assert_eq!(value("retention.ms"), "-1");
    assert_eq!(value("cleanup.policy"), "delete");
    assert_eq!(value("message.timestamp.after.max.ms"), "3600000");
    assert_eq!(value("min.insync.replicas"), "1");
}

/// Nobody creates a topic by using it.
pub fn check_unknown_topic_is_refused(bootstrap: &str) {
    let topic = support::unique("unknown");
    let producer = support::producer(
        bootstrap,
        &[("message.timeout.ms", "3000"), ("topic.metadata.propagation.max.ms", "500")],
    );
    // The client queues what it cannot judge yet, or refuses it at once.
    let queued = producer.send(BaseRecord::<str, str>::to(&topic).payload("x"));
    let refused = match queued {
        Err((KafkaError::MessageProduction(code), _)) => {
            code == RDKafkaErrorCode::UnknownTopic
                || code == RDKafkaErrorCode::UnknownTopicOrPartition
        }
        Err(_) => false,
        Ok(()) => true,
    };
    assert!(refused);
    support::flush(&producer);
    let metadata = producer.client().fetch_metadata(Some(&topic), LONG).expect("metadata");
    let topics = metadata.topics();
    let found = topics.first().expect("the topic that was asked for");
    assert!(found.error().is_some(), "the topic is unknown");
    assert_eq!(found.partitions().len(), 0);
}

/// A topic can grow.
pub fn check_partitions_are_added(bootstrap: &str) {
    let topic = support::create(bootstrap, "grown", 1, &[]);
    let client = support::admin(bootstrap);
    let grow = |count| {
        let new = NewPartitions::new(&topic, count);
        let grown = client.create_partitions([&new], &support::admin_options());
        let grown = support::wait(grown).expect("an answer");
        let result = grown.into_iter().next().expect("one result");
        result.map(|_| ()).map_err(|(_, code)| code)
    };
    assert_eq!(grow(3), Ok(()));
    support::wait_for_leaders(bootstrap, &topic, 3);
    assert_eq!(grow(2), Err(RDKafkaErrorCode::InvalidPartitions));
    support::fill(bootstrap, &topic, 2, 5);
    let reader = support::reader(bootstrap, &topic, 3, "read_committed");
    support::drain(&reader, 5);
}

/// A topic that is deleted and created again has nothing of the old one.
pub fn check_recreated_topic_is_empty(bootstrap: &str) {
    let topic = support::create(bootstrap, "recreated", 1, &[]);
    support::fill(bootstrap, &topic, 0, 10);
    let client = support::admin(bootstrap);
    let deleted = client.delete_topics(&[&topic], &support::admin_options());
    let deleted = support::wait(deleted).expect("an answer");
    assert!(deleted.iter().all(Result::is_ok));
    support::eventually("the topic can be created again", || {
        support::try_create(bootstrap, &topic, 1, &[]).is_ok()
    });
    support::wait_for_leaders(bootstrap, &topic, 1);
    let consumer = support::consumer(bootstrap, &support::unique("g"), &[]);
    let marks = consumer.fetch_watermarks(&topic, 0, LONG);
    assert_eq!(marks.expect("watermarks"), (0, 0));
}

/// Records before an offset can be deleted; the start moves there.
pub fn check_deleted_records_move_the_start(bootstrap: &str) {
    let topic = support::create(bootstrap, "truncated", 1, &[]);
    support::fill(bootstrap, &topic, 0, 10);
    let client = support::admin(bootstrap);
    let upto = support::at(&topic, 0, 7);
    let deleted = client.delete_records(&upto, &support::admin_options());
    support::wait(deleted).expect("an answer");
    let consumer = support::consumer(bootstrap, &support::unique("g"), &[]);
    let marks = consumer.fetch_watermarks(&topic, 0, LONG);
    assert_eq!(marks.expect("watermarks"), (7, 10));
    support::assign(&consumer, &topic, 1, Offset::Beginning);
    assert_eq!(support::drain(&consumer, 3).values(), ["7", "8", "9"]);
}
