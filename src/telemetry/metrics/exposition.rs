//! The text that Prometheus reads: what the handles counted, and what is known only when asked.

use std::fmt::Write;

use super::catalogue::{self as all, Metric};
use super::registry::RECORDER;
use super::{boards, partitions, process};
use crate::telemetry::health::{Health, HoldCause, Readiness};

/// Moves what the handles counted into their buckets; call it every few seconds, or memory grows.
pub fn upkeep() {
    RECORDER.handle().run_upkeep();
}

/// All metrics, in Prometheus' text format.
pub fn exposition(health: &Health) -> String {
    let mut text = RECORDER.handle().render();
    let (mut ready, mut holds) = (Vec::new(), Vec::new());
    for route in health.routes() {
        let label = route.label();
        let is_ready = health.readiness_of(route) == Readiness::Ready;
        ready.push((vec![label.to_owned()], f64::from(u8::from(is_ready))));
        let causes = health.causes_of(route);
        holds.extend(HoldCause::ALL.map(|cause| {
            let holds = u8::from(causes.contains(&cause));
            (vec![cause.name().to_owned(), label.to_owned()], f64::from(holds))
        }));
    }
    family(&mut text, &all::READY, ready);
    family(&mut text, &all::HOLD, holds);
    let staleness = boards::consent_staleness().as_secs_f64();
    family(&mut text, &all::CONSENT_STALENESS, [(vec![], staleness)]);
    by_partition(&mut text);
    of_process(&mut text);
    text
}

/// The metrics of a process that is no gate (a webhook adapter, a verifier): what it counted, and the
/// process. It decides nothing, so it has no word on whether a gate is ready.
pub fn exposition_of_adapter() -> String {
    let mut text = RECORDER.handle().render();
    of_process(&mut text);
    text
}

fn of_process(text: &mut String) {
    if let Some((version, librdkafka)) = boards::build() {
        let labels = vec![version.to_owned(), librdkafka.to_owned()];
        family(text, &all::BUILD_INFO, [(labels, 1.0)]);
    }
    for (metric, value) in process::readings() {
        family(text, &metric, [(vec![], value)]);
    }
}

fn by_partition(text: &mut String) {
    let (mut messages, mut ages) = (Vec::new(), Vec::new());
    for (route, lags) in partitions::lags() {
        let of_route = |rows: Vec<(Vec<String>, f64)>| {
            let label = route.label().to_owned();
            rows.into_iter()
                .map(move |(values, value)| ([values, vec![label.clone()]].concat(), value))
        };
        let counts = lags.iter().map(|(partition, lag)| (*partition, lag.messages as f64));
        messages.extend(of_route(rows("outbound", counts)));
        let waits = lags.iter().map(|(partition, lag)| (*partition, lag.age.as_secs_f64()));
        ages.extend(of_route(rows("outbound", waits)));
    }
    family(text, &all::CONSUMER_LAG_MESSAGES, messages);
    family(text, &all::CONSUMER_LAG_SECONDS, ages);

    use crate::consent::Topic;
    let open = partitions::open_transactions();
    let mut all_rows = Vec::new();
    for topic in Topic::ALL {
        let of_topic = open.iter().filter(|((other, _), _)| *other == topic);
        let values = of_topic.map(|((_, partition), records)| (*partition, *records as f64));
        all_rows.extend(rows(topic.name(), values));
    }
    family(text, &all::CONSENT_HW_MINUS_LSO, all_rows);
}

fn rows(
    topic: &str,
    values: impl Iterator<Item = (crate::consent::Partition, f64)>,
) -> Vec<(Vec<String>, f64)> {
    partitions::bounded(values)
        .into_iter()
        .map(|(partition, value)| (vec![topic.to_owned(), partition], value))
        .collect()
}

/// Writes one metric with its rows of label values; nothing if there are none.
fn family(text: &mut String, metric: &Metric, rows: impl IntoIterator<Item = (Vec<String>, f64)>) {
    let mut rows = rows.into_iter().peekable();
    if rows.peek().is_none() {
        return;
    }
    let name = metric.name;
    // Writing to a string cannot fail.
    let _ = writeln!(text, "# HELP {name} {}", metric.help());
    let _ = writeln!(text, "# TYPE {name} {}", metric.kind.name());
    for (values, value) in rows {
        let labels: Vec<String> = metric
            .labels
            .iter()
            .zip(values)
            .filter(|(_, value)| !value.is_empty())
            .map(|(label, value)| format!("{label}=\"{}\"", escaped(&value)))
            .collect();
        let _ = match labels.is_empty() {
            true => writeln!(text, "{name} {value}"),
            false => writeln!(text, "{name}{{{}}} {value}", labels.join(",")),
        };
    }
    text.push('\n');
}

fn escaped(value: &str) -> String {
    value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}
