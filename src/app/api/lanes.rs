//! Lanes whose breakers are tripped: `GET /v1/lanes` shows them, `POST /v1/lanes/release` releases one.
//!
//! A release names who and why, and both are logged with what had tripped.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::response::{IntoResponse, Json, Response};
use serde::Deserialize;
use serde_json::{Value, json};

use super::doors::door_of;
use super::problem::Problem;
use super::server::ApiState;
use crate::consent::RouteName;
use crate::stream::{Release, Tripped};

/// The most characters of a name or a reason.
const WORDS_MAX: usize = 200;

/// The most messages that one release lets be suppressed.
const MESSAGES_MAX: u64 = 100_000_000;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Question {
    /// The first one if none is named.
    route: Option<String>,
    lane: u32,
    how: How,
    /// With `suppress`: within how many messages the breaker does not trip.
    messages: Option<u64>,
    operator: String,
    reason: String,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum How {
    /// Decide the batch again.
    Again,
    /// Suppress what is faulty.
    Suppress,
}

pub(super) async fn show(State(state): State<Arc<ApiState>>) -> Json<Value> {
    let mut lanes = Vec::new();
    for (route, door) in state.doors.iter() {
        let tripped = door.breakers.tripped();
        lanes.extend(tripped.into_iter().map(|(lane, tripped)| told(route.word(), lane, &tripped)));
    }
    Json(json!({"tripped": lanes}))
}

pub(super) async fn release(
    State(state): State<Arc<ApiState>>,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let released = body
        .map_err(|_| Problem::Unreadable("the body did not come whole".to_owned()))
        .and_then(|body| try_release(&state, &body));
    released.map_or_else(IntoResponse::into_response, |told| Json(told).into_response())
}

fn try_release(state: &ApiState, body: &[u8]) -> Result<Value, Problem> {
    let unreadable = |what: &str| Problem::Unreadable(what.to_owned());
    let question: Question = serde_json::from_slice(body).map_err(|_| {
        unreadable(
            "send a JSON object with lane, how (again or suppress), operator and reason; with \
             suppress, messages; for a lane of another route than main, route",
        )
    })?;
    let is_said = |text: &str| (1..=WORDS_MAX).contains(&text.trim().len());
    if !is_said(&question.operator) || !is_said(&question.reason) {
        return Err(unreadable("operator and reason must say who and why, in 200 bytes each"));
    }
    let release = match (question.how, question.messages) {
        (How::Again, None) => Release::Again,
        (How::Suppress, Some(messages)) if (1..=MESSAGES_MAX).contains(&messages) => {
            Release::Suppress { messages }
        }
        (How::Again, Some(_)) | (How::Suppress, _) => {
            return Err(unreadable(
                "messages goes with suppress only, and says within how many messages the breaker \
                 does not trip (1 to 100000000)",
            ));
        }
    };
    let lane = question.lane;
    let named = question.route.as_deref();
    let breakers = &door_of(&state.doors, named)?.breakers;
    let tripped = breakers.release(lane, release).ok_or(Problem::NotTripped)?;
    let route = named.unwrap_or(RouteName::MAIN_WORD);
    let (operator, reason) = (question.operator.trim(), question.reason.trim());
    let (messages, faulty) = (tripped.messages, tripped.faulty);
    tracing::warn!(route, lane, ?release, operator, reason, messages, faulty, "lane.released");
    Ok(json!({"released": told(route, lane, &tripped)}))
}

fn told(route: &str, lane: u32, tripped: &Tripped) -> Value {
    let reasons: serde_json::Map<String, Value> = tripped
        .reasons
        .iter()
        .map(|(reason, count)| (reason.name().to_owned(), (*count).into()))
        .collect();
    json!({
        "route": route,
        "lane": lane,
        "tripped_at_ms": tripped.at_ms,
        "messages": tripped.messages,
        "faulty": tripped.faulty,
        "reasons": reasons,
    })
}
