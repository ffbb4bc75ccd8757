//! Heartbeat and LeaveGroup: a member stays, or goes.

use std::time::Instant;

use kafka_protocol::ResponseError;
use kafka_protocol::messages::leave_group_response::MemberResponse;
use kafka_protocol::messages::{
    HeartbeatRequest, HeartbeatResponse, LeaveGroupRequest, LeaveGroupResponse,
};

use crate::broker::dispatch::{Call, code};
use crate::broker::group::Caller;

/// From this version on a list of members leaves.
const BATCHED: i16 = 3;

pub(in super::super) fn heartbeat(call: &Call, request: HeartbeatRequest) -> HeartbeatResponse {
    let group = request.group_id.as_str();
    let caller = Caller {
        member: request.member_id.as_str(),
        instance: request.group_instance_id.as_ref().map(|id| id.as_str()),
        generation: request.generation_id,
    };
    let mut state = call.shared.state();
    let alive = call
        .injected()
        .and_then(|()| state.check_coordinator(call.node, group))
        .and_then(|()| state.group(group).heartbeat(caller, Instant::now()));
    HeartbeatResponse::default().with_error_code(code(&alive))
}

pub(in super::super) fn leave(call: &Call, request: LeaveGroupRequest) -> LeaveGroupResponse {
    let name = request.group_id.as_str();
    let mut state = call.shared.state();
    let ready = call.injected().and_then(|()| state.check_coordinator(call.node, name));
    if let Err(error) = ready {
        return LeaveGroupResponse::default().with_error_code(error.code());
    }
    let group = state.group(name);
    let answer = if call.version < BATCHED {
        let left = group.leave(request.member_id.as_str(), None, Instant::now());
        LeaveGroupResponse::default().with_error_code(code(&left))
    } else {
        let members = request.members.into_iter().map(|leaving| {
            let instance = leaving.group_instance_id.as_ref().map(|id| id.as_str());
            let left: Result<(), ResponseError> =
                group.leave(leaving.member_id.as_str(), instance, Instant::now());
            MemberResponse::default()
                .with_member_id(leaving.member_id)
                .with_group_instance_id(leaving.group_instance_id)
                .with_error_code(code(&left))
        });
        LeaveGroupResponse::default().with_members(members.collect())
    };
    drop(state);
    call.shared.announce();
    answer
}
