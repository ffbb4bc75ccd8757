//! A sender that is moved behind a gate and back again while messages flow.
//!
//! Nothing here knows how a plan is made: the commands are run as an operator runs them, and the law is read
//! off what was sent. Every message is sent once, or the gate has suppressed it.

use std::collections::{BTreeSet, HashMap};
use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use consentgate::app::Gate;
use consentgate::telemetry::HoldCause;
use rdkafka::config::ClientConfig;
use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer};
use rdkafka::message::Message;
use rdkafka::{Offset, TopicPartitionList};
use serde_json::Value;
use tempfile::TempDir;

use super::gate::{await_ready, await_that, start, test_keys};
use super::producers::{Place, Writer};
use super::reading::{Isolation, read_all};
use super::stage::{Stage, message};
use super::unique::unique;
use super::world::{grant, now_ms, offer, phone, withdraw};

const LONG: Duration = Duration::from_secs(60);
const PARTITIONS: i32 = 3;
/// The last two have not agreed: one never did, one took it back.
const PEOPLE: u32 = 10;
const AGREED: u32 = 8;
/// So many messages go on before anything is changed again.
const A_FEW: usize = 150;

/// What an operator has: a configuration, a shell, and Kafka.
pub struct Office {
    pub stage: Stage,
    pub group: String,
    dir: TempDir,
}

/// What a command said.
#[derive(Debug)]
pub struct Said {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Office {
    pub fn new(kafka: &str, test: &str) -> Office {
        let stage = Stage::new(kafka, test, PARTITIONS);
        let past = now_ms() - 60_000;
        let agreed: Vec<_> =
            (0..PEOPLE - 1).map(|one| grant("cafe", one, &["offers"], past)).collect();
        stage.consent(&agreed);
        stage.consent(&[withdraw("cafe", AGREED)]);
        let dir = tempfile::tempdir().expect("a folder");
        let office = Office { stage, group: unique("whatsapp-sender"), dir };
        fs::write(office.config(), office.toml("")).expect("written");
        office
    }

    /// The gate's configuration, with this start or none.
    fn toml(&self, start: &str) -> String {
        self.stage.toml("").replace("start_from = \"beginning\"\n", start)
    }

    pub fn config(&self) -> PathBuf {
        self.dir.path().join("gate.toml")
    }

    /// Runs `consentgate cutover ...` on the sender's group.
    pub fn cutover(&self, arguments: &[&str]) -> Said {
        let output = Command::new(env!("CARGO_BIN_EXE_consentgate"))
            .arg("cutover")
            .args(arguments)
            .arg("--config")
            .arg(self.config())
            .args(["--sender-group", &self.group])
            .env_clear()
            .envs(test_keys())
            .output()
            .expect("the program runs");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let code = output.status.code().expect("an exit code");
        Said { code, out: text(&output.stdout), err: text(&output.stderr) }
    }

    /// Asks again until nobody is in a group any more.
    fn exact(&self, arguments: &[&str]) -> Value {
        let arguments = [arguments, &["--output", "json"]].concat();
        let mut said = self.cutover(&arguments);
        await_that("the plan is exact", || {
            if said.code == 75 {
                said = self.cutover(&arguments);
            }
            said.code != 75
        });
        assert_eq!(said.code, 0, "{said:?}");
        serde_json::from_str(&said.out).expect("json")
    }

    fn gate(&self) -> Gate {
        let gate = start(self.stage.prepare(&self.toml("start_from = \"committed\"\n")));
        let gate = gate.expect("the gate starts");
        await_ready(&gate);
        gate
    }

    fn sender(&self, topic: &str, sent: &Sent) -> Sending {
        Sending::start(&self.stage.kafka, &self.group, topic, sent)
    }
}

/// What was sent: each message's bytes, and how often.
#[derive(Clone, Default)]
struct Sent(Arc<Mutex<HashMap<Vec<u8>, u32>>>);

impl Sent {
    fn count(&self) -> usize {
        self.0.lock().expect("no panic").len()
    }

