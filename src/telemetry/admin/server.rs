//! Routes and the server.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{RawQuery, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Json, Response};
use axum::routing::get;
use tokio::net::TcpListener;

use super::status;
use crate::consent::RouteName;
use crate::telemetry::health::{Health, Readiness};
use crate::telemetry::http::{HttpLimits, serve_http};
use crate::telemetry::metrics;

/// The exporter's handles keep raw observations until they are moved into buckets.
const UPKEEP: Duration = Duration::from_secs(5);

/// What the admin page shows.
#[derive(Clone, Debug)]
pub struct AdminState {
    /// The board of the parts.
    pub health: Arc<Health>,
    /// What is fixed at the start: versions, instance, the effective configuration, redacted.
    pub about: Arc<serde_json::Value>,
}

/// Serves until `shutdown` ends.
///
/// # Errors
/// The listener fails.
pub async fn serve(
    listener: TcpListener,
    state: AdminState,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    serve_router(listener, router(state), shutdown).await
}

/// The pages of a gate, wherever they are served.
pub fn router(state: AdminState) -> axum::Router {
    axum::Router::new()
        .route("/metrics", get(exposition))
        .route("/live", get(live))
        .route("/ready", get(ready))
        .route("/status", get(full_status))
        .with_state(state)
}

/// Serves `/metrics` and `/live` of a webhook adapter or a verifier until `shutdown` ends.
///
/// # Errors
/// The listener fails.
pub async fn serve_adapter(
    listener: TcpListener,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    let router = axum::Router::new()
        .route("/metrics", get(async || as_text(metrics::exposition_of_adapter())))
        .route("/live", get(live));
    serve_router(listener, router, shutdown).await
}

async fn serve_router(
    listener: TcpListener,
    router: axum::Router,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    let upkeep = tokio::spawn(async {
        let mut tick = tokio::time::interval(UPKEEP);
        loop {
            tick.tick().await;
            metrics::upkeep();
        }
    });
    let served = serve_http(listener, router, HttpLimits::PAGE, shutdown).await;
    upkeep.abort();
    served
}

async fn exposition(State(state): State<AdminState>) -> Response {
    as_text(metrics::exposition(&state.health))
}

