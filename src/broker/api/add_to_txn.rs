//! AddPartitionsToTxn and AddOffsetsToTxn: what a transaction will touch.
//!
//! All partitions are added or none. The first one opens the transaction.

use kafka_protocol::ResponseError;
use kafka_protocol::messages::add_partitions_to_txn_response::{
    AddPartitionsToTxnPartitionResult, AddPartitionsToTxnTopicResult,
};
use kafka_protocol::messages::{
    AddOffsetsToTxnRequest, AddOffsetsToTxnResponse, AddPartitionsToTxnRequest,
    AddPartitionsToTxnResponse,
};

use crate::broker::dispatch::{Call, code};
use crate::broker::offsets::Place;
use crate::broker::txn::Producer;

/// Up to this version the client does not know PRODUCER_FENCED.
const BEFORE_FENCED: i16 = 1;

pub(in super::super) fn partitions(
    call: &Call,
    request: AddPartitionsToTxnRequest,
) -> AddPartitionsToTxnResponse {
    let mut state = call.shared.state();
    let all = request.v3_and_below_topics.iter().flat_map(|topic| {
        let name = topic.name.as_str();
        topic.partitions.iter().map(move |index| (name, *index))
    });
    let exists = |place: (&str, i32)| state.topics.partition(place.0, place.1).is_some();
    let missing: Vec<Place> = all
        .clone()
        .filter(|place| !exists(*place))
        .map(|(topic, index)| (topic.to_owned(), index))
        .collect();
    let id = request.v3_and_below_transactional_id.as_str();
    let producer = Producer {
        id: request.v3_and_below_producer_id.0,
        epoch: request.v3_and_below_producer_epoch,
    };
    let ready = call.injected().and_then(|()| state.check_coordinator(call.node, id)).and(
        match missing.is_empty() {
            true => Ok(()),
            false => Err(ResponseError::OperationNotAttempted),
        },
    );
    let places = all.map(|(topic, index)| (topic.to_owned(), index));
    let added = ready.and_then(|()| state.transactions.add_partitions(id, producer, places));
    let added = added.map_err(|error| understood(call, error));
    let topics = request.v3_and_below_topics.iter().map(|topic| {
        let results = topic.partitions.iter().map(|index| {
            let place = (topic.name.to_string(), *index);
            let result = match missing.contains(&place) {
                true => Err(ResponseError::UnknownTopicOrPartition),
                false => added,
            };
            AddPartitionsToTxnPartitionResult::default()
                .with_partition_index(*index)
                .with_partition_error_code(code(&result))
        });
        AddPartitionsToTxnTopicResult::default()
            .with_name(topic.name.clone())
            .with_results_by_partition(results.collect())
    });
    AddPartitionsToTxnResponse::default().with_results_by_topic_v3_and_below(topics.collect())
}

pub(in super::super) fn offsets(
    call: &Call,
    request: AddOffsetsToTxnRequest,
) -> AddOffsetsToTxnResponse {
    let mut state = call.shared.state();
    let id = request.transactional_id.as_str();
    let producer = Producer { id: request.producer_id.0, epoch: request.producer_epoch };
    let group = request.group_id.as_str();
    let added = call
        .injected()
        .and_then(|()| state.check_coordinator(call.node, id))
        .and_then(|()| state.transactions.add_group(id, producer, group))
        .map_err(|error| understood(call, error));
    AddOffsetsToTxnResponse::default().with_error_code(code(&added))
}

/// The error in a form that this version of the client knows.
pub(super) fn understood(call: &Call, error: ResponseError) -> ResponseError {
    match error {
        ResponseError::ProducerFenced if call.version <= BEFORE_FENCED => {
            ResponseError::InvalidProducerEpoch
        }
        other => other,
    }
}
