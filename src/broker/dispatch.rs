//! Which requests are answered, in which versions, and by whom.
//!
//! Knows every API by name and none from the inside. A request that is not in
//! the table ends the connection, as in Kafka; only ApiVersions is answered in
//! any version, with the table.

use std::io;

use kafka_protocol::ResponseError;
use kafka_protocol::messages::ApiKey;
use kafka_protocol::protocol::{Decodable, Encodable};

use super::api;
use super::config::NodeId;
use super::frame::{Answer, Request, malformed};
use super::shared::Shared;

/// The APIs with their lowest and highest version.
pub(super) const VERSIONS: &[(ApiKey, i16, i16)] = &[
    (ApiKey::Produce, 3, 10),
    (ApiKey::Fetch, 4, 16),
    (ApiKey::ListOffsets, 1, 7),
    (ApiKey::Metadata, 0, 12),
    (ApiKey::OffsetCommit, 2, 9),
    (ApiKey::OffsetFetch, 1, 9),
    (ApiKey::FindCoordinator, 0, 4),
    (ApiKey::JoinGroup, 0, 7),
    (ApiKey::Heartbeat, 0, 4),
    (ApiKey::LeaveGroup, 0, 5),
    (ApiKey::SyncGroup, 0, 5),
    (ApiKey::DescribeGroups, 0, 5),
    (ApiKey::ApiVersions, 0, 3),
    (ApiKey::CreateTopics, 2, 4),
    (ApiKey::DeleteTopics, 1, 5),
    (ApiKey::DeleteRecords, 0, 2),
    (ApiKey::InitProducerId, 0, 4),
    (ApiKey::OffsetForLeaderEpoch, 2, 4),
    (ApiKey::AddPartitionsToTxn, 0, 3),
    (ApiKey::AddOffsetsToTxn, 0, 3),
    (ApiKey::EndTxn, 0, 3),
    (ApiKey::TxnOffsetCommit, 0, 3),
    (ApiKey::DescribeAcls, 1, 3),
    (ApiKey::DescribeConfigs, 1, 4),
    (ApiKey::CreatePartitions, 0, 3),
];

/// One request on its way through the broker.
#[derive(Debug)]
pub(super) struct Call<'a> {
    pub(super) shared: &'a Shared,
    /// The node whose port it came in by.
    pub(super) node: NodeId,
    pub(super) version: i16,
    pub(super) client: &'a str,
    /// The error that a fault puts in place of the work.
    pub(super) fault: Option<ResponseError>,
}

impl Call<'_> {
    /// Fails with the fault's error, if there is one.
    pub(super) fn injected(&self) -> Result<(), ResponseError> {
        self.fault.map_or(Ok(()), Err)
    }
}

/// The number of a result in an answer: 0, or the error's.
pub(super) fn code<T>(result: &Result<T, ResponseError>) -> i16 {
    result.as_ref().map_or_else(ResponseError::code, |_| 0)
}

/// Whether the table has this request.
pub(super) fn is_supported(api: ApiKey, version: i16) -> bool {
    VERSIONS.iter().any(|(known, low, high)| *known == api && (*low..=*high).contains(&version))
}

/// Handles a request. None: it wants no answer (acks=0).
pub(super) fn handle(call: &Call, request: Request) -> io::Result<Option<Answer>> {
    if request.api == ApiKey::ApiVersions {
        return api::versions::handle(call, &request).map(Some);
    }
    if !is_supported(request.api, request.version) {
        return Err(malformed("an api or version that is not supported"));
    }
    let answer = match request.api {
        ApiKey::Produce => return api::produce::handle(call, request),
        ApiKey::Fetch => api::fetch::handle(call, request),
        ApiKey::ListOffsets => typed(call, request, api::list_offsets::answer),
        ApiKey::Metadata => typed(call, request, api::metadata::answer),
        ApiKey::OffsetCommit => typed(call, request, api::offset_commit::answer),
        ApiKey::OffsetFetch => typed(call, request, api::offset_fetch::answer),
        ApiKey::FindCoordinator => typed(call, request, api::find_coordinator::answer),
        ApiKey::JoinGroup => typed(call, request, api::join_group::answer),
        ApiKey::Heartbeat => typed(call, request, api::membership::heartbeat),
        ApiKey::LeaveGroup => typed(call, request, api::membership::leave),
        ApiKey::SyncGroup => typed(call, request, api::sync_group::answer),
        ApiKey::DescribeGroups => typed(call, request, api::describe_groups::answer),
        ApiKey::CreateTopics => typed(call, request, api::create_topics::answer),
        ApiKey::DeleteTopics => typed(call, request, api::topic_changes::delete),
        ApiKey::DeleteRecords => typed(call, request, api::topic_changes::delete_records),
        ApiKey::CreatePartitions => typed(call, request, api::topic_changes::grow),
        ApiKey::InitProducerId => typed(call, request, api::init_producer_id::answer),
        ApiKey::OffsetForLeaderEpoch => typed(call, request, api::leader_epoch::answer),
        ApiKey::AddPartitionsToTxn => typed(call, request, api::add_to_txn::partitions),
        ApiKey::AddOffsetsToTxn => typed(call, request, api::add_to_txn::offsets),
        ApiKey::EndTxn => typed(call, request, api::end_txn::answer),
        ApiKey::TxnOffsetCommit => typed(call, request, api::txn_offset_commit::answer),
        ApiKey::DescribeAcls => typed(call, request, api::describe_acls::answer),
        ApiKey::DescribeConfigs => typed(call, request, api::describe_configs::answer),
        _ => Err(malformed("an api that is not supported")),
    };
    answer.map(Some)
}

/// Decodes, answers, encodes.
fn typed<Q: Decodable, A: Encodable>(
    call: &Call,
    mut request: Request,
    answer: impl FnOnce(&Call, Q) -> A,
) -> io::Result<Answer> {
    let decoded = Q::decode(&mut request.body, request.version).map_err(malformed)?;
    let body = answer(call, decoded);
    Answer::new(&request).body(&body, request.version)
}
