//! `verify` on the command line: exit codes and streams.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use super::world::WORLD;
use crate::support::gate::{gate_toml, test_keys};
use crate::support::topics::GateTopics;

fn verify(dir: &Path, toml: &str, arguments: &[&str]) -> Output {
    let path = dir.join("gate.toml");
    fs::write(&path, toml).expect("written");
    let mut command = Command::new(env!("CARGO_BIN_EXE_consentgate"));
    command.args(["verify", "--config"]).arg(&path).args(arguments);
    command.env_clear().envs(test_keys());
    command.env("CONSENTGATE__GATE__INSTANCE", "verifier");
    command.output().expect("the program starts")
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).expect("text")
}

#[test]
fn clean_topics_exit_with_0_and_a_summary() {
    let dir = tempfile::tempdir().expect("a folder");
    let toml = gate_toml(&WORLD.broker.bootstrap(), &WORLD.topics, "");
    let output = verify(dir.path(), &toml, &[]);
    let out = text(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{out}{}", text(&output.stderr));
    assert!(out.ends_with("differences 0\n"), "{out}");
    let one = verify(dir.path(), &toml, &["--partition", "1", "--json"]);
    let summary = text(&one.stdout).lines().last().expect("a summary");
    let summary: serde_json::Value = serde_json::from_str(summary).expect("JSON");
    assert_eq!(summary["summary"]["counts"]["partitions"], 1);
    assert_eq!(summary["summary"]["differences"], 0);
}

#[test]
fn a_broken_promise_exits_with_70_and_a_line_for_each_place() {
    let dir = tempfile::tempdir().expect("a folder");
    let empty = GateTopics::named("empty");
    empty.create(&WORLD.broker.bootstrap(), 3);
    let topics = GateTopics { allowed: empty.allowed.clone(), ..WORLD.topics.clone() };
    let toml = gate_toml(&WORLD.broker.bootstrap(), &topics, "");
    let output = verify(dir.path(), &toml, &[]);
    assert_eq!(output.status.code(), Some(70), "{}", text(&output.stderr));
    let out = text(&output.stdout);
    let lines = out.lines().filter(|line| line.ends_with("[allowed_missing]"));
    assert_eq!(lines.count(), WORLD.left.allowed.len(), "{out}");
}

#[test]
fn a_kafka_that_does_not_answer_exits_with_69() {
    let dir = tempfile::tempdir().expect("a folder");
    let output = verify(dir.path(), &gate_toml("127.0.0.1:1", &WORLD.topics, ""), &[]);
    assert_eq!(output.status.code(), Some(69), "{}", text(&output.stderr));
    assert_eq!(text(&output.stdout), "");
}

#[test]
fn a_configuration_that_is_no_good_exits_with_78_and_a_key_that_is_none_with_65() {
    let dir = tempfile::tempdir().expect("a folder");
    let toml = gate_toml(&WORLD.broker.bootstrap(), &WORLD.topics, "");
    let bad = verify(dir.path(), "[kafka]\nbootstrap = 7\n", &[]);
    assert_eq!(bad.status.code(), Some(78));
    let no_key = verify(dir.path(), &toml, &["--public-key", "no-such-file"]);
    assert_eq!(no_key.status.code(), Some(65), "{}", text(&no_key.stderr));
    let zeros = "0".repeat(64);
    let weak = verify(dir.path(), &toml, &["--public-key", &zeros]);
    assert_eq!(weak.status.code(), Some(65), "{}", text(&weak.stderr));
}
