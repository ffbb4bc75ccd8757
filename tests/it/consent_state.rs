//! `consentgate consent-state` beside a running gate: the list, and the topic kept up to date.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Output};

use consentgate::commands::consent_state::{Published, Publisher};
use consentgate::wire::consent::{Produced, produce};
use consentgate::wire::proto::consent::{ConsentEvent, Kind};
use consentgate::wire::proto::consent_state::{Category, ConsentState};
use prost::Message as _;
use tempfile::TempDir;

use crate::support::gate::{config, decide_all, test_keys};
use crate::support::home::Home;
use crate::support::reading::{Isolation, read_all};
use crate::support::stage::Stage;
use crate::support::topics::create_topic;
use crate::support::unique::unique;
use crate::support::world::{grant, link, now_ms, phone, switch, withdraw};

struct Desk {
    stage: Stage,
    topic: String,
    toml: String,
    dir: TempDir,
    home: Home,
}

impl Desk {
    fn new(test: &str) -> Self {
        let home = Home::new();
        let stage = Stage::new(home.kafka(), test, 2);
        let topic = unique("consent-state");
        create_topic(home.kafka(), &topic, 2, &[("cleanup.policy", "compact")]);
        let named = format!("[topics]\nconsent_state = \"{topic}\"");
        let toml = stage.toml("").replace("[topics]", &named);
        let dir = tempfile::tempdir().expect("a folder");
        fs::write(dir.path().join("gate.toml"), &toml).expect("written");
        Self { stage, topic, toml, dir, home }
    }

    fn publisher(&self) -> Publisher {
        Publisher::open(&config(&self.toml, "state")).expect("a publisher")
    }

    /// What a new publisher has to write.
    fn publish(&self) -> Published {
        self.publisher().publish().expect("published")
    }

    fn records(&self) -> usize {
        read_all(self.home.kafka(), &self.topic, Isolation::Committed).len()
    }

    /// What the topic says, by key.
    fn table(&self) -> BTreeMap<String, ConsentState> {
        let mut table = BTreeMap::new();
        for record in read_all(self.home.kafka(), &self.topic, Isolation::Committed) {
            let key = String::from_utf8(record.key.expect("a key")).expect("text");
            match record.value {
                Some(value) => {
                    let state = ConsentState::decode(&value[..]).expect("a state");
                    table.insert(key, state);
                }
                None => drop(table.remove(&key)),
            }
        }
        table
    }

    fn reached(&self) -> BTreeSet<String> {
        self.table().into_keys().collect()
    }

    fn run(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_consentgate"));
        command.arg("consent-state").args(arguments).arg("--config");
        command.arg(self.dir.path().join("gate.toml")).env_clear().envs(test_keys());
        command.output().expect("the program runs")
    }
}

fn key(person: u32) -> String {
    format!("cafe/{}", phone(person))
}

fn said(person: u32, kind: Kind, change: impl FnOnce(&mut ConsentEvent)) -> Produced {
    let mut event = ConsentEvent {
        event_id: format!("{kind:?}-{person}"),
        business_id: "cafe".to_owned(),
        phone: phone(person),
        kind: kind.into(),
        occurred_at_ms: Some(now_ms() - 10_000),
        ..ConsentEvent::default()
    };
    change(&mut event);
    produce(event).expect("an event")
}

on_every_kafka![
    who_stands_in_the_topic_is_who_gets_the_message_from_the_gate,
    a_restart_writes_differences_alone_and_who_leaves_gets_a_tombstone,
];

