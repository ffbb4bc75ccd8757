//! Who is in a group.

use std::io;
use std::time::Instant;

use kafka_protocol::ResponseError;
use kafka_protocol::messages::{
    ApiKey, ConsumerGroupDescribeRequest, DescribeGroupsRequest, FindCoordinatorRequest, GroupId,
};
use kafka_protocol::protocol::StrBytes;

use super::{Questions, answers};
use crate::kafka::line::{Address, Connection, odd};
use crate::stream::Fault;

/// Kafka 1.0 and later.
const COORDINATOR_VERSION: i16 = 1;
/// The kind of key that names a group.
const GROUP: i8 = 0;
/// Groups of the classic protocol, Kafka 2.4 and later.
const CLASSIC_VERSION: i16 = 5;
/// Groups of the protocol of KIP-848, Kafka 4.0 and later.
const CONSUMER_VERSION: i16 = 0;

/// A client in a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupMember {
    /// What it calls itself (`client.id`).
    pub client: String,
    /// The host that it comes from.
    pub host: String,
}

impl Questions {
    /// The members of a group; none where nobody ever joined it.
    ///
    /// # Errors
    /// The group's coordinator does not answer, or may not be asked.
    pub fn members(&self, group: &str) -> Result<Vec<GroupMember>, Fault> {
        let what = format!("asking who is in group {group}");
        self.ask(&what, |line, deadline| {
            let coordinator = coordinator(line, group, deadline)?;
            let mut line = Connection::open(&coordinator, &self.entrance, deadline)?;
            members(&mut line, group, deadline)
        })
    }
}

fn coordinator(line: &mut Connection, group: &str, deadline: Instant) -> io::Result<Address> {
    let request = FindCoordinatorRequest::default().with_key(text(group)).with_key_type(GROUP);
    let found = line.call(&request, COORDINATOR_VERSION, deadline)?;
    refuse(found.error_code)?;
    let port = u16::try_from(found.port).map_err(odd)?;
    Ok(Address { host: found.host.to_string(), port })
}

fn members(line: &mut Connection, group: &str, deadline: Instant) -> io::Result<Vec<GroupMember>> {
    if answers(line, ApiKey::ConsumerGroupDescribe, CONSUMER_VERSION, deadline)? {
        let request =
            ConsumerGroupDescribeRequest::default().with_group_ids(vec![GroupId(text(group))]);
        let told = line.call(&request, CONSUMER_VERSION, deadline)?;
        let told = told.groups.into_iter().next().ok_or_else(|| odd("no group was told"))?;
        // Not found: it is a classic one, or there is none.
        if told.error_code != ResponseError::GroupIdNotFound.code() {
            refuse(told.error_code)?;
            let member = |client: &StrBytes, host: &StrBytes| member_of(client, host);
            return Ok(told
                .members
                .iter()
                .map(|one| member(&one.client_id, &one.client_host))
                .collect());
        }
    }
    let request = DescribeGroupsRequest::default().with_groups(vec![GroupId(text(group))]);
    let told = line.call(&request, CLASSIC_VERSION, deadline)?;
    let told = told.groups.into_iter().next().ok_or_else(|| odd("no group was told"))?;
    refuse(told.error_code)?;
    Ok(told.members.iter().map(|one| member_of(&one.client_id, &one.client_host)).collect())
}

fn member_of(client: &StrBytes, host: &StrBytes) -> GroupMember {
    GroupMember { client: client.to_string(), host: host.trim_start_matches('/').to_owned() }
}

/// An error in an answer is no answer.
fn refuse(code: i16) -> io::Result<()> {
    match ResponseError::try_from_code(code) {
        None => Ok(()),
        Some(error @ ResponseError::GroupAuthorizationFailed) => {
            let what = format!("{error}; it takes the right to describe the group");
            Err(io::Error::new(io::ErrorKind::PermissionDenied, what))
        }
        Some(error) => Err(io::Error::other(error.to_string())),
    }
}

fn text(value: &str) -> StrBytes {
    StrBytes::from_string(value.to_owned())
}
