//! InitProducerId: a producer id, and for a transactional id a new epoch.
//!
//! The new epoch fences every older one and aborts what it left open.

use kafka_protocol::ResponseError;
use kafka_protocol::messages::{InitProducerIdRequest, InitProducerIdResponse, ProducerId};

use crate::broker::dispatch::Call;
use crate::broker::txn::Producer;

/// Up to this version the client does not know PRODUCER_FENCED.
const BEFORE_FENCED: i16 = 3;

pub(in super::super) fn answer(
    call: &Call,
    request: InitProducerIdRequest,
) -> InitProducerIdResponse {
    match init(call, &request) {
        Ok(producer) => InitProducerIdResponse::default()
            .with_producer_id(ProducerId(producer.id))
            .with_producer_epoch(producer.epoch),
        Err(error) => {
            let known = match error {
                ResponseError::ProducerFenced if call.version <= BEFORE_FENCED => {
                    ResponseError::InvalidProducerEpoch
                }
                other => other,
            };
            InitProducerIdResponse::default()
                .with_error_code(known.code())
                .with_producer_id(ProducerId(-1))
                .with_producer_epoch(-1)
        }
    }
}

fn init(call: &Call, request: &InitProducerIdRequest) -> Result<Producer, ResponseError> {
    call.injected()?;
    let mut state = call.shared.state();
    let Some(id) = &request.transactional_id else {
        return Ok(state.transactions.new_producer());
    };
    state.check_coordinator(call.node, id.as_str())?;
    let expected = (request.producer_id.0 >= 0)
        .then_some(Producer { id: request.producer_id.0, epoch: request.producer_epoch });
    let timeout_ms = request.transaction_timeout_ms;
    let (producer, ended) = state.transactions.init(id.as_str(), timeout_ms, expected)?;
    if let Some(ended) = ended {
        state.write_ended(ended, call.shared.now_ms());
    }
    Ok(producer)
}
