//! DescribeAcls: this broker has no authorizer, and says so as Kafka does.

use kafka_protocol::ResponseError;
use kafka_protocol::messages::{DescribeAclsRequest, DescribeAclsResponse};

use crate::broker::dispatch::Call;

pub(in super::super) fn answer(call: &Call, _: DescribeAclsRequest) -> DescribeAclsResponse {
    let error = call.fault.unwrap_or(ResponseError::SecurityDisabled);
    DescribeAclsResponse::default().with_error_code(error.code())
}
