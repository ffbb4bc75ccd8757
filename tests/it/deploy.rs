//! What lies in deploy/ and docs/ fits what the gate is.
//!
//! Metrics, alerts, limits and exit codes are named in files that no compiler reads. Here they are.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use consentgate::config::{Config, FileText, Host, Sources, load};
use consentgate::telemetry::metrics::{ALL, Kind, Metric};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn text(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// All files below a folder, with their texts.
fn texts(folder: &Path) -> Vec<(PathBuf, String)> {
    let entries = fs::read_dir(folder).expect("a folder");
    let paths = entries.map(|entry| entry.expect("an entry").path());
    paths
        .flat_map(|path| match path.is_dir() {
            true => texts(&path),
            false => vec![(path.clone(), fs::read_to_string(&path).expect("text"))],
        })
        .collect()
}

/// The words of a text that name a metric of ours.
fn metrics_named(text: &str) -> BTreeSet<&str> {
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let words = text.split(|c| !is_word(c));
    words
        .filter(|word| {
            let ours = word.starts_with("consentgate_") || word.starts_with("process_");
            ours && !word.ends_with('_')
        })
        .collect()
}

fn is_series_of(metric: &Metric, name: &str) -> bool {
    match (metric.kind, name.strip_prefix(metric.name)) {
        (_, None) => false,
        (Kind::Histogram(_), Some(end)) => ["_bucket", "_sum", "_count"].contains(&end),
        (Kind::Counter | Kind::Gauge, Some(end)) => end.is_empty(),
    }
}

fn config() -> Config {
    let path = PathBuf::from("deploy/gate.toml");
    let file = FileText { text: text("deploy/gate.toml"), path };
    let sources = Sources { file: Some(file), environment: Vec::new(), flags: Vec::new() };
    let host = Host { name: Some("gate-0".to_owned()), cores: 2, ..Host::detect() };
    match load(&sources, &host) {
        Ok(loaded) => loaded.config,
        Err(problems) => panic!("deploy/gate.toml: {problems}"),
    }
}

/// The alerts, each as the lines between its name and the next one's.
fn alerts() -> Vec<(String, String)> {
    let rules = text("deploy/prometheus/alerts.yml");
    let parts = rules.split("- alert: ").skip(1);
    parts
        .map(|part| {
            let (name, rest) = part.split_once('\n').expect("a name");
            (name.trim().to_owned(), rest.to_owned())
        })
        .collect()
}

/// The value behind a key, in a file of `key: value` or `key=value` lines.
fn value_of(text: &str, key: &str) -> String {
    let value = |line: &str| {
        let rest = line.trim().strip_prefix(key)?;
        Some(rest.strip_prefix([':', '='])?.trim().to_owned())
    };
    text.lines().find_map(value).unwrap_or_else(|| panic!("no {key}"))
}

#[test]
fn every_metric_named_in_deploy_exists() {
    let files = texts(&root().join("deploy"));
    let mut found = BTreeSet::new();
    for (path, text) in &files {
        for name in metrics_named(text) {
            let exists = ALL.iter().any(|metric| is_series_of(metric, name));
            assert!(exists, "{}: there is no metric {name}", path.display());
            found.insert(name.to_owned());
        }
    }
    assert!(found.len() > 25, "the files name metrics: {found:?}");
}

#[test]
fn every_metric_named_in_the_runbook_exists() {
    let runbook = text("docs/runbook.md");
    let names = metrics_named(&runbook);
    assert!(names.len() > 5, "{names:?}");
    for name in names {
        // People say the name of the histogram, not of its series.
        let exists = ALL.iter().any(|m| m.name == name || is_series_of(m, name));
        assert!(exists, "there is no metric {name}");
    }
}

#[test]
fn every_alert_says_how_urgent_it_is_and_has_a_section_in_the_runbook() {
    let runbook = text("docs/runbook.md");
    let alerts = alerts();
    assert!(alerts.len() >= 8, "{alerts:?}");
    for (name, rule) in &alerts {
        for key in ["severity: ", "summary: ", "description: ", "expr: "] {
            assert!(rule.contains(key), "{name} has no {key}");
        }
        let severity = value_of(rule, "severity");
        assert!(["page", "ticket"].contains(&severity.as_str()), "{name}: {severity}");
        let anchor = format!("runbook_url: docs/runbook.md#{}", name.to_lowercase());
        assert!(rule.contains(&anchor), "{name} points elsewhere");
        let section = runbook
            .split("\n## ")
            .find(|section| section.lines().next().is_some_and(|title| title == name));
        let section = section.unwrap_or_else(|| panic!("the runbook has no section {name}"));
        for part in ["**Meaning.**", "**Impact.**", "**Diagnosis", "itigation"] {
            assert!(section.contains(part), "{name}: the runbook has no {part}");
        }
    }
    for title in runbook.lines().filter_map(|line| line.strip_prefix("## ")) {
        assert!(alerts.iter().any(|(name, _)| name == title), "no alert {title}");
    }
}

#[test]
fn every_alert_is_tested() {
    let tests = text("deploy/prometheus/alerts_test.yml");
    for (name, _) in alerts() {
        let fires = tests.contains(&format!("alertname: {name}\n"))
            || tests.contains(&format!("alertname=\"{name}\""));
        assert!(fires, "no test lets {name} fire");
    }
}

#[test]
fn every_hold_cause_is_explained_in_the_runbook() {
    let runbook = text("docs/runbook.md");
    for cause in consentgate::telemetry::HoldCause::ALL {
        let elsewhere = cause.name() == "index_loading";
        let row = format!("\n| `{}` | ", cause.name());
        assert!(elsewhere || runbook.contains(&row), "{} has no row", cause.name());
    }
}

#[test]
fn the_example_configuration_can_be_loaded() {
    let config = config();
    assert_eq!(config.topics.outbound.to_string(), "outbound-messages");
    assert!(config.gate.start_from.is_none(), "a start position belongs on the command line");
    assert!(config.admin.listen.ip().is_loopback());
}

#[test]
fn supervisors_wait_longer_than_the_gate_needs_to_end() {
    let limit = config().gate.shutdown_limit;
    let unit = text("deploy/systemd/consentgate.service");
    let compose = text("deploy/compose.yaml");
    for wait in [value_of(&unit, "TimeoutStopSec"), value_of(&compose, "stop_grace_period")] {
        let seconds = wait.strip_suffix('s').and_then(|seconds| seconds.parse().ok());
        let wait = Duration::from_secs(seconds.expect("seconds"));
        assert!(wait > limit, "{wait:?} is not above {limit:?}");
    }
}

#[test]
fn a_unit_that_a_restart_does_not_mend_stays_down() {
    let unit = text("deploy/systemd/consentgate.service");
    let never = value_of(&unit, "RestartPreventExitStatus");
    let never: BTreeSet<&str> = never.split(' ').collect();
    assert!(never.contains("70") && never.contains("78"), "{never:?}");
    assert!(!never.contains("75") && !never.contains("69"), "{never:?}");
}

#[test]
fn the_dashboard_is_json_that_grafana_can_read() {
    let dashboard: serde_json::Value =
        serde_json::from_str(&text("deploy/grafana/dashboard.json")).expect("JSON");
    assert_eq!(dashboard["uid"], "consentgate");
    assert!(dashboard["id"].is_null(), "an id belongs to one Grafana only");
    let panels = dashboard["panels"].as_array().expect("panels");
    let is_row = |panel: &&serde_json::Value| panel["type"] == "row";
    let rows: Vec<_> = panels.iter().filter(is_row).map(|row| &row["title"]).collect();
    assert_eq!(rows[..3], ["Is it safe?", "Is it flowing?", "Why suppressed?"]);
    let mut ids = BTreeSet::new();
    for panel in panels {
        assert!(ids.insert(panel["id"].as_u64().expect("an id")), "{}", panel["title"]);
        if panel["type"] == "row" {
            continue;
        }
        let title = &panel["title"];
        assert!(panel["description"].as_str().is_some_and(|text| !text.is_empty()), "{title}");
        assert!(panel["fieldConfig"]["defaults"]["unit"].is_string(), "{title}");
        let targets = panel["targets"].as_array().expect("targets");
        assert!(!targets.is_empty(), "{title}");
        for target in targets {
            assert_eq!(target["datasource"]["uid"], "${datasource}", "{title}");
            assert!(target["expr"].as_str().is_some_and(|expr| expr.contains("$job")), "{title}");
        }
    }
}
