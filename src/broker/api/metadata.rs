//! Metadata: nodes, topics, and who leads each partition.
//!
//! Creates nothing: a topic that is asked for and does not exist is unknown,
//! whatever the client allows.

use kafka_protocol::ResponseError;
use kafka_protocol::messages::metadata_request::MetadataRequestTopic;
use kafka_protocol::messages::metadata_response::{
    MetadataResponseBroker, MetadataResponsePartition, MetadataResponseTopic,
};
use kafka_protocol::messages::{BrokerId, MetadataRequest, MetadataResponse, TopicName};

use super::text;
use crate::broker::config::NodeId;
use crate::broker::dispatch::Call;
use crate::broker::state::State;
use crate::broker::topics::{Partition, Topic};

pub(in super::super) fn answer(call: &Call, request: MetadataRequest) -> MetadataResponse {
    let state = call.shared.state();
    // Version 0 has no null: an empty list asks for all topics.
    let asked = request.topics.filter(|topics| call.version > 0 || !topics.is_empty());
    let topics = match asked {
        None => state.topics.iter().map(|(name, topic)| known(call, &state, name, topic)).collect(),
        Some(topics) => topics.into_iter().map(|topic| one(call, &state, topic)).collect(),
    };
    let brokers = state
        .cluster
        .live()
        .map(|(node, port)| {
            MetadataResponseBroker::default()
                .with_node_id(BrokerId(node.0))
                .with_host(text("127.0.0.1"))
                .with_port(i32::from(port))
        })
        .collect();
    MetadataResponse::default()
        .with_brokers(brokers)
        .with_cluster_id(Some(text(state.cluster.id())))
        .with_controller_id(BrokerId(state.cluster.controller().0))
        .with_topics(topics)
}

fn one(call: &Call, state: &State, asked: MetadataRequestTopic) -> MetadataResponseTopic {
    match &asked.name {
        Some(name) => match state.topics.get(name.as_str()) {
            Some(topic) => known(call, state, name.as_str(), topic),
            None => unknown(&asked, ResponseError::UnknownTopicOrPartition),
        },
        None => match state.topics.by_id(*asked.topic_id.as_bytes()) {
            Some((name, topic)) => known(call, state, name, topic),
            None => unknown(&asked, ResponseError::UnknownTopicId),
        },
    }
}

fn unknown(asked: &MetadataRequestTopic, error: ResponseError) -> MetadataResponseTopic {
    MetadataResponseTopic::default()
        .with_error_code(error.code())
        .with_topic_id(asked.topic_id)
        .with_name(asked.name.clone())
}

fn known(call: &Call, state: &State, name: &str, topic: &Topic) -> MetadataResponseTopic {
    let partitions = (0..)
        .zip(&topic.partitions)
        .map(|(index, partition)| describe(state, index, partition))
        .collect();
    MetadataResponseTopic::default()
        .with_error_code(call.fault.map_or(0, |error| error.code()))
        .with_name(Some(TopicName(text(name))))
        .with_topic_id(topic.id.bytes().to_vec().try_into().unwrap_or_default())
        .with_partitions(partitions)
}

fn describe(state: &State, index: i32, partition: &Partition) -> MetadataResponsePartition {
    let broker = |node: &NodeId| BrokerId(node.0);
    let (alive, gone): (Vec<NodeId>, Vec<NodeId>) =
        partition.replicas.iter().partition(|node| state.cluster.is_up(**node));
    let error = match partition.leader {
        Some(_) => 0,
        None => ResponseError::LeaderNotAvailable.code(),
    };
    MetadataResponsePartition::default()
        .with_error_code(error)
        .with_partition_index(index)
        .with_leader_id(BrokerId(partition.leader.map_or(-1, |node| node.0)))
        .with_leader_epoch(partition.leader_epoch)
        .with_replica_nodes(partition.replicas.iter().map(broker).collect())
        .with_isr_nodes(alive.iter().map(broker).collect())
        .with_offline_replicas(gone.iter().map(broker).collect())
}
