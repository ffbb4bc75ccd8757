//! `consentgate roll` between two runs of a gate: nobody notices but the erased.

use std::fs;
use std::io::Write as _;
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use consentgate::broker::{Broker, BrokerConfig};
use consentgate::commands::verify::{Report, Unchecked, own_key, verify};
use consentgate::wire::consent::{Produced, produce};
use consentgate::wire::proto::consent::{ConsentEvent, Kind};
use tempfile::TempDir;

use crate::support::gate::{await_ready, await_that, config, test_keys, try_start};
use crate::support::reading::{Isolation, read_all};
use crate::support::stage::Stage;
use crate::support::topics::GateTopics;
use crate::support::world::{grant, link, now_ms, phone, withdraw};

const PARTITIONS: i32 = 3;

struct Desk {
    stage: Stage,
    dir: TempDir,
    broker: Broker,
}

/// What happened to a person by the business's or their own will.
fn said(kind: Kind, person: u32) -> Produced {
    produce(ConsentEvent {
        event_id: format!("{}-{person}", kind.as_str_name()),
        business_id: "cafe".to_owned(),
        phone: phone(person),
        kind: kind.into(),
        occurred_at_ms: Some(now_ms()),
        ..ConsentEvent::default()
    })
    .expect("an event")
}

impl Desk {
    /// Person 1 stays, 2 is blocked and erased, 3 is erased and linked to 4, 5 is erased and comes back.
    fn new(test: &str) -> Self {
        let broker = Broker::start(BrokerConfig::default()).expect("a broker");
        let stage = Stage::new(&broker.bootstrap(), test, PARTITIONS);
        let desk = Self { stage, dir: tempfile::tempdir().expect("a folder"), broker };
        let at_ms = now_ms() - 60_000;
        let agreed: Vec<_> =
            (1..=5).map(|person| grant("cafe", person, &["offers"], at_ms)).collect();
        desk.stage.consent(&agreed);
        desk.stage.consent(&[grant("shop", 2, &["offers"], at_ms)]);
        desk.stage.offers(&[1, 2, 3, 4, 5], 0);
        desk.decide(&desk.stage.topics);
        let erased = [2, 3, 5].map(|person| said(Kind::Erase, person));
        desk.stage.consent(&[said(Kind::Block, 2), link("cafe", 4, 3), withdraw("cafe", 4)]);
        desk.stage.consent(&erased);
        // A later second, so that what is agreed to then is later than the erasure.
        std::thread::sleep(Duration::from_millis(1_100));
        desk.stage.consent(&[grant("cafe", 5, &["offers"], now_ms())]);
        desk.stage.offers(&[1, 2, 3, 4, 5], 10);
        desk.decide(&desk.stage.topics);
        desk
    }

    /// The topics after a roll.
    fn after(&self) -> GateTopics {
        let consent_events = format!("{}.2", self.stage.topics.consent_events);
        GateTopics { consent_events, ..self.stage.topics.clone() }
    }

    fn toml(&self, topics: &GateTopics) -> String {
        crate::support::gate::gate_toml(&self.broker.bootstrap(), topics, "")
    }

    fn decide(&self, topics: &GateTopics) {
        let gate = try_start(&self.toml(topics), "gate-0").expect("a gate");
        await_ready(&gate);
        await_that("all are decided", || self.stage.ledger().lost().is_empty());
        gate.join(Duration::from_secs(20)).expect("an orderly end");
    }

    fn run(&self, topics: &GateTopics, arguments: &[&str], environment: &[(&str, &str)]) -> Output {
        let path = self.dir.path().join("gate.toml");
        fs::write(&path, self.toml(topics)).expect("written");
        let mut command = Command::new(env!("CARGO_BIN_EXE_consentgate"));
        command.args(arguments).arg("--config").arg(path);
        command.env_clear().envs(test_keys()).envs(environment.iter().copied());
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the program starts");
        let person = format!("{}\n", phone(2));
        // A command that asks for nobody reads nothing.
        let _ = child.stdin.take().expect("its input").write_all(person.as_bytes());
        child.wait_with_output().expect("it ends")
    }

