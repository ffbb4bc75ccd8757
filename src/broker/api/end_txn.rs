//! EndTxn: commits or aborts the open transaction.
//!
//! Markers and offsets are written in the same step, so a reader sees all of
//! the transaction or nothing. As in Kafka for clients before version 5, the
//! epoch stays: a request that comes late may end a later transaction.

use kafka_protocol::ResponseError;
use kafka_protocol::messages::{EndTxnRequest, EndTxnResponse};

use super::add_to_txn::understood;
use crate::broker::batch::Outcome;
use crate::broker::dispatch::{Call, code};
use crate::broker::txn::Producer;

pub(in super::super) fn answer(call: &Call, request: EndTxnRequest) -> EndTxnResponse {
    let ended = end(call, &request).map_err(|error| understood(call, error));
    EndTxnResponse::default().with_error_code(code(&ended))
}

fn end(call: &Call, request: &EndTxnRequest) -> Result<(), ResponseError> {
    call.injected()?;
    let id = request.transactional_id.as_str();
    let producer = Producer { id: request.producer_id.0, epoch: request.producer_epoch };
    let outcome = match request.committed {
        true => Outcome::Commit,
        false => Outcome::Abort,
    };
    let mut state = call.shared.state();
    state.check_coordinator(call.node, id)?;
    if let Some(ended) = state.transactions.end(id, producer, outcome)? {
        state.write_ended(ended, call.shared.now_ms());
    }
    Ok(())
}
