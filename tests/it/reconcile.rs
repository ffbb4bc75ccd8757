//! `consentgate reconcile` beside a real gate: planted by-passes are found, and nothing else, while the
//! topics of messages are there and after they are gone.

use std::fs;
use std::io::Write as _;
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use tempfile::TempDir;

use crate::support::gate::{await_ready, await_that, start, test_keys};
use crate::support::home::Home;
use crate::support::producers::NewRecord;
use crate::support::stage::{Stage, message};
use crate::support::topics::{create_topic, delete_topics};
use crate::support::unique::unique;
use crate::support::world::{grant, now_ms, offer, phone, withdraw};

const NUMBER: &str = "100000000000001";
const PEOPLE: u32 = 40;
/// Nobody can have left a message behind that was allowed a moment ago: the tests do not wait.
const ALL_SETTLED: [&str; 2] = ["--on-its-way", "0s"];

struct Desk {
    stage: Stage,
    webhooks: String,
    dir: TempDir,
    toml: String,
    _home: Home,
}

impl Desk {
    fn new(test: &str, more: &str) -> Self {
        let home = Home::new();
        let stage = Stage::new(home.kafka(), test, 2);
        let webhooks = unique("whatsapp-webhooks");
        create_topic(home.kafka(), &webhooks, 2, &[]);
        let toml = stage.toml("")
            + more
            + &format!(
                "[webhooks]\ntopic = \"{webhooks}\"\n[webhooks.numbers]\n\"{NUMBER}\" = \"cafe\"\n"
            );
        let dir = tempfile::tempdir().expect("a folder");
        fs::write(dir.path().join("gate.toml"), &toml).expect("written");
        Self { stage, webhooks, dir, toml, _home: home }
    }

    fn decide(&self) {
        let gate = start(self.stage.prepare(&self.toml)).expect("a gate");
        await_ready(&gate);
        await_that("all are decided", || self.stage.ledger().lost().is_empty());
        gate.join(Duration::from_secs(20)).expect("an orderly end");
    }

    /// Meta tells that these messages left, in one body.
    fn left(&self, statuses: &[String]) {
        let value = format!(
            r#"{{"metadata": {{"phone_number_id": "{NUMBER}"}}, "statuses": [{}]}}"#,
            statuses.join(",")
        );
        let body = format!(
            r#"{{"object": "whatsapp_business_account", "entry": [{{"id": "2", "changes":
               [{{"field": "messages", "value": {value}}}]}}]}}"#
        );
        let record = NewRecord { value: Some(body.as_bytes()), ..NewRecord::default() };
        self.stage.writer().write_one(&self.webhooks, &record);
    }

    fn run(&self, arguments: &[&str], input: &str) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_consentgate"));
        let toml = self.dir.path().join("gate.toml");
        command.arg("reconcile").args(arguments).args(ALL_SETTLED).arg("--config").arg(toml);
        command.env_clear().envs(test_keys());
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the program starts");
        let _ = child.stdin.take().expect("its input").write_all(input.as_bytes());
        child.wait_with_output().expect("it ends")
    }

    /// The findings as `what id`, in order, and the exit code.
    fn found(&self, arguments: &[&str], input: &str) -> (Vec<String>, Option<i32>) {
        let output = self.run(&[arguments, &["--csv"]].concat(), input);
        let (out, err) = (text(&output.stdout), text(&output.stderr));
        for person in 1..=PEOPLE {
            let shown = out.contains(&phone(person)[1..]) || err.contains(&phone(person)[1..]);
            assert!(!shown, "a number is shown: {out}{err}");
        }
        let lines = out.lines().skip(1).map(|line| {
            let fields: Vec<_> = line.split(',').collect();
            format!("{} {}", fields[0], fields[1])
        });
        let mut lines: Vec<_> = lines.collect();
        lines.sort();
        (lines, output.status.code())
    }
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).expect("text")
}

/// One status of a message.
fn status(id: &str, person: u32, meta: &str, state: &str) -> String {
    let (at_s, to) = (now_ms() / 1_000, &phone(person)[1..].to_owned());
    format!(
        r#"{{"id": "{meta}", "status": "{state}", "timestamp": "{at_s}", "recipient_id": "{to}",
           "biz_opaque_callback_data": "{id}"}}"#
    )
}

/// People 1 to 30 agreed, 1 to 5 left again; everybody is written to once, and what was allowed leaves,
/// but the messages of 29 and 30.
fn told(test: &str, more: &str) -> Desk {
    let desk = Desk::new(test, more);
    let stage = &desk.stage;
    let at_ms = now_ms() - 60_000;
    let grants: Vec<_> = (1..=30).map(|person| grant("cafe", person, &["offers"], at_ms)).collect();
    stage.consent(&grants);
    let gone: Vec<_> = (1..=5).map(|person| withdraw("cafe", person)).collect();
    stage.consent(&gone);
    let everybody: Vec<_> = (1..=PEOPLE).collect();
    stage.offers(&everybody, 1);
    desk.decide();
    for person in 6..=28 {
        let (id, meta) = (format!("m-{person}"), format!("wamid.{person}"));
        let states = ["sent", "delivered", "read"].map(|state| status(&id, person, &meta, state));
        desk.left(&states);
    }
    desk
}

