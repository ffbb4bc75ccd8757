//! OffsetFetch: the committed positions of groups.
//!
//! With `require_stable` a position that an open transaction may change is
//! refused with UNSTABLE_OFFSET_COMMIT, so that nobody starts from it.

use std::collections::BTreeMap;

use kafka_protocol::ResponseError;
use kafka_protocol::messages::offset_fetch_response::{
    OffsetFetchResponseGroup, OffsetFetchResponsePartition, OffsetFetchResponsePartitions,
    OffsetFetchResponseTopic, OffsetFetchResponseTopics,
};
use kafka_protocol::messages::{OffsetFetchRequest, OffsetFetchResponse, TopicName};

use super::text;
use crate::broker::dispatch::{Call, code};
use crate::broker::group::Group;
use crate::broker::offsets::Committed;
use crate::broker::state::State;

/// From this version on a list of groups.
const BATCHED: i16 = 8;

/// Topics with their partitions; none: all that have a position.
type Asked = Option<Vec<(String, Vec<i32>)>>;

/// A topic, and each partition's position or why it is not told.
type Told = (String, Vec<(i32, Result<Option<Committed>, ResponseError>)>);

pub(in super::super) fn answer(call: &Call, request: OffsetFetchRequest) -> OffsetFetchResponse {
    let mut state = call.shared.state();
    let stable = request.require_stable;
    if call.version >= BATCHED {
        let groups = request.groups.into_iter().map(|asked| {
            let topics = asked.topics.map(|topics| {
                let each = topics.into_iter();
                each.map(|topic| (topic.name.to_string(), topic.partition_indexes)).collect()
            });
            let told = look_up(call, &mut state, asked.group_id.as_str(), topics, stable);
            OffsetFetchResponseGroup::default()
                .with_group_id(asked.group_id)
                .with_error_code(code(&told))
                .with_topics(told.unwrap_or_default().into_iter().map(batched).collect())
        });
        return OffsetFetchResponse::default().with_groups(groups.collect());
    }
    let topics = request.topics.map(|topics| {
        let each = topics.into_iter();
        each.map(|topic| (topic.name.to_string(), topic.partition_indexes)).collect()
    });
    let told = look_up(call, &mut state, request.group_id.as_str(), topics, stable);
    OffsetFetchResponse::default()
        .with_error_code(code(&told))
        .with_topics(told.unwrap_or_default().into_iter().map(single).collect())
}

fn look_up(
    call: &Call,
    state: &mut State,
    name: &str,
    asked: Asked,
    stable: bool,
) -> Result<Vec<Told>, ResponseError> {
    call.injected()?;
    state.check_coordinator(call.node, name)?;
    let group = state.group(name);
    let asked = asked.unwrap_or_else(|| everything(group));
    let told = asked.into_iter().map(|(topic, indexes)| {
        let each = indexes.into_iter().map(|index| {
            let place = (topic.clone(), index);
            let told = match stable && group.offsets.is_unstable(&place) {
                true => Err(ResponseError::UnstableOffsetCommit),
                false => Ok(group.offsets.get(&place).cloned()),
            };
            (index, told)
        });
        let each = each.collect();
        (topic, each)
    });
    Ok(told.collect())
}

fn everything(group: &Group) -> Vec<(String, Vec<i32>)> {
    let mut topics: BTreeMap<String, Vec<i32>> = BTreeMap::new();
    for (topic, index) in group.offsets.places() {
        topics.entry(topic.clone()).or_default().push(*index);
    }
    topics.into_iter().collect()
}

/// The fields that both forms of the answer have.
fn fields(told: Result<Option<Committed>, ResponseError>) -> (i16, Committed) {
    let error = code(&told);
    let nothing = Committed { offset: -1, leader_epoch: -1, metadata: String::new() };
    (error, told.ok().flatten().unwrap_or(nothing))
}

fn single((topic, told): Told) -> OffsetFetchResponseTopic {
    let partitions = told.into_iter().map(|(index, told)| {
        let (error, committed) = fields(told);
        OffsetFetchResponsePartition::default()
            .with_partition_index(index)
            .with_committed_offset(committed.offset)
            .with_committed_leader_epoch(committed.leader_epoch)
            .with_metadata(Some(text(&committed.metadata)))
            .with_error_code(error)
    });
    OffsetFetchResponseTopic::default()
        .with_name(TopicName(text(&topic)))
        .with_partitions(partitions.collect())
}

fn batched((topic, told): Told) -> OffsetFetchResponseTopics {
    let partitions = told.into_iter().map(|(index, told)| {
        let (error, committed) = fields(told);
        OffsetFetchResponsePartitions::default()
            .with_partition_index(index)
            .with_committed_offset(committed.offset)
            .with_committed_leader_epoch(committed.leader_epoch)
            .with_metadata(Some(text(&committed.metadata)))
            .with_error_code(error)
    });
    OffsetFetchResponseTopics::default()
        .with_name(TopicName(text(&topic)))
        .with_partitions(partitions.collect())
}
