//! Produce: one raw batch for each partition, checked and appended.
//!
//! No record is decoded. The batch's bytes stay in the request's buffer. A
//! batch that fails a check changes nothing; the others in the request go on.

use std::io;

use bytes::Bytes;
use kafka_protocol::ResponseError;
use kafka_protocol::messages::produce_response::{PartitionProduceResponse, TopicProduceResponse};
use kafka_protocol::messages::{ProduceRequest, ProduceResponse};
use kafka_protocol::protocol::Decodable;

use crate::broker::batch::Batch;
use crate::broker::dispatch::{Call, code};
use crate::broker::frame::{Answer, Request, malformed};
use crate::broker::producer_state::Verdict;
use crate::broker::state::State;
use crate::broker::txn::Producer;

/// What the whole request says.
struct Terms<'a> {
    transactional_id: Option<&'a str>,
    acks: i16,
    now_ms: i64,
}

/// Where a batch went.
struct Written {
    base_offset: i64,
    /// The append time, where the topic has it.
    append_time: i64,
    start: i64,
}

/// Handles the request. None: the client wants no answer.
pub(in super::super) fn handle(call: &Call, mut request: Request) -> io::Result<Option<Answer>> {
    let decoded = ProduceRequest::decode(&mut request.body, request.version).map_err(malformed)?;
    let terms = Terms {
        transactional_id: decoded.transactional_id.as_ref().map(|id| id.as_str()),
        acks: decoded.acks,
        now_ms: call.shared.now_ms(),
    };
    let mut answers = Vec::with_capacity(decoded.topic_data.len());
    for topic in &decoded.topic_data {
        let mut partitions = Vec::with_capacity(topic.partition_data.len());
        for partition in &topic.partition_data {
            let place = (topic.name.as_str(), partition.index);
            let written = write(call, &terms, place, partition.records.as_ref());
            partitions.push(describe(partition.index, &written));
        }
        answers.push(
            TopicProduceResponse::default()
                .with_name(topic.name.clone())
                .with_partition_responses(partitions),
        );
    }
    if decoded.acks == 0 {
        return Ok(None);
    }
    let body = ProduceResponse::default().with_responses(answers);
    Answer::new(&request).body(&body, request.version).map(Some)
}

fn describe(index: i32, written: &Result<Written, ResponseError>) -> PartitionProduceResponse {
    let answer =
        PartitionProduceResponse::default().with_index(index).with_error_code(code(written));
    match written {
        Ok(written) => answer
            .with_base_offset(written.base_offset)
            .with_log_append_time_ms(written.append_time)
            .with_log_start_offset(written.start),
        Err(_) => answer.with_base_offset(-1).with_log_append_time_ms(-1).with_log_start_offset(-1),
    }
}

fn write(
    call: &Call,
    terms: &Terms,
    place: (&str, i32),
    records: Option<&Bytes>,
) -> Result<Written, ResponseError> {
    call.injected()?;
    if !(-1..=1).contains(&terms.acks) {
        return Err(ResponseError::InvalidRequiredAcks);
    }
    // The checksum is the costly part and needs no lock.
    let batch = Batch::from_produce(records.ok_or(ResponseError::InvalidRecord)?)?;
    let mut state = call.shared.state();
    append(call, terms, &mut state, place, batch)
}

fn append(
    call: &Call,
    terms: &Terms,
    state: &mut State,
    place: (&str, i32),
    mut batch: Batch,
) -> Result<Written, ResponseError> {
    let topic = state.topics.get(place.0);
    let topic = topic.ok_or(ResponseError::UnknownTopicOrPartition)?;
    let partition = topic.partition(place.1);
    let partition = partition.ok_or(ResponseError::UnknownTopicOrPartition)?;
    partition.check_leader(call.node, -1)?;
    let alive = partition.replicas.iter();
    let alive = alive.filter(|node| state.cluster.is_up(**node)).count();
    if terms.acks == -1 && alive < topic.config.replicas_min() {
        return Err(ResponseError::NotEnoughReplicas);
    }
    if batch.size() > topic.config.batch_bytes_max() {
        return Err(ResponseError::MessageTooLarge);
    }
    let log_append_time = topic.config.is_log_append_time();
    let accepted = topic.config.accepted_times(terms.now_ms);
    let on_time = accepted.contains(&batch.base_timestamp().max(0))
        && accepted.contains(&batch.max_timestamp().max(0));
    if !log_append_time && !on_time {
        return Err(ResponseError::InvalidTimestamp);
    }
    check_transaction(terms, state, place, &batch)?;
    let partition = state.topics.partition_mut(place.0, place.1);
    let partition = partition.ok_or(ResponseError::UnknownTopicOrPartition)?;
    let mut append_time = -1;
    let base_offset = match partition.log.check_sequence(&batch)? {
        Verdict::Duplicate(base_offset) => base_offset,
        Verdict::Append => {
            if log_append_time {
                append_time = terms.now_ms;
                batch.stamp_append_time(append_time);
            }
            let base_offset = partition.log.append(batch, partition.leader_epoch);
            partition.log.trim(call.shared.config.partition_bytes_max);
            partition.ring();
            base_offset
        }
    };
    Ok(Written { base_offset, append_time, start: partition.log.start() })
}

fn check_transaction(
    terms: &Terms,
    state: &mut State,
    place: (&str, i32),
    batch: &Batch,
) -> Result<(), ResponseError> {
    if !batch.is_transactional() {
        return Ok(());
    }
    let id = terms.transactional_id;
    let id = id.ok_or(ResponseError::TransactionalIdAuthorizationFailed)?;
    let (producer, epoch, _) = batch.producer().ok_or(ResponseError::InvalidRecord)?;
    let producer = Producer { id: producer, epoch };
    let place = (place.0.to_owned(), place.1);
    let checked = state.transactions.check_write(id, producer, &place);
    // Partitions say "invalid epoch" where the coordinator says "fenced".
    checked.map_err(|error| match error {
        ResponseError::ProducerFenced => ResponseError::InvalidProducerEpoch,
        other => other,
    })
}
