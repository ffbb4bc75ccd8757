//! `replay`: what another policy would have decided of what the world's gate decided.

use std::fs;
use std::process::{Command, Output};

use consentgate::wire::outbound::decode;
use serde_json::Value;

use super::world::WORLD;
use crate::support::gate::{gate_toml, test_keys};
use crate::support::world::phone;

fn replay(policy: &str, arguments: &[&str]) -> Output {
    let dir = tempfile::tempdir().expect("a folder");
    let (config, other) = (dir.path().join("gate.toml"), dir.path().join("new.toml"));
    let toml = gate_toml(&WORLD.broker.bootstrap(), &WORLD.topics, "");
    fs::write(&config, toml).expect("written");
    fs::write(&other, policy).expect("written");
    let mut command = Command::new(env!("CARGO_BIN_EXE_consentgate"));
    command.args(["replay", "--config"]).arg(&config).arg("--policy").arg(&other);
    command.args(arguments).env_clear().envs(test_keys());
    command.env("CONSENTGATE__GATE__INSTANCE", "desk").output().expect("the program starts")
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).expect("text")
}

/// The policy that the world's gate had, and more.
fn policy(more: &str) -> String {
    format!("[policy]\nconsent_texts = \"any\"\n{more}")
}

/// How many of the allowed records are the cafe's.
fn of_the_cafe() -> usize {
    let allowed = WORLD.left.allowed.iter();
    let messages = allowed.filter_map(|record| decode(record.value.as_deref()).ok());
    messages.filter(|message| message.business == "cafe").count()
}

const STRICTER: &str = "[policy.businesses.cafe]\n\
                        scopes = [{ name = \"offers\", strength = \"double\" }]\n";

#[test]
fn the_policy_that_decided_changes_nothing() {
    let output = replay(&policy(""), &[]);
    let out = text(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{out}{}", text(&output.stderr));
    let all = WORLD.outbound.len();
    let expected = format!("replayed {all} messages: 0 would stop, 0 would go, 0 would stop for");
    assert!(out.starts_with(&expected), "{out}");
    assert_eq!(out.lines().count(), 1, "{out}");
}

#[test]
fn a_stricter_policy_stops_exactly_those_whom_it_is_about() {
    let output = replay(&policy(STRICTER), &["--output", "json", "--max", "5"]);
    let out = text(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{out}{}", text(&output.stderr));
    assert!((0..40).all(|person| !out.contains(&phone(person)[1..])), "{out}");
    let lines: Vec<Value> =
        out.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let (summary, changes) = lines.split_last().expect("a summary");
    let summary = &summary["summary"];
    assert!(of_the_cafe() > 5);
    assert_eq!(summary["stopped"], of_the_cafe());
    assert_eq!(
        (&summary["released"], &summary["messages"]),
        (&Value::from(0), &Value::from(WORLD.outbound.len()))
    );
    let reasons = summary["by_reason"].as_array().expect("a list").iter();
    let weak = reasons.filter(|row| row["new"] == "grant_too_weak" && row["old"] == "allowed");
    assert_eq!(weak.map(|row| &row["count"]).collect::<Vec<_>>(), [of_the_cafe()]);
    for row in summary["by_business_and_scope"].as_array().expect("a list") {
        assert_eq!((&row["business"], &row["scope"]), (&"cafe".into(), &"offers".into()));
    }
    assert_eq!(changes.len(), 5);
    for change in changes {
        assert_eq!(change["business"], "cafe");
        assert_eq!(change["pseudonym"].as_str().map(str::len), Some(32), "{change}");
    }
}

#[test]
fn the_list_is_csv_and_its_pseudonyms_are_those_of_the_audit() {
    let output = replay(&policy(STRICTER), &["--output", "csv", "--max", "1000"]);
    let out = text(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert!(text(&output.stderr).contains("-> grant_too_weak"), "{}", text(&output.stderr));
    let mut lines = out.lines();
    let columns: Vec<&str> = lines.next().expect("a header").split(',').collect();
    let at = |name: &str| columns.iter().position(|column| *column == name).expect("a column");
    let mut known = std::collections::BTreeSet::new();
    for record in &WORLD.left.audit {
        let entry = consentgate::wire::audit::decode_entry(record.value.as_deref().expect("one"));
        known.extend(entry.expect("an entry").pseudonym.map(|pseudonym| pseudonym.to_string()));
    }
    let rows: Vec<Vec<&str>> = lines.map(|line| line.split(',').collect()).collect();
    assert!(rows.len() >= of_the_cafe());
    assert!(rows.iter().all(|row| row.len() == columns.len()));
    assert!(rows.iter().any(|row| known.contains(row[at("pseudonym")])), "people who withdrew");
    let places: Vec<(i32, i64)> = rows
        .iter()
        .map(|row| (row[at("partition")].parse().unwrap(), row[at("offset")].parse().unwrap()))
        .collect();
    assert!(places.is_sorted(), "in the order of the input");
}

#[test]
fn a_policy_that_is_no_good_exits_with_78() {
    let output = replay("[policy]\nopt_out_path = \"sometimes\"\n", &[]);
    assert_eq!(output.status.code(), Some(78), "{}", text(&output.stderr));
    assert_eq!(text(&output.stdout), "");
}
