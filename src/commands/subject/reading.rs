//! Reads the topics of a report, each to where it ended when the report was begun.
//!
//! The consent topics first, again if links or voids turned up; then messages, receipts and audit, so
//! that what receipts tell of was read before. A topic that cannot be read to its end fails the report:
//! half an answer is none.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::at::{At, ReadTo};
use super::decisions::{
    AllowedMessage, Decided, Fates, ListedMessage, MessageFields, Names, OutboundMessage,
    Suppressed,
};
use super::forms;
use super::gather::{Gathering, gather};
use crate::commands::rolled::refuse_trouble;
use crate::commands::verify::Progress;
use crate::config::Config;
use crate::consent::{Offset, Partition, Subject, Topic};
use crate::kafka::{Clients, TopicReader, TopicRecord};
use crate::stream::{Fault, RolledLog};
use crate::wire::audit::decode_entry;
use crate::wire::formats::{Format, Texts};
use crate::wire::json::JsonAudit;
use crate::wire::pseudonym::PseudonymKey;
use crate::wire::receipt::{Opened, VerifyingKeys, open};

/// The topics of a gate, read for one person.
pub(super) struct Reading<'a> {
    config: &'a Config,
    clients: Clients,
    progress: &'a Progress,
    rolled: RolledLog,
    pub(super) read_to: Vec<ReadTo>,
}

/// What was decided on messages to one person.
#[derive(Debug, Default)]
pub(super) struct Decisions {
    pub(super) suppressed: Vec<Suppressed>,
    pub(super) outbound: Vec<OutboundMessage>,
    pub(super) allowed: Vec<AllowedMessage>,
    /// Messages that receipts list.
    pub(super) listed: Vec<ListedMessage>,
    /// Audit records that are no entry of this version.
    pub(super) unreadable_entries: u64,
    /// Records of the receipts topic that no trusted key has signed, or of another version.
    pub(super) unbelieved: u64,
    /// Entries of the business under keys that are not held, by key id.
    pub(super) foreign_keys: BTreeMap<String, u64>,
    /// The ids of the pseudonym keys that were searched with.
    pub(super) key_ids: Vec<String>,
}

impl Decisions {
    /// Those on another route as well.
    fn add(&mut self, other: Self) {
        self.suppressed.extend(other.suppressed);
        self.outbound.extend(other.outbound);
        self.allowed.extend(other.allowed);
        self.listed.extend(other.listed);
        self.unreadable_entries += other.unreadable_entries;
        self.unbelieved += other.unbelieved;
        for (key_id, entries) in other.foreign_keys {
            *self.foreign_keys.entry(key_id).or_default() += entries;
        }
        // The same keys are searched with on every route.
        self.key_ids = other.key_ids;
    }
}

impl<'a> Reading<'a> {
    /// Reads the topics that a configuration names.
    pub(super) fn new(config: &'a Config, rolled: RolledLog, progress: &'a Progress) -> Self {
        let clients = Clients::new(config.kafka.clone(), config.gate.clone());
        Self { config, clients, progress, rolled, read_to: Vec::new() }
    }

    /// All consent records that concern a person.
    ///
    /// # Errors
    /// A topic that cannot be read to its end.
    pub(super) fn consent(&mut self, subject: &Subject) -> Result<Gathering, Fault> {
        let (mut readers, mut widths) = (Vec::new(), Vec::new());
        for (topic, name) in self.config.topics.consent_topics() {
            let reader = self.open(name.as_str())?;
            widths.push(reader.width(topic));
            readers.push((topic, reader));
        }
        let mut rolled = self.rolled.clone();
        gather(subject, &widths, &self.config.consent, |gathering| {
            rolled.restart();
            for (topic, reader) in &readers {
                let name = reader.topic();
                self.read(reader, |record| {
                    gathering.take(name, &rolled.take(&record.to_consent(*topic)));
                })?;
                if *topic == Topic::ConsentEvents {
                    refuse_trouble(&rolled, reader)?;
                }
            }
            Ok(())
        })
    }

    /// All decisions on messages to a person, on all routes.
    ///
    /// # Errors
    /// A topic that cannot be read to its end.
    pub(super) fn decisions(
        &mut self,
        subject: &Subject,
        keys: &[Arc<PseudonymKey>],
        trusted: &VerifyingKeys,
    ) -> Result<Decisions, Fault> {
        let (config, mut all) = (self.config, Decisions::default());
        for route in config.routes() {
            all.add(self.decisions_of(route, subject, keys, trusted)?);
        }
        Ok(all)
    }