    fn times(&self, message: &[u8]) -> u32 {
        self.0.lock().expect("no panic").get(message).copied().unwrap_or(0)
    }

    fn await_more(&self) {
        let before = self.count();
        await_that("messages are sent", || self.count() >= before + A_FEW);
    }
}

/// A sender at work, in a group that it joins and leaves.
struct Sending {
    stop: Arc<AtomicBool>,
    thread: JoinHandle<()>,
}

impl Sending {
    /// It never picks a start by itself.
    fn start(kafka: &str, group: &str, topic: &str, sent: &Sent) -> Sending {
        let consumer: BaseConsumer = ClientConfig::new()
            .set("bootstrap.servers", kafka)
            .set("group.id", group)
            .set("client.id", "the-sender")
            .set("isolation.level", "read_committed")
            .set("enable.auto.commit", "false")
            .set("auto.offset.reset", "error")
            .set("session.timeout.ms", "30000")
            .create()
            .expect("a consumer");
        consumer.subscribe(&[topic]).expect("subscribed");
        let (stop, sent) = (Arc::new(AtomicBool::new(false)), sent.clone());
        let told = stop.clone();
        let topic = topic.to_owned();
        let thread = thread::spawn(move || {
            while !told.load(Ordering::SeqCst) {
                send_some(&consumer, &topic, &sent);
            }
        });
        Sending { stop, thread }
    }

    /// It finishes what it is at, commits, and leaves its group.
    fn stop(self) {
        self.stop.store(true, Ordering::SeqCst);
        self.thread.join().expect("the sender has found all its starts");
    }
}

/// Messages leave, then their offsets are committed.
fn send_some(consumer: &BaseConsumer, topic: &str, sent: &Sent) {
    let mut next = HashMap::new();
    for _ in 0..50 {
        let Some(message) = consumer.poll(Duration::from_millis(50)) else {
            break;
        };
        let message = message.expect("a message");
        let bytes = message.payload().expect("a value").to_vec();
        *sent.0.lock().expect("no panic").entry(bytes).or_default() += 1;
        next.insert(message.partition(), message.offset() + 1);
    }
    let mut list = TopicPartitionList::new();
    for (partition, offset) in next {
        list.add_partition_offset(topic, partition, Offset::Offset(offset)).expect("listed");
    }
    if list.count() > 0 {
        consumer.commit(&list, CommitMode::Sync).expect("committed");
    }
}

/// An engine that writes all the while.
struct Engine {
    stop: Arc<AtomicBool>,
    thread: JoinHandle<u64>,
}

impl Engine {
    fn start(stage: &Stage) -> Engine {
        let (writer, topic) = (Writer::new(&stage.kafka), stage.topics.outbound.clone());
        let stop = Arc::new(AtomicBool::new(false));
        let told = stop.clone();
        let thread = thread::spawn(move || {
            let mut number = 0;
            while !told.load(Ordering::SeqCst) {
                for _ in 0..10 {
                    let person = (number % u64::from(PEOPLE)) as u32;
                    let (to, value) = (phone(person), offer("cafe", person, number));
                    writer.write_one(&topic, &message(&to, &value));
                    number += 1;
                }
                thread::sleep(Duration::from_millis(50));
            }
            number
        });
        Engine { stop, thread }
    }

