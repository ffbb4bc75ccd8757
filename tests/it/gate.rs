//! The whole gate on the embedded broker.

use std::collections::BTreeSet;
use std::time::Duration;

use consentgate::broker::{Broker, BrokerConfig};

use crate::support::gate::{await_ready, await_that, gate_toml, try_start};
use crate::support::producers::{NewRecord, Writer};
use crate::support::reading::{Isolation, ReadRecord, read_all};
use crate::support::receipts::Receipts;
use crate::support::stage;
use crate::support::topics::GateTopics;
use crate::support::world::{grant, now_ms, offer, phone, withdraw};

struct Stage {
    broker: Broker,
    topics: GateTopics,
    writer: Writer,
}

impl Stage {
    fn new(name: &str, partitions: i32) -> Self {
        let broker = Broker::start(BrokerConfig::default()).expect("a broker");
        let topics = GateTopics::named(name);
        topics.create(&broker.bootstrap(), partitions);
        let writer = Writer::new(&broker.bootstrap());
        Self { broker, topics, writer }
    }

    fn consent(&self, event: &consentgate::wire::consent::Produced) {
        let record = NewRecord {
            key: Some(event.key.as_bytes()),
            value: Some(&event.value),
            ..NewRecord::default()
        };
        self.writer.write_one(&self.topics.consent_events, &record);
    }

    fn message(&self, person: u32, value: &[u8]) {
        let key = phone(person);
        let record = NewRecord {
            key: Some(key.as_bytes()),
            value: Some(value),
            headers: &[("trace", Some(b"t1")), ("empty", None)],
            ..NewRecord::default()
        };
        self.writer.write_one(&self.topics.outbound, &record);
    }

    fn read(&self, topic: &str) -> Vec<ReadRecord> {
        read_all(&self.broker.bootstrap(), topic, Isolation::Committed)
    }
}

#[test]
fn a_message_goes_only_to_who_agreed_and_it_goes_untouched() {
    let stage = Stage::new("first", 3);
    stage.consent(&grant("cafe", 1, &["offers"], now_ms()));
    stage.consent(&grant("cafe", 2, &["offers"], now_ms() - 5_000));
    stage.consent(&withdraw("cafe", 2));
    for (number, person) in [1, 2, 3].into_iter().enumerate() {
        stage.message(person, &offer("cafe", person, number as u64));
    }
    let toml = gate_toml(&stage.broker.bootstrap(), &stage.topics, "");
    let gate = try_start(&toml, "gate-0").expect("a gate");
    await_ready(&gate);
    await_that("all three are decided", || {
        stage.read(&stage.topics.allowed).len() + stage.read(&stage.topics.audit).len() == 3
    });
    gate.join(Duration::from_secs(20)).expect("an orderly end");
    let allowed = stage.read(&stage.topics.allowed);
    assert_eq!(allowed.len(), 1);
    let sent = stage.read(&stage.topics.outbound);
    let mut original = sent.iter().find(|record| record.key == allowed[0].key).expect("it").clone();
    original.offset = allowed[0].offset;
    assert_eq!(allowed[0], original);
}

/// Only what moves changes hands, on a broker that does not know who shares.
#[test]
fn gates_that_share_piece_by_piece_decide_each_message_once() {
    let broker = Broker::start(BrokerConfig::default()).expect("a broker");
    let stage = stage::Stage::new(&broker.bootstrap(), "piecewise", 4);
    stage.consent(&[grant("cafe", 1, &["offers"], now_ms() - 60_000)]);
    let people: Vec<u32> = (0..200).map(|number| number % 3).collect();
    let toml = stage.toml("group_protocol = \"cooperative\"");
    let instances = || -> BTreeSet<String> {
        let receipts = Receipts::read(&stage.kafka, &stage.topics).all;
        receipts.into_iter().map(|(_, receipt)| receipt.instance).collect()
    };
    let first = try_start(&toml, "gate-0").expect("a gate");
    await_ready(&first);
    stage.offers(&people, 0);
    await_that("the first gate decides", || !instances().is_empty());
    let second = try_start(&toml, "gate-1").expect("a second gate");
    let mut number = people.len() as u64;
    await_that("the second gate decides too", || {
        stage.offers(&people, number);
        number += people.len() as u64;
        instances().len() == 2
    });
    first.join(Duration::from_secs(20)).expect("an orderly end");
    stage.offers(&people, number);
    stage.await_drained(Duration::from_secs(60));
    second.join(Duration::from_secs(20)).expect("an orderly end");
    let ledger = stage.ledger();
    ledger.assert_clean();
    assert!(ledger.allowed() > 0 && ledger.suppressed() > 0);
    Receipts::read(&stage.kafka, &stage.topics).assert_tell(&ledger);
}

#[test]
fn a_broker_that_cannot_share_partitions_itself_is_refused_by_name() {
    let broker = Broker::start(BrokerConfig::default()).expect("a broker");
    let stage = stage::Stage::new(&broker.bootstrap(), "no-sharing", 1);
    let refused = try_start(&stage.toml("group_protocol = \"consumer\""), "gate-0");
    let told = refused.err().expect("it is refused").to_string();
    assert!(told.contains("gate.group_protocol \"consumer\" cannot be used"), "{told}");
    assert!(told.contains("do not know it"), "{told}");
}
