//! OffsetForLeaderEpoch: where a leader's epoch ended, so that a client can
//! tell whether the log was cut behind its back.

use kafka_protocol::ResponseError;
use kafka_protocol::messages::offset_for_leader_epoch_request::OffsetForLeaderPartition;
use kafka_protocol::messages::offset_for_leader_epoch_response::{
    EpochEndOffset, OffsetForLeaderTopicResult,
};
use kafka_protocol::messages::{OffsetForLeaderEpochRequest, OffsetForLeaderEpochResponse};

use crate::broker::dispatch::{Call, code};
use crate::broker::state::State;

pub(in super::super) fn answer(
    call: &Call,
    request: OffsetForLeaderEpochRequest,
) -> OffsetForLeaderEpochResponse {
    let state = call.shared.state();
    let topics = request.topics.into_iter().map(|topic| {
        let partitions = topic.partitions.iter().map(|asked| {
            let found = find(call, &state, topic.topic.as_str(), asked);
            let error = code(&found);
            let (epoch, end) = found.unwrap_or((-1, -1));
            EpochEndOffset::default()
                .with_partition(asked.partition)
                .with_error_code(error)
                .with_leader_epoch(epoch)
                .with_end_offset(end)
        });
        let partitions = partitions.collect();
        OffsetForLeaderTopicResult::default()
            .with_topic(topic.topic.clone())
            .with_partitions(partitions)
    });
    OffsetForLeaderEpochResponse::default().with_topics(topics.collect())
}

fn find(
    call: &Call,
    state: &State,
    topic: &str,
    asked: &OffsetForLeaderPartition,
) -> Result<(i32, i64), ResponseError> {
    call.injected()?;
    let partition = state.topics.partition(topic, asked.partition);
    let partition = partition.ok_or(ResponseError::UnknownTopicOrPartition)?;
    partition.check_leader(call.node, asked.current_leader_epoch)?;
    let current = (partition.leader_epoch, partition.log.end());
    if asked.leader_epoch == partition.leader_epoch {
        return Ok(current);
    }
    Ok(partition.log.epoch_end(asked.leader_epoch).unwrap_or((-1, -1)))
}
