//! Refusals that a client library hides, asked for request by request.

use bytes::{Bytes, BytesMut};
use kafka_protocol::ResponseError;
use kafka_protocol::messages::add_partitions_to_txn_request::AddPartitionsToTxnTopic;
use kafka_protocol::messages::offset_fetch_request::OffsetFetchRequestTopic;
use kafka_protocol::messages::txn_offset_commit_request::{
    TxnOffsetCommitRequestPartition, TxnOffsetCommitRequestTopic,
};
use kafka_protocol::messages::{
    AddOffsetsToTxnRequest, AddPartitionsToTxnRequest, EndTxnRequest, GroupId, OffsetFetchRequest,
    ProducerId, TransactionalId, TxnOffsetCommitRequest,
};

use super::support;
use super::wire::{ANONYMOUS, Wire, batch, text, topic_name};

fn next_offset(bootstrap: &str, topic: &str) -> i64 {
    let mut leader = Wire::to_leader(bootstrap, topic, 0);
    let (error, offset) = leader.end(topic, -1, -1);
    assert_eq!(error, 0);
    offset
}

/// One partition, one batch.
pub fn check_two_batches_are_refused(bootstrap: &str) {
    let topic = support::create(bootstrap, "two", 1, &[]);
    let mut leader = Wire::to_leader(bootstrap, &topic, 0);
    let mut both = BytesMut::from(&batch(100, ANONYMOUS)[..]);
    both.extend_from_slice(&batch(100, ANONYMOUS));
    let answer = leader.produce(&topic, both.freeze());
    assert_eq!(answer.error_code, ResponseError::InvalidRecord.code());
    let none = leader.produce(&topic, Bytes::new());
    assert_eq!(none.error_code, ResponseError::InvalidRecord.code());
    assert_eq!(next_offset(bootstrap, &topic), 0);
}

/// One flipped bit in a record.
pub fn check_wrong_checksum_is_refused(bootstrap: &str) {
    let topic = support::create(bootstrap, "flipped", 1, &[]);
    let mut leader = Wire::to_leader(bootstrap, &topic, 0);
    let mut flipped = BytesMut::from(&batch(100, ANONYMOUS)[..]);
    flipped[80] ^= 1;
    let answer = leader.produce(&topic, flipped.freeze());
    assert_eq!(answer.error_code, ResponseError::CorruptMessage.code());
    assert_eq!(leader.produce(&topic, batch(100, ANONYMOUS)).error_code, 0);
    assert_eq!(next_offset(bootstrap, &topic), 1);
}

/// The default limit to the byte.
pub fn check_batch_limit_is_exact(bootstrap: &str) {
    let topic = support::create(bootstrap, "limit", 1, &[]);
    let mut leader = Wire::to_leader(bootstrap, &topic, 0);
    let fits = leader.produce(&topic, batch(1_048_588, ANONYMOUS));
    assert_eq!((fits.error_code, fits.base_offset), (0, 0));
    let large = leader.produce(&topic, batch(1_048_589, ANONYMOUS));
    assert_eq!(large.error_code, ResponseError::MessageTooLarge.code());
}

/// Nor does a Produce request create a topic.
pub fn check_unknown_topic_in_produce_is_refused(bootstrap: &str) {
    let mut node = Wire::connect(bootstrap);
    let answer = node.produce(&support::unique("unknown"), batch(100, ANONYMOUS));
    let expected = ResponseError::UnknownTopicOrPartition.code();
    assert_eq!(answer.error_code, expected);
}

/// A batch that is sent again, because its ack was lost, is not written again.
pub fn check_repeated_batch_gets_its_old_offset(bootstrap: &str) {
    let topic = support::create(bootstrap, "again", 1, &[]);
    let mut leader = Wire::to_leader(bootstrap, &topic, 0);
    let (id, epoch) = leader.producer(None);
    for sequence in 0..3 {
        let answer = leader.produce(&topic, batch(100, (id, epoch, sequence)));
        assert_eq!(answer.error_code, 0);
        assert_eq!(answer.base_offset, i64::from(sequence));
    }
    let again = leader.produce(&topic, batch(100, (id, epoch, 1)));
    assert_eq!((again.error_code, again.base_offset), (0, 1));
    assert_eq!(next_offset(bootstrap, &topic), 3);
}

