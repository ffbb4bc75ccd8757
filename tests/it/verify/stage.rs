//! A gate on topics of its own, on the world's broker: write, and see what becomes of it.

use std::cell::Cell;

use consentgate::app::Gate;
use consentgate::wire::consent::Produced;

use super::world::{PARTITIONS, WORLD};
use crate::support::gate::{await_that, gate_toml, try_start};
use crate::support::producers::{NewRecord, Writer};
use crate::support::reading::{Isolation, read_all};
use crate::support::topics::GateTopics;
use crate::support::world::phone;

pub(super) struct Stage {
    pub(super) topics: GateTopics,
    writer: Writer,
    written: Cell<usize>,
}

impl Stage {
    pub(super) fn new(name: &str) -> Self {
        let bootstrap = WORLD.broker.bootstrap();
        let topics = GateTopics::named(name);
        topics.create(&bootstrap, PARTITIONS);
        Self { topics, writer: Writer::new(&bootstrap), written: 0.into() }
    }

    pub(super) fn gate(&self) -> Gate {
        let toml = gate_toml(&WORLD.broker.bootstrap(), &self.topics, "");
        try_start(&toml, "gate-0").expect("a gate")
    }

    /// Writes to the log of record.
    pub(super) fn consent(&self, event: &Produced) {
        self.write(&self.topics.consent_events, event.key.as_bytes(), &event.value);
    }

    /// Writes what a person does just now.
    pub(super) fn active(&self, event: &Produced) {
        self.write(&self.topics.consent_activity, event.key.as_bytes(), &event.value);
    }

    /// Writes what the platform says of a template.
    pub(super) fn template(&self, event: &Produced) {
        self.write(&self.topics.template_states, event.key.as_bytes(), &event.value);
    }

    pub(super) fn message(&self, person: u32, value: &[u8]) {
        self.write(&self.topics.outbound, phone(person).as_bytes(), value);
        self.written.set(self.written.get() + 1);
    }

    pub(super) fn count(&self, topic: &str) -> usize {
        read_all(&WORLD.broker.bootstrap(), topic, Isolation::Committed).len()
    }

    /// How many went and how many did not, once all are decided.
    pub(super) fn fates(&self) -> (usize, usize) {
        let fates = || (self.count(&self.topics.allowed), self.count(&self.topics.audit));
        await_that("all messages are decided", || {
            let (allowed, suppressed) = fates();
            allowed + suppressed == self.written.get()
        });
        fates()
    }

    fn write(&self, topic: &str, key: &[u8], value: &[u8]) {
        let record = NewRecord { key: Some(key), value: Some(value), ..NewRecord::default() };
        self.writer.write_one(topic, &record);
    }
}
