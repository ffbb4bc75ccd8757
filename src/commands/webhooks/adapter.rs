//! The loop: poll bodies, publish their events, wait for the acknowledgements, commit.
//!
//! What was published is read from the consent topics themselves: at the start, and whenever
//! partitions were given or taken, for then another instance may have worked on them.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use super::counts::{Counts, meters};
use super::seen::Seen;
use crate::config::{Config, TopicNames, WebhooksConfig};
use crate::kafka::{Clients, EventWriter, GroupReader, GroupRecord, Polled, TopicReader};
use crate::stream::{Fault, wall_ms};
use crate::telemetry::metrics::Webhooks;
use crate::wire::consent::{produce, topic_for};
use crate::wire::formats::EventFormats;
use crate::wire::proto::consent::ConsentEvent;
use crate::wire::webhooks::{Note, SOURCE, Weight, fingerprint};

const BATCH_MAX: usize = 500;
const POLL_WAIT: Duration = Duration::from_millis(200);
/// How often the counts are logged, if anything has come.
const TELL_EVERY: Duration = Duration::from_secs(60);

/// Turns webhooks into consent events.
pub struct Adapter {
    clients: Clients,
    webhooks: WebhooksConfig,
    topics: TopicNames,
    formats: EventFormats,
    input: GroupReader,
    output: EventWriter,
    /// A writer of its own: a body that is too large for its topic must not hold up any opt-out.
    rejects: EventWriter,
    seen: Seen,
    /// What the batch at hand comes to.
    batch: Counts,
    counts: Counts,
    meters: Webhooks,
    told: (Instant, u64),
}

impl Adapter {
    /// Joins the group and learns what was published.
    ///
    /// # Errors
    /// Kafka was not reached, or a consent topic is not there.
    pub fn open(config: &Config) -> Result<Self, Fault> {
        let clients = Clients::new(config.kafka.clone(), config.gate.clone());
        let webhooks = config.webhooks.clone();
        let mut adapter = Self {
            input: GroupReader::open(&clients, &webhooks.group, webhooks.topic.as_str())?,
            output: EventWriter::open(&clients)?,
            rejects: EventWriter::open(&clients)?,
            topics: config.topics.clone(),
            formats: config.consent.clone(),
            clients,
            webhooks,
            seen: Seen::default(),
            batch: Counts::default(),
            counts: Counts::default(),
            meters: meters(),
            told: (Instant::now(), 0),
        };
        adapter.learn()?;
        Ok(adapter)
    }

    /// What became of the bodies so far.
    pub fn counts(&self) -> &Counts {
        &self.counts
    }

    /// Works until it is stopped, between two batches.
    ///
    /// # Errors
    /// Kafka did not take something; what is not committed is read again by the next start.
    pub fn run(&mut self, stop: &AtomicBool) -> Result<(), Fault> {
        while !stop.load(Ordering::SeqCst) {
            match self.input.poll(BATCH_MAX, POLL_WAIT)? {
                Polled::Reassigned => self.learn()?,
                Polled::Records(records) => self.work(&records)?,
            }
            self.tell();
        }
        Ok(())
    }

    /// Reads from the consent topics what this adapter, or another instance of it, has published.
    fn learn(&mut self) -> Result<(), Fault> {
        let now_ms = wall_ms();
        let remember_ms = i64::try_from(self.webhooks.remember.as_millis()).unwrap_or(i64::MAX);
        let mut seen = Seen::default();
        for (topic, name) in self.topics.consent_topics() {
            let format = self.formats.of(topic);
            let reader = TopicReader::open(&self.clients, name.as_str())?;
            let spans = reader.since(reader.whole(), now_ms.saturating_sub(remember_ms))?;
            reader.read(&spans, |record| {
                let event = record.value().and_then(|value| format.contract(value));
                let own = event.filter(|event| event.source == SOURCE);
                if let Some(known) = own.and_then(|event| fingerprint(&event.event_id)) {
                    seen.insert(known, record.timestamp_ms().unwrap_or(now_ms));
                }
            })?;
        }
        self.seen = seen;
        tracing::info!(events = self.seen.len(), "webhooks.remembered");
        Ok(())
    }