/// A batch that is missing before this one would be out of order.
pub fn check_gap_in_the_sequence_is_refused(bootstrap: &str) {
    let topic = support::create(bootstrap, "gap", 1, &[]);
    let mut leader = Wire::to_leader(bootstrap, &topic, 0);
    let (id, epoch) = leader.producer(None);
    let first = leader.produce(&topic, batch(100, (id, epoch, 0)));
    assert_eq!(first.error_code, 0);
    let gap = leader.produce(&topic, batch(100, (id, epoch, 2)));
    let expected = ResponseError::OutOfOrderSequenceNumber.code();
    assert_eq!(gap.error_code, expected);
    assert_eq!(next_offset(bootstrap, &topic), 1);
}

/// Error, offset and metadata of a group for partition 0.
fn fetch_offset(wire: &mut Wire, group: &str, topic: &str, stable: bool) -> (i16, i64, String) {
    let asked = OffsetFetchRequestTopic::default()
        .with_name(topic_name(topic))
        .with_partition_indexes(vec![0]);
    let request = OffsetFetchRequest::default()
        .with_group_id(GroupId(text(group)))
        .with_topics(Some(vec![asked]))
        .with_require_stable(stable);
    let answer = wire.call(7, &request);
    assert_eq!(answer.error_code, 0);
    let told = &answer.topics[0].partitions[0];
    let metadata = told.metadata.as_ref().map(|text| text.to_string());
    let metadata = metadata.unwrap_or_default();
    (told.error_code, told.committed_offset, metadata)
}

/// While a transaction with an offset is open, who needs a stable offset gets
/// none; a fenced producer cannot add one.
pub fn check_unstable_offset_is_refused(bootstrap: &str) {
    let topic = support::create(bootstrap, "unstable", 1, &[]);
    let (group, id) = (support::unique("g"), support::unique("txn"));
    let mut coordinator = Wire::to_coordinator(bootstrap, &id, 1);
    let (producer, epoch) = coordinator.producer(Some(&id));
    let add = AddOffsetsToTxnRequest::default()
        .with_transactional_id(TransactionalId(text(&id)))
        .with_producer_id(ProducerId(producer))
        .with_producer_epoch(epoch)
        .with_group_id(GroupId(text(&group)));
    assert_eq!(coordinator.call(3, &add).error_code, 0);

    let mut of_group = Wire::to_coordinator(bootstrap, &group, 0);
    let commit = |epoch: i16| {
        let offset = TxnOffsetCommitRequestPartition::default()
            .with_partition_index(0)
            .with_committed_offset(11)
            .with_committed_leader_epoch(-1)
            .with_committed_metadata(Some(text("eleven")));
        let offsets = TxnOffsetCommitRequestTopic::default()
            .with_name(topic_name(&topic))
            .with_partitions(vec![offset]);
        TxnOffsetCommitRequest::default()
            .with_transactional_id(TransactionalId(text(&id)))
            .with_group_id(GroupId(text(&group)))
            .with_producer_id(ProducerId(producer))
            .with_producer_epoch(epoch)
            .with_generation_id(-1)
            .with_topics(vec![offsets])
    };
    let held = of_group.call(3, &commit(epoch));
    assert_eq!(held.topics[0].partitions[0].error_code, 0);
    let unstable = ResponseError::UnstableOffsetCommit.code();
    let (error, _, _) = fetch_offset(&mut of_group, &group, &topic, true);
    assert_eq!(error, unstable);
    let loose = fetch_offset(&mut of_group, &group, &topic, false);
    assert_eq!(loose, (0, -1, String::new()));

    assert_eq!(end_transaction(&mut coordinator, &id, (producer, epoch), true), 0);
    support::eventually("the offset is stable", || {
        let told = fetch_offset(&mut of_group, &group, &topic, true);
        told == (0, 11, "eleven".to_owned())
    });
    let late = of_group.call(3, &commit(epoch - 1));
    assert_ne!(late.topics[0].partitions[0].error_code, 0);
}

