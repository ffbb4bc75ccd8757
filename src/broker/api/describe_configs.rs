//! DescribeConfigs: the configs of topics, and a few of the broker.

use kafka_protocol::ResponseError;
use kafka_protocol::messages::describe_configs_request::DescribeConfigsResource;
use kafka_protocol::messages::describe_configs_response::{
    DescribeConfigsResourceResult, DescribeConfigsResult,
};
use kafka_protocol::messages::{DescribeConfigsRequest, DescribeConfigsResponse};

use super::text;
use crate::broker::dispatch::{Call, code};
use crate::broker::state::State;
use crate::broker::topic_config::Source;

const TOPIC: i8 = 2;
const BROKER: i8 = 4;

/// What the broker says of itself; Kafka's defaults where it has no choice.
const BROKER_CONFIGS: &[(&str, &str)] = &[
    ("auto.create.topics.enable", "false"),
    ("default.replication.factor", "1"),
    ("delete.topic.enable", "true"),
    ("group.max.session.timeout.ms", "1800000"),
    ("message.max.bytes", "1048588"),
    ("offset.metadata.max.bytes", "4096"),
    ("offsets.retention.minutes", "10080"),
    ("transaction.max.timeout.ms", "900000"),
    ("unclean.leader.election.enable", "false"),
];

pub(in super::super) fn answer(
    call: &Call,
    request: DescribeConfigsRequest,
) -> DescribeConfigsResponse {
    let state = call.shared.state();
    let results = request.resources.into_iter().map(|resource| {
        let configs = call.injected().and_then(|()| describe(&state, &resource));
        let message = configs.as_ref().err().map(|error| text(&error.to_string()));
        DescribeConfigsResult::default()
            .with_error_code(code(&configs))
            .with_error_message(message)
            .with_resource_type(resource.resource_type)
            .with_resource_name(resource.resource_name)
            .with_configs(configs.unwrap_or_default())
    });
    DescribeConfigsResponse::default().with_results(results.collect())
}

fn describe(
    state: &State,
    resource: &DescribeConfigsResource,
) -> Result<Vec<DescribeConfigsResourceResult>, ResponseError> {
    let wanted = |name: &str| {
        let keys = resource.configuration_keys.as_ref();
        keys.is_none_or(|keys| keys.iter().any(|key| key.as_str() == name))
    };
    match resource.resource_type {
        TOPIC => {
            let topic = state.topics.get(resource.resource_name.as_str());
            let topic = topic.ok_or(ResponseError::UnknownTopicOrPartition)?;
            let all = topic.config.all();
            Ok(all
                .filter(|(name, _, _)| wanted(name))
                .map(|(name, value, source)| entry(name, value, source))
                .collect())
        }
        BROKER => Ok(BROKER_CONFIGS
            .iter()
            .filter(|(name, _)| wanted(name))
            .map(|(name, value)| entry(name, value, Source::Default))
            .collect()),
        _ => Err(ResponseError::InvalidRequest),
    }
}

fn entry(name: &str, value: &str, source: Source) -> DescribeConfigsResourceResult {
    DescribeConfigsResourceResult::default()
        .with_name(text(name))
        .with_value(Some(text(value)))
        .with_config_source(source as i8)
}