    fn roll(&self, more: &[&str]) -> Output {
        let to = self.after().consent_events;
        self.run(
            &self.stage.topics,
            &[&["roll", "--new-topic", to.as_str()][..], more].concat(),
            &[],
        )
    }

    fn rolled(test: &str) -> Self {
        let desk = Self::new(test);
        let output = desk.roll(&["--write"]);
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        desk
    }

    fn verify(&self, topics: &GateTopics) -> Report {
        let config = config(&self.toml(topics), "verifier");
        let keys = own_key(&config).expect("the test's key");
        verify(&config, keys, Default::default()).expect("readable topics")
    }

    /// How many messages went, and how many did not.
    fn fates(&self) -> (usize, usize) {
        let count =
            |topic: &str| read_all(&self.broker.bootstrap(), topic, Isolation::Committed).len();
        (count(&self.stage.topics.allowed), count(&self.stage.topics.audit))
    }

    fn bytes_of(&self, topic: &str) -> Vec<u8> {
        let records = read_all(&self.broker.bootstrap(), topic, Isolation::Committed);
        let parts = records.into_iter().flat_map(|record| [record.key, record.value]);
        parts.flatten().flatten().collect()
    }
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).expect("text")
}

fn contains(bytes: &[u8], word: &str) -> bool {
    bytes.windows(word.len()).any(|part| part == word.as_bytes())
}

#[test]
fn a_gate_decides_on_the_rolled_log_as_before_and_verify_says_what_is_gone() {
    let desk = Desk::rolled("roll-gate");
    let (before, after) = (&desk.stage.topics, desk.after());
    // Of person 2 the shop still has a grant; of person 3 there is nothing left in clear.
    let (old, new) = (desk.bytes_of(&before.consent_events), desk.bytes_of(&after.consent_events));
    assert!(contains(&old, &phone(3)) && !contains(&new, &phone(3)));
    assert!(contains(&new, &format!("shop/{}", phone(2))));
    assert!(!contains(&new, &format!("cafe/{}", phone(2))));
    for person in [1, 5] {
        assert!(contains(&new, &format!("cafe/{}", phone(person))), "person {person}");
    }
    assert_eq!(desk.fates(), (7, 3));
    desk.stage.offers(&[1, 2, 3, 4, 5], 20);
    desk.decide(&after);
    assert_eq!(desk.fates(), (9, 6));
    // What was decided before the erasure on what is gone now cannot be checked, all else can.
    let report = desk.verify(&after);
    assert_eq!(report.difference_count(), 0, "{}", report.to_text());
    assert_eq!(report.unchecked().get(&Unchecked::Erased), Some(&3), "{}", report.to_text());
    assert!(report.to_text().contains("erased, not checkable"), "{}", report.to_text());
    // The old topic still tells all, up to where it ends.
    assert_eq!(desk.verify(before).unchecked().get(&Unchecked::Erased), None);
}

