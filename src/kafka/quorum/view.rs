//! What one broker says of the consent topics: who keeps each partition, and how many must.
//!
//! A broker that was cut off says what was true when it was cut off; whoever compares views finds
//! that out. What a broker does not tell is not in its view, and then has no end.

use std::collections::BTreeMap;
use std::io;
use std::time::Instant;

use kafka_protocol::messages::describe_configs_request::DescribeConfigsResource;
use kafka_protocol::messages::metadata_request::MetadataRequestTopic;
use kafka_protocol::messages::{
    DescribeConfigsRequest, DescribeConfigsResponse, MetadataRequest, MetadataResponse, TopicName,
};
use kafka_protocol::protocol::StrBytes;

use crate::consent::{Partition, Topic};
use crate::kafka::ConsentTopic;
use crate::kafka::line::{Address, Connection, Sent};
use crate::stream::quorum::{BrokerId, Keeping};

/// Kafka 2.4 and later.
const METADATA_VERSION: i16 = 9;
/// Kafka 2.6 and later.
const CONFIGS_VERSION: i16 = 4;
/// Kafka's number for a topic among things that have a configuration.
const TOPIC: i8 = 2;
const MIN_INSYNC: &str = "min.insync.replicas";

/// One broker's view.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct View {
    /// The cluster that it belongs to.
    pub(super) cluster_id: String,
    /// The brokers that it knows.
    pub(super) brokers: BTreeMap<BrokerId, Address>,
    /// How each partition of the consent topics is kept.
    pub(super) keeping: BTreeMap<(Topic, Partition), Keeping>,
}

/// The question for a view, on its way.
pub(super) struct Viewing {
    metadata: Sent<MetadataRequest>,
    configs: Sent<DescribeConfigsRequest>,
}

impl Viewing {
    /// Asks, and waits for the view.
    pub(super) fn ask(
        connection: &mut Connection,
        topics: &[ConsentTopic],
        deadline: Instant,
    ) -> io::Result<View> {
        Self::send(connection, topics, deadline)?.receive(connection, topics, deadline)
    }

    /// Asks.
    pub(super) fn send(
        connection: &mut Connection,
        topics: &[ConsentTopic],
        deadline: Instant,
    ) -> io::Result<Self> {
        let named = topics.iter().map(|topic| {
            MetadataRequestTopic::default().with_name(Some(TopicName(name_of(topic))))
        });
        let metadata = MetadataRequest::default()
            .with_topics(Some(named.collect()))
            .with_allow_auto_topic_creation(false);
        let resources = topics.iter().map(|topic| {
            DescribeConfigsResource::default()
                .with_resource_type(TOPIC)
                .with_resource_name(name_of(topic))
                .with_configuration_keys(Some(vec![StrBytes::from_static_str(MIN_INSYNC)]))
        });
        let configs = DescribeConfigsRequest::default().with_resources(resources.collect());
        Ok(Self {
            metadata: connection.send(&metadata, METADATA_VERSION, deadline)?,
            configs: connection.send(&configs, CONFIGS_VERSION, deadline)?,
        })
    }

    /// Receives both answers.
    pub(super) fn receive(
        &self,
        connection: &mut Connection,
        topics: &[ConsentTopic],
        deadline: Instant,
    ) -> io::Result<View> {
        let metadata = connection.receive(&self.metadata, deadline)?;
        let configs = connection.receive(&self.configs, deadline)?;
        Ok(view_of(topics, &metadata, &configs))
    }
}

fn view_of(
    topics: &[ConsentTopic],
    metadata: &MetadataResponse,
    configs: &DescribeConfigsResponse,
) -> View {
    let brokers = metadata.brokers.iter().filter_map(|broker| {
        let port = u16::try_from(broker.port).ok()?;
        Some((BrokerId(broker.node_id.0), Address { host: broker.host.to_string(), port }))
    });
    let mut keeping = BTreeMap::new();
    for topic in topics {
        let minimum = min_insync(configs, &topic.name);
        let told = metadata
            .topics
            .iter()
            .filter(|told| told.name.as_ref().is_some_and(|name| name.as_str() == topic.name));
        for partition in told.flat_map(|told| &told.partitions) {
            let replicas = partition.replica_nodes.iter().map(|id| BrokerId(id.0)).collect();
            if let Some(min_insync) = minimum {
                let place = (topic.role, Partition(partition.partition_index));
                keeping.insert(place, Keeping { replicas, min_insync });
            }
        }
    }
    View {
        cluster_id: metadata.cluster_id.as_ref().map(StrBytes::to_string).unwrap_or_default(),
        brokers: brokers.collect(),
        keeping,
    }
}

fn min_insync(configs: &DescribeConfigsResponse, topic: &str) -> Option<u32> {
    let told = configs
        .results
        .iter()
        .find(|result| result.error_code == 0 && result.resource_name.as_str() == topic)?;
    let entry = told.configs.iter().find(|entry| entry.name.as_str() == MIN_INSYNC)?;
    entry.value.as_ref()?.parse().ok()
}

pub(super) fn name_of(topic: &ConsentTopic) -> StrBytes {
    StrBytes::from_string(topic.name.clone())
}
