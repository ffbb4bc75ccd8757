//! JoinGroup: waits until the rebalance ends, then tells the generation.
//!
//! The rules are the group's; here is the wait.

use std::time::{Duration, Instant};

use kafka_protocol::ResponseError;
use kafka_protocol::messages::join_group_response::JoinGroupResponseMember;
use kafka_protocol::messages::{JoinGroupRequest, JoinGroupResponse};

use super::text;
use crate::broker::dispatch::Call;
use crate::broker::group::{JoinRequest, JoinStep, Joined};

/// Kafka's longest session time-out, in milliseconds.
const SESSION_TIMEOUT_MAX_MS: i32 = 1_800_000;
/// How often a waiting member looks whether its time is over.
const LOOK: Duration = Duration::from_millis(20);
/// From this version on a new member must come back with the id it is given.
const ID_FIRST: i16 = 4;

pub(in super::super) fn answer(call: &Call, request: JoinGroupRequest) -> JoinGroupResponse {
    let group = request.group_id.to_string();
    let member = request.member_id.to_string();
    if let Err(error) = check(call, &request) {
        return refused(error, &member);
    }
    let step = {
        let mut state = call.shared.state();
        if let Err(error) = state.check_coordinator(call.node, &group) {
            return refused(error, &member);
        }
        let delay = Duration::from_millis(call.shared.config.initial_rebalance_delay_ms);
        state.group(&group).join(translate(call, request), delay, Instant::now())
    };
    call.shared.announce();
    match step {
        JoinStep::Refused(error, member) => refused(error, &member),
        JoinStep::In(member, joined) => welcome(call, &group, &member, joined),
        JoinStep::Wait(member) => match wait(call, &group, &member) {
            Ok(joined) => welcome(call, &group, &member, joined),
            Err(error) => refused(error, &member),
        },
    }
}

fn check(call: &Call, request: &JoinGroupRequest) -> Result<(), ResponseError> {
    call.injected()?;
    if request.group_id.is_empty() {
        return Err(ResponseError::InvalidGroupId);
    }
    let allowed = call.shared.config.session_timeout_min_ms..=SESSION_TIMEOUT_MAX_MS;
    if !allowed.contains(&request.session_timeout_ms) {
        return Err(ResponseError::InvalidSessionTimeout);
    }
    Ok(())
}

fn translate(call: &Call, request: JoinGroupRequest) -> JoinRequest {
    let millis = |ms: i32| Duration::from_millis(u64::try_from(ms).unwrap_or(0));
    // Version 0 has one time-out for both.
    let rebalance_timeout_ms = match request.rebalance_timeout_ms {
        ms if ms > 0 => ms,
        _ => request.session_timeout_ms,
    };
    JoinRequest {
        member: request.member_id.to_string(),
        instance: request.group_instance_id.map(|id| id.to_string()),
        prefix: call.client.to_owned(),
        session_timeout: millis(request.session_timeout_ms),
        rebalance_timeout: millis(rebalance_timeout_ms),
        protocol_type: request.protocol_type.to_string(),
        protocols: request
            .protocols
            .into_iter()
            .map(|protocol| (protocol.name.to_string(), protocol.metadata))
            .collect(),
        id_first: call.version >= ID_FIRST,
    }
}

fn wait(call: &Call, group: &str, member: &str) -> Result<Joined, ResponseError> {
    let mut state = call.shared.state();
    loop {
        if !state.answers(call.node) {
            return Err(ResponseError::CoordinatorNotAvailable);
        }
        let group = state.group(group);
        if group.try_complete(Instant::now()) {
            call.shared.announce();
        }
        if let Some(joined) = group.joined(member)? {
            return Ok(joined);
        }
        state = call.shared.wait(state, LOOK);
    }
}

fn refused(error: ResponseError, member: &str) -> JoinGroupResponse {
    JoinGroupResponse::default()
        .with_error_code(error.code())
        .with_generation_id(-1)
        .with_protocol_name(Some(text("")))
        .with_member_id(text(member))
}

fn welcome(call: &Call, group: &str, member: &str, joined: Joined) -> JoinGroupResponse {
    let mut state = call.shared.state();
    let (kind, protocol) = state.group(group).protocol();
    let members = joined
        .members
        .into_iter()
        .map(|(id, instance, metadata)| {
            JoinGroupResponseMember::default()
                .with_member_id(text(&id))
                .with_group_instance_id(instance.as_deref().map(text))
                .with_metadata(metadata)
        })
        .collect();
    JoinGroupResponse::default()
        .with_generation_id(joined.generation)
        .with_protocol_type(Some(text(kind)))
        .with_protocol_name(Some(text(protocol)))
        .with_leader(text(&joined.leader))
        .with_member_id(text(member))
        .with_members(members)
}
