//! OffsetCommit: a member stores its positions with their metadata.
//!
//! A stale member stores nothing. A partition that does not exist, or
//! metadata that is too long, is refused for itself.

use std::time::Instant;

use kafka_protocol::ResponseError;
use kafka_protocol::messages::offset_commit_request::OffsetCommitRequestPartition;
use kafka_protocol::messages::offset_commit_response::{
    OffsetCommitResponsePartition, OffsetCommitResponseTopic,
};
use kafka_protocol::messages::{OffsetCommitRequest, OffsetCommitResponse};

use crate::broker::dispatch::{Call, code};
use crate::broker::group::Caller;
use crate::broker::offsets::{Committed, METADATA_BYTES_MAX};
use crate::broker::state::State;

pub(in super::super) fn answer(call: &Call, request: OffsetCommitRequest) -> OffsetCommitResponse {
    let group = request.group_id.as_str();
    let caller = Caller {
        member: request.member_id.as_str(),
        instance: request.group_instance_id.as_ref().map(|id| id.as_str()),
        generation: request.generation_id_or_member_epoch,
    };
    let mut state = call.shared.state();
    let allowed = call
        .injected()
        .and_then(|()| state.check_coordinator(call.node, group))
        .and_then(|()| state.group(group).check_commit(caller, Instant::now()));
    let topics = request.topics.iter().map(|topic| {
        let name = topic.name.as_str();
        let partitions = topic.partitions.iter().map(|given| {
            let stored = allowed.and_then(|()| store(&mut state, group, name, given));
            OffsetCommitResponsePartition::default()
                .with_partition_index(given.partition_index)
                .with_error_code(code(&stored))
        });
        OffsetCommitResponseTopic::default()
            .with_name(topic.name.clone())
            .with_partitions(partitions.collect())
    });
    OffsetCommitResponse::default().with_topics(topics.collect())
}

fn store(
    state: &mut State,
    group: &str,
    topic: &str,
    given: &OffsetCommitRequestPartition,
) -> Result<(), ResponseError> {
    let metadata = given.committed_metadata.as_ref();
    let metadata = metadata.map(|text| text.to_string()).unwrap_or_default();
    let committed = Committed {
        offset: given.committed_offset,
        leader_epoch: given.committed_leader_epoch,
        metadata,
    };
    check(state, topic, given.partition_index, &committed)?;
    let place = (topic.to_owned(), given.partition_index);
    state.group(group).offsets.commit(place, committed);
    Ok(())
}

/// What holds for a committed offset, in a transaction or not.
pub(super) fn check(
    state: &State,
    topic: &str,
    index: i32,
    committed: &Committed,
) -> Result<(), ResponseError> {
    if state.topics.partition(topic, index).is_none() {
        return Err(ResponseError::UnknownTopicOrPartition);
    }
    if committed.metadata.len() > METADATA_BYTES_MAX {
        return Err(ResponseError::OffsetMetadataTooLarge);
    }
    Ok(())
}
