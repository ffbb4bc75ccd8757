//! Webhooks into consent events, through the adapter and the gate, on the embedded broker.

mod effects;
mod once;
mod program;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;

use consentgate::broker::{Broker, BrokerConfig};
use consentgate::commands::webhooks::{Adapter, Counts};
use consentgate::decision::Reason;
use consentgate::wire::consent::produce;
use consentgate::wire::proto::consent::{Actor, ConsentEvent, Expression, Kind, Method};
use consentgate::wire::proto::outbound::{Category, OptOutPath, OutboundMessage};
use prost::Message as _;

use crate::support::gate::{await_that, config, decide_all, gate_toml};
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
             [webhooks.numbers]\n\"100000000000001\" = \"cafe\"\n\
             [webhooks.accounts]\n\"200000000000001\" = \"cafe\"\n"
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
            evidence: "form/1".to_owned(),
            actor: Actor::Subject.into(),
            ..ConsentEvent::default()
        });
        let grant = grant.expect("a grant");
        let key = Some(grant.key.as_bytes());
        let record = NewRecord { key, value: Some(&grant.value), ..NewRecord::default() };
        self.writer.write_one(&self.topics.consent_events, &record);
    }

    fn message(&self, number: u32, scope: &str, category: Category) -> Place {
        self.message_of(number, scope, category, ("a_template", "en"), OptOutPath::Footer)
    }

    fn message_of(
        &self,
        number: u32,
        scope: &str,
        category: Category,
        (template, language): (&str, &str),
        path: OptOutPath,
    ) -> Place {
        let value = OutboundMessage {
            message_id: format!("m-{number}"),
            business_id: "cafe".to_owned(),
            to: ANNA.to_owned(),
            scope: scope.to_owned(),
            category: category.into(),
            template: template.to_owned(),
            template_language: language.to_owned(),
            opt_out_path: path.into(),
            ..OutboundMessage::default()
        };
        let value = value.encode_to_vec();
        let record = NewRecord { value: Some(&value), ..NewRecord::default() };
        self.writer.write_one(&self.topics.outbound, &record)
    }

    fn decide(&self) -> Ledger {
        decide_all(&self.broker.bootstrap(), &self.toml, &self.topics)
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
