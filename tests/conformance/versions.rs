//! Older clients: every version of a request that both brokers know is answered in that version.
//!
//! An answer with a field that its version does not have cannot be written, and a client sees nothing
//! but a connection that closes.

use kafka_protocol::messages::describe_configs_request::DescribeConfigsResource;
use kafka_protocol::messages::fetch_request::{FetchPartition, FetchTopic};
use kafka_protocol::messages::list_offsets_request::{ListOffsetsPartition, ListOffsetsTopic};
use kafka_protocol::messages::metadata_request::MetadataRequestTopic;
use kafka_protocol::messages::offset_commit_request::{
    OffsetCommitRequestPartition, OffsetCommitRequestTopic,
};
use kafka_protocol::messages::offset_fetch_request::OffsetFetchRequestTopic;
use kafka_protocol::messages::offset_for_leader_epoch_request::{
    OffsetForLeaderPartition, OffsetForLeaderTopic,
};
use kafka_protocol::messages::produce_request::{PartitionProduceData, TopicProduceData};
use kafka_protocol::messages::{
    DescribeConfigsRequest, DescribeGroupsRequest, FetchRequest, FindCoordinatorRequest, GroupId,
    HeartbeatRequest, InitProducerIdRequest, LeaveGroupRequest, ListOffsetsRequest,
    MetadataRequest, OffsetCommitRequest, OffsetFetchRequest, OffsetForLeaderEpochRequest,
    ProduceRequest, SyncGroupRequest,
};

use super::support;
use super::wire::{ANONYMOUS, Wire, batch, text, topic_name};

/// What a consumer without a group asks, from the oldest version that Kafka 4 still speaks.
pub fn check_old_versions_of_reading_are_answered(bootstrap: &str) {
    let topic = support::create(bootstrap, "versions", 1, &[]);
    let mut leader = Wire::to_leader(bootstrap, &topic, 0);
    assert_eq!(leader.produce(&topic, batch(100, ANONYMOUS)).error_code, 0);
    for version in 0..=12 {
        let asked = MetadataRequestTopic::default().with_name(Some(topic_name(&topic)));
        let request = MetadataRequest::default().with_topics(Some(vec![asked]));
        let answer = leader.call(version, &request);
        assert_eq!(answer.topics[0].error_code, 0, "Metadata {version}");
    }
    for version in 1..=7 {
        let asked = ListOffsetsPartition::default().with_timestamp(-1);
        let asked =
            ListOffsetsTopic::default().with_name(topic_name(&topic)).with_partitions(vec![asked]);
        let request = ListOffsetsRequest::default().with_topics(vec![asked]);
        let answer = leader.call(version, &request.with_replica_id((-1).into()));
        assert_eq!(answer.topics[0].partitions[0].offset, 1, "ListOffsets {version}");
    }
    for version in 4..=12 {
        let asked = FetchPartition::default().with_partition_max_bytes(1_000);
        let asked =
            FetchTopic::default().with_topic(topic_name(&topic)).with_partitions(vec![asked]);
        let request = FetchRequest::default()
            .with_replica_id((-1).into())
            .with_max_bytes(1_000)
            .with_topics(vec![asked]);
        let answer = leader.call(version, &request);
        let records = answer.responses[0].partitions[0].records.as_ref();
        assert!(records.is_some_and(|records| records.len() == 100), "Fetch {version}");
    }
    for version in 2..=4 {
        let asked = OffsetForLeaderPartition::default().with_current_leader_epoch(-1);
        let asked = OffsetForLeaderTopic::default()
            .with_topic(topic_name(&topic))
            .with_partitions(vec![asked]);
        let request = OffsetForLeaderEpochRequest::default().with_topics(vec![asked]);
        let answer = leader.call(version, &request);
        assert_eq!(answer.topics[0].partitions[0].error_code, 0, "epoch {version}");
    }
    for version in 1..=4 {
        let asked = DescribeConfigsResource::default()
            .with_resource_type(2)
            .with_resource_name(text(&topic))
            .with_configuration_keys(None);
        let request = DescribeConfigsRequest::default().with_resources(vec![asked]);
        let answer = leader.call(version, &request);
        assert!(!answer.results[0].configs.is_empty(), "DescribeConfigs {version}");
    }
}

