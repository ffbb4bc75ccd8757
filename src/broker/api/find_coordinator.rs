//! FindCoordinator: the node that answers for a group or a transactional id.
//!
//! Both kinds of key are spread over the nodes that are up.

use kafka_protocol::ResponseError;
use kafka_protocol::messages::find_coordinator_response::Coordinator;
use kafka_protocol::messages::{BrokerId, FindCoordinatorRequest, FindCoordinatorResponse};

use super::text;
use crate::broker::dispatch::Call;

/// The kind of key that names a group.
const GROUP: i8 = 0;
/// From this version on a list of keys.
const BATCHED: i16 = 4;

pub(in super::super) fn answer(
    call: &Call,
    request: FindCoordinatorRequest,
) -> FindCoordinatorResponse {
    if call.version >= BATCHED {
        let coordinators = request
            .coordinator_keys
            .into_iter()
            .map(|key| find(call, request.key_type, key.as_str()).with_key(key))
            .collect();
        return FindCoordinatorResponse::default().with_coordinators(coordinators);
    }
    let found = find(call, request.key_type, request.key.as_str());
    FindCoordinatorResponse::default()
        .with_error_code(found.error_code)
        .with_node_id(found.node_id)
        .with_host(found.host)
        .with_port(found.port)
}

fn find(call: &Call, key_type: i8, key: &str) -> Coordinator {
    let mut state = call.shared.state();
    let found = call.injected().and_then(|()| {
        let node = match key_type {
            GROUP => state.cluster.group_coordinator(key),
            _ => state.cluster.coordinator(key),
        };
        node.ok_or(ResponseError::CoordinatorNotAvailable)
    });
    match found {
        Ok((node, port)) => Coordinator::default()
            .with_node_id(BrokerId(node.0))
            .with_host(text("127.0.0.1"))
            .with_port(i32::from(port)),
        Err(error) => Coordinator::default()
            .with_error_code(error.code())
            .with_node_id(BrokerId(-1))
            .with_port(-1),
    }
}
