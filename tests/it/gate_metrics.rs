//! What a gate at work shows on /metrics, as Prometheus would read it.
//!
//! The gate is a process of its own: metrics are one registry a process, and other tests count too.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::{Command, Stdio};

use consentgate::broker::{Broker, BrokerConfig};
use consentgate::telemetry::metrics::SERIES_MAX;

use crate::support::child::GateHome;
use crate::support::gate::await_that;
use crate::support::stage::Stage;
use crate::support::world::{grant, now_ms, withdraw};

/// The samples of an exposition, by name and labels.
struct Samples(BTreeMap<String, f64>);

impl Samples {
    fn of(text: &str) -> Self {
        let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
        let samples = lines.map(|line| {
            let (series, value) = line.rsplit_once(' ').expect("a value");
            (series.to_owned(), value.parse().expect("a number"))
        });
        Self(samples.collect())
    }

    /// The value of one series; what is not there is told apart from zero.
    fn get(&self, series: &str) -> Option<f64> {
        self.0.get(series).copied()
    }

    /// The values of all series of one metric.
    fn all(&self, name: &str) -> Vec<f64> {
        let of_metric = |series: &str| series.split('{').next() == Some(name);
        self.0.iter().filter(|(series, _)| of_metric(series)).map(|(_, value)| *value).collect()
    }

    fn sum(&self, name: &str) -> f64 {
        self.all(name).iter().sum()
    }
}

