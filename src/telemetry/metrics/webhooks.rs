//! What the webhook adapter reports.

use metrics::Counter;

use super::boards;
use super::catalogue as all;
use super::registry::counter;

/// The counters of an adapter.
#[derive(Debug)]
pub struct Webhooks {
    bodies: Counter,
    repeated: Counter,
    events: Vec<(&'static str, Counter)>,
    notes: Vec<(&'static str, Counter)>,
}

impl Webhooks {
    /// Lets the counters begin, for these kinds of events and these notes, and puts the versions down.
    pub fn begin(
        events: &[&'static str],
        notes: &[&'static str],
        version: &str,
        librdkafka: &str,
    ) -> Self {
        boards::build_info(version, librdkafka);
        let of = |metric, names: &[&'static str]| {
            names.iter().map(|name| (*name, counter(metric, &[name]))).collect()
        };
        Self {
            bodies: counter(&all::WEBHOOKS_BODIES, &[]),
            repeated: counter(&all::WEBHOOKS_REPEATED, &[]),
            events: of(&all::WEBHOOKS_EVENTS, events),
            notes: of(&all::WEBHOOKS_NOTES, notes),
        }
    }

    /// So many bodies are done with, so many of their events had been published before.
    pub fn add(&self, bodies: u64, repeated: u64) {
        self.bodies.increment(bodies);
        self.repeated.increment(repeated);
    }

    /// Events of a kind are published.
    pub fn published(&self, kind: &str, count: u64) {
        increment(&self.events, kind, count);
    }

    /// Something was to be said about bodies.
    pub fn noted(&self, note: &str, count: u64) {
        increment(&self.notes, note, count);
    }
}

fn increment(counters: &[(&'static str, Counter)], name: &str, count: u64) {
    if let Some((_, counter)) = counters.iter().find(|(known, _)| *known == name) {
        counter.increment(count);
    }
}
