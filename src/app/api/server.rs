//! Routes and the server.

use std::future::Future;
use std::sync::Arc;
use std::time::Instant;

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{DefaultBodyLimit, RawQuery, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;

use super::audit::Audit;
use super::doors::{Doors, door_of, route_in};
use super::lanes;
use super::problem::Problem;
use super::token::ApiToken;
use crate::config::ApiConfig;
use crate::stream::{Answers, FenceBoard, SystemClock, Unanswered};
use crate::telemetry::metrics::{Asked, AskedResult};
use crate::telemetry::{HttpLimits, serve_http};
use crate::wire::api::{Check, Encoding, Recheck, counts, verdicts};
use crate::wire::formats::Texts;

/// How a gate answers.
pub type GateAnswers = Answers<Arc<FenceBoard>, Arc<SystemClock>>;

/// What the questions are answered with.
#[derive(Debug)]
pub(super) struct ApiState {
    pub(super) doors: Arc<Doors>,
    token: ApiToken,
    max_items: usize,
    max_body: usize,
    waiting: Arc<Semaphore>,
    audit: Audit,
}

impl ApiState {
    /// Answers within the limits of the configuration, for who shows the token.
    pub(super) fn new(doors: Arc<Doors>, token: ApiToken, config: &ApiConfig) -> Self {
        Self {
            doors,
            token,
            max_items: config.max_items,
            max_body: config.max_body,
            waiting: Arc::new(Semaphore::new(config.max_waiting)),
            audit: Audit::new(),
        }
    }
}

/// Serves until `shutdown` ends.
///
/// # Errors
/// The listener fails.
pub(super) async fn serve_api(
    listener: TcpListener,
    state: ApiState,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    let state = Arc::new(state);
    let router = axum::Router::new()
        .route(
            "/v1/recheck",
            post(async |state, query, headers, body| {
                ask(Asked::Recheck, state, query, headers, body).await
            }),
        )
        .route(
            "/v1/check",
            post(async |state, query, headers, body| {
                ask(Asked::Check, state, query, headers, body).await
            }),
        )
        .route("/v1/lanes", get(lanes::show))
        .route("/v1/lanes/release", post(lanes::release))
        .layer(DefaultBodyLimit::max(state.max_body))
        .layer(middleware::from_fn_with_state(state.clone(), only_with_token))
        .with_state(state);
    serve_http(listener, router, HttpLimits::SERVICE, shutdown).await
}

/// Before anything of the body is read.
async fn only_with_token(
    State(state): State<Arc<ApiState>>,
    request: Request,
    next: Next,
) -> Response {
    let shown = request.headers().get(header::AUTHORIZATION).map(HeaderValue::as_bytes);
    if state.token.lets_in(shown) {
        return next.run(request).await;
    }
    let asked = match request.uri().path() {
        "/v1/check" => Asked::Check,
        _ => Asked::Recheck,
    };
    state.audit.unanswered(asked, AskedResult::Unauthorized);
    Problem::Unauthorized.into_response()
}

async fn ask(
    asked: Asked,
    State(state): State<Arc<ApiState>>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    match answer(asked, &state, query.as_deref(), &headers, body).await {
        Ok((encoding, body)) => {
            let kind = HeaderValue::from_static(match encoding {
                Encoding::Protobuf => "application/x-protobuf",
                Encoding::Json => "application/json",
            });
            // An answer holds for its instant alone.
            let no_store = (header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
            ([(header::CONTENT_TYPE, kind), no_store], body).into_response()
        }
        Err(problem) => {
            let result = match problem {
                Problem::Held(_) => AskedResult::Held,
                Problem::Busy => AskedResult::Busy,
                _ => AskedResult::Refused,
            };
            state.audit.unanswered(asked, result);
            problem.into_response()
        }
    }
}

async fn answer(
    asked: Asked,
    state: &Arc<ApiState>,
    query: Option<&str>,
    headers: &HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<(Encoding, Vec<u8>), Problem> {
    let encoding = encoding_of(headers).ok_or(Problem::UnknownType)?;
    let answers = door_of(&state.doors, route_in(query)?)?.answers.clone();
    let body = body.map_err(|rejection| match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => Problem::TooLarge,
        _ => Problem::Unreadable("the body did not come whole".to_owned()),
    })?;
    let turn = state.waiting.clone().try_acquire_owned().map_err(|_| Problem::Busy)?;
    let state = state.clone();
    let decided = tokio::task::spawn_blocking(move || {
        let _turn = turn;
        decide(asked, &state, &answers, encoding, &body)
    });
    // A panic inside is a defect, and no yes.
    let body = decided.await.map_err(|_| Problem::Broken)??;
    Ok((encoding, body))
}

fn encoding_of(headers: &HeaderMap) -> Option<Encoding> {
    let kind = headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
    match kind.split(';').next()?.trim() {
        "application/json" => Some(Encoding::Json),
        "application/x-protobuf" | "application/protobuf" => Some(Encoding::Protobuf),
        _ => None,
    }
}

/// Reads, decides and writes the answer, on a thread that may wait.
fn decide(
    asked: Asked,
    state: &ApiState,
    answers: &GateAnswers,
    encoding: Encoding,
    body: &[u8],
) -> Result<Vec<u8>, Problem> {
    let began = Instant::now();
    let arrival = answers.arrived();
    let unreadable =
        |error: crate::wire::api::QuestionError| Problem::Unreadable(error.to_string());
    let within = |items: usize| match items <= state.max_items {
        true => Ok(()),
        false => Err(Problem::TooMany(state.max_items)),
    };
    let (tally, body) = match asked {
        Asked::Recheck => {
            let question = Recheck::read(encoding, body).map_err(unreadable)?;
            within(question.len())?;
            let texts = Texts::default();
            let messages = question.messages(answers.format(), answers.policy(), &texts);
            let answered = answers.decide(arrival, &messages).map_err(unanswered)?;
            (answered.tally, verdicts(encoding, answered.now_ms, &answered.decisions))
        }
        Asked::Check => {
            let question = Check::read(encoding, body).map_err(unreadable)?;
            within(question.len())?;
            let messages = question.messages(arrival.wall_ms);
            let answered = answers.decide(arrival, &messages).map_err(unanswered)?;
            let body = counts(encoding, answered.now_ms, &answered.tally);
            (answered.tally, body)
        }
    };
    state.audit.answered(asked, &tally, began.elapsed());
    Ok(body)
}

fn unanswered(why: Unanswered) -> Problem {
    match why {
        Unanswered::Held(cause) => Problem::Held(cause),
        Unanswered::Broken(fault) => {
            tracing::error!(%fault, "api.broken");
            Problem::Broken
        }
    }
}
