//! DeleteTopics, CreatePartitions and DeleteRecords: changes to a topic that
//! exists.

use kafka_protocol::ResponseError;
use kafka_protocol::messages::create_partitions_response::CreatePartitionsTopicResult;
use kafka_protocol::messages::delete_records_response::{
    DeleteRecordsPartitionResult, DeleteRecordsTopicResult,
};
use kafka_protocol::messages::delete_topics_response::DeletableTopicResult;
use kafka_protocol::messages::{
    CreatePartitionsRequest, CreatePartitionsResponse, DeleteRecordsRequest, DeleteRecordsResponse,
    DeleteTopicsRequest, DeleteTopicsResponse,
};

use super::text;
use crate::broker::dispatch::{Call, code};
use crate::broker::state::State;

/// Delete all records that are there.
const UP_TO_THE_END: i64 = -1;

pub(in super::super) fn delete(call: &Call, request: DeleteTopicsRequest) -> DeleteTopicsResponse {
    let mut state = call.shared.state();
    let results = request.topic_names.into_iter().map(|name| {
        let deleted = call.injected().and_then(|()| state.delete_topic(name.as_str()));
        DeletableTopicResult::default().with_name(Some(name)).with_error_code(code(&deleted))
    });
    DeleteTopicsResponse::default().with_responses(results.collect())
}

pub(in super::super) fn grow(
    call: &Call,
    request: CreatePartitionsRequest,
) -> CreatePartitionsResponse {
    let mut state = call.shared.state();
    let validate_only = request.validate_only;
    let results = request.topics.into_iter().map(|topic| {
        let State { cluster, topics, .. } = &mut *state;
        let grown = call.injected().and_then(|()| match validate_only {
            true => Ok(()),
            false => topics.grow(cluster, topic.name.as_str(), topic.count),
        });
        let message = grown.err().map(|error| text(&error.to_string()));
        CreatePartitionsTopicResult::default()
            .with_name(topic.name)
            .with_error_code(code(&grown))
            .with_error_message(message)
    });
    CreatePartitionsResponse::default().with_results(results.collect())
}

pub(in super::super) fn delete_records(
    call: &Call,
    request: DeleteRecordsRequest,
) -> DeleteRecordsResponse {
    let mut state = call.shared.state();
    let topics = request.topics.into_iter().map(|topic| {
        let partitions = topic.partitions.iter().map(|asked| {
            let name = topic.name.as_str();
            let start = truncate(call, &mut state, name, asked.partition_index, asked.offset);
            DeleteRecordsPartitionResult::default()
                .with_partition_index(asked.partition_index)
                .with_error_code(code(&start))
                .with_low_watermark(start.unwrap_or(-1))
        });
        let partitions = partitions.collect();
        DeleteRecordsTopicResult::default()
            .with_name(topic.name.clone())
            .with_partitions(partitions)
    });
    DeleteRecordsResponse::default().with_topics(topics.collect())
}

fn truncate(
    call: &Call,
    state: &mut State,
    topic: &str,
    index: i32,
    offset: i64,
) -> Result<i64, ResponseError> {
    call.injected()?;
    let partition = state.topics.partition_mut(topic, index);
    let partition = partition.ok_or(ResponseError::UnknownTopicOrPartition)?;
    partition.check_leader(call.node, -1)?;
    let offset = match offset {
        UP_TO_THE_END => partition.log.end(),
        offset => offset,
    };
    if !(0..=partition.log.end()).contains(&offset) {
        return Err(ResponseError::OffsetOutOfRange);
    }
    partition.log.delete_before(offset);
    partition.ring();
    Ok(partition.log.start())
}
