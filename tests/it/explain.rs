//! `consentgate explain` beside a real gate: for what was allowed and what was not, by record, by id and
//! by person, while the topics of messages are there and after they are gone.

use std::fs;
use std::io::Write as _;
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;

use crate::support::gate::{await_ready, await_that, start, test_keys};
use crate::support::home::Home;
use crate::support::stage::Stage;
use crate::support::topics::delete_topics;
use crate::support::world::{grant, link, now_ms, phone, published, withdraw};

const LISTED: &str = "\n[receipts]\nallowed_messages = \"listed\"\n";

/// A gate's topics after a campaign, and a desk from which questions are asked.
struct Desk {
    stage: Stage,
    dir: TempDir,
    _home: Home,
}

impl Desk {
    fn new(test: &str, more: &str) -> Self {
        let home = Home::new();
        let stage = Stage::new(home.kafka(), test, 2);
        let dir = tempfile::tempdir().expect("a folder");
        fs::write(dir.path().join("gate.toml"), stage.toml("") + more).expect("written");
        Self { stage, dir, _home: home }
    }

    /// Lets a gate decide all that waits.
    fn decide(&self, more: &str) {
        let gate = start(self.stage.prepare(&(self.stage.toml("") + more))).expect("a gate");
        await_ready(&gate);
        await_that("all are decided", || self.stage.ledger().lost().is_empty());
        gate.join(Duration::from_secs(20)).expect("an orderly end");
    }

    fn run(&self, arguments: &[&str], input: &str) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_consentgate"));
        let toml = self.dir.path().join("gate.toml");
        command.arg("explain").args(arguments).arg("--config").arg(toml);
        command.env_clear().envs(test_keys());
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the program starts");
        // A command that refuses its arguments reads nothing.
        let _ = child.stdin.take().expect("its input").write_all(input.as_bytes());
        child.wait_with_output().expect("it ends")
    }

    fn ask(&self, arguments: &[&str], input: &str) -> Value {
        let output = self.run(&[arguments, &["--json"]].concat(), input);
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        let shown = format!("{}{}", text(&output.stdout), text(&output.stderr));
        for person in 1..=4 {
            assert!(!shown.contains(&phone(person)[1..]), "a number is shown: {shown}");
        }
        serde_json::from_slice(&output.stdout).expect("JSON")
    }

    /// What is held about a person, as the person would be told.
    fn subject_report(&self, person: u32) -> Value {
        let toml = self.dir.path().join("gate.toml");
        let mut command = Command::new(env!("CARGO_BIN_EXE_consentgate"));
        command.args(["subject", "report", "--business", "cafe", "--json", "--config"]).arg(toml);
        command.env_clear().envs(test_keys()).env("CONSENTGATE_RECIPIENT", phone(person));
        let output = command.output().expect("the program runs");
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        serde_json::from_slice(&output.stdout).expect("JSON")
    }

    /// The one message with this id.
    fn message(&self, id: &str) -> Value {
        let answer = self.ask(&["--message-id", id], "");
        let messages = answer["messages"].as_array().expect("messages");
        assert_eq!(messages.len(), 1, "{answer:#}");
        messages[0].clone()
    }

    fn person(&self, person: u32) -> Vec<Value> {
        let input = format!("{}\n", phone(person));
        let answer = self.ask(&["--business", "cafe"], &input);
        answer["messages"].as_array().expect("messages").clone()
    }
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).expect("text")
}

/// Person 1 agrees, is written to (m-1), leaves, is written to (m-11). Person 2 agrees and is written
/// to (m-2, m-12). Person 3 never agrees (m-3). Person 4 is linked to 1 and written to at the end.
fn told(test: &str, more: &str) -> Desk {
    let desk = Desk::new(test, more);
    let stage = &desk.stage;
    let at_ms = now_ms() - 60_000;
    stage.consent(&[
        published("cafe", &["offers"], at_ms),
        grant("cafe", 1, &["offers"], at_ms),
        grant("cafe", 2, &["offers"], at_ms),
        grant("cafe", 4, &["offers"], at_ms),
        grant("shop", 1, &["offers"], at_ms),
    ]);
    stage.offers(&[1, 2, 3], 1);
    desk.decide(more);
    stage.consent(&[withdraw("cafe", 1), link("cafe", 1, 4)]);
    stage.offers(&[1, 2], 11);
    stage.offer(4, 14);
    desk.decide(more);
    desk
}

