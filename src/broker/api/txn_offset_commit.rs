//! TxnOffsetCommit: positions that count when their transaction is committed.
//!
//! Both the producer and the group member are checked: a fenced producer, an
//! unknown member or a stale generation stores nothing.

use kafka_protocol::ResponseError;
use kafka_protocol::messages::txn_offset_commit_request::TxnOffsetCommitRequestPartition;
use kafka_protocol::messages::txn_offset_commit_response::{
    TxnOffsetCommitResponsePartition, TxnOffsetCommitResponseTopic,
};
use kafka_protocol::messages::{TxnOffsetCommitRequest, TxnOffsetCommitResponse};

use super::offset_commit;
use crate::broker::dispatch::{Call, code};
use crate::broker::group::Caller;
use crate::broker::offsets::Committed;
use crate::broker::state::State;
use crate::broker::txn::Producer;

/// From this version on the member and its generation are named.
const WITH_MEMBER: i16 = 3;

pub(in super::super) fn answer(
    call: &Call,
    request: TxnOffsetCommitRequest,
) -> TxnOffsetCommitResponse {
    let mut state = call.shared.state();
    let allowed = check(call, &mut state, &request);
    let topics = request.topics.iter().map(|topic| {
        let name = topic.name.as_str();
        let partitions = topic.partitions.iter().map(|given| {
            let held = allowed.and_then(|()| hold(&mut state, &request, name, given));
            TxnOffsetCommitResponsePartition::default()
                .with_partition_index(given.partition_index)
                .with_error_code(code(&held))
        });
        TxnOffsetCommitResponseTopic::default()
            .with_name(topic.name.clone())
            .with_partitions(partitions.collect())
    });
    TxnOffsetCommitResponse::default().with_topics(topics.collect())
}

fn check(
    call: &Call,
    state: &mut State,
    request: &TxnOffsetCommitRequest,
) -> Result<(), ResponseError> {
    call.injected()?;
    let group = request.group_id.as_str();
    state.check_coordinator(call.node, group)?;
    let producer = Producer { id: request.producer_id.0, epoch: request.producer_epoch };
    let id = request.transactional_id.as_str();
    let open = state.transactions.check_group(id, producer, group);
    // The group's coordinator says "invalid epoch" to a fenced producer.
    open.map_err(|error| match error {
        ResponseError::ProducerFenced => ResponseError::InvalidProducerEpoch,
        other => other,
    })?;
    if call.version < WITH_MEMBER {
        return Ok(());
    }
    state.group(group).check_txn_commit(Caller {
        member: request.member_id.as_str(),
        instance: request.group_instance_id.as_ref().map(|id| id.as_str()),
        generation: request.generation_id,
    })
}

fn hold(
    state: &mut State,
    request: &TxnOffsetCommitRequest,
    topic: &str,
    given: &TxnOffsetCommitRequestPartition,
) -> Result<(), ResponseError> {
    let metadata = given.committed_metadata.as_ref();
    let metadata = metadata.map(|text| text.to_string()).unwrap_or_default();
    let committed = Committed {
        offset: given.committed_offset,
        leader_epoch: given.committed_leader_epoch,
        metadata,
    };
    offset_commit::check(state, topic, given.partition_index, &committed)?;
    let place = (topic.to_owned(), given.partition_index);
    let group = state.group(request.group_id.as_str());
    group.offsets.hold(request.producer_id.0, place, committed);
    Ok(())
}