#[test]
fn a_report_and_an_import_read_the_rolled_log_with_the_key_and_refuse_it_without() {
    let desk = Desk::rolled("roll-keys");
    let after = desk.after();
    let arguments = ["subject", "report", "--business", "cafe", "--json"];
    let output = desk.run(&after, &arguments, &[]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let kinds: Vec<_> = report["events"].as_array().expect("events").iter().collect();
    let mut kinds: Vec<_> =
        kinds.iter().map(|held| held["event"]["kind"].as_str().expect("a kind")).collect();
    kinds.sort_unstable();
    assert_eq!(kinds, ["block", "erase"]);
    // Rotated, and the old key forgotten.
    let newer = "99ee".repeat(16);
    let newer = [("CONSENTGATE__KEYS__TOMBSTONE_KEY", newer.as_str())];
    let refused = desk.run(&after, &arguments, &newer);
    assert_eq!(refused.status.code(), Some(69), "{}", text(&refused.stderr));
    assert!(
        text(&refused.stderr).contains("older_tombstone_key_files"),
        "{}",
        text(&refused.stderr)
    );
    assert_eq!(text(&refused.stdout), "");
    // With the old key beside the new one all is as before.
    let older = desk.dir.path().join("older.key");
    fs::write(&older, format!("{}\n", "4e5f".repeat(16))).expect("written");
    let older = format!("keys.older_tombstone_key_files=[{:?}]", older.display().to_string());
    let kept = [&arguments[..], &["--set", older.as_str()]].concat();
    let output = desk.run(&after, &kept, &newer);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
}

#[test]
fn a_gate_holds_on_a_rolled_log_that_it_cannot_open_or_that_a_stranger_signed() {
    let desk = Desk::new("roll-holds");
    let (tombstone, signing) = ("99ee".repeat(16), "77dd".repeat(16));
    for (number, (key, digits, cause)) in [
        ("TOMBSTONE", tombstone.as_str(), "TombstoneKey"),
        ("SIGNING", signing.as_str(), "ConsentLogUnsealed"),
    ]
    .into_iter()
    .enumerate()
    {
        let to = format!("{}.{number}", desk.stage.topics.consent_events);
        let key = format!("CONSENTGATE__KEYS__{key}_KEY");
        let arguments = ["roll", "--new-topic", to.as_str(), "--write"];
        let output = desk.run(&desk.stage.topics, &arguments, &[(key.as_str(), digits)]);
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        let after = GateTopics { consent_events: to, ..desk.stage.topics.clone() };
        let gate = try_start(&desk.toml(&after), "gate-0").expect("a gate");
        await_that(cause, || format!("{:?}", gate.health.readiness()).contains(cause));
        desk.stage.offers(&[1], 30 + number as u64);
        std::thread::sleep(Duration::from_millis(500));
        assert_eq!(desk.fates(), (7, 3), "{cause}");
        gate.join(Duration::from_secs(20)).expect("an orderly end");
    }
}

#[test]
fn a_roll_is_not_signed_while_somebody_writes() {
    let desk = Desk::new("roll-written");
    let stop = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        let writes = scope.spawn(|| {
            let mut person = 100;
            while !stop.load(std::sync::atomic::Ordering::Relaxed) {
                desk.stage.consent(&[withdraw("cafe", person)]);
                person += 1;
            }
        });
        let output = desk.roll(&["--write"]);
        stop.store(true, std::sync::atomic::Ordering::Relaxed);
        writes.join().expect("a writer");
        assert_eq!(output.status.code(), Some(75), "{}", text(&output.stderr));
        assert!(text(&output.stderr).contains("still writes"), "{}", text(&output.stderr));
    });
    // What was left is never taken for a log.
    let gone = desk.run(&desk.after(), &["subject", "report", "--business", "cafe"], &[]);
    assert_eq!(gone.status.code(), Some(69), "{}", text(&gone.stderr));
    assert!(text(&gone.stderr).contains("was not finished"), "{}", text(&gone.stderr));
}

#[test]
fn a_dry_run_writes_nothing_and_tells_what_would_be_done() {
    let desk = Desk::new("roll-dry");
    let output = desk.roll(&[]);
    let out = text(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    for line in [
        "records          13\n",
        "erased people    2 (and 1 who came back)\n",
        "left out         3\n",
    ] {
        assert!(out.contains(line), "{line}: {out}");
    }
    assert!(!out.contains("+999"), "{out}");
    assert!(text(&output.stderr).contains("nothing was written"));
    let after = desk.after();
    let gone = desk.run(&after, &["subject", "report", "--business", "cafe"], &[]);
    assert_eq!(gone.status.code(), Some(69), "{}", text(&gone.stderr));
}

#[test]
fn a_topic_that_is_not_empty_is_never_rolled_to() {
    let desk = Desk::rolled("roll-again");
    let output = desk.roll(&["--write"]);
    assert_eq!(output.status.code(), Some(65), "{}", text(&output.stderr));
    assert!(text(&output.stderr).contains("is not empty"), "{}", text(&output.stderr));
    let same = desk.stage.topics.consent_events.clone();
    let output = desk.run(&desk.stage.topics, &["roll", "--new-topic", &same], &[]);
    assert_eq!(output.status.code(), Some(2), "{}", text(&output.stderr));
}
