//! Webhooks into consent events, through the adapter and the gate, on the embedded broker.

use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use consentgate::broker::{Broker, BrokerConfig};
use consentgate::commands::webhooks::{Adapter, Counts};
use consentgate::decision::Reason;
use consentgate::wire::consent::produce;
use consentgate::wire::proto::consent::{Actor, ConsentEvent, Expression, Kind, Method};
use consentgate::wire::proto::outbound::{Category, OptOutPath, OutboundMessage};
use prost::Message as _;

use crate::support::gate::{await_ready, await_that, config, gate_toml, try_start};
use crate::support::ledger::Ledger;
use crate::support::producers::{NewRecord, Place, Writer};
use crate::support::reading::{Isolation, ReadRecord, committed, read_all};
use crate::support::topics::{GateTopics, create_topic};
use crate::support::unique::unique;
use crate::support::world::now_ms;

const ANNA: &str = "+12025550101";

struct Stage {
    broker: Broker,
    topics: GateTopics,
    input: String,
    rejects: String,
    writer: Writer,
    toml: String,
}

/// An adapter at work on a thread of its own.
struct Working {
    stop: Arc<AtomicBool>,
    thread: JoinHandle<Counts>,
}

impl Working {
    fn end(self) -> Counts {
        self.stop.store(true, Ordering::SeqCst);
        self.thread.join().expect("an orderly end")
    }
}

impl Stage {
    fn new(name: &str) -> Self {
        let broker = Broker::start(BrokerConfig::default()).expect("a broker");
        let topics = GateTopics::named(name);
        topics.create(&broker.bootstrap(), 3);
        let (input, rejects) = (unique("whatsapp-webhooks"), unique("rejects"));
        create_topic(&broker.bootstrap(), &input, 2, &[]);
        create_topic(&broker.bootstrap(), &rejects, 1, &[]);
        let section = format!(
            "[webhooks]\ntopic = \"{input}\"\nrejects = \"{rejects}\"\n\
             [webhooks.numbers]\n\"100000000000001\" = \"cafe\"\n"
        );
        // An instance that a busy machine keeps silent must not be taken for dead: two that own the
        // same partition may publish a fact twice.
        let toml = gate_toml(&broker.bootstrap(), &topics, &section)
            .replace("session_timeout = \"6s\"", "session_timeout = \"60s\"");
        let writer = Writer::new(&broker.bootstrap());
        Self { broker, topics, input, rejects, writer, toml }
    }

    /// Writes a body to one of the two partitions.
    fn deliver(&self, partition: i32, body: &[u8]) -> Place {
        let record =
            NewRecord { partition: Some(partition), value: Some(body), ..NewRecord::default() };
        self.writer.write_one(&self.input, &record)
    }

    fn deliver_fixture(&self, partition: i32, name: &str) {
        self.deliver(partition, fixture(name).as_bytes());
    }

    fn start(&self) -> Working {
        self.start_with(&self.toml)
    }

    fn start_with(&self, toml: &str) -> Working {
        let mut adapter = Adapter::open(&config(toml, "adapter")).expect("an adapter");
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let thread = std::thread::spawn(move || {
            adapter.run(&stopped).expect("no fault");
            adapter.counts().clone()
        });
        Working { stop, thread }
    }

    /// Lets an adapter work off all that was delivered.
    fn work_off(&self) -> Counts {
        let working = self.start();
        await_that("all bodies are committed", || self.is_worked_off());
        working.end()
    }

    fn is_worked_off(&self) -> bool {
        let bodies = self.read(&self.input);
        [0, 1].into_iter().all(|partition| {
            let last = bodies.iter().rfind(|body| body.partition == partition);
            let next = last.map(|body| body.offset + 1);
            let group = "consentgate-webhooks";
            next.is_none()
                || committed(&self.broker.bootstrap(), group, &self.input, partition) == next
        })
    }

    fn read(&self, topic: &str) -> Vec<ReadRecord> {
        read_all(&self.broker.bootstrap(), topic, Isolation::Committed)
    }

