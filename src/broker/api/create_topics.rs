//! CreateTopics: explicit creation, the only one there is.

use kafka_protocol::ResponseError;
use kafka_protocol::messages::create_topics_request::CreatableTopic;
use kafka_protocol::messages::create_topics_response::CreatableTopicResult;
use kafka_protocol::messages::{CreateTopicsRequest, CreateTopicsResponse};

use super::text;
use crate::broker::dispatch::{Call, code};
use crate::broker::state::State;
use crate::broker::topic_config::TopicConfig;

/// Take the broker's default.
const DEFAULT: i32 = -1;

pub(in super::super) fn answer(call: &Call, request: CreateTopicsRequest) -> CreateTopicsResponse {
    let mut state = call.shared.state();
    let validate_only = request.validate_only;
    let results = request.topics.iter().map(|topic| {
        let created = call.injected().and_then(|()| create(call, &mut state, topic, validate_only));
        let message = created.err().map(|error| text(&error.to_string()));
        CreatableTopicResult::default()
            .with_name(topic.name.clone())
            .with_error_code(code(&created))
            .with_error_message(message)
    });
    CreateTopicsResponse::default().with_topics(results.collect())
}

fn create(
    call: &Call,
    state: &mut State,
    topic: &CreatableTopic,
    validate_only: bool,
) -> Result<(), ResponseError> {
    let partitions = match topic.num_partitions {
        DEFAULT if topic.assignments.is_empty() => call.shared.config.default_partitions,
        DEFAULT => i32::try_from(topic.assignments.len()).unwrap_or(0),
        count => count,
    };
    let replicas = i32::from(topic.replication_factor);
    let possible = i32::try_from(state.cluster.size()).unwrap_or(1);
    if replicas != DEFAULT && !(1..=possible).contains(&replicas) {
        return Err(ResponseError::InvalidReplicationFactor);
    }
    let configs = topic.configs.iter().filter_map(|config| {
        let value = config.value.as_ref()?;
        Some((config.name.as_str(), value.as_str()))
    });
    let config = TopicConfig::new(configs)?;
    if validate_only {
        return state.topics.check_new(topic.name.as_str(), partitions);
    }
    let State { cluster, topics, .. } = state;
    topics.create(cluster, topic.name.as_str(), partitions, config)
}