/// What a producer asks.
pub fn check_old_versions_of_writing_are_answered(bootstrap: &str) {
    let topic = support::create(bootstrap, "versions", 1, &[]);
    let mut leader = Wire::to_leader(bootstrap, &topic, 0);
    for version in 3..=10 {
        let partition = PartitionProduceData::default().with_records(Some(batch(100, ANONYMOUS)));
        let data = TopicProduceData::default()
            .with_name(topic_name(&topic))
            .with_partition_data(vec![partition]);
        let request = ProduceRequest::default()
            .with_acks(-1)
            .with_timeout_ms(10_000)
            .with_topic_data(vec![data]);
        let answer = leader.call(version, &request);
        let told = &answer.responses[0].partition_responses[0];
        let offset = i64::from(version) - 3;
        assert_eq!((told.error_code, told.base_offset), (0, offset), "Produce {version}");
    }
    for version in 0..=4 {
        let request = InitProducerIdRequest::default()
            .with_transactional_id(None)
            .with_transaction_timeout_ms(30_000);
        // A coordinator may still be loading.
        support::eventually(&format!("InitProducerId {version}"), || {
            leader.call(version, &request).error_code == 0
        });
    }
}

/// What a member of a group asks; an unknown one is refused in every version.
pub fn check_old_versions_of_groups_are_answered(bootstrap: &str) {
    let topic = support::create(bootstrap, "versions", 1, &[]);
    let group = support::unique("g");
    let mut coordinator = Wire::to_coordinator(bootstrap, &group, 0);
    for version in 0..=3 {
        let request = FindCoordinatorRequest::default().with_key(text(&group));
        let answer = coordinator.call(version, &request);
        assert_eq!(answer.error_code, 0, "FindCoordinator {version}");
    }
    for version in 2..=9 {
        let partition = OffsetCommitRequestPartition::default()
            .with_committed_offset(i64::from(version))
            .with_committed_metadata(Some(text("m")));
        let asked = OffsetCommitRequestTopic::default()
            .with_name(topic_name(&topic))
            .with_partitions(vec![partition]);
        let request = OffsetCommitRequest::default()
            .with_group_id(GroupId(text(&group)))
            .with_generation_id_or_member_epoch(-1)
            .with_topics(vec![asked]);
        support::eventually(&format!("OffsetCommit {version}"), || {
            let answer = coordinator.call(version, &request);
            answer.topics[0].partitions[0].error_code == 0
        });
    }
    for version in 1..=7 {
        let asked = OffsetFetchRequestTopic::default()
            .with_name(topic_name(&topic))
            .with_partition_indexes(vec![0]);
        let request = OffsetFetchRequest::default()
            .with_group_id(GroupId(text(&group)))
            .with_topics(Some(vec![asked]));
        let answer = coordinator.call(version, &request);
        assert_eq!(answer.topics[0].partitions[0].committed_offset, 9, "OffsetFetch {version}");
    }
    let nobody = || text("nobody");
    for version in 0..=4 {
        let request = HeartbeatRequest::default()
            .with_group_id(GroupId(text(&group)))
            .with_member_id(nobody());
        assert_ne!(coordinator.call(version, &request).error_code, 0, "Heartbeat {version}");
    }
    for version in 0..=5 {
        let request = DescribeGroupsRequest::default().with_groups(vec![GroupId(text(&group))]);
        let answer = coordinator.call(version, &request);
        let told = &answer.groups[0];
        assert_eq!((told.error_code, &*told.group_state), (0, "Empty"), "DescribeGroups {version}");
    }
    for version in 0..=5 {
        let request = SyncGroupRequest::default()
            .with_group_id(GroupId(text(&group)))
            .with_member_id(nobody());
        assert_ne!(coordinator.call(version, &request).error_code, 0, "SyncGroup {version}");
    }
    for version in 0..=2 {
        let request = LeaveGroupRequest::default()
            .with_group_id(GroupId(text(&group)))
            .with_member_id(nobody());
        assert_ne!(coordinator.call(version, &request).error_code, 0, "LeaveGroup {version}");
    }
}