    /// The events of a topic, by kind and key, sorted.
    fn events(&self, topic: &str) -> Vec<String> {
        let line = |record: ReadRecord| {
            let event =
                ConsentEvent::decode(&record.value.expect("a value")[..]).expect("an event");
            let key = String::from_utf8(record.key.expect("a key")).expect("text");
            format!("{} {key}", event.kind().as_str_name())
        };
        let mut lines: Vec<_> = self.read(topic).into_iter().map(line).collect();
        lines.sort();
        lines
    }

    fn grant(&self, scopes: &[&str]) {
        let grant = produce(ConsentEvent {
            event_id: "grant-anna".to_owned(),
            business_id: "cafe".to_owned(),
            phone: ANNA.to_owned(),
            kind: Kind::Grant.into(),
            scopes: scopes.iter().map(ToString::to_string).collect(),
            occurred_at_ms: Some(now_ms() - 5_000),
            method: Method::WebsiteForm.into(),
            expression: Expression::BoxTicked.into(),
            text_id: "newsletter".to_owned(),
            text_version: "1".to_owned(),
            actor: Actor::Subject.into(),
            ..ConsentEvent::default()
        });
        let grant = grant.expect("a grant");
        let key = Some(grant.key.as_bytes());
        let record = NewRecord { key, value: Some(&grant.value), ..NewRecord::default() };
        self.writer.write_one(&self.topics.consent_events, &record);
    }

    fn message(&self, number: u32, scope: &str, category: Category) -> Place {
        let value = OutboundMessage {
            message_id: format!("m-{number}"),
            business_id: "cafe".to_owned(),
            to: ANNA.to_owned(),
            scope: scope.to_owned(),
            category: category.into(),
            template: "a_template".to_owned(),
            template_language: "en".to_owned(),
            opt_out_path: OptOutPath::Footer.into(),
            ..OutboundMessage::default()
        };
        let value = value.encode_to_vec();
        let record = NewRecord { value: Some(&value), ..NewRecord::default() };
        self.writer.write_one(&self.topics.outbound, &record)
    }

    fn decide(&self) -> Ledger {
        let gate = try_start(&self.toml, "gate-0").expect("a gate");
        await_ready(&gate);
        let ledger = || Ledger::read(&self.broker.bootstrap(), &self.topics);
        await_that("all are decided", || ledger().lost().is_empty());
        gate.join(Duration::from_secs(20)).expect("an orderly end");
        ledger()
    }
}