/// The body of one page.
fn page(address: &str, path: &str) -> String {
    let mut stream = TcpStream::connect(address).expect("the admin page");
    let request = format!("GET {path} HTTP/1.1\r\nHost: gate\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).expect("asked");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("answered");
    let (_, body) = answer.split_once("\r\n\r\n").expect("a body");
    body.to_owned()
}

/// Where the admin page listens, by the log.
fn address(log: &str) -> Option<String> {
    let line = log.lines().find(|line| line.contains("gate.started"))?;
    let from = line.find("127.0.0.1:")?;
    let address = &line[from..];
    let end = address.find(|c: char| !c.is_ascii_digit() && c != '.' && c != ':');
    Some(address[..end.unwrap_or(address.len())].to_owned())
}

/// Prometheus' own linter, where it is installed; CI has it.
fn assert_promtool_likes(text: &str) {
    let promtool = Command::new("promtool")
        .args(["check", "metrics"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let Ok(mut promtool) = promtool else {
        eprintln!("promtool is not installed: the exposition was not linted");
        return;
    };
    promtool.stdin.take().expect("a pipe").write_all(text.as_bytes()).expect("written");
    let said = promtool.wait_with_output().expect("ended");
    let words = [said.stdout, said.stderr].concat();
    assert!(said.status.success(), "{}", String::from_utf8_lossy(&words));
}

#[test]
fn a_gate_at_work_tells_what_it_does() {
    let broker = Broker::start(BrokerConfig::default()).expect("a broker");
    let stage = Stage::new(&broker.bootstrap(), "metrics", 3);
    let grants = [1, 2, 3, 4, 5].map(|person| grant("cafe", person, &["offers"], now_ms() - 5_000));
    stage.consent(&grants);
    stage.consent(&[withdraw("cafe", 2)]);
    stage.offers(&[1, 2, 3, 4, 5, 6], 0);
    let home = GateHome::new(&stage.toml(""));
    let gate = home.start("gate-0");
    await_that("the admin page listens", || address(&home.log("gate-0")).is_some());
    let address = address(&home.log("gate-0")).expect("an address");
    let mut text = String::new();
    await_that("all six are decided, and their lag is known", || {
        text = page(&address, "/metrics");
        let now = Samples::of(&text);
        let lags = now.all("consentgate_consumer_lag_messages");
        now.sum("consentgate_decisions_total") == 6.0
            && lags == [0.0; 3]
            && now.get("consentgate_index_entries{kind=\"grants\"}") == Some(5.0)
            && now.get("consentgate_ready") == Some(1.0)
    });
    assert_decisions(&Samples::of(&text));
    assert_consent(&Samples::of(&text));
    assert_state(&Samples::of(&text));
    assert_promtool_likes(&text);
    assert!(!text.contains("999100"), "a number is shown");
    assert_eq!(gate.terminate(), 0);
}

fn assert_decisions(samples: &Samples) {
    let suppressed = |reason: &str| {
        let labels = format!("decision=\"suppress\",reason=\"{reason}\",scope=\"offers\"");
        samples.get(&format!("consentgate_decisions_total{{{labels}}}"))
    };
    let allowed =
        "consentgate_decisions_total{decision=\"allow\",reason=\"none\",scope=\"offers\"}";
    assert_eq!(samples.get(allowed), Some(4.0));
    assert_eq!(suppressed("withdrawn"), Some(1.0));
    assert_eq!(suppressed("no_grant"), Some(1.0));
    assert_eq!(suppressed("blocked"), Some(0.0), "a counter begins at zero");
    let produced = |topic: &str| {
        samples.get(&format!("consentgate_messages_produced_total{{topic=\"{topic}\"}}"))
    };
    assert_eq!((produced("allowed"), produced("audit")), (Some(4.0), Some(2.0)));
    let committed = samples.get("consentgate_transactions_total{result=\"commit\"}");
    let committed = committed.expect("transactions");
    assert!(committed >= 1.0, "{committed}");
    // The policy lies beside the first receipt.
    assert_eq!(produced("receipts"), Some(committed + 1.0));
    assert!(samples.sum("consentgate_messages_consumed_total") >= 6.0);
    assert!(samples.sum("consentgate_bytes_consumed_total") > 6.0 * 200.0);
    assert_eq!(samples.sum("consentgate_e2e_latency_seconds_count"), committed);
    assert!(samples.sum("consentgate_batch_messages_count") >= 1.0);
    for stage in ["poll", "fence", "decode", "decide", "produce", "commit"] {
        let count = format!("consentgate_batch_duration_seconds_count{{stage=\"{stage}\"}}");
        assert!(samples.get(&count).is_some_and(|count| count >= 1.0), "{stage}");
    }
}

fn assert_consent(samples: &Samples) {
    let applied = |event: &str| {
        samples.get(&format!("consentgate_consent_events_applied_total{{event=\"{event}\"}}"))
    };
    assert_eq!((applied("grant"), applied("withdraw")), (Some(5.0), Some(1.0)));
    assert!(samples.sum("consentgate_fence_duration_seconds_count") >= 1.0);
    assert!(samples.sum("consentgate_fence_wait_seconds_count") >= 1.0);
    let staleness = samples.get("consentgate_consent_staleness_seconds").expect("a staleness");
    assert!((0.0..30.0).contains(&staleness), "{staleness}");
    let open = samples.all("consentgate_consent_hw_minus_lso_messages");
    assert!(!open.is_empty() && open.iter().all(|records| *records == 0.0), "{open:?}");
    assert_eq!(samples.get("consentgate_index_businesses"), Some(1.0));
    assert_eq!(samples.get("consentgate_index_entries{kind=\"objections\"}"), Some(1.0));
    assert_eq!(samples.get("consentgate_bootstrap_progress_ratio"), Some(1.0));
    let bootstrap = samples.get("consentgate_bootstrap_duration_seconds");
    assert!(bootstrap.is_some_and(|seconds| seconds > 0.0), "{bootstrap:?}");
}

fn assert_state(samples: &Samples) {
    assert_eq!(samples.get("consentgate_ready"), Some(1.0));
    assert_eq!(samples.sum("consentgate_hold"), 0.0);
    assert_eq!(samples.get("consentgate_assigned_partitions"), Some(3.0));
    assert_eq!(samples.all("consentgate_consumer_lag_seconds"), [0.0; 3]);
    let rebalanced = samples.get("consentgate_rebalances_total{kind=\"assign\"}");
    assert!(rebalanced.is_some_and(|count| count >= 1.0), "{rebalanced:?}");
    assert_eq!(samples.all("consentgate_invariant_violations_total"), [0.0; 4]);
    assert_eq!(samples.sum("consentgate_producer_replacements_total"), 0.0);
    assert_eq!(samples.sum("consentgate_build_info"), 1.0);
    assert!(samples.0.len() <= SERIES_MAX, "{} series", samples.0.len());
}
