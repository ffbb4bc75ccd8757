//! DescribeGroups: a group's state and members, without subscriptions and assignments.
//!
//! A group that nobody ever named is dead, as in Kafka; asking does not make it.

use kafka_protocol::ResponseError;
use kafka_protocol::messages::describe_groups_response::{DescribedGroup, DescribedGroupMember};
use kafka_protocol::messages::{DescribeGroupsRequest, DescribeGroupsResponse, GroupId};

use super::text;
use crate::broker::dispatch::Call;
use crate::broker::group::Group;

/// From this version on a member's static instance is told.
const WITH_INSTANCES: i16 = 4;

pub(in super::super) fn answer(
    call: &Call,
    request: DescribeGroupsRequest,
) -> DescribeGroupsResponse {
    let state = call.shared.state();
    let groups = request.groups.into_iter().map(|id| {
        let ready = call.injected().and_then(|()| state.check_coordinator(call.node, id.as_str()));
        match (ready, state.groups.get(id.as_str())) {
            (Err(error), _) => refused(id, error),
            (Ok(()), None) => {
                DescribedGroup::default().with_group_id(id).with_group_state(text("Dead"))
            }
            (Ok(()), Some(group)) => described(call, id, group),
        }
    });
    DescribeGroupsResponse::default().with_groups(groups.collect())
}

fn refused(id: GroupId, error: ResponseError) -> DescribedGroup {
    DescribedGroup::default().with_group_id(id).with_error_code(error.code())
}

fn described(call: &Call, id: GroupId, group: &Group) -> DescribedGroup {
    let (protocol_type, protocol) = group.protocol();
    let members = group.members().map(|(member, instance, client)| {
        let instance = instance.filter(|_| call.version >= WITH_INSTANCES);
        DescribedGroupMember::default()
            .with_member_id(text(member))
            .with_group_instance_id(instance.map(text))
            .with_client_id(text(client))
            .with_client_host(text("/127.0.0.1"))
    });
    DescribedGroup::default()
        .with_group_id(id)
        .with_group_state(text(group.state_name()))
        .with_protocol_type(text(protocol_type))
        .with_protocol_data(text(protocol))
        .with_members(members.collect())
}
