//! `consentgate subject` beside a running gate: what is held about a person, and erasing it.

use std::fs;
use std::io::Write as _;
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use consentgate::broker::{Broker, BrokerConfig};
use consentgate::wire::consent::produce;
use consentgate::wire::proto::consent::{ConsentEvent, Kind};
use serde_json::Value;
use tempfile::TempDir;

use crate::support::gate::{await_ready, await_that, test_keys};
use crate::support::stage::Stage;
use crate::support::world::{grant, link, now_ms, phone, withdraw};

/// A gate's topics, and a desk from which the command is run.
struct Desk {
    stage: Stage,
    dir: TempDir,
    _broker: Option<Broker>,
}

impl Desk {
    fn new(test: &str) -> Self {
        let broker = Broker::start(BrokerConfig::default()).expect("a broker");
        let stage = Stage::new(&broker.bootstrap(), test, 2);
        let dir = tempfile::tempdir().expect("a folder");
        fs::write(dir.path().join("gate.toml"), stage.toml("")).expect("written");
        Self { stage, dir, _broker: Some(broker) }
    }

    fn run(&self, arguments: &[&str], input: &str, environment: &[(&str, &str)]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_consentgate"));
        command
            .arg("subject")
            .args(arguments)
            .arg("--config")
            .arg(self.dir.path().join("gate.toml"));
        command.env_clear().envs(test_keys()).envs(environment.iter().copied());
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the program starts");
        // A command that refuses its arguments reads nothing.
        let _ = child.stdin.take().expect("its input").write_all(input.as_bytes());
        child.wait_with_output().expect("it ends")
    }

    fn report(&self, business: &str, person: u32, environment: &[(&str, &str)]) -> Value {
        let arguments = ["report", "--business", business, "--json"];
        let output = self.run(&arguments, &format!("{}\n", phone(person)), environment);
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        assert!(!text(&output.stderr).contains(&phone(person)), "{}", text(&output.stderr));
        serde_json::from_slice(&output.stdout).expect("JSON")
    }

    /// Lets a gate decide all that waits.
    fn decide(&self) {
        let gate = self.stage.gate();
        await_ready(&gate);
        await_that("all are decided", || self.stage.ledger().lost().is_empty());
        gate.join(Duration::from_secs(20)).expect("an orderly end");
    }
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).expect("text")
}

fn len(report: &Value, what: &str) -> usize {
    report[what].as_array().expect("a list").len()
}

fn answer(report: &Value, scope: &str) -> String {
    let answers = report["state"]["answers"].as_array().expect("answers");
    let answer = answers.iter().find(|answer| answer["scope"] == scope).expect("the scope");
    answer["primary"].as_str().unwrap_or("allowed").to_owned()
}

/// Two people of the café, one of them of the shop too; messages, a withdrawal, messages.
fn told(test: &str) -> Desk {
    let desk = Desk::new(test);
    let stage = &desk.stage;
    let published = ConsentEvent {
        event_id: "text-1".to_owned(),
        business_id: "cafe".to_owned(),
        kind: Kind::TextPublished.into(),
        text_id: "newsletter".to_owned(),
        text_version: "1".to_owned(),
        text: "Yes, send me offers.".to_owned(),
        ..ConsentEvent::default()
    };
    let at_ms = now_ms() - 60_000;
    stage.consent(&[
        produce(published).expect("a text"),
        grant("cafe", 1, &["offers"], at_ms),
        grant("cafe", 2, &["offers"], at_ms),
        grant("shop", 1, &["offers"], at_ms),
    ]);
    stage.offers(&[1, 2], 0);
    desk.decide();
    stage.consent(&[withdraw("cafe", 1)]);
    stage.offers(&[1, 2], 10);
    desk.decide();
    desk
}

