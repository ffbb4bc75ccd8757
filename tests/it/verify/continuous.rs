//! `verify --continuous` behind a gate that runs.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, Command};
use std::time::Duration;

use tempfile::TempDir;

use super::stage::Stage;
use super::world::WORLD;
use crate::support::gate::{await_ready, await_that, gate_toml, test_keys};
use crate::support::producers::{NewRecord, Writer};
use crate::support::world::{grant, now_ms, offer, phone, withdraw};

/// The program, ended with the test.
struct Verifier {
    child: Child,
    log: PathBuf,
    _dir: TempDir,
}

impl Drop for Verifier {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

impl Verifier {
    fn start(stage: &Stage) -> Self {
        let dir = tempfile::tempdir().expect("a folder");
        let (path, log) = (dir.path().join("gate.toml"), dir.path().join("log"));
        let toml = gate_toml(&WORLD.broker.bootstrap(), &stage.topics, "");
        fs::write(&path, toml).expect("written");
        let mut command = Command::new(env!("CARGO_BIN_EXE_consentgate"));
        command.args(["verify", "--continuous", "--listen", "127.0.0.1:0", "--every", "50ms"]);
        command.arg("--config").arg(&path).env_clear().envs(test_keys());
        command.args(["--set", "log.level=info"]);
        command.env("CONSENTGATE__GATE__INSTANCE", "verifier");
        command.stdout(fs::File::create(dir.path().join("out")).expect("a file"));
        command.stderr(fs::File::create(&log).expect("a file"));
        let child = command.spawn().expect("the program starts");
        let verifier = Self { child, log, _dir: dir };
        await_that("it listens", || verifier.address().is_some());
        verifier
    }

    fn logged(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }

    fn address(&self) -> Option<String> {
        let logged = self.logged();
        let address = logged.split("address=").nth(1)?;
        address.split_whitespace().next().map(str::to_owned)
    }

    /// The value of one series; 0 before the first round.
    fn metric(&self, series: &str) -> f64 {
        let mut stream = TcpStream::connect(self.address().expect("an address")).expect("a page");
        write!(stream, "GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            .expect("asked");
        let mut page = String::new();
        stream.read_to_string(&mut page).expect("answered");
        let mut lines = page.lines();
        lines.find_map(|line| line.strip_prefix(series)?.trim().parse().ok()).unwrap_or(0.0)
    }

    fn end(mut self) -> (Option<i32>, String) {
        let id = self.child.id().to_string();
        Command::new("kill").args(["-s", "TERM", &id]).status().expect("told");
        let ended = self.child.wait().expect("it ends");
        (ended.code(), self.logged())
    }
}

const MESSAGES: &str = "consentgate_verify_messages_total";

/// A message to each of six.
fn campaign(stage: &Stage, number: u64) {
    for person in 0..6 {
        stage.message(person, &offer("cafe", person, number + u64::from(person)));
    }
}

fn agreed(stage: &Stage) {
    for person in 0..6 {
        stage.consent(&grant("cafe", person, &["offers"], now_ms() - 60_000));
    }
}

#[test]
fn a_verifier_follows_a_gate_and_ends_with_0_where_nothing_is_wrong() {
    let stage = Stage::new("continuous");
    agreed(&stage);
    let gate = stage.gate();
    await_ready(&gate);
    campaign(&stage, 0);
    let verifier = Verifier::start(&stage);
    await_that("the first messages are verified", || verifier.metric(MESSAGES) >= 6.0);
    // Each later round knows what earlier ones did not: an opt-out between two campaigns.
    for round in 1..4 {
        stage.consent(&withdraw("cafe", round));
        campaign(&stage, u64::from(round) * 100);
        let all = f64::from(round + 1) * 6.0;
        await_that("the next are verified too", || verifier.metric(MESSAGES) >= all);
    }
    await_that("it has caught up", || verifier.metric("consentgate_verify_behind_records") == 0.0);
    assert_eq!(verifier.metric("consentgate_verify_behind_seconds"), 0.0);
    assert!(verifier.metric("consentgate_verify_rounds_total") >= 4.0);
    gate.join(Duration::from_secs(20)).expect("an orderly end");
    let (code, logged) = verifier.end();
    assert_eq!(code, Some(0), "{logged}");
    assert!(!logged.contains("verify.difference"), "{logged}");
    assert!((0..6).all(|person| !logged.contains(&phone(person)[1..])), "{logged}");
}

#[test]
fn a_difference_is_a_line_in_the_log_and_a_number_and_the_process_ends_with_70() {
    let stage = Stage::new("continuous-bad");
    agreed(&stage);
    let gate = stage.gate();
    await_ready(&gate);
    campaign(&stage, 0);
    let verifier = Verifier::start(&stage);
    await_that("the first messages are verified", || verifier.metric(MESSAGES) >= 6.0);
    let stranger = NewRecord {
        partition: Some(1),
        value: Some(b"a stranger's message"),
        ..NewRecord::default()
    };
    let place = Writer::new(&WORLD.broker.bootstrap()).write_one(&stage.topics.allowed, &stranger);
    let added = "consentgate_verify_differences_total{kind=\"allowed_added\"}";
    await_that("it is found", || verifier.metric(added) == 1.0);
    // And told once: later rounds go on behind it.
    campaign(&stage, 100);
    await_that("the next are verified", || verifier.metric(MESSAGES) >= 12.0);
    assert_eq!(verifier.metric(added), 1.0);
    gate.join(Duration::from_secs(20)).expect("an orderly end");
    let (code, logged) = verifier.end();
    assert_eq!(code, Some(70), "{logged}");
    let lines: Vec<&str> =
        logged.lines().filter(|line| line.contains("verify.difference")).collect();
    let [line] = lines.as_slice() else { panic!("one line, not {lines:?}") };
    assert!(line.contains("allowed_added") && line.contains("partition=1"), "{line}");
    assert!(line.contains(&format!("offset={}", place.offset)), "{line}");
}