fn end_transaction(wire: &mut Wire, id: &str, origin: (i64, i16), committed: bool) -> i16 {
    let request = EndTxnRequest::default()
        .with_transactional_id(TransactionalId(text(id)))
        .with_producer_id(ProducerId(origin.0))
        .with_producer_epoch(origin.1)
        .with_committed(committed);
    wire.call(3, &request).error_code
}

/// A transaction that is ended answers a repeated request alike, another
/// outcome with an error, and an older epoch is fenced.
pub fn check_late_end_of_transaction_is_refused(bootstrap: &str) {
    let topic = support::create(bootstrap, "late", 1, &[]);
    let id = support::unique("txn");
    let mut coordinator = Wire::to_coordinator(bootstrap, &id, 1);
    let origin = coordinator.producer(Some(&id));
    let invalid = ResponseError::InvalidTxnState.code();
    let nothing = end_transaction(&mut coordinator, &id, origin, true);
    assert_eq!(nothing, invalid, "nothing was begun");
    let partitions =
        AddPartitionsToTxnTopic::default().with_name(topic_name(&topic)).with_partitions(vec![0]);
    let add = AddPartitionsToTxnRequest::default()
        .with_v3_and_below_transactional_id(TransactionalId(text(&id)))
        .with_v3_and_below_producer_id(ProducerId(origin.0))
        .with_v3_and_below_producer_epoch(origin.1)
        .with_v3_and_below_topics(vec![partitions]);
    support::eventually("the partition is added", || {
        let added = coordinator.call(3, &add);
        let topic = &added.results_by_topic_v3_and_below[0];
        topic.results_by_partition[0].partition_error_code == 0
    });
    let mut end = |committed| end_transaction(&mut coordinator, &id, origin, committed);
    assert_eq!(end(true), 0);
    support::eventually("a repetition is answered alike", || end(true) == 0);
    assert_eq!(end(false), invalid);
    let heir = coordinator.producer(Some(&id));
    assert_eq!(heir.0, origin.0);
    assert!(heir.1 > origin.1);
    let fenced = end_transaction(&mut coordinator, &id, origin, true);
    assert_eq!(fenced, ResponseError::ProducerFenced.code());
}

/// With replica id -2 each replica tells its own log end, which a fence by
/// quorum asks for.
pub fn check_every_replica_tells_its_end(bootstrap: &str) {
    let topic = support::create(bootstrap, "replicas", 1, &[]);
    support::fill(bootstrap, &topic, 0, 5);
    let metadata = Wire::connect(bootstrap).metadata(&topic);
    let replicas = &metadata.topics[0].partitions[0].replica_nodes;
    assert!(!replicas.is_empty());
    for replica in replicas {
        let mut node = Wire::to_node(&metadata, replica.0);
        assert_eq!(node.end(&topic, -2, -1), (0, 5));
    }
}

/// A client whose metadata are older or newer than the leader is refused.
pub fn check_wrong_leader_epoch_is_refused(bootstrap: &str) {
    let topic = support::create(bootstrap, "epoch", 1, &[]);
    let metadata = Wire::connect(bootstrap).metadata(&topic);
    let epoch = metadata.topics[0].partitions[0].leader_epoch;
    let mut leader = Wire::to_leader(bootstrap, &topic, 0);
    assert_eq!(leader.end(&topic, -1, epoch), (0, 0));
    let (error, _) = leader.end(&topic, -1, epoch + 1);
    assert_eq!(error, ResponseError::UnknownLeaderEpoch.code());
}