    fn decisions_of(
        &mut self,
        route: &Config,
        subject: &Subject,
        keys: &[Arc<PseudonymKey>],
        trusted: &VerifyingKeys,
    ) -> Result<Decisions, Fault> {
        let topics = &route.topics;
        let outbound = self.open(topics.outbound.as_str())?;
        let allowed = self.open(topics.allowed.as_str())?;
        let receipts = self.open(topics.receipts.as_str())?;
        let audit = self.open(topics.audit.as_str())?;
        let mut decisions = Decisions::default();
        let mut fates = Fates::default();
        let mut names = Names::new(subject, keys);
        self.messages(&outbound, &route.messages, subject, |record, at, message| {
            fates.ask(record.partition(), record.offset());
            let decided = Decided::NoReceipt;
            decisions.outbound.push(OutboundMessage { record: at, message, decided });
        })?;
        self.messages(&allowed, &route.messages, subject, |_, record, message| {
            decisions.allowed.push(AllowedMessage { record, message });
        })?;
        self.read(&receipts, |record| match open(record.value().unwrap_or_default(), trusted) {
            Ok(Opened::Receipt { receipt, .. }) if receipt.source_topic == outbound.topic() => {
                fates.take(&receipt);
            }
            Ok(Opened::Allowed { column, .. }) => {
                let (id, key_id) = (column.receipt.to_string(), column.pseudonym_key_id);
                for row in column.rows {
                    if names.are(&row.business, &key_id, row.pseudonym) {
                        let (record, receipt_id) = (At::of(receipts.topic(), record), id.clone());
                        decisions.listed.push(ListedMessage {
                            record,
                            receipt_id,
                            row: row.into(),
                        });
                    }
                }
            }
            Ok(_) => {}
            Err(_) => decisions.unbelieved += 1,
        })?;
        decisions.listed.sort_by_key(|listed| (listed.row.partition, listed.row.offset));
        for message in &mut decisions.outbound {
            let At { partition, offset, .. } = message.record;
            message.decided = fates.of(Partition(partition), Offset(offset));
        }
        self.suppressed(&audit, names, &mut decisions)?;
        Ok(decisions)
    }

    fn suppressed(
        &self,
        audit: &TopicReader,
        mut names: Names,
        decisions: &mut Decisions,
    ) -> Result<(), Fault> {
        self.read(audit, |record| match decode_entry(record.value().unwrap_or_default()) {
            Ok(entry) if names.meet(&entry) => {
                let at = At::of(audit.topic(), record);
                let entry = JsonAudit::from(entry);
                decisions.suppressed.push(Suppressed { record: at, entry });
            }
            Ok(_) => {}
            Err(_) => decisions.unreadable_entries += 1,
        })?;
        decisions.suppressed.sort_by(|one, other| one.record.cmp(&other.record));
        decisions.key_ids = names.key_ids();
        decisions.foreign_keys = names.foreign;
        Ok(())
    }

    /// The messages of a topic to this person; partitions are interleaved.
    fn messages(
        &self,
        reader: &TopicReader,
        format: &Format,
        subject: &Subject,
        mut found: impl FnMut(&TopicRecord<'_>, At, MessageFields),
    ) -> Result<(), Fault> {
        let forms = forms(subject);
        self.read(reader, |record| {
            let texts = Texts::default();
            let show = |show: &mut dyn FnMut(_)| record.each_text_header(show);
            if let Ok(message) = format.read(record.value(), show, &texts)
                && let Some(fields) = MessageFields::of(&message, &forms, record.timestamp_ms())
            {
                found(record, At::of(reader.topic(), record), fields);
            }
        })
    }

    fn open(&mut self, topic: &str) -> Result<TopicReader, Fault> {
        let reader = TopicReader::open(&self.clients, topic)?;
        self.read_to.extend(ReadTo::all(&reader));
        Ok(reader)
    }

    fn read(
        &self,
        reader: &TopicReader,
        mut each: impl FnMut(&TopicRecord<'_>),
    ) -> Result<(), Fault> {
        let spans = reader.whole();
        self.progress.begin(reader.topic(), &spans);
        reader.read(&spans, |record| {
            each(record);
            self.progress.step(record.partition(), record.offset());
        })
    }
}