fn rule<'m>(message: &'m Value, name: &str) -> &'m Value {
    let rules = message["rules"].as_array().expect("rules");
    rules.iter().find(|rule| rule["rule"] == name).unwrap_or_else(|| panic!("{name}: {message:#}"))
}

/// That a message was allowed, on the person's own grant and the sentence behind it.
fn assert_allowed(message: &Value) {
    assert_eq!(message["fate"], "allowed", "{message:#}");
    let rules = message["rules"].as_array().expect("rules");
    assert!(rules.iter().all(|rule| rule["reasons"] == Value::Array(Vec::new())), "{message:#}");
    let grant = &rule(message, "grant")["events"];
    let grant = grant.as_array().expect("events").iter();
    let grant: Vec<_> = grant.filter(|event| event["says"] == "grant offers").collect();
    assert_eq!(grant.len(), 1, "{message:#}");
    assert_eq!(grant[0]["method"], "website_form");
    assert_eq!(grant[0]["expression"], "box_ticked");
    assert!(grant[0]["record"]["topic"].as_str().is_some_and(|t| t.starts_with("consent-events")));
    let sentence = "Yes, you may write to me on WhatsApp, until I say stop.";
    assert_eq!((&grant[0]["sentence"], &message["sentence"]), (&sentence.into(), &sentence.into()));
    assert_eq!(message["receipt"]["signature"], "valid");
}

fn assert_withdrawn(message: &Value) {
    assert_eq!(message["fate"], "suppressed", "{message:#}");
    assert_eq!(message["reason"], "withdrawn", "{message:#}");
    let objections = rule(message, "objections");
    assert_eq!(objections["reasons"], serde_json::json!(["withdrawn"]));
    let says = objections["events"].as_array().expect("events").iter();
    assert!(says.clone().any(|event| event["says"] == "withdraw"), "{message:#}");
    assert_eq!(message["receipt"]["signature"], "valid");
}

on_every_kafka![
    each_kind_of_question_tells_rules_events_sentence_and_receipt,
    after_the_topics_of_messages_are_gone_the_column_and_the_audit_still_tell,
];

pub fn each_kind_of_question_tells_rules_events_sentence_and_receipt() {
    let desk = told("explain", "");
    let first = desk.message("m-1");
    assert_allowed(&first);
    assert_eq!((&first["agreement"], &first["known_from"]), (&"same".into(), &"outbound".into()));
    // What came later is not told: the withdrawal lies behind the receipt's positions.
    assert!(!first.to_string().contains("withdraw"), "{first:#}");
    let second = desk.message("m-11");
    assert_withdrawn(&second);
    assert_eq!(second["agreement"], "same");
    let never = desk.message("m-3");
    assert_eq!((&never["reason"], &never["agreement"]), (&"no_grant".into(), &"same".into()));
    let linked = desk.message("m-14");
    assert_withdrawn(&linked);
    assert_eq!(linked["agreement"], "same", "{linked:#}");
    // By the record, the copy and the audit entry: the same message.
    let at = |record: &Value| {
        let [topic, partition, offset] = ["topic", "partition", "offset"].map(|of| &record[of]);
        let topic = topic.as_str().expect("a topic").to_owned();
        [topic, partition.to_string(), offset.to_string()]
    };
    for message in [&first, &second] {
        let place = at(&message["record"]);
        let answer = desk.ask(&place.each_ref().map(String::as_str), "");
        assert_eq!(answer["messages"][0], *message);
    }
    let entry = at(&second["audit"]);
    let answer = desk.ask(&entry.each_ref().map(String::as_str), "");
    assert_eq!(answer["messages"][0], second);
    let partition = first["record"]["partition"].to_string();
    let mut copies = Vec::new();
    for offset in 0..8 {
        let place = ["allowed", &partition, &offset.to_string()];
        let output = desk.run(&[&place[..], &["--json"]].concat(), "");
        if output.status.code() == Some(0) {
            let answer: Value = serde_json::from_slice(&output.stdout).expect("JSON");
            copies.push(answer["messages"][0]["record"].clone());
        }
    }
    assert!(copies.contains(&first["record"]), "{copies:?}");
    // Without the key the receipt is what it claims to be, and the answer says so.
    let other = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";
    let answer = desk.ask(&["--message-id", "m-1", "--public-key", other], "");
    assert_eq!(answer["messages"][0]["receipt"]["signature"], "unknown key");
    assert!(answer["notes"].to_string().contains("not trusted here"), "{answer:#}");
    let theirs = desk.person(1);
    assert_eq!(theirs, [first, second]);
    let input = format!("{}\n", phone(1));
    let later = ["--business", "cafe", "--from", "2099-01-01T00:00:00Z"];
    assert_eq!(desk.run(&later, &input).status.code(), Some(65));
    assert_eq!(desk.run(&["--business", "shop"], &input).status.code(), Some(65));
}