#[test]
fn a_report_tells_events_state_and_decisions_of_one_person_and_nothing_else() {
    let desk = told("subject-report");
    let report = desk.report("cafe", 1, &[]);
    assert_eq!(report["person"], phone(1));
    let kinds = report["events"].as_array().expect("events").iter();
    let kinds = kinds.map(|held| held["event"]["kind"].as_str().expect("a kind"));
    assert_eq!(kinds.collect::<Vec<_>>(), ["grant", "withdraw"]);
    assert_eq!(report["events"][0]["sentence"], "Yes, send me offers.");
    assert_eq!(report["events"][0]["event"]["method"], "website_form");
    assert_eq!(len(&report, "suppressed"), 1);
    assert_eq!(report["suppressed"][0]["reason"], "withdrawn");
    let decided = report["outbound"].as_array().expect("messages").iter();
    let decided: Vec<_> = decided.map(|message| &message["decided"]).collect();
    assert_eq!(decided, ["allowed", "suppressed"]);
    assert_eq!(len(&report, "allowed"), 1);
    assert_eq!(answer(&report, "offers"), "withdrawn");
    assert_eq!(len(&report, "read_to"), 14, "seven topics of two partitions");
    let shown = report.to_string();
    assert!(!shown.contains(&phone(2)) && !shown.contains("shop"), "{shown}");
    // The same person is another subject with the shop.
    let report = desk.report("shop", 1, &[]);
    assert_eq!((len(&report, "events"), len(&report, "outbound")), (1, 0));
    assert_eq!(answer(&report, "offers"), "allowed");
    // And a person whom nobody knows has an empty report, not none.
    let report = desk.report("cafe", 77, &[]);
    assert_eq!((len(&report, "events"), answer(&report, "offers").as_str()), (0, "no_grant"));
}

