//! A gate under test, in this process, with throw-away keys.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::{Duration, Instant};

use consentgate::app::{AppError, Gate, Prepared, prepare};
use consentgate::config::{Config, FileText, Host, Sources, load};
use consentgate::telemetry::{Health, Readiness};

use super::ledger::Ledger;
use super::topics::GateTopics;

/// A configuration as a file for these topics; `more` is added at its end.
pub fn gate_toml(bootstrap: &str, topics: &GateTopics, more: &str) -> String {
    let (pattern_a, pattern_b, pattern_c) = ("a1".repeat(32), "b2".repeat(32), "c3".repeat(32));
    let keys = [pattern_a, pattern_b, pattern_c];
    assert!(keys.iter().all(|key| key.len() == 64));
    format!(
        r#"
[kafka]
bootstrap = "{bootstrap}"
[topics]
consent_events = "{}"
consent_activity = "{}"
template_states = "{}"
outbound = "{}"
allowed = "{}"
audit = "{}"
receipts = "{}"
[admin]
listen = "127.0.0.1:0"
[gate]
group = "gate-{}"
start_from = "beginning"
session_timeout = "6s"
transaction_timeout = "5s"
{more}
"#,
        topics.consent_events,
        topics.consent_activity,
        topics.template_states,
        topics.outbound,
        topics.allowed,
        topics.audit,
        topics.receipts,
        topics.outbound,
    )
}

/// Key settings for tests, as environment variables of the gate; and grants on any text will do, for
/// hardly any test is about texts.
pub fn test_keys() -> Vec<(String, String)> {
    let key =
        |name: &str, digits: &str| (format!("CONSENTGATE__KEYS__{name}_KEY"), digits.repeat(16));
    let texts = ("CONSENTGATE__POLICY__CONSENT_TEXTS".to_owned(), "any".to_owned());
    let keys =
        [("SIGNING", "0a1b"), ("PSEUDONYM", "2c3d"), ("TOMBSTONE", "4e5f"), ("OPTOUT", "6a7b")];
    keys.map(|(name, digits)| key(name, digits)).into_iter().chain([texts]).collect()
}

/// The checked configuration.
pub fn config(toml: &str, instance: &str) -> Config {
    let sources = Sources {
        file: Some(FileText { path: PathBuf::from("gate.toml"), text: toml.to_string() }),
        environment: test_keys(),
        flags: Vec::new(),
    };
    let host = Host { name: Some(instance.to_string()), cores: 1, ..Host::detect() };
    match load(&sources, &host) {
        Ok(loaded) => loaded.config,
        Err(problems) => panic!("the test's configuration: {problems}"),
    }
}

/// Starts a gate, or says why not.
pub fn try_start(toml: &str, instance: &str) -> Result<Gate, AppError> {
    prepare(config(toml, instance)).and_then(start)
}

/// Lets a gate decide all that was written, and says what became of it.
pub fn decide_all(kafka: &str, toml: &str, topics: &GateTopics) -> Ledger {
    let gate = try_start(toml, "gate-0").expect("a gate");
    await_ready(&gate);
    let ledger = || Ledger::read(kafka, topics);
    await_that("all are decided", || ledger().lost().is_empty());
    gate.join(Duration::from_secs(20)).expect("an orderly end");
    ledger()
}

/// The boards of the gates of this process.
static STARTED: Mutex<Vec<Weak<Health>>> = Mutex::new(Vec::new());

/// Starts a prepared gate whose watchdog fails the test.
pub fn start(prepared: Prepared) -> Result<Gate, AppError> {
    let gate = prepared.start(|overrun| panic!("a call to Kafka hangs: {overrun:?}"))?;
    let mut started = STARTED.lock().unwrap_or_else(PoisonError::into_inner);
    started.push(Arc::downgrade(&gate.health));
    Ok(gate)
}

/// What the gates of this process wait for, for a test that waits in vain.
pub fn what_gates_wait_for() -> String {
    let started = STARTED.lock().unwrap_or_else(PoisonError::into_inner);
    let waiting = started.iter().filter_map(Weak::upgrade).map(|board| board.readiness());
    let waiting = waiting.filter_map(|readiness| match readiness {
        Readiness::Ready => None,
        Readiness::NotReady(parts) => Some(parts),
    });
    match waiting.map(|parts| format!("{parts:?}")).collect::<Vec<_>>() {
        none if none.is_empty() => "no gate of this process holds".to_owned(),
        some => format!("gates of this process that hold: {}", some.join("; ")),
    }
}

/// Waits until every part is ready.
pub fn await_ready(gate: &Gate) {
    await_that("the gate is ready", || gate.health.readiness() == Readiness::Ready);
}

/// Waits for a condition, up to a minute.
pub fn await_that(what: &str, mut holds: impl FnMut() -> bool) {
    let until = Instant::now() + Duration::from_secs(60);
    while !holds() {
        assert!(Instant::now() < until, "not within a minute: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}
