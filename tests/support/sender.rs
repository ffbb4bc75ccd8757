//! A sender: reads the allowed topic in a group of its own and commits what it has sent. And what a
//! gate does that watches it.

use std::thread;
use std::time::{Duration, Instant};

use consentgate::telemetry::{HoldCause, Readiness};
use rdkafka::config::ClientConfig;
use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer};
use rdkafka::message::Message;
use rdkafka::{Offset, TopicPartitionList};

use super::gate::{await_ready, await_that, start};
use super::receipts::Receipts;
use super::stage::Stage;
use super::unique::unique;
use super::world::{grant, now_ms};

const LONG: Duration = Duration::from_secs(60);
/// Longer than the greatest age of these tests, and than several looks at the sender.
const A_WHILE: Duration = Duration::from_millis(2_500);

/// The sender of one stage.
pub struct Sender {
    pub group: String,
    topic: String,
    consumer: BaseConsumer,
}

impl Sender {
    /// A sender that has read nothing.
    pub fn new(stage: &Stage) -> Sender {
        let group = unique("sender");
        let consumer: BaseConsumer = ClientConfig::new()
            .set("bootstrap.servers", &stage.kafka)
            .set("group.id", &group)
            .set("isolation.level", "read_committed")
            .set("enable.auto.commit", "false")
            .create()
            .expect("a consumer");
        let topic = stage.topics.allowed.clone();
        let mut all = TopicPartitionList::new();
        for partition in 0..stage.partitions {
            all.add_partition_offset(&topic, partition, Offset::Beginning).expect("a partition");
        }
        consumer.assign(&all).expect("assigned");
        Sender { group, topic, consumer }
    }

    /// Sends so many messages. What it commits is the offset after the last of each partition, as
    /// most clients do: the end of the transaction is left.
    pub fn send(&self, messages: usize) {
        let (mut sent, until) = (0, Instant::now() + LONG);
        while sent < messages {
            assert!(Instant::now() < until, "only {sent} of {messages} messages came");
            let Some(Ok(message)) = self.consumer.poll(Duration::from_millis(100)) else {
                continue;
            };
            let mut next = TopicPartitionList::new();
            let offset = Offset::Offset(message.offset() + 1);
            next.add_partition_offset(&self.topic, message.partition(), offset).expect("listed");
            self.consumer.commit(&next, CommitMode::Sync).expect("committed");
            sent += 1;
        }
    }
}

/// The configuration of a gate that watches this sender.
pub fn watching(stage: &Stage, sender: &Sender, max_ahead: u32, max_age: &str) -> String {
    let group = &sender.group;
    stage.toml(&format!(
        "[downstream]\ngroup = \"{group}\"\nmax_ahead = {max_ahead}\nmax_age = \"{max_age}\"\n"
    ))
}

/// A lane stops while its sender is too far behind, and goes on when the sender has read.
pub fn hold_for_the_sender(kafka: &str) {
    let stage = Stage::new(kafka, "downstream", 1);
    stage.consent(&[grant("cafe", 1, &["offers"], now_ms() - 60_000)]);
    let sender = Sender::new(&stage);
    let toml = watching(&stage, &sender, 20, "1h");
    let gate = start(stage.prepare(&toml)).expect("the gate starts");
    await_ready(&gate);
    stage.offers(&[1; 30], 0);
    let behind = || gate.health.causes().contains(&HoldCause::SenderBehind);
    await_that("the lane waits for the sender", behind);
    stage.offers(&[1; 10], 30);
    thread::sleep(A_WHILE);
    assert_eq!(stage.ledger().decided(), 30, "nothing is decided while it waits");
    sender.send(30);
    stage.await_drained(LONG);
    await_ready(&gate);
    gate.join(LONG).expect("an orderly end");
    let (ledger, receipts) = (stage.ledger(), Receipts::read(kafka, &stage.topics));
    ledger.assert_clean();
    receipts.assert_tell(&ledger);
    assert_eq!(ledger.allowed(), 40);
    let causes = receipts.hold_causes();
    assert!(causes.contains("sender_behind"), "the receipts tell: {causes:?}");
}

/// What is old holds, the end of a transaction that nobody can read does not.
pub fn hold_for_what_is_old(kafka: &str) {
    let stage = Stage::new(kafka, "downstream-age", 1);
    stage.consent(&[grant("cafe", 1, &["offers"], now_ms() - 60_000)]);
    let sender = Sender::new(&stage);
    let toml = watching(&stage, &sender, 1_000, "1s");
    let gate = start(stage.prepare(&toml)).expect("the gate starts");
    await_ready(&gate);
    stage.offers(&[1; 3], 0);
    let behind = || gate.health.causes().contains(&HoldCause::SenderBehind);
    await_that("the unread decision is too old", behind);
    sender.send(3);
    await_ready(&gate);
    thread::sleep(A_WHILE);
    assert_eq!(gate.health.readiness(), Readiness::Ready, "a transaction's end is no message");
    gate.join(LONG).expect("an orderly end");
}

/// A group that has committed nothing has read nothing: what lies there is of unknown age.
pub fn hold_for_a_stranger(kafka: &str) {
    let stage = Stage::new(kafka, "downstream-stranger", 2);
    stage.consent(&[grant("cafe", 1, &["offers"], now_ms() - 60_000)]);
    stage.offers(&[1; 5], 0);
    let before = stage.gate();
    stage.await_drained(LONG);
    before.join(LONG).expect("an orderly end");
    let sender = Sender::new(&stage);
    let gate = start(stage.prepare(&watching(&stage, &sender, 1_000, "1h"))).expect("a gate");
    await_that("the lane has its partitions", || {
        let parts = gate.health.parts();
        let lane = |view: &&consentgate::telemetry::PartView| view.part.to_string() == "lane 0";
        let cause = parts.iter().find(lane).and_then(|view| view.state.cause());
        cause == Some(HoldCause::SenderBehind)
    });
    stage.offers(&[1; 5], 5);
    thread::sleep(A_WHILE);
    assert_eq!(stage.ledger().decided(), 5);
    sender.send(5);
    stage.await_drained(LONG);
    gate.join(LONG).expect("an orderly end");
    stage.ledger().assert_clean();
}
