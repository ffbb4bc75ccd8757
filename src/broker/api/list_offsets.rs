//! ListOffsets: the ends of a partition, or the offset for a time.
//!
//! `read_uncommitted` is told the high watermark, `read_committed` the last
//! stable offset. With replica id -2 every replica answers its own log end, as
//! Kafka's debugging consumer is answered; the others answer for what they
//! lead.

use kafka_protocol::ResponseError;
use kafka_protocol::messages::list_offsets_request::ListOffsetsPartition;
use kafka_protocol::messages::list_offsets_response::{
    ListOffsetsPartitionResponse, ListOffsetsTopicResponse,
};
use kafka_protocol::messages::{ListOffsetsRequest, ListOffsetsResponse};

use crate::broker::dispatch::{Call, code};
use crate::broker::log::Isolation;
use crate::broker::state::State;
use crate::broker::topics::Partition;

const LATEST: i64 = -1;
const EARLIEST: i64 = -2;
const NEWEST_RECORD: i64 = -3;
const ANY_REPLICA: i32 = -2;

/// An offset, the time of its record (or -1) and the leader's epoch.
struct Found {
    offset: i64,
    time: i64,
    epoch: i32,
}

/// How the partition is asked.
#[derive(Clone, Copy)]
enum Asker {
    Client(Isolation),
    Replica,
}

pub(in super::super) fn answer(call: &Call, request: ListOffsetsRequest) -> ListOffsetsResponse {
    let asker = match request.replica_id.0 {
        ANY_REPLICA => Asker::Replica,
        _ => Asker::Client(Isolation::from_wire(request.isolation_level)),
    };
    let state = call.shared.state();
    let mut topics = Vec::with_capacity(request.topics.len());
    for topic in request.topics {
        let partitions = topic
            .partitions
            .iter()
            .map(|asked| {
                let found = find(call, &state, topic.name.as_str(), asked, asker);
                describe(call.version, asked.partition_index, &found)
            })
            .collect();
        topics.push(
            ListOffsetsTopicResponse::default().with_name(topic.name).with_partitions(partitions),
        );
    }
    ListOffsetsResponse::default().with_topics(topics)
}

/// Older versions have no field for the epoch.
const EPOCH_FROM: i16 = 4;

fn describe(
    version: i16,
    index: i32,
    found: &Result<Found, ResponseError>,
) -> ListOffsetsPartitionResponse {
    let answer = ListOffsetsPartitionResponse::default()
        .with_partition_index(index)
        .with_error_code(code(found));
    match found {
        Ok(found) => {
            let answer = answer.with_offset(found.offset).with_timestamp(found.time);
            match version {
                ..EPOCH_FROM => answer,
                _ => answer.with_leader_epoch(found.epoch),
            }
        }
        Err(_) => answer.with_offset(-1).with_timestamp(-1),
    }
}

fn find(
    call: &Call,
    state: &State,
    topic: &str,
    asked: &ListOffsetsPartition,
    asker: Asker,
) -> Result<Found, ResponseError> {
    call.injected()?;
    let partition = state.topics.partition(topic, asked.partition_index);
    let partition = partition.ok_or(ResponseError::UnknownTopicOrPartition)?;
    let isolation = match asker {
        Asker::Replica if partition.replicas.contains(&call.node) => Isolation::ReadUncommitted,
        Asker::Replica => return Err(ResponseError::NotLeaderOrFollower),
        Asker::Client(isolation) => {
            partition.check_leader(call.node, asked.current_leader_epoch)?;
            isolation
        }
    };
    Ok(look_up(partition, asked.timestamp, isolation))
}

fn look_up(partition: &Partition, timestamp: i64, isolation: Isolation) -> Found {
    let log = &partition.log;
    let (offset, time) = match timestamp {
        LATEST => (log.limit(isolation), -1),
        EARLIEST => (log.start(), -1),
        NEWEST_RECORD => log.newest_record().unwrap_or((-1, -1)),
        _ => log.offset_for_time(timestamp, isolation).unwrap_or((-1, -1)),
    };
    let epoch = match offset {
        -1 => -1,
        _ => partition.leader_epoch,
    };
    Found { offset, time, epoch }
}
