//! ApiVersions: what this broker answers.
//!
//! A version that is too new is answered in version 0 with error 35 and the
//! table, so that the client can ask again.

use std::io;

use kafka_protocol::ResponseError;
use kafka_protocol::messages::ApiVersionsResponse;
use kafka_protocol::messages::api_versions_response::ApiVersion;

use crate::broker::dispatch::{Call, VERSIONS, code, is_supported};
use crate::broker::frame::{Answer, Request};

pub(in super::super) fn handle(call: &Call, request: &Request) -> io::Result<Answer> {
    let table = VERSIONS
        .iter()
        .map(|(api, low, high)| {
            ApiVersion::default()
                .with_api_key(*api as i16)
                .with_min_version(*low)
                .with_max_version(*high)
        })
        .collect();
    let supported = is_supported(request.api, request.version);
    let (result, version) = match supported {
        true => (call.injected(), request.version),
        false => (Err(ResponseError::UnsupportedVersion), 0),
    };
    let body = ApiVersionsResponse::default().with_error_code(code(&result)).with_api_keys(table);
    Answer::new(request).body(&body, version)
}