fn fixture(name: &str) -> String {
    let path = format!("{}/tests/fixtures/webhooks/{name}.json", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(path).expect("a fixture")
}

fn reason(ledger: &Ledger, place: Place) -> Option<Reason> {
    if ledger.is_allowed(place) {
        return None;
    }
    let number = ledger.entry(place).reason;
    Reason::ALL.into_iter().find(|reason| i32::from(reason.number()) == number)
}

#[test]
fn a_retried_webhook_is_published_once_also_after_a_restart() {
    let stage = Stage::new("webhooks-retried");
    let names = ["user_preferences_stop", "text_stop", "status_131049", "text"];
    for name in names {
        stage.deliver_fixture(0, name);
        stage.deliver_fixture(1, name);
    }
    let first = stage.work_off();
    let events = [
        "KIND_COOLDOWN cafe/+12025550101",
        "KIND_PLATFORM_STOP cafe/+12025550101",
        "KIND_PLATFORM_STOP cafe/US.anna5",
        "KIND_WITHDRAW cafe/+12025550101",
    ];
    let activity = ["KIND_INBOUND cafe/+12025550101"; 2];
    assert_eq!(stage.events(&stage.topics.consent_events), events);
    assert_eq!(stage.events(&stage.topics.consent_activity), activity);
    assert_eq!((first.bodies, first.repeated), (8, 6), "{first}");
    // Meta tries again, and the adapter has been restarted.
    names.iter().for_each(|name| stage.deliver_fixture(0, name));
    let second = stage.work_off();
    assert_eq!((second.bodies, second.repeated), (4, 6), "{second}");
    assert_eq!(stage.events(&stage.topics.consent_events), events);
    assert_eq!(stage.events(&stage.topics.consent_activity), activity);
}

#[test]
fn what_was_published_and_not_committed_before_a_crash_is_not_published_again() {
    let stage = Stage::new("webhooks-crashed");
    let names = ["user_preferences_stop", "text_stop", "status_131049", "text"];
    names.iter().for_each(|name| stage.deliver_fixture(0, name));
    stage.work_off();
    let published = || {
        let topics = [&stage.topics.consent_events, &stage.topics.consent_activity];
        topics.map(|topic| stage.events(topic))
    };
    let before = published();
    // A group of another name has committed nothing: it reads all bodies from the first on.
    let toml = stage.toml.replace("[webhooks]", "[webhooks]\ngroup = \"another\"");
    let again = stage.start_with(&toml);
    let is_done = || committed(&stage.broker.bootstrap(), "another", &stage.input, 0) == Some(4);
    await_that("all bodies are committed again", is_done);
    let counts = again.end();
    assert_eq!((counts.bodies, counts.repeated), (4, 6), "{counts}");
    assert_eq!(published(), before);
}

#[test]
fn an_instance_that_takes_over_knows_what_the_other_has_published() {
    let stage = Stage::new("webhooks-taken-over");
    let first = stage.start();
    stage.deliver_fixture(0, "text_stop");
    await_that("the first instance is done", || stage.is_worked_off());
    let second = stage.start();
    stage.deliver_fixture(1, "user_preferences_stop");
    await_that("one of the two is done", || stage.is_worked_off());
    first.end();
    for partition in [0, 1] {
        stage.deliver_fixture(partition, "text_stop");
        stage.deliver_fixture(partition, "user_preferences_stop");
    }
    await_that("the second instance is done", || stage.is_worked_off());
    second.end();
    let events = [
        "KIND_PLATFORM_STOP cafe/+12025550101",
        "KIND_PLATFORM_STOP cafe/US.anna5",
        "KIND_WITHDRAW cafe/+12025550101",
    ];
    assert_eq!(stage.events(&stage.topics.consent_events), events);
    assert_eq!(stage.events(&stage.topics.consent_activity).len(), 1);
}

#[test]
fn no_webhook_is_lost_while_instances_come_and_go() {
    let stage = Stage::new("webhooks-come-and-go");
    let body = fixture("text_stop");
    let deliver = |number: usize| {
        let body = body.replace("wamid.STOP", &format!("wamid.{number}"));
        stage.deliver((number % 2) as i32, body.as_bytes());
    };
    let mut working = Vec::new();
    for round in 0..6 {
        working.push(stage.start());
        (0..100).for_each(|nth| deliver(round * 100 + nth));
        if working.len() > 2 {
            working.remove(0).end();
        }
        (100..150).for_each(|nth| deliver(10_000 + round * 100 + nth));
    }
    await_that("all bodies are committed", || stage.is_worked_off());
    working.into_iter().for_each(|working| drop(working.end()));
    let published: Vec<_> = stage
        .read(&stage.topics.consent_events)
        .iter()
        .map(|record| ConsentEvent::decode(record.value.as_deref().unwrap()).unwrap().inbound_id)
        .collect();
    let distinct: BTreeSet<_> = published.iter().collect();
    assert_eq!((distinct.len(), published.len()), (900, 900));
}

#[test]
fn a_body_that_cannot_be_read_holds_up_nothing_and_is_kept_for_a_person() {
    let stage = Stage::new("webhooks-unreadable");
    let broken: [&[u8]; 4] = [b"", b"{\"user_preferences\": ", b"\xff\xfe", b"[[[["];
    let places = broken.map(|body| stage.deliver(0, body));
    stage.deliver_fixture(0, "user_preferences_stop");
    let counts = stage.work_off();
    assert_eq!(stage.events(&stage.topics.consent_events).len(), 2);
    assert_eq!(counts.notes["unreadable"], 3, "{counts}");
    assert_eq!(counts.notes["unreadable_opt_out"], 1, "{counts}");
    let rejects = stage.read(&stage.rejects);
    let kept: Vec<_> =
        rejects.iter().map(|record| record.value.clone().unwrap_or_default()).collect();
    assert_eq!(kept, broken.map(<[u8]>::to_vec));
    let key = format!("{}/0/{}", stage.input, places[1].offset);
    assert_eq!(rejects[1].key.as_deref(), Some(key.as_bytes()));
}

/// The program itself, ended with the test.
struct Program(Child);

impl Drop for Program {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

#[test]
fn the_program_shows_its_counts_and_ends_in_order_when_told() {
    let stage = Stage::new("webhooks-program");
    for name in ["text_stop", "status_131026", "text"] {
        stage.deliver_fixture(0, name);
    }
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join("gate.toml");
    let toml = stage.toml.replace("[webhooks]", "[webhooks]\nlisten = \"127.0.0.1:0\"");
    std::fs::write(&path, toml).expect("written");
    let log = dir.path().join("log");
    let program = Command::new(env!("CARGO_BIN_EXE_consentgate"))
        .args(["webhooks", "--config"])
        .arg(&path)
        .env_remove("RUST_LOG")
        .stderr(std::fs::File::create(&log).expect("a log file"))
        .spawn();
    let mut program = Program(program.expect("the program starts"));
    await_that("all bodies are committed", || stage.is_worked_off());
    let logged = std::fs::read_to_string(&log).expect("a log");
    let address = logged.split("address=").nth(1).and_then(|rest| rest.split_whitespace().next());
    let mut stream = TcpStream::connect(address.expect("an address")).expect("connected");
    write!(stream, "GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").expect("asked");
    let mut page = String::new();
    stream.read_to_string(&mut page).expect("answered");
    for line in [
        "consentgate_webhooks_bodies_total 3",
        "consentgate_webhooks_events_published_total{event=\"withdraw\"} 1",
        "consentgate_webhooks_events_published_total{event=\"inbound\"} 2",
        "consentgate_webhooks_events_published_total{event=\"cooldown\"} 0",
        "consentgate_webhooks_notes_total{reason=\"unreachable\"} 1",
    ] {
        assert!(page.contains(&format!("{line}\n")), "no {line} in\n{page}");
    }
    assert!(!page.contains("consentgate_ready"), "an adapter is no gate:\n{page}");
    let id = program.0.id().to_string();
    Command::new("kill").args(["-s", "TERM", &id]).status().expect("told");
    let ended = program.0.wait().expect("it ends");
    let logged = std::fs::read_to_string(&log).expect("a log");
    assert_eq!(ended.code(), Some(0), "{logged}");
    for personal in ["2025550101", "anna", "wamid", "Stop!"] {
        assert!(!logged.contains(personal), "{personal} in\n{logged}");
    }
}

#[test]
fn who_stops_marketing_in_whatsapp_gets_no_offer_and_still_gets_news_of_the_order() {
    let stage = Stage::new("webhooks-stop");
    stage.grant(&["offers", "order_updates"]);
    stage.deliver_fixture(0, "user_preferences_stop");
    stage.work_off();
    let offer = stage.message(1, "offers", Category::Marketing);
    let order = stage.message(2, "order_updates", Category::Utility);
    let ledger = stage.decide();
    assert_eq!(reason(&ledger, offer), Some(Reason::PlatformStop));
    assert_eq!(reason(&ledger, order), None);
}

#[test]
fn who_writes_stop_gets_nothing_more() {
    let stage = Stage::new("webhooks-words");
    stage.grant(&["offers", "order_updates"]);
    stage.deliver_fixture(1, "text_stop");
    stage.work_off();
    let offer = stage.message(1, "offers", Category::Marketing);
    let order = stage.message(2, "order_updates", Category::Utility);
    let ledger = stage.decide();
    for place in [offer, order] {
        assert_eq!(reason(&ledger, place), Some(Reason::Withdrawn));
    }
}
