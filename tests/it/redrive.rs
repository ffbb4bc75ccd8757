//! Suppressed messages go through the gate again, once, whatever is run twice.

use std::process::Command;
use std::time::Duration;

use consentgate::wire::proto::consent::Kind;

use crate::support::gate::{await_ready, await_that, test_keys};
use crate::support::home::Home;
use crate::support::reading::{Headers, Isolation, read_all};
use crate::support::stage::Stage;
use crate::support::world::{grant, now_ms, switch};

const LONG: Duration = Duration::from_secs(60);

/// Runs the program; its exit code and what it printed.
fn run(stage: &Stage, arguments: &[&str]) -> (Option<i32>, String) {
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join("gate.toml");
    std::fs::write(&path, stage.toml("")).expect("written");
    let mut command = Command::new(env!("CARGO_BIN_EXE_consentgate"));
    command.args(&arguments[..1]).arg("--config").arg(&path).args(&arguments[1..]);
    command.env_clear().envs(test_keys()).env("CONSENTGATE__GATE__INSTANCE", "redriver");
    let output = command.output().expect("it runs");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code(), format!("{}{}", text(&output.stdout), text(&output.stderr)))
}

fn redrive(stage: &Stage, reason: &str, more: &[&str]) -> String {
    let mut arguments = vec!["redrive", "--reason", reason];
    arguments.extend(["--from", "2020-01-01T00:00:00Z", "--to", "2100-01-01T00:00:00Z"]);
    arguments.extend(more);
    let (code, out) = run(stage, &arguments);
    assert_eq!(code, Some(0), "{out}");
    out
}

/// The number behind these words.
fn count(out: &str, what: &str) -> u64 {
    let line = out.lines().find(|line| line.starts_with(what));
    let line = line.unwrap_or_else(|| panic!("no line {what:?} in {out}"));
    line.rsplit(' ').next().and_then(|number| number.parse().ok()).expect("a number")
}

/// The end of a redrive's transaction stays behind the last offset that the gate commits.
fn await_decided(stage: &Stage, messages: usize) {
    await_that("all copies are decided", || {
        let ledger = stage.ledger();
        ledger.fates.len() == messages && ledger.lost().is_empty()
    });
}

on_every_kafka![
    what_was_paused_goes_once_when_it_is_resumed_however_often_it_is_redriven,
    a_copy_is_decided_anew_keeps_what_it_was_and_verifies,
];

pub fn what_was_paused_goes_once_when_it_is_resumed_however_often_it_is_redriven() {
    let home = Home::new();
    let stage = Stage::new(home.kafka(), "redrive", 2);
    let past = now_ms() - 60_000;
    let grants: Vec<_> = (1..=6).map(|p| grant("cafe", p, &["offers"], past)).collect();
    stage.consent(&grants);
    stage.consent(&[switch(Kind::Pause, Some(("cafe", "spring")), past)]);
    let gate = stage.gate();
    await_ready(&gate);
    // Six people agreed, the seventh never did.
    stage.offers(&[1, 2, 3, 4, 5, 6, 7], 0);
    stage.await_drained(LONG);
    assert_eq!(stage.ledger().suppressed(), 7);

    let dry = redrive(&stage, "paused", &[]);
    assert_eq!(count(&dry, "to be written"), 7, "{dry}");
    assert!(dry.contains("nothing is written without --write"), "{dry}");
    assert_eq!(count(&redrive(&stage, "paused", &["--campaign", "autumn"]), "to be written"), 0);
    let old = redrive(&stage, "paused", &["--max-age", "0s"]);
    assert_eq!((count(&old, "to be written"), count(&old, "older than")), (0, 7), "{old}");
    assert_eq!(stage.ledger().fates.len(), 7, "a dry run writes nothing");

    // While the campaign is still paused the copies are suppressed again, and that was it for them.
    let first = redrive(&stage, "paused", &["--campaign", "spring", "--write"]);
    assert_eq!(count(&first, "written"), 7, "{first}");
    await_decided(&stage, 14);
    stage.consent(&[switch(Kind::Resume, Some(("cafe", "spring")), now_ms() + 1_000)]);
    let second = redrive(&stage, "paused", &["--write"]);
    assert_eq!((count(&second, "written"), count(&second, "redriven before")), (0, 14), "{second}");
    gate.join(LONG).expect("an orderly end");
}

pub fn a_copy_is_decided_anew_keeps_what_it_was_and_verifies() {
    let home = Home::new();
    let stage = Stage::new(home.kafka(), "redrive-known", 2);
    let gate = stage.gate();
    await_ready(&gate);
    stage.offers(&[1, 2, 3], 0);
    stage.await_drained(LONG);
    // Consent comes late; the third person never agreed.
    let past = now_ms() - 60_000;
    stage.consent(&[grant("cafe", 1, &["offers"], past), grant("cafe", 2, &["offers"], past)]);
    for written in [3, 0] {
        let out = redrive(&stage, "business_unknown", &["--write"]);
        assert_eq!(count(&out, "written"), written, "{out}");
        await_decided(&stage, 6);
    }
    gate.join(LONG).expect("an orderly end");
    let ledger = stage.ledger();
    ledger.assert_clean();
    assert_eq!((ledger.allowed(), ledger.suppressed()), (2, 4));
    let input = read_all(&stage.kafka, &stage.topics.outbound, Isolation::Committed);
    let (copies, originals): (Vec<_>, Vec<_>) = input.into_iter().partition(|record| {
        matches!(&record.headers, Headers::Text(headers)
            if headers.iter().any(|(name, _)| name == "consentgate-redriven"))
    });
    assert_eq!((copies.len(), originals.len()), (3, 3));
    for copy in &copies {
        let same = |original: &&_| {
            let original: &crate::support::reading::ReadRecord = original;
            (original.partition, &original.key, &original.value, original.timestamp_ms)
                == (copy.partition, &copy.key, &copy.value, copy.timestamp_ms)
        };
        assert_eq!(originals.iter().filter(same).count(), 1, "{copy:?}");
    }
    let (code, out) = run(&stage, &["verify"]);
    assert_eq!(code, Some(0), "{out}");
}

#[test]
fn what_a_person_said_is_not_sent_again() {
    let home = Home::new();
    let stage = Stage::new(home.kafka(), "redrive-refused", 1);
    let times = ["--from", "2020-01-01T00:00:00Z", "--to", "2100-01-01T00:00:00Z"];
    for reason in ["withdrawn", "no_grant", "complained", "expired"] {
        let arguments: Vec<&str> =
            ["redrive", "--reason", reason].into_iter().chain(times).collect();
        let (code, out) = run(&stage, &arguments);
        assert_eq!(code, Some(2), "{out}");
    }
}
