//! A shadow beside a gate and a sender: it decides and audits, sends nothing, and says so.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};
use std::time::Duration;

use tempfile::TempDir;

use crate::support::gate::{await_ready, start, test_keys};
use crate::support::home::Home;
use crate::support::stage::{Stage, await_drained};
use crate::support::topics::{create_topic, delete_topics};
use crate::support::world::{grant, now_ms, phone, withdraw};

const LIMIT: Duration = Duration::from_secs(30);

/// A stage with a shadow's own topics; three people, of whom one may be written to.
struct Desk {
    stage: Stage,
    dir: TempDir,
    home: Home,
}

impl Desk {
    fn new(test: &str) -> Self {
        let home = Home::new();
        let stage = Stage::new(home.kafka(), test, 2);
        for topic in [shadow_of(&stage.topics.audit), shadow_of(&stage.topics.receipts)] {
            create_topic(&stage.kafka, &topic, 2, &[("retention.ms", "-1")]);
        }
        let past = now_ms() - 60_000;
        stage.consent(&[1, 2].map(|person| grant("cafe", person, &["offers"], past)));
        stage.consent(&[withdraw("cafe", 2)]);
        stage.offers(&[1, 2, 3], 0);
        let dir = tempfile::tempdir().expect("a folder");
        fs::write(dir.path().join("gate.toml"), stage.toml("")).expect("written");
        Self { stage, dir, home }
    }

    fn decide_in_shadow(&self) {
        let gate = start(self.stage.prepared("mode = \"shadow\"")).expect("the shadow starts");
        await_ready(&gate);
        let outbound = &self.stage.topics.outbound;
        await_drained(&self.stage.kafka, &format!("gate-{outbound}.shadow"), outbound, 2, LIMIT);
        gate.join(LIMIT).expect("an orderly end");
    }

    fn decide(&self) {
        let gate = self.stage.gate();
        await_ready(&gate);
        self.stage.await_drained(LIMIT);
        gate.join(LIMIT).expect("an orderly end");
    }

    fn run(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_consentgate"));
        command.args(arguments).arg("--config").arg(self.dir.path().join("gate.toml"));
        command.env_clear().envs(test_keys()).output().expect("it runs")
    }

    fn verify(&self, sets: &[&str]) -> (Option<i32>, String) {
        let sets = sets.iter().flat_map(|set| ["--set", set]);
        let arguments: Vec<_> = std::iter::once("verify").chain(sets).collect();
        let output = self.run(&arguments);
        (output.status.code(), format!("{}{}", text(&output.stdout), text(&output.stderr)))
    }

    fn records(&self, topic: &str) -> i64 {
        self.home.offsets(topic).expect("the topic is there")
    }
}

fn shadow_of(topic: &str) -> String {
    format!("{topic}.shadow")
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).expect("text")
}

on_every_kafka![
    a_shadow_writes_no_allowed_topic_and_needs_none,
    a_shadow_and_a_gate_of_one_name_do_not_touch_each_other_and_both_verify,
    the_report_says_why_a_business_would_lose_messages_and_what_gives_them_back,
];

pub fn a_shadow_writes_no_allowed_topic_and_needs_none() {
    let desk = Desk::new("shadow-alone");
    delete_topics(&desk.stage.kafka, &[&desk.stage.topics.allowed]);
    desk.decide_in_shadow();
    assert!(desk.home.offsets(&desk.stage.topics.allowed).is_none(), "nor was it made");
    for topic in [&desk.stage.topics.audit, &desk.stage.topics.receipts] {
        assert_eq!(desk.records(topic), 0, "{topic} is the gate's");
        assert!(desk.records(&shadow_of(topic)) > 0, "{topic}.shadow is the shadow's");
    }
}

#[test]
fn a_gate_without_its_allowed_topic_does_not_start() {
    let desk = Desk::new("no-shadow");
    delete_topics(&desk.stage.kafka, &[&desk.stage.topics.allowed]);
    let output = desk.run(&["check"]);
    assert_eq!(output.status.code(), Some(78), "{}", text(&output.stdout));
    let output = desk.run(&["check", "--set", "gate.mode=shadow"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stdout));
}

pub fn a_shadow_and_a_gate_of_one_name_do_not_touch_each_other_and_both_verify() {
    let desk = Desk::new("shadow-beside");
    desk.decide_in_shadow();
    assert_eq!(desk.records(&desk.stage.topics.allowed), 0);
    desk.decide();
    let ledger = desk.stage.ledger();
    assert_eq!((ledger.allowed(), ledger.suppressed()), (1, 2));
    let (code, told) = desk.verify(&[]);
    assert_eq!(code, Some(0), "{told}");
    assert!(!told.contains("shadow"), "{told}");
    let (code, told) = desk.verify(&["gate.mode=shadow"]);
    assert_eq!(code, Some(0), "{told}");
    assert!(told.contains("a shadow's decisions: nothing that it allowed was written"), "{told}");
}

#[test]
fn neither_passes_for_the_other() {
    let desk = Desk::new("shadow-taken");
    desk.decide_in_shadow();
    // The shadow's receipts, held against an allowed topic as if a gate had written them.
    let topics = &desk.stage.topics;
    let audit = format!("topics.audit={}", shadow_of(&topics.audit));
    let receipts = format!("topics.receipts={}", shadow_of(&topics.receipts));
    let (code, told) = desk.verify(&[&audit, &receipts]);
    assert_eq!(code, Some(70), "{told}");
    assert!(told.contains("receipt_mode"), "{told}");
}

pub fn the_report_says_why_a_business_would_lose_messages_and_what_gives_them_back() {
    let desk = Desk::new("shadow-report");
    desk.decide_in_shadow();
    let out = desk.dir.path().join("out");
    let output = desk.run(&["shadow", "report", "--out", out.to_str().expect("a path")]);
    let told = text(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{told}{}", text(&output.stderr));
    assert!(
        told.contains("3  messages decided") && told.contains("1  would have gone on"),
        "{told}"
    );
    assert!(told.contains("no_grant: ask for consent"), "{told}");
    let read = |file: &str| fs::read_to_string(Path::new(&out).join(file)).expect("written");
    let reasons = read("reasons.csv");
    for line in ["cafe,no_grant,offers,1,", "cafe,withdrawn,offers,1,"] {
        assert!(reasons.contains(line), "{reasons}");
    }
    let page = read("report.html");
    assert!(page.contains("<h3>cafe: 2</h3>"), "{page}");
    for person in 1..4 {
        assert!(
            !format!("{told}{reasons}{page}").contains(&phone(person)[1..]),
            "a number is told"
        );
    }
    let other = desk.dir.path().join("other");
    let arguments =
        ["shadow", "report", "--business", "shop", "--out", other.to_str().expect("a path")];
    let output = desk.run(&arguments);
    let page = fs::read_to_string(other.join("report.html")).expect("written");
    assert!(!page.contains("cafe") && !text(&output.stdout).contains("cafe"), "another's figures");
}
