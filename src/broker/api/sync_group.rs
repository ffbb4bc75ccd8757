//! SyncGroup: the leader brings the assignments, everyone gets its own.
//!
//! A member waits here until the leader has spoken or the group rebalances.

use std::time::{Duration, Instant};

use bytes::Bytes;
use kafka_protocol::ResponseError;
use kafka_protocol::messages::{SyncGroupRequest, SyncGroupResponse};

use super::text;
use crate::broker::dispatch::{Call, code};
use crate::broker::group::Caller;

/// How often a waiting member shows that it is alive.
const LOOK: Duration = Duration::from_millis(50);

pub(in super::super) fn answer(call: &Call, request: SyncGroupRequest) -> SyncGroupResponse {
    let assignment = sync(call, &request);
    let mut state = call.shared.state();
    let (kind, protocol) = state.group(request.group_id.as_str()).protocol();
    SyncGroupResponse::default()
        .with_error_code(code(&assignment))
        .with_protocol_type(Some(text(kind)))
        .with_protocol_name(Some(text(protocol)))
        .with_assignment(assignment.unwrap_or_default())
}

fn sync(call: &Call, request: &SyncGroupRequest) -> Result<Bytes, ResponseError> {
    call.injected()?;
    let caller = Caller {
        member: request.member_id.as_str(),
        instance: request.group_instance_id.as_ref().map(|id| id.as_str()),
        generation: request.generation_id,
    };
    let mut assignments: Vec<(String, Bytes)> = request
        .assignments
        .iter()
        .map(|given| (given.member_id.to_string(), given.assignment.clone()))
        .collect();
    let mut state = call.shared.state();
    state.check_coordinator(call.node, request.group_id.as_str())?;
    loop {
        let group = state.group(request.group_id.as_str());
        let brought = !assignments.is_empty();
        let step = group.sync(caller, &mut assignments, Instant::now())?;
        if brought && assignments.is_empty() {
            call.shared.announce();
        }
        if let Some(assignment) = step {
            return Ok(assignment);
        }
        state = call.shared.wait(state, LOOK);
        if !state.answers(call.node) {
            return Err(ResponseError::CoordinatorNotAvailable);
        }
    }
}