    /// How many it wrote.
    fn stop(self) -> u64 {
        self.stop.store(true, Ordering::SeqCst);
        self.thread.join().expect("it wrote")
    }
}

/// From the outbound topic to the allowed one, back, forth, back at once, and forth again.
pub fn to_and_fro(kafka: &str) {
    let office = Office::new(kafka, "cutover");
    let (stage, sent) = (&office.stage, Sent::default());
    let (outbound, allowed) = (stage.topics.outbound.clone(), stage.topics.allowed.clone());
    let refused = office.cutover(&["plan"]);
    assert_eq!(refused.code, 0, "an empty topic can be cut: {refused:?}");
    begin_at_the_beginning(&office);
    let engine = Engine::start(stage);

    // The old way: a sender, and nobody who asks.
    let sender = office.sender(&outbound, &sent);
    sent.await_more();
    nothing_is_set_while_the_sender_runs(&office);
    sender.stop();
    let plan = office.exact(&["plan", "--apply"]);
    assert_eq!(column(&plan, "gate_starts"), column(&plan, "sender_outbound"));
    a_gate_without_a_start_holds(&office);

    // The gate's way.
    let (gate, sender) = (office.gate(), office.sender(&allowed, &sent));
    sent.await_more();
    let checked = office.cutover(&["check"]);
    assert_eq!(checked.code, 0, "{checked:?}");
    let again = office.cutover(&["plan"]);
    assert_eq!(again.code, 75, "a gate runs: {again:?}");

    // Back, without a message left behind.
    gate.join(LONG).expect("an orderly end");
    let not_yet = office.cutover(&["rollback"]);
    assert_eq!(not_yet.code, 75, "the sender runs: {not_yet:?}");
    await_drained(stage, &sent);
    sender.stop();
    office.exact(&["rollback", "--apply"]);
    let suppressed = suppressed(stage);
    assert!(suppressed.len() > 10, "the gate suppressed {}", suppressed.len());
    assert!(suppressed.iter().all(|message| sent.times(message) == 0), "none of those was sent");
    a_gate_without_a_start_holds(&office);
    let sender = office.sender(&outbound, &sent);
    sent.await_more();
    sender.stop();

    // Forth, and back at once: the sender has not read all that was allowed.
    office.exact(&["plan", "--apply"]);
    let (gate, sender) = (office.gate(), office.sender(&allowed, &sent));
    sent.await_more();
    sender.stop();
    let end = stage.decided_so_far();
    await_that("the gate goes on alone", || stage.decided_so_far() > end + 100);
    gate.join(LONG).expect("an orderly end");
    let waits = loop_while_somebody_is_there(&office, &["rollback"]);
    assert!(waits.out.contains("allowed messages are not sent"), "{waits:?}");
    let back = office.exact(&["rollback", "--way", "at-once", "--apply"]);
    let unread: u64 = column(&back, "unread").iter().filter_map(Value::as_u64).sum();
    assert!(unread > 50, "{back}");

    // The way back, taken back before the sender ran: the same messages, in the other topic.
    let forth = office.exact(&["plan", "--apply"]);
    assert_eq!(column(&forth, "unread"), column(&back, "unread"));
    // Between what is committed and the next message may lie the end of a transaction, but no message.
    let starts = column(&forth, "sender_starts").into_iter().map(|one| one.as_i64());
    let committed = column(&forth, "sender_allowed").into_iter().map(|one| one.as_i64());
    assert!(starts.zip(committed).all(|(starts, committed)| starts >= committed), "{forth}");
    let (gate, sender) = (office.gate(), office.sender(&allowed, &sent));
    sent.await_more();

    // And at once again, for good.
    sender.stop();
    gate.join(LONG).expect("an orderly end");
    office.exact(&["rollback", "--way", "at-once", "--apply"]);
    let sender = office.sender(&outbound, &sent);
    let written = engine.stop();
    let messages = read_all(kafka, &outbound, Isolation::Committed);
    assert_eq!(messages.len() as u64, written);
    let last = |partition| messages.iter().rev().find(|one| one.partition == partition);
    let ends: Vec<_> =
        (0..PARTITIONS).filter_map(last).filter_map(|one| one.value.clone()).collect();
    await_that("the last messages are sent", || ends.iter().all(|one| sent.times(one) > 0));
    sender.stop();
    assert_law(stage, &sent);
}

/// Every message was sent once, or it was suppressed.
fn assert_law(stage: &Stage, sent: &Sent) {
    let suppressed = suppressed(stage);
    let messages = read_all(&stage.kafka, &stage.topics.outbound, Isolation::Committed);
    let (mut lost, mut doubled) = (Vec::new(), Vec::new());
    for record in &messages {
        let place = Place { partition: record.partition, offset: record.offset };
        let bytes = record.value.as_deref().expect("a value");
        match sent.times(bytes) {
            0 if !suppressed.contains(bytes) => lost.push(place),
            0 | 1 => {}
            _ => doubled.push(place),
        }
    }
    println!("{} messages, {} sent, {} suppressed", messages.len(), sent.count(), suppressed.len());
    assert_eq!((lost, doubled), (Vec::new(), Vec::new()), "lost, and sent twice");
}

/// The bytes of what the gate has suppressed.
fn suppressed(stage: &Stage) -> BTreeSet<Vec<u8>> {
    let ledger = stage.ledger();
    let messages = read_all(&stage.kafka, &stage.topics.outbound, Isolation::Committed);
    let suppressed = messages.into_iter().filter(|record| {
        let place = Place { partition: record.partition, offset: record.offset };
        // What was written after the ledger was read is not in it.
        ledger.fates.get(&place).is_some_and(|fate| !fate.audit.is_empty())
    });
    suppressed.filter_map(|record| record.value).collect()
}

/// The sender's own start, once, as it stands today.
fn begin_at_the_beginning(office: &Office) {
    let client: BaseConsumer = ClientConfig::new()
        .set("bootstrap.servers", &office.stage.kafka)
        .set("group.id", &office.group)
        .create()
        .expect("a consumer");
    let mut list = TopicPartitionList::new();
    for partition in 0..PARTITIONS {
        let offset = Offset::Offset(0);
        let topic = &office.stage.topics.outbound;
        list.add_partition_offset(topic, partition, offset).expect("listed");
    }
    client.commit(&list, CommitMode::Sync).expect("committed");
}

fn nothing_is_set_while_the_sender_runs(office: &Office) {
    let said = office.cutover(&["plan", "--apply"]);
    assert_eq!(said.code, 75, "{said:?}");
    assert!(said.out.contains("the-sender at "), "{said:?}");
    assert!(!said.out.contains("--reset-offsets"), "{said:?}");
    let topics = &office.stage.topics;
    let place =
        |group: &str, topic: &str| super::reading::committed(&office.stage.kafka, group, topic, 0);
    assert_eq!(place(&office.group, &topics.allowed), None);
    assert_eq!(place(&format!("gate-{}", topics.outbound), &topics.outbound), None);
}

/// Offsets that were set by another hand are no start: an operator says so.
fn a_gate_without_a_start_holds(office: &Office) {
    let gate = start(office.stage.prepare(&office.toml(""))).expect("the gate starts");
    await_that("it holds", || gate.health.causes().contains(&HoldCause::OffsetMoved));
    gate.join(LONG).expect("an orderly end");
}

/// Waits until the sender has sent all that was allowed.
fn await_drained(stage: &Stage, sent: &Sent) {
    let allowed = read_all(&stage.kafka, &stage.topics.allowed, Isolation::Committed);
    let allowed: Vec<_> = allowed.into_iter().filter_map(|record| record.value).collect();
    await_that("all that was allowed is sent", || allowed.iter().all(|one| sent.times(one) > 0));
}

fn loop_while_somebody_is_there(office: &Office, arguments: &[&str]) -> Said {
    let mut said = office.cutover(arguments);
    await_that("nobody is in a group", || {
        if said.out.contains("somebody is in group") {
            said = office.cutover(arguments);
        }
        !said.out.contains("somebody is in group")
    });
    said
}

fn column(plan: &Value, name: &str) -> Vec<Value> {
    let rows = plan["partitions"].as_array().expect("rows");
    rows.iter().map(|row| row[name].clone()).collect()
}