pub fn after_the_topics_of_messages_are_gone_the_column_and_the_audit_still_tell() {
    let desk = told("explain-gone", LISTED);
    let before = desk.message("m-1");
    assert_allowed(&before);
    let record = before["record"].clone();
    let report = desk.subject_report(2);
    let listed = report["listed"].as_array().expect("a list").iter();
    let listed: Vec<_> = listed.map(|row| row["message_id"].as_str().expect("an id")).collect();
    assert_eq!(listed, ["m-2", "m-12"]);
    let topics = &desk.stage.topics;
    delete_topics(&desk.stage.kafka, &[&topics.outbound, &topics.allowed]);
    let after = desk.message("m-1");
    assert_allowed(&after);
    assert_eq!(after["known_from"], "column");
    assert_eq!(after["agreement"], "recorded");
    assert_eq!((&after["record"], &after["receipt"]), (&record, &before["receipt"]));
    assert_eq!(after["rules"], before["rules"]);
    let suppressed = desk.message("m-11");
    assert_withdrawn(&suppressed);
    assert_eq!(suppressed["known_from"], "audit");
    let never = desk.message("m-3");
    assert_eq!(never["reason"], "no_grant");
    assert_eq!(rule(&never, "grant")["reasons"], serde_json::json!(["no_grant"]));
    let theirs = desk.person(2);
    assert_eq!(theirs.len(), 2, "{theirs:#?}");
    theirs.iter().for_each(assert_allowed);
    let place =
        [&*topics.outbound, &record["partition"].to_string(), &record["offset"].to_string()];
    let answer = desk.ask(&place, "");
    assert_allowed(&answer["messages"][0]);
    assert!(answer["notes"].to_string().contains("is not there"), "{answer:#}");
}

#[test]
fn without_the_column_an_allowed_message_is_gone_with_its_topics() {
    let desk = told("explain-offsets", "");
    let record = desk.message("m-1")["record"].clone();
    let topics = &desk.stage.topics;
    delete_topics(&desk.stage.kafka, &[&topics.outbound, &topics.allowed]);
    let output = desk.run(&["--message-id", "m-1"], "");
    assert_eq!(output.status.code(), Some(65), "{}", text(&output.stdout));
    let place =
        [&*topics.outbound, &record["partition"].to_string(), &record["offset"].to_string()];
    let answer = desk.ask(&place, "");
    let message = &answer["messages"][0];
    assert_eq!((&message["fate"], &message["known_from"]), (&"allowed".into(), &"nothing".into()));
    assert_eq!(message["not_decided_again"], "nothing is kept of the message");
}

#[test]
fn text_and_page_say_the_same_and_name_nobody() {
    let desk = told("explain-page", "");
    let page = desk.dir.path().join("why.html");
    let file = page.to_str().expect("a path");
    let output = desk.run(&["--message-id", "m-11", "--page", file], "");
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert_eq!(text(&output.stdout), "");
    let page = fs::read_to_string(&page).expect("a page");
    let output = desk.run(&["--message-id", "m-11"], "");
    for shown in [&page, text(&output.stdout)] {
        for words in ["withdrawn", "objections", "valid, key", "withdraw", "spring", "m-11"] {
            assert!(shown.contains(words), "{words}: {shown}");
        }
        assert!(!shown.contains(&phone(1)[1..]), "{shown}");
    }
    if let Ok(folder) = std::env::var("CONSENTGATE_TEST_PAGES") {
        let both = format!("{folder}/explain.html");
        let input = format!("{}\n", phone(1));
        let output = desk.run(&["--business", "cafe", "--page", &both], &input);
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        println!("{}", text(&desk.run(&["--business", "cafe"], &input).stdout));
    }
}

#[test]
fn a_question_is_one_of_three() {
    let desk = Desk::new("explain-usage", "");
    for arguments in [&[][..], &["outbound", "0"], &["consent-events", "0", "0"], &["a", "0", "0"]]
    {
        let output = desk.run(arguments, "");
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {}", text(&output.stderr));
    }
    let both = ["outbound", "0", "0", "--message-id", "x"];
    assert_eq!(desk.run(&both, "").status.code(), Some(2));
}