pub fn who_stands_in_the_topic_is_who_gets_the_message_from_the_gate() {
    let desk = Desk::new("state-gate");
    let at_ms = now_ms() - 600_000;
    let people: Vec<u32> = (1..=12).collect();
    let mut events: Vec<_> = people
        .iter()
        .filter(|p| **p != 12)
        .map(|p| grant("cafe", *p, &["offers"], at_ms))
        .collect();
    events.push(withdraw("cafe", 2));
    events.push(said(3, Kind::Withdraw, |event| event.scopes = vec!["offers".to_owned()]));
    events.push(said(4, Kind::Withdraw, |event| event.scopes = vec!["surveys".to_owned()]));
    events.push(said(5, Kind::Block, |_| {}));
    events.push(said(6, Kind::PlatformStop, |_| {}));
    events.push(said(7, Kind::Cooldown, |event| event.until_ms = Some(now_ms() + 3_600_000)));
    events.push(link("cafe", 2, 8));
    events.push(said(9, Kind::Erase, |_| {}));
    events.push(said(10, Kind::Complaint, |_| {}));
    desk.stage.consent(&events);
    let published = desk.publish();
    desk.stage.offers(&people, 0);
    let kafka = desk.home.kafka();
    let ledger = decide_all(kafka, &desk.toml, &desk.stage.topics);
    let allowed = read_all(kafka, &desk.stage.topics.allowed, Isolation::Committed);
    let allowed: BTreeSet<_> = allowed
        .iter()
        .map(|record| format!("cafe/{}", String::from_utf8_lossy(record.key.as_deref().unwrap())))
        .collect();
    assert!(ledger.lost().is_empty());
    assert_eq!(allowed, [1, 4, 11].map(key).into_iter().collect());
    assert_eq!(desk.reached(), allowed);
    assert_eq!(published, Published { written: 3, removed: 0 });
    let anna = &desk.table()[&key(1)];
    assert_eq!((anna.business_id.as_str(), anna.phone.as_str()), ("cafe", phone(1).as_str()));
    let [scope] = &anna.scopes[..] else { panic!("one scope") };
    assert_eq!((scope.scope.as_str(), scope.category()), ("offers", Category::Marketing));
    assert_eq!((scope.agreed_at_ms, scope.until_ms), (at_ms / 1_000 * 1_000, None));
}

pub fn a_restart_writes_differences_alone_and_who_leaves_gets_a_tombstone() {
    let desk = Desk::new("state-restart");
    let at_ms = now_ms() - 60_000;
    let events: Vec<_> = (1..=5).map(|person| grant("cafe", person, &["offers"], at_ms)).collect();
    desk.stage.consent(&events);
    assert_eq!(desk.publish(), Published { written: 5, removed: 0 });
    assert_eq!(desk.publish(), Published::default());
    assert_eq!(desk.records(), 5);
    // While it is away one leaves, one agrees to more, one is new.
    desk.stage.consent(&[
        withdraw("cafe", 2),
        grant("cafe", 3, &["surveys"], at_ms),
        grant("cafe", 6, &["offers"], at_ms),
    ]);
    assert_eq!(desk.publish(), Published { written: 2, removed: 1 });
    assert_eq!(desk.reached(), [1, 3, 4, 5, 6].map(key).into_iter().collect());
    let last = read_all(desk.home.kafka(), &desk.topic, Isolation::Committed);
    let stone = last.iter().find(|record| record.value.is_none()).expect("a tombstone");
    assert_eq!(stone.key.as_deref(), Some(key(2).as_bytes()));
}

#[test]
fn one_that_goes_on_writes_what_changed_and_nothing_while_everything_is_paused() {
    let desk = Desk::new("state-follow");
    let at_ms = now_ms() - 60_000;
    desk.stage
        .consent(&[grant("cafe", 1, &["offers"], at_ms), grant("cafe", 2, &["offers"], at_ms)]);
    let mut publisher = desk.publisher();
    assert_eq!(publisher.publish().expect("published").written, 2);
    assert_eq!(publisher.publish().expect("published"), Published::default());
    desk.stage.consent(&[link("cafe", 1, 3)]);
    assert_eq!(publisher.publish().expect("published"), Published::default());
    desk.stage.consent(&[withdraw("cafe", 3)]);
    let expected = Published { written: 0, removed: 1 };
    assert_eq!(publisher.publish().expect("published"), expected);
    assert_eq!(desk.reached(), [key(2)].into());
    // What holds every gate stops this too.
    desk.stage.consent(&[switch(Kind::Pause, None, now_ms()), withdraw("cafe", 2)]);
    let fault = publisher.publish().expect_err("held").to_string();
    assert!(fault.contains("resume it") && !fault.contains(&phone(2)), "{fault}");
    assert_eq!(desk.reached(), [key(2)].into());
}