/// Messages that never saw the gate, or were suppressed, or went under another's id.
fn plant(desk: &Desk) -> Vec<String> {
    desk.left(&[status("m-2", 2, "wamid.s2", "sent")]);
    desk.left(&[status("m-37", 37, "wamid.s37", "delivered")]);
    desk.left(&[status("x-1", 8, "wamid.x1", "sent"), status("x-2", 77, "wamid.x2", "read")]);
    // Written past the gate, straight into the allowed topic.
    let (to, value) = (phone(39), offer("cafe", 39, 900));
    desk.stage.writer().write_one(&desk.stage.topics.allowed, &message(&to, &value));
    desk.left(&[status("m-900", 39, "wamid.f", "sent")]);
    let planted = [
        "allowed_never_sent m-29",
        "allowed_never_sent m-30",
        "sent_though_suppressed m-2",
        "sent_though_suppressed m-37",
        "sent_without_decision m-900",
        "sent_without_decision x-1",
        "sent_without_decision x-2",
    ];
    planted.map(str::to_owned).to_vec()
}

const NEVER_SENT: [&str; 2] = ["allowed_never_sent m-29", "allowed_never_sent m-30"];

on_every_kafka![
    planted_by_passes_are_found_and_none_is_made_up,
    after_the_topics_of_messages_are_gone_the_column_tells_the_same,
];

pub fn planted_by_passes_are_found_and_none_is_made_up() {
    let desk = told("reconcile", "");
    assert_eq!(desk.found(&[], ""), (NEVER_SENT.map(str::to_owned).to_vec(), Some(0)));
    let planted = plant(&desk);
    assert_eq!(desk.found(&[], ""), (planted, Some(70)));
    let output = desk.run(&[], "");
    let shown = text(&output.stdout);
    assert!(shown.contains("sent 28, of them by a decision of the gate 23"), "{shown}");
    assert!(shown.contains("sent although the gate suppressed it: 2\n"), "{shown}");
    assert!(shown.contains("withdrawn") && shown.contains("no_grant"), "{shown}");
    assert!(text(&output.stderr).contains("5 messages went round the gate"));
    let later = ["--from", "2099-01-01T00:00:00Z"];
    assert_eq!(desk.found(&later, ""), (Vec::new(), Some(0)));
}

pub fn after_the_topics_of_messages_are_gone_the_column_tells_the_same() {
    let desk = told("reconcile-gone", "\n[receipts]\nallowed_messages = \"listed\"\n");
    let topics = &desk.stage.topics;
    let planted = plant(&desk);
    delete_topics(&desk.stage.kafka, &[&topics.outbound, &topics.allowed]);
    assert_eq!(desk.found(&[], ""), (planted, Some(70)));
}

#[test]
fn a_list_of_the_senders_own_is_compared_by_id() {
    let desk = told("reconcile-own", "");
    let rows: String = (6..=30).map(|person| format!("m-{person},\n")).collect();
    let file = |more: &str| format!("message_id,sent_at\n{rows}{more}");
    assert_eq!(desk.found(&["--sent-csv", "-"], &file("")), (Vec::new(), Some(0)));
    let planted = desk.found(&["--sent-csv", "-"], &file("m-1,2026-11-26T10:00:00Z\nx,\n"));
    let expected = ["sent_though_suppressed m-1", "sent_without_decision x"];
    assert_eq!(planted, (expected.map(str::to_owned).to_vec(), Some(70)));
    let log = unique("sender-log");
    create_topic(&desk.stage.kafka, &log, 1, &[]);
    for id in (6..=30).map(|person| format!("m-{person}")).chain(["y".to_owned()]) {
        let value = format!(r#"{{"message": {{"id": "{id}"}}}}"#);
        let record = NewRecord { value: Some(value.as_bytes()), ..NewRecord::default() };
        desk.stage.writer().write_one(&log, &record);
    }
    let from_topic = desk.found(&["--sent-topic", &log, "--id-at", "/message/id"], "");
    assert_eq!(from_topic, (vec!["sent_without_decision y".to_owned()], Some(70)));
    let bad = desk.run(&["--sent-csv", "-"], "id\nm-6\n");
    assert_eq!(bad.status.code(), Some(65), "{}", text(&bad.stderr));
}

#[test]
fn without_a_key_to_believe_by_there_is_no_answer() {
    let desk = told("reconcile-key", "");
    let other = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";
    let output = desk.run(&["--public-key", other], "");
    assert_eq!((output.status.code(), text(&output.stdout)), (Some(65), ""));
    assert!(text(&output.stderr).contains("trusted here"), "{}", text(&output.stderr));
}
