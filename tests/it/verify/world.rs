//! A gate that ran once, and what lies in its topics.

use std::sync::LazyLock;
use std::time::Duration;

use consentgate::broker::{Broker, BrokerConfig};
use consentgate::wire::consent::{Produced, produce};
use consentgate::wire::proto::consent::{ConsentEvent, Kind, Place, TopicRole, VoidTarget};

use crate::support::gate::{await_ready, await_that, gate_toml, try_start};
use crate::support::producers::{NewRecord, Writer};
use crate::support::raw::{RawHeader, RawRecord, produce_raw};
use crate::support::reading::{Isolation, ReadRecord, read_all};
use crate::support::topics::GateTopics;
use crate::support::world::{grant, now_ms, offer, phone, withdraw};

pub(super) const PARTITIONS: i32 = 3;
const PEOPLE: u32 = 24;
const ROUNDS: u64 = 5;
const DAY_MS: i64 = 86_400_000;

/// What a gate left behind.
pub(super) struct World {
    pub(super) broker: Broker,
    pub(super) topics: GateTopics,
    pub(super) outbound: Vec<ReadRecord>,
    pub(super) left: Left,
}

/// The topics that tests tamper with.
#[derive(Clone)]
pub(super) struct Left {
    pub(super) consent_events: Vec<ReadRecord>,
    pub(super) allowed: Vec<ReadRecord>,
    pub(super) audit: Vec<ReadRecord>,
    pub(super) receipts: Vec<ReadRecord>,
}

/// The one world of all tests.
pub(super) static WORLD: LazyLock<World> = LazyLock::new(World::make);

impl World {
    fn make() -> Self {
        let broker = Broker::start(BrokerConfig::default()).expect("a broker");
        let topics = GateTopics::named("verify");
        topics.create(&broker.bootstrap(), PARTITIONS);
        let maker = Maker {
            writer: Writer::new(&broker.bootstrap()),
            bootstrap: broker.bootstrap(),
            topics: topics.clone(),
        };
        maker.run();
        let read = |topic: &str| read_all(&broker.bootstrap(), topic, Isolation::Committed);
        let left = Left {
            consent_events: read(&topics.consent_events),
            allowed: read(&topics.allowed),
            audit: read(&topics.audit),
            receipts: read(&topics.receipts),
        };
        let outbound = read(&topics.outbound);
        Self { broker, topics, outbound, left }
    }

    /// The input record that an allowed one is a copy of.
    pub(super) fn source_of(&self, allowed: &ReadRecord) -> &ReadRecord {
        let same = |record: &&ReadRecord| record.value == allowed.value;
        self.outbound.iter().find(same).expect("a source")
    }
}

struct Maker {
    writer: Writer,
    bootstrap: String,
    topics: GateTopics,
}

impl Maker {
    fn run(&self) {
        for person in 0..PEOPLE {
            let business = business_of(person);
            self.consent(&grant(business, person, &["offers"], now_ms() - 60_000));
        }
        let gate = try_start(&gate_toml(&self.bootstrap, &self.topics, ""), "gate-0");
        let gate = gate.expect("a gate");
        await_ready(&gate);
        for round in 0..ROUNDS {
            self.round(round);
            self.await_decided();
        }
        self.quarantine_and_void();
        gate.join(Duration::from_secs(20)).expect("an orderly end");
    }

    /// Messages to all, of which some have withdrawn by now, some that cannot be read, and one of the
    /// day before yesterday.
    fn round(&self, round: u64) {
        self.consent(&withdraw(business_of(round as u32), u32::try_from(round).unwrap()));
        for person in 0..PEOPLE + 3 {
            let number = round * 1_000 + u64::from(person);
            self.message(person, &offer(business_of(person), person, number));
        }
        self.write(&self.topics.outbound, Some(b"k"), Some(b"no message"));
        self.write(&self.topics.outbound, Some(b"k"), None);
        let record = RawRecord {
            timestamp_ms: now_ms(),
            value: Some(offer(business_of(20), 20, round * 1_000 + 999)),
            headers: vec![odd_header()],
            ..RawRecord::default()
        };
        let old = RawRecord {
            timestamp_ms: now_ms() - 2 * DAY_MS,
            value: Some(offer(business_of(20), 20, round * 1_000 + 998)),
            ..RawRecord::default()
        };
        produce_raw(&self.bootstrap, &self.topics.outbound, 1, &[record, old]).expect("written");
    }

    /// A consent record that cannot be read stops a business until it is voided.
    fn quarantine_and_void(&self) {
        let key = format!("{}/{}", business_of(21), phone(21));
        let record = NewRecord {
            key: Some(key.as_bytes()),
            value: Some(b"\xff no event"),
            ..NewRecord::default()
        };
        let place = self.writer.write_one(&self.topics.consent_events, &record);
        self.message(22, &offer(business_of(22), 22, 90_000));
        self.await_decided();
        // The void comes in a later second, so that the two clocks differ.
        std::thread::sleep(Duration::from_millis(1_100));
        let void = VoidTarget {
            place: Some(Place {
                topic: TopicRole::ConsentEvents.into(),
                partition: place.partition,
                offset: place.offset,
            }),
            drop_reason: "a test wrote it".to_string(),
            ..VoidTarget::default()
        };
        let void = ConsentEvent {
            event_id: "void-1".to_string(),
            kind: Kind::Void.into(),
            void: Some(void),
            ..ConsentEvent::default()
        };
        self.consent(&produce(void).expect("a void"));
        self.message(22, &offer(business_of(22), 22, 90_001));
        self.message(21, &offer(business_of(21), 21, 90_002));
        self.await_decided();
    }

    fn consent(&self, event: &Produced) {
        self.write(&self.topics.consent_events, Some(event.key.as_bytes()), Some(&event.value));
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

    fn write(&self, topic: &str, key: Option<&[u8]>, value: Option<&[u8]>) {
        let record = NewRecord { key, value, ..NewRecord::default() };
        self.writer.write_one(topic, &record);
    }

    fn await_decided(&self) {
        let count = |topic: &str| read_all(&self.bootstrap, topic, Isolation::Committed).len();
        let topics = &self.topics;
        await_that("all messages are decided", || {
            count(&topics.allowed) + count(&topics.audit) == count(&topics.outbound)
        });
    }
}

/// The header of the world's records that has no text as its name.
pub(super) fn odd_header() -> RawHeader {
    RawHeader { name: vec![0xff, 0xfe], value: Some(b"v".to_vec()) }
}

fn business_of(person: u32) -> &'static str {
    ["cafe", "shop", "bank"][person as usize % 3]
}