#[test]
fn what_nobody_vouches_for_is_taken_out_of_the_topic() {
    let desk = Desk::new("state-strays");
    let writer = desk.stage.writer();
    for stray in ["cafe/+99977777777", "no key of ours"] {
        let record = crate::support::producers::NewRecord {
            key: Some(stray.as_bytes()),
            value: Some(b""),
            ..Default::default()
        };
        writer.write_one(&desk.topic, &record);
    }
    drop(writer);
    assert_eq!(desk.publish(), Published { written: 0, removed: 2 });
    assert_eq!(desk.table(), BTreeMap::new());
}

#[test]
fn a_list_names_people_in_a_file_that_only_its_owner_reads_and_nowhere_else() {
    let desk = Desk::new("state-export");
    let at_ms = now_ms() - 60_000;
    desk.stage.consent(&[
        grant("cafe", 1, &["offers", "surveys"], at_ms),
        grant("cafe", 2, &["offers"], at_ms),
        grant("shop", 3, &["offers"], at_ms),
        withdraw("cafe", 2),
    ]);
    let file = desk.dir.path().join("list.csv");
    let path = file.to_str().expect("text");
    let output = desk.run(&["export", "--business", "cafe", "--out", path]);
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(0), "{told}");
    assert!(told.contains("people who may be reached: 1") && told.contains("the gate"), "{told}");
    assert!(!told.contains(&phone(1)) && output.stdout.is_empty());
    let mode = fs::metadata(&file).expect("the file").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let list = fs::read_to_string(&file).expect("read");
    let lines: Vec<_> = list.lines().collect();
    assert_eq!(lines[0], "business,identity,scope,category,agreed_at,until,confirmed");
    assert_eq!(lines.len(), 3, "{list}");
    assert!(lines[1].starts_with(&format!("cafe,{},offers,marketing,2", phone(1))), "{list}");
    assert!(lines[2].contains(",surveys,marketing,") && lines[2].ends_with(",,false"), "{list}");
    // A second list takes the place of the first, of all businesses.
    let output = desk.run(&["export", "--format", "jsonl"]);
    let lines = String::from_utf8(output.stdout).expect("text");
    let line: Vec<serde_json::Value> =
        lines.lines().map(|line| serde_json::from_str(line).expect("json")).collect();
    assert_eq!(line.len(), 2);
    assert_eq!((&line[1]["business"], &line[1]["identity"]), (&"shop".into(), &phone(3).into()));
    assert_eq!(line[0]["scopes"][1]["scope"], "surveys");
    let output = desk.run(&["publish", "--once"]);
    assert_eq!(String::from_utf8_lossy(&output.stdout), "written: 2, removed: 0\n");
}

#[test]
fn the_gate_starts_without_the_topic_and_topics_apply_makes_it_compacted() {
    let desk = Desk::new("state-topics");
    let toml = desk.toml.replace(&desk.topic, "not-there-yet");
    fs::write(desk.dir.path().join("gate.toml"), &toml).expect("written");
    let ledger = decide_all(desk.home.kafka(), &toml, &desk.stage.topics);
    assert!(ledger.lost().is_empty());
    let output = desk.run(&["publish", "--once"]);
    assert_eq!(output.status.code(), Some(69), "no topic, no list");
    let mut command = Command::new(env!("CARGO_BIN_EXE_consentgate"));
    command.args(["topics", "apply", "--replication", "1", "--config"]);
    command.arg(desk.dir.path().join("gate.toml")).env_clear().envs(test_keys());
    let output = command.output().expect("it runs");
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(told.contains("new   consent_state: not-there-yet, partitions: 2"), "{told}");
    assert!(told.contains("cleanup.policy=compact"), "{told}");
    assert_eq!(desk.run(&["publish", "--once"]).status.code(), Some(0));
}