#[test]
fn a_report_for_people_names_what_was_read() {
    let desk = told("subject-text");
    let input = format!("{}\n", phone(1));
    let output = desk.run(&["report", "--business", "cafe"], &input, &[]);
    let out = text(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    for line in [
        "Consent records: 2",
        "the text says     Yes, send me offers.",
        "Suppressed messages: 1",
        "SUPPRESSED: withdrawn",
        "passed on",
    ] {
        assert!(out.contains(line), "{line}: {out}");
    }
    assert!(
        out.contains(&format!("{} partition 1, offsets 0", desk.stage.topics.outbound)),
        "{out}"
    );
}

#[test]
fn an_erasure_needs_a_yes_and_then_holds_for_every_message() {
    let desk = told("subject-erase");
    let arguments = ["erase", "--business", "cafe"];
    let person = phone(2);
    let refused = desk.run(&arguments, &format!("{person}\n"), &[]);
    assert_eq!(refused.status.code(), Some(2), "{}", text(&refused.stderr));
    assert!(text(&refused.stderr).contains("nothing was written"), "{}", text(&refused.stderr));
    assert_eq!(len(&desk.report("cafe", 2, &[]), "events"), 1);
    let erased = desk.run(&arguments, &format!("{person}\nyes\n"), &[]);
    let (out, err) = (text(&erased.stdout), text(&erased.stderr));
    assert_eq!(erased.status.code(), Some(0), "{err}");
    assert!(out.ends_with("acknowledged\n"), "{out}");
    assert!(
        err.contains("(1 records)") && err.contains("Keeps: that the person is erased"),
        "{err}"
    );
    assert!(!out.contains(&person) && !err.contains(&person), "{out}{err}");
    desk.stage.offers(&[2], 20);
    desk.decide();
    let report = desk.report("cafe", 2, &[]);
    assert_eq!(len(&report, "events"), 2);
    assert_eq!(report["state"]["grants"], Value::Array(Vec::new()));
    assert_eq!(answer(&report, "offers"), "erased");
    assert_eq!(report["suppressed"][0]["reason"], "erased");
}

#[test]
fn an_erasure_with_all_that_is_linked_hides_what_was_agreed_to_there() {
    let desk = told("subject-linked");
    desk.stage.consent(&[link("cafe", 1, 2), link("cafe", 3, 4)]);
    let report = desk.report("cafe", 1, &[]);
    assert_eq!(report["state"]["linked"][0]["identity"], phone(2));
    assert!(report["notes"].to_string().contains("run a report for each"));
    assert!(!report.to_string().contains(&phone(3)));
    let arguments = ["erase", "--business", "cafe", "--linked", "--yes"];
    let twice = [&arguments[..], &["--event-id", "one"]].concat();
    let refused = desk.run(&twice, &format!("{}\n", phone(1)), &[]);
    assert_eq!(refused.status.code(), Some(2), "{}", text(&refused.stderr));
    let erased = desk.run(&arguments, &format!("{}\n", phone(1)), &[]);
    assert_eq!(erased.status.code(), Some(0), "{}", text(&erased.stderr));
    assert_eq!(text(&erased.stdout).lines().count(), 2, "{}", text(&erased.stdout));
    for person in [1, 2] {
        let report = desk.report("cafe", person, &[]);
        assert_eq!(report["state"]["grants"], Value::Array(Vec::new()), "person {person}");
    }
}

#[test]
fn audit_entries_under_an_earlier_key_are_found_with_it_and_counted_without() {
    let desk = told("subject-rotated");
    let newer = [("CONSENTGATE__KEYS__PSEUDONYM_KEY", "77aa".repeat(16))];
    let newer: Vec<_> = newer.iter().map(|(name, key)| (*name, key.as_str())).collect();
    let report = desk.report("cafe", 1, &newer);
    assert_eq!(len(&report, "suppressed"), 0);
    let notes = report["notes"].to_string();
    assert!(
        notes.contains("1 audit entries and listed messages")
            && notes.contains("older_pseudonym_key"),
        "{notes}"
    );
    let older = desk.dir.path().join("older.key");
    fs::write(&older, format!("{}\n", "2c3d".repeat(16))).expect("written");
    let path = desk.dir.path().join("gate.toml");
    let toml = fs::read_to_string(&path).expect("a file");
    let keys = format!(
        "{toml}\n[keys]\nolder_pseudonym_key_files = [{:?}]\n",
        older.display().to_string()
    );
    fs::write(&path, keys).expect("written");
    let report = desk.report("cafe", 1, &newer);
    assert_eq!(len(&report, "suppressed"), 1);
    assert_eq!(len(&report, "pseudonym_keys"), 2);
    assert!(!report["notes"].to_string().contains("older_pseudonym_key"));
}

#[test]
fn a_bad_person_or_business_is_refused_without_being_repeated() {
    let desk = Desk::new("subject-refused");
    for (arguments, input, code) in [
        (["report", "--business", "cafe"], "", 2),
        (["report", "--business", "cafe"], "0202555O103\n", 65),
        (["erase", "--business", "cafe"], "0202555O103\n", 65),
        (["report", "--business", "ca fe"], "+99910000001\n", 2),
        (["report", "--bootstrap", "127.0.0.1:1"], "+99910000001\n", 2),
    ] {
        let output = desk.run(&arguments, input, &[]);
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {}", text(&output.stderr));
        assert_eq!(text(&output.stdout), "");
        let err = text(&output.stderr);
        assert!(!err.contains("0202555") && !err.contains("99910000001"), "{err}");
    }
}

#[test]
fn a_kafka_that_is_away_exits_with_69_and_no_half_report() {
    let desk = Desk::new("subject-away");
    for command in ["report", "erase"] {
        let arguments = [command, "--business", "cafe", "--bootstrap", "127.0.0.1:1"];
        let output = desk.run(&arguments, "+99910000001\nyes\n", &[]);
        assert_eq!(output.status.code(), Some(69), "{}", text(&output.stderr));
        assert_eq!(text(&output.stdout), "");
    }
}
