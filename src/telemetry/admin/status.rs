//! The status as JSON, and one part as a line.

use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};

use crate::consent::RouteName;
use crate::telemetry::health::{Change, Health, PartView, Readiness};
use crate::telemetry::metrics;

/// One part as a line: what it does, why, and what helps.
pub(super) fn line(view: &PartView) -> String {
    let (part, state, seconds) = (view.part, view.state.name(), view.lasts.as_secs());
    match view.state.cause() {
        Some(cause) => {
            let (name, advice) = (cause.name(), cause.advice());
            format!("{part}: {state}, {name}, for {seconds} s: {advice}\n")
        }
        None => format!("{part}: {state} for {seconds} s\n"),
    }
}

/// Everything that the boards know.
pub(super) fn status(health: &Health, about: &Value) -> Value {
    let lags = metrics::lags().into_iter();
    let lags = lags.flat_map(|(route, lags)| lags.into_iter().map(move |lag| (route, lag)));
    let lags = lags.map(|(route, (partition, lag))| {
        json!({
            "route": route.word(),
            "partition": partition.0,
            "messages": lag.messages,
            "age_seconds": lag.age.as_secs_f64(),
        })
    });
    json!({
        "ready": health.readiness() == Readiness::Ready,
        "uptime_seconds": health.uptime().as_secs(),
        "consent_staleness_seconds": metrics::consent_staleness().as_secs_f64(),
        "routes": health.routes().map(|route| of_route(health, route)).collect::<Vec<_>>(),
        "parts": health.parts().iter().map(part).collect::<Vec<_>>(),
        "lag": lags.collect::<Vec<_>>(),
        "changes": health.changes().iter().map(change).collect::<Vec<_>>(),
        "about": about,
    })
}

fn of_route(health: &Health, route: RouteName) -> Value {
    let causes = health.causes_of(route);
    json!({
        "route": route.word(),
        "ready": health.readiness_of(route) == Readiness::Ready,
        "causes": causes.iter().map(|cause| cause.name()).collect::<Vec<_>>(),
    })
}

fn part(view: &PartView) -> Value {
    let cause = view.state.cause();
    json!({
        "part": view.part.to_string(),
        "route": view.part.route().map(|route| route.to_string()),
        "state": view.state.name(),
        "cause": cause.map(|cause| cause.name()),
        "advice": cause.map(|cause| cause.advice()),
        "seconds": view.lasts.as_secs_f64(),
    })
}

fn change(change: &Change) -> Value {
    json!({
        "at_ms": millis(change.at),
        "part": change.part.to_string(),
        "from": change.from.name(),
        "to": change.to.name(),
        "cause": change.to.cause().map(|cause| cause.name()),
    })
}

fn millis(at: SystemTime) -> u64 {
    let since = at.duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}
