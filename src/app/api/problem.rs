//! What went wrong, as problem details (RFC 9457). It quotes nothing of the question.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use crate::telemetry::HoldCause;

/// A question that was not answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Problem {
    /// No token, or another one.
    Unauthorized,
    /// The type of the body is none that is read here.
    UnknownType,
    /// The body is too large.
    TooLarge,
    /// It asks about too many, of at most so many.
    TooMany(usize),
    /// The question cannot be read.
    Unreadable(String),
    /// The gate holds.
    Held(HoldCause),
    /// So many others are being answered.
    Busy,
    /// There is no such route; these there are.
    UnknownRoute(Vec<String>),
    /// The lane's breaker is not tripped.
    NotTripped,
    /// A defect.
    Broken,
}

impl Problem {
    pub(super) fn status(&self) -> StatusCode {
        match self {
            Self::Unauthorized => StatusCode::UNAUTHORIZED,
            Self::UnknownType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::TooLarge | Self::TooMany(_) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Unreadable(_) => StatusCode::BAD_REQUEST,
            Self::Held(_) | Self::Busy => StatusCode::SERVICE_UNAVAILABLE,
            Self::UnknownRoute(_) => StatusCode::NOT_FOUND,
            Self::NotTripped => StatusCode::CONFLICT,
            Self::Broken => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    fn detail(&self) -> String {
        match self {
            Self::Unauthorized => "show the token as `Authorization: Bearer TOKEN`".to_owned(),
            Self::UnknownType => {
                "send application/json or application/x-protobuf (proto/api.proto)".to_owned()
            }
            Self::TooLarge => "the body is larger than api.max_body; ask in parts".to_owned(),
            Self::TooMany(max) => format!("ask about at most {max} at once (api.max_items)"),
            Self::Unreadable(why) => why.clone(),
            Self::Held(cause) => format!("the gate holds: {}", cause.advice()),
            Self::Busy => "too many questions at once (api.max_waiting); try again".to_owned(),
            Self::UnknownRoute(known) => {
                format!("there is no such route; there are: {}", known.join(", "))
            }
            Self::NotTripped => {
                "the breaker of this lane is not tripped; GET /v1/lanes shows those that are"
                    .to_owned()
            }
            Self::Broken => "the gate is broken and is about to end; see its log".to_owned(),
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = self.status();
        let cause = match &self {
            Self::Held(cause) => Some(cause.name()),
            _ => None,
        };
        let mut body = serde_json::json!({
            "type": "about:blank",
            "title": status.canonical_reason(),
            "status": status.as_u16(),
            "detail": self.detail(),
        });
        if let (Some(cause), Some(fields)) = (cause, body.as_object_mut()) {
            fields.insert("cause".to_owned(), cause.into());
        }
        let mut response = (status, body.to_string()).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        match self {
            Self::Unauthorized => {
                headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
            }
            Self::Held(_) | Self::Busy => {
                headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
            }
            _ => {}
        }
        response
    }
}