    fn work(&mut self, records: &[GroupRecord]) -> Result<(), Fault> {
        if records.is_empty() {
            return Ok(());
        }
        let now_ms = wall_ms();
        self.seen.forget(now_ms, self.webhooks.remember);
        let mut doubts = Doubts::default();
        for record in records {
            self.read(record, now_ms, &mut doubts)?;
        }
        self.output.flush()?;
        if let Err(fault) = self.rejects.flush() {
            tracing::warn!(%fault, "webhooks.reject_not_copied");
        }
        doubts.tell();
        let batch = std::mem::take(&mut self.batch);
        batch.report(&self.meters);
        self.counts.add(&batch);
        self.input.commit(records)
    }

    /// Publishes what a body says and nobody has published yet.
    fn read(
        &mut self,
        record: &GroupRecord,
        now_ms: i64,
        doubts: &mut Doubts,
    ) -> Result<(), Fault> {
        let body = record.value.as_deref().unwrap_or_default();
        let reading = self.webhooks.reader.read(body);
        self.batch.bodies += 1;
        for note in &reading.notes {
            self.batch.note(*note);
            doubts.add(record, *note);
        }
        if reading.notes.iter().any(|note| note.is_rejection()) {
            self.reject(record, body);
        }
        for event in reading.events {
            let known = fingerprint(&event.event_id);
            if known.is_some_and(|known| self.seen.contains(known)) {
                self.batch.repeated += 1;
                continue;
            }
            self.publish(event, record, doubts)?;
            known.into_iter().for_each(|known| self.seen.insert(known, now_ms));
        }
        self.output.serve();
        Ok(())
    }

    fn publish(
        &mut self,
        event: ConsentEvent,
        record: &GroupRecord,
        doubts: &mut Doubts,
    ) -> Result<(), Fault> {
        let kind = event.kind();
        let role = topic_for(kind);
        let Some(topic) = self.topics.consent(role) else {
            self.batch.note(Note::TemplateState);
            return Ok(());
        };
        match produce(event) {
            Ok(produced) => {
                let produced = self.formats.of(role).write(produced);
                let key = produced.key.as_bytes();
                self.output.write(topic.as_str(), None, key, &produced.value)?;
                self.batch.publish(kind);
            }
            // The reader only makes events that can be placed; should one not be, a person must know.
            Err(_) => {
                self.batch.note(Note::UnplacedOptOut);
                doubts.add(record, Note::UnplacedOptOut);
            }
        }
        Ok(())
    }

    /// Copies a body for a person to look at. That it cannot be copied holds up nothing.
    fn reject(&self, record: &GroupRecord, body: &[u8]) {
        let Some(topic) = &self.webhooks.rejects else {
            return;
        };
        let key = format!("{}/{}/{}", self.webhooks.topic, record.partition, record.offset);
        if let Err(fault) = self.rejects.write(topic.as_str(), None, key.as_bytes(), body) {
            tracing::warn!(%fault, "webhooks.reject_not_copied");
        }
    }

    fn tell(&mut self) {
        let (at, bodies) = self.told;
        if at.elapsed() >= TELL_EVERY && self.counts.bodies > bodies {
            tracing::info!(counts = %self.counts, "webhooks.counts");
            self.told = (Instant::now(), self.counts.bodies);
        }
    }
}

/// What a batch gave to say: each body that a person should read, and of the rest the first.
#[derive(Default)]
struct Doubts {
    others: std::collections::BTreeMap<Note, (i32, i64, u64)>,
}

impl Doubts {
    fn add(&mut self, record: &GroupRecord, note: Note) {
        let (partition, offset, name) = (record.partition.0, record.offset.0, note.name());
        match note.weight() {
            Weight::Counted => {}
            Weight::Doubtful => {
                let (.., count) = self.others.entry(note).or_insert((partition, offset, 0));
                *count += 1;
            }
            Weight::ForPerson => {
                tracing::warn!(partition, offset, note = name, "webhooks.for_a_person");
            }
            Weight::Lost => {
                tracing::error!(partition, offset, note = name, "webhooks.opt_out_may_be_lost");
            }
        }
    }

    fn tell(self) {
        for (note, (partition, offset, count)) in self.others {
            tracing::warn!(partition, offset, count, note = note.name(), "webhooks.doubtful");
        }
    }
}
