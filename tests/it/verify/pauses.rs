//! Kill switches in a running gate: what they stop, what they hold, and that it all verifies.

use std::time::Duration;

use consentgate::wire::consent::Produced;
use consentgate::wire::proto::consent::Kind;

use super::copies::{assert_differences, verify_topics};
use super::world::{PARTITIONS, WORLD};
use crate::support::gate::{await_ready, await_that, gate_toml, try_start};
use crate::support::producers::{NewRecord, Writer};
use crate::support::reading::{Isolation, read_all};
use crate::support::topics::GateTopics;
use crate::support::world::{grant, now_ms, offer, phone, switch};

const SPRING: Option<(&str, &str)> = Some(("cafe", "spring"));

struct Stage {
    topics: GateTopics,
    writer: Writer,
    written: std::cell::Cell<usize>,
}

impl Stage {
    fn consent(&self, event: &Produced) {
        let (key, value) = (Some(event.key.as_bytes()), Some(&event.value[..]));
        let record = NewRecord { key, value, ..NewRecord::default() };
        self.writer.write_one(&self.topics.consent_events, &record);
    }

    fn message(&self, number: u64) {
        let (key, value) = (phone(1), offer("cafe", 1, number));
        let record =
            NewRecord { key: Some(key.as_bytes()), value: Some(&value), ..NewRecord::default() };
        self.writer.write_one(&self.topics.outbound, &record);
        self.written.set(self.written.get() + 1);
    }

    fn count(&self, topic: &str) -> usize {
        read_all(&WORLD.broker.bootstrap(), topic, Isolation::Committed).len()
    }

    /// How many went and how many did not, once all are decided.
    fn fates(&self) -> (usize, usize) {
        let fates = || (self.count(&self.topics.allowed), self.count(&self.topics.audit));
        await_that("all messages are decided", || {
            let (allowed, suppressed) = fates();
            allowed + suppressed == self.written.get()
        });
        fates()
    }
}

/// A resume lifts what was paused in an earlier second.
fn next_second() {
    std::thread::sleep(Duration::from_millis(1_100));
}

#[test]
fn a_paused_campaign_is_suppressed_a_paused_platform_waits_and_both_verify() {
    let bootstrap = WORLD.broker.bootstrap();
    let topics = GateTopics::named("pauses");
    topics.create(&bootstrap, PARTITIONS);
    let stage = Stage { topics, writer: Writer::new(&bootstrap), written: 0.into() };
    stage.consent(&grant("cafe", 1, &["offers"], now_ms() - 60_000));
    let gate = try_start(&gate_toml(&bootstrap, &stage.topics, ""), "gate-0").expect("a gate");
    await_ready(&gate);
    stage.consent(&switch(Kind::Pause, SPRING, now_ms()));
    stage.message(1);
    assert_eq!(stage.fates(), (0, 1));
    next_second();
    stage.consent(&switch(Kind::Resume, SPRING, now_ms()));
    stage.message(2);
    assert_eq!(stage.fates(), (1, 1));
    stage.consent(&switch(Kind::Pause, None, now_ms()));
    stage.message(3);
    next_second();
    let decided = stage.count(&stage.topics.allowed) + stage.count(&stage.topics.audit);
    assert_eq!(decided, 2, "nothing is decided while everything is paused");
    stage.consent(&switch(Kind::Resume, None, now_ms()));
    assert_eq!(stage.fates(), (2, 1));
    gate.join(Duration::from_secs(20)).expect("an orderly end");
    let report = verify_topics(&stage.topics);
    assert_differences(&report, &[]);
    assert_eq!(report.counts.decided_again, 3);
}
