//! What many build first: a consumer and a producer without transactions, offsets committed after
//! delivery. It loses nothing and doubles what it had sent and not yet committed when it dies.
//!
//! It runs as this binary again, so that it can be killed.

use std::process::{Child, Command, ExitCode};
use std::time::{Duration, Instant};

use rdkafka::config::ClientConfig;
use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer};
use rdkafka::message::{BorrowedHeaders, Message};
use rdkafka::producer::{BaseProducer, BaseRecord, Producer};

use crate::support::stage::Stage;

const CHILD: &str = "CONSENTGATE_TEST_COPIER";
const COMMIT_EVERY: Duration = Duration::from_millis(300);
const TIMEOUT: Duration = Duration::from_secs(20);

/// A running copier.
pub struct Copier {
    process: Child,
}

impl Copier {
    /// Ends it as a power cut would.
    pub fn kill9(self) {}
}

impl Drop for Copier {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

/// Starts a copier from outbound to allowed.
pub fn start(stage: &Stage, group: &str) -> Copier {
    let this = std::env::current_exe().expect("this binary");
    let task = [&stage.kafka, group, &stage.topics.outbound, &stage.topics.allowed].join(" ");
    let process = Command::new(this).env(CHILD, task).spawn();
    Copier { process: process.expect("this binary runs") }
}

/// Whether this process is to be a copier.
pub fn is_child() -> bool {
    std::env::var_os(CHILD).is_some()
}

/// Copies until it is killed, or until its test must be over.
pub fn run_child() -> ExitCode {
    let task = std::env::var(CHILD).expect("a task");
    let [kafka, group, from, to] =
        task.split(' ').collect::<Vec<_>>().try_into().expect("four words");
    let consumer: BaseConsumer = ClientConfig::new()
        .set("bootstrap.servers", kafka)
        .set("group.id", group)
        .set("group.instance.id", "the-copier")
        .set("session.timeout.ms", "6000")
        .set("enable.auto.commit", "false")
        .set("auto.offset.reset", "earliest")
        .create()
        .expect("a consumer");
    let producer: BaseProducer = ClientConfig::new()
        .set("bootstrap.servers", kafka)
        .set("enable.idempotence", "true")
        .create()
        .expect("a producer");
    consumer.subscribe(&[from]).expect("subscribed");
    let over = Instant::now() + Duration::from_secs(120);
    let mut committed_at = Instant::now();
    while Instant::now() < over {
        if let Some(Ok(message)) = consumer.poll(Duration::from_millis(10)) {
            let mut copy = BaseRecord::<[u8], [u8]>::to(to).partition(message.partition());
            copy.key = message.key();
            copy.payload = message.payload();
            copy.timestamp = message.timestamp().to_millis();
            copy.headers = message.headers().map(BorrowedHeaders::detach);
            producer.send(copy).map_err(|(error, _)| error).expect("room in the queue");
        }
        if committed_at.elapsed() > COMMIT_EVERY {
            producer.flush(TIMEOUT).expect("delivered");
            consumer.commit_consumer_state(CommitMode::Sync).ok(); // nothing new is an error too
            committed_at = Instant::now();
        }
    }
    ExitCode::SUCCESS
}