fn as_text(exposition: String) -> Response {
    let kind = [(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")];
    (kind, exposition).into_response()
}

/// The process answers; nothing more. A supervisor that restarted a gate because Kafka is away would
/// only make it start again.
async fn live() -> &'static str {
    "live\n"
}

/// All routes, or with `?route=NAME` one of them.
async fn ready(State(state): State<AdminState>, RawQuery(query): RawQuery) -> Response {
    let readiness = match query.as_deref().unwrap_or_default() {
        "" => state.health.readiness(),
        query => {
            let route = query.strip_prefix("route=").and_then(RouteName::parse);
            let known = |route: &RouteName| state.health.routes().any(|known| known == *route);
            match route.filter(known) {
                Some(route) => state.health.readiness_of(route),
                None => return (StatusCode::NOT_FOUND, "there is no such route\n").into_response(),
            }
        }
    };
    match readiness {
        Readiness::Ready => "ready\n".into_response(),
        Readiness::NotReady(parts) => {
            let lines: Vec<String> = parts.iter().map(status::line).collect();
            (StatusCode::SERVICE_UNAVAILABLE, lines.concat()).into_response()
        }
    }
}

async fn full_status(State(state): State<AdminState>) -> Json<serde_json::Value> {
    Json(status::status(&state.health, &state.about))
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::net::{SocketAddr, TcpStream};

    use super::*;
    use crate::telemetry::health::{HoldCause, Part, State as PartState};

    fn get_page(address: SocketAddr, path: &str) -> String {
        let mut stream = TcpStream::connect(address).expect("connected");
        write!(stream, "GET {path} HTTP/1.1\r\nHost: gate\r\nConnection: close\r\n\r\n")
            .expect("asked");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("answered");
        answer
    }

    /// Starts the page for the time of a test.
    fn with_page(test: impl FnOnce(&Health, SocketAddr)) {
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).expect("a port");
        let address = listener.local_addr().expect("an address");
        let state = AdminState {
            health: Arc::new(Health::new([(RouteName::MAIN, 1)])),
            about: Arc::new(serde_json::json!({"version": "0.1.0"})),
        };
        let health = Arc::clone(&state.health);
        let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
        let server = runtime.spawn(serve(listener, state, async {
            let _ = stopped.await;
        }));
        test(&health, address);
        let _ = stop.send(());
        runtime.block_on(server).expect("ended").expect("served");
    }

    #[test]
    fn ready_answers_503_with_the_cause_until_all_parts_are_ready() {
        with_page(|health, address| {
            let answer = get_page(address, "/ready");
            assert!(answer.starts_with("HTTP/1.1 503"), "{answer}");
            assert!(answer.contains("consent: starting"), "{answer}");
            health.set(Part::Consent, PartState::Ready);
            health.set(Part::Lane(RouteName::MAIN, 0), PartState::Ready);
            health.set(Part::Fence, PartState::Holding(HoldCause::FenceStale));
            let answer = get_page(address, "/ready");
            assert!(answer.starts_with("HTTP/1.1 503"), "{answer}");
            assert!(answer.contains("fence: holding, fence_stale"), "{answer}");
            assert!(!answer.contains("lane 0"), "{answer}");
            health.set(Part::Fence, PartState::Ready);
            assert!(get_page(address, "/ready").starts_with("HTTP/1.1 200"));
        });
    }

    #[test]
    fn ready_tells_of_one_route_who_asks_for_it() {
        with_page(|health, address| {
            for part in [Part::Consent, Part::Fence, Part::Lane(RouteName::MAIN, 0)] {
                health.set(part, PartState::Ready);
            }
            let codes = RouteName::parse("codes").expect("a name");
            health.set(Part::Lane(codes, 0), PartState::Holding(HoldCause::TopicUnusable));
            let answer = get_page(address, "/ready");
            assert!(answer.starts_with("HTTP/1.1 503"), "{answer}");
            assert!(answer.contains("route codes lane 0: holding, topic_unusable"), "{answer}");
            assert!(get_page(address, "/ready?route=main").starts_with("HTTP/1.1 200"));
            assert!(get_page(address, "/ready?route=codes").starts_with("HTTP/1.1 404"), "unknown");
        });
    }

    #[test]
    fn live_answers_while_the_gate_holds() {
        with_page(|health, address| {
            health.set(
                Part::Lane(RouteName::MAIN, 0),
                PartState::Holding(HoldCause::KafkaUnreachable),
            );
            assert!(get_page(address, "/live").starts_with("HTTP/1.1 200"));
        });
    }

    #[test]
    fn metrics_are_text_that_prometheus_reads() {
        with_page(|_, address| {
            let answer = get_page(address, "/metrics");
            assert!(answer.contains("content-type: text/plain; version=0.0.4"), "{answer}");
            assert!(answer.contains("\n# TYPE consentgate_ready gauge\n"), "{answer}");
        });
    }

    #[test]
    fn status_is_json_with_parts_causes_and_changes() {
        with_page(|health, address| {
            health.set(Part::Lane(RouteName::MAIN, 0), PartState::Holding(HoldCause::OffsetMoved));
            let answer = get_page(address, "/status");
            let (_, body) = answer.split_once("\r\n\r\n").expect("a body");
            let json: serde_json::Value = serde_json::from_str(body).expect("JSON");
            assert_eq!(json["ready"], false);
            assert_eq!(json["about"]["version"], "0.1.0");
            let lane = json["parts"].as_array().expect("parts").last().expect("a lane").clone();
            assert_eq!(lane["part"], "lane 0");
            assert_eq!(lane["cause"], "offset_moved");
            assert!(lane["advice"].as_str().is_some_and(|text| text.contains("--start-from")));
            assert_eq!(json["changes"][0]["to"], "holding");
        });
    }

    #[test]
    fn an_unknown_page_is_not_found() {
        with_page(|_, address| {
            assert!(get_page(address, "/").starts_with("HTTP/1.1 404"));
        });
    }
}
