//! What the gate decided: from signed receipts, with the ids that the column, the outbound topic or the
//! audit has; only where all of them are gone from the allowed topic.
//!
//! Whether a message was allowed is told by receipts that a trusted key has signed. The allowed topic is
//! believed only for what no receipt's column and no outbound record can name any longer, and a note
//! says so: whoever can write to that topic could make a message look allowed there.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::ledger::{Decided, IdUse, Ledger};
use crate::commands::exit::Failure;
use crate::commands::verify::Progress;
use crate::config::Config;
use crate::consent::{Offset, Partition};
use crate::decision::Message;
use crate::kafka::{Clients, TopicReader, TopicRecord};
use crate::stream::FaultKind;
use crate::wire::audit::decode_entry;
use crate::wire::formats::Texts;
use crate::wire::is_kept_of;
use crate::wire::pseudonym::{Pseudonym, PseudonymKey, Pseudonyms};
use crate::wire::receipt::{
    AllowedColumn, ColumnHash, Opened, PartitionRange, Receipt, VerifyingKeys, open,
};

/// What was not found, or is believed for want of better.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Doubts {
    /// Receipts that a trusted key has signed.
    pub(super) believed: u64,
    /// Records of the receipts topic that no trusted key has signed, or that cannot be read.
    pub(super) unbelieved: u64,
    /// Audit records that are no entry of this version.
    pub(super) unreadable_entries: u64,
    /// Allowed messages that neither a column nor the outbound topic can name.
    pub(super) unnamed: u64,
    /// Of those, messages that the allowed topic names.
    pub(super) by_allowed_topic: u64,
    /// Whether the receipts topic no longer keeps its first receipts.
    pub(super) receipts_trimmed: Trimmed,
}

impl Doubts {
    /// Those of another route as well.
    pub(super) fn add(&mut self, other: Self) {
        self.believed += other.believed;
        self.unbelieved += other.unbelieved;
        self.unreadable_entries += other.unreadable_entries;
        self.unnamed += other.unnamed;
        self.by_allowed_topic += other.by_allowed_topic;
        if other.receipts_trimmed == Trimmed::Yes {
            self.receipts_trimmed = Trimmed::Yes;
        }
    }
}

/// Whether the beginning of a topic is gone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Trimmed {
    /// It is.
    Yes,
    /// All of it is there.
    #[default]
    No,
}

/// Reads all decisions into a ledger that has all reports.
pub(super) struct Decisions<'a> {
    config: &'a Config,
    trusted: &'a VerifyingKeys,
    progress: &'a Progress,
    clients: Clients,
    pseudonyms: Option<Pseudonyms>,
    waiting: HashMap<ColumnHash, AllowedColumn>,
    /// What receipts without a column allowed, by partition, in the order of the input.
    unlisted: BTreeMap<Partition, Vec<(PartitionRange, i64)>>,
    pub(super) doubts: Doubts,
}

impl<'a> Decisions<'a> {
    /// Of the topics of a configuration.
    pub(super) fn new(
        config: &'a Config,
        trusted: &'a VerifyingKeys,
        keys: &[Arc<PseudonymKey>],
        progress: &'a Progress,
    ) -> Self {
        Self {
            config,
            trusted,
            progress,
            clients: Clients::new(config.kafka.clone(), config.gate.clone()),
            pseudonyms: keys.first().map(|key| Pseudonyms::new(key.clone())),
            waiting: HashMap::new(),
            unlisted: BTreeMap::new(),
            doubts: Doubts::default(),
        }
    }

    /// Reads them.
    ///
    /// # Errors
    /// A topic that cannot be read to its end; a topic of messages that is gone is none.
    pub(super) fn read(&mut self, ledger: &mut Ledger) -> Result<(), Failure> {
        let receipts = self.must_open(self.config.topics.receipts.as_str())?;
        if receipts.extents().iter().any(|extent| extent.begin.0 > 0) {
            self.doubts.receipts_trimmed = Trimmed::Yes;
        }
        let (trusted, source) = (self.trusted, self.config.topics.outbound.as_str());
        self.each(&receipts, |decisions, record| {
            match open(record.value().unwrap_or_default(), trusted) {
                Ok(Opened::Receipt { receipt, .. }) if receipt.source_topic == source => {
                    decisions.doubts.believed += 1;
                    decisions.receipt(&receipt, ledger);
                }
                Ok(Opened::Allowed { column, hash }) => {
                    decisions.waiting.insert(hash, *column);
                }
                Ok(_) => {}
                Err(_) => decisions.doubts.unbelieved += 1,
            }
        })?;
        self.waiting.clear();
        for ranges in self.unlisted.values_mut() {
            ranges.sort_by_key(|(range, _)| (range.first, range.next));
        }
        self.outbound(ledger)?;
        if self.doubts.unnamed > 0 {
            self.allowed_topic(ledger)?;
        }
        self.audit(ledger)
    }

    fn receipt(&mut self, receipt: &Receipt, ledger: &mut Ledger) {
        let parts = receipt.allowed_parts.iter();
        let columns: Vec<_> = parts.filter_map(|part| self.waiting.remove(&part.hash)).collect();
        let is_listed = receipt.allowed > 0 && columns.len() == receipt.allowed_parts.len();
        if !is_listed || columns.is_empty() {
            for batch in &receipt.batches {
                for range in batch.ranges.iter().filter(|range| !range.allowed.is_empty()) {
                    let ranges = self.unlisted.entry(range.partition).or_default();
                    ranges.push((range.clone(), batch.now_ms));
                }
            }
            return;
        }
        let topic = &self.config.topics.outbound;
        for row in columns.into_iter().flat_map(|column| column.rows) {
            let batch = receipt.batches.iter().find(|batch| {
                let mut ranges = batch.ranges.iter();
                ranges.any(|range| {
                    range.partition == row.partition
                        && range.first <= row.offset
                        && row.offset < range.next
                })
            });
            let place = format!("{topic} partition {} offset {}", row.partition.0, row.offset.0);
            let decided = Decided {
                business: row.business,
                pseudonym: Some(row.pseudonym),
                at_ms: batch.map(|batch| batch.now_ms),
                reason: "",
                id: IdUse::Everywhere,
                place,
            };
            ledger.allowed(&row.message_id, decided);
        }
    }

    /// Names what receipts without a column allowed, as far as the outbound topic keeps it.
    fn outbound(&mut self, ledger: &mut Ledger) -> Result<(), Failure> {
        let all: u64 = self.unlisted.values().flatten().map(|(range, _)| range.allowed.len()).sum();
        if all == 0 {
            return Ok(());
        }
        let name = self.config.topics.outbound.to_string();
        let Some(reader) = self.open(&name)? else {
            self.doubts.unnamed = all;
            return Ok(());
        };
        let mut named = 0;
        self.each(&reader, |decisions, record| {
            let (partition, offset) = (record.partition(), record.offset());
            if let Some(at_ms) = decisions.allowed_at(partition, offset) {
                named += 1;
                let place = format!("{name} partition {} offset {}", partition.0, offset.0);
                decisions.message(record, |message, pseudonym| {
                    let business = message.business.to_owned();
                    let (at_ms, id) = (Some(at_ms), use_of(message));
                    let decided = Decided { business, pseudonym, at_ms, reason: "", id, place };
                    ledger.allowed(message.message_id, decided);
                });
            }
        })?;
        self.doubts.unnamed = all.saturating_sub(named);
        Ok(())
    }

    fn allowed_at(&self, partition: Partition, offset: Offset) -> Option<i64> {
        let ranges = self.unlisted.get(&partition)?;
        let at = ranges.partition_point(|(range, _)| range.next <= offset);
        let (range, now_ms) = ranges.get(at)?;
        (range.first <= offset && range.is_allowed(offset)).then_some(*now_ms)
    }

    /// Names by the allowed topic what nothing else can name.
    fn allowed_topic(&mut self, ledger: &mut Ledger) -> Result<(), Failure> {
        let name = self.config.topics.allowed.to_string();
        let Some(reader) = self.open(&name)? else {
            return Ok(());
        };
        let mut named = 0;
        self.each(&reader, |decisions, record| {
            let place =
                format!("{name} partition {} offset {}", record.partition().0, record.offset().0);
            decisions.message(record, |message, pseudonym| {
                let is_known = ledger.is_allowed(message.message_id, message.business);
                if is_known || !ledger.is_sent(message.message_id) {
                    return;
                }
                named += 1;
                let business = message.business.to_owned();
                let (at_ms, id) = (None, use_of(message));
                let decided = Decided { business, pseudonym, at_ms, reason: "", id, place };
                ledger.allowed(message.message_id, decided);
            });
        })?;
        self.doubts.by_allowed_topic = named;
        Ok(())
    }

    fn audit(&mut self, ledger: &mut Ledger) -> Result<(), Failure> {
        let name = self.config.topics.audit.to_string();
        let Some(reader) = self.open(&name)? else {
            return Ok(());
        };
        let source = self.config.topics.outbound.as_str();
        self.each(&reader, |decisions, record| {
            match decode_entry(record.value().unwrap_or_default()) {
                Ok(entry) if entry.source_topic == source && !entry.message_id.is_empty() => {
                    let place = format!(
                        "{name} partition {} offset {}",
                        record.partition().0,
                        record.offset().0
                    );
                    let decided = Decided {
                        business: entry.business,
                        pseudonym: entry.pseudonym,
                        at_ms: Some(entry.decided_at_ms),
                        reason: entry.suppression.primary.name(),
                        id: IdUse::Everywhere,
                        place,
                    };
                    ledger.suppressed(&entry.message_id, decided);
                }
                Ok(_) => {}
                Err(_) => decisions.doubts.unreadable_entries += 1,
            }
        })
    }

    /// Shows the message of a record with the pseudonym of its person.
    fn message(
        &mut self,
        record: &TopicRecord<'_>,
        show: impl FnOnce(&Message<'_>, Option<Pseudonym>),
    ) {
        let texts = Texts::default();
        let headers = |show: &mut dyn FnMut(_)| record.each_text_header(show);
        if let Ok(message) = self.config.messages.read(record.value(), headers, &texts) {
            let message = message.at_home(&self.config.policy);
            let pseudonym = message.to.zip(self.pseudonyms.as_mut());
            let pseudonym = pseudonym.map(|(to, pseudonyms)| pseudonyms.of(message.business, to));
            show(&message, pseudonym);
        }
    }

    /// A topic that may be gone.
    fn open(&self, topic: &str) -> Result<Option<TopicReader>, Failure> {
        match TopicReader::open(&self.clients, topic) {
            Ok(reader) => Ok(Some(reader)),
            Err(fault) if fault.kind == FaultKind::Refused => Ok(None),
            Err(fault) => Err(Failure::unavailable(&fault)),
        }
    }

    fn must_open(&self, topic: &str) -> Result<TopicReader, Failure> {
        TopicReader::open(&self.clients, topic).map_err(|fault| Failure::unavailable(&fault))
    }

    fn each(
        &mut self,
        reader: &TopicReader,
        mut each: impl FnMut(&mut Self, &TopicRecord<'_>),
    ) -> Result<(), Failure> {
        let spans = reader.whole();
        self.progress.begin(reader.topic(), &spans);
        let read = reader.read(&spans, |record| {
            each(self, record);
            self.progress.step(record.partition(), record.offset());
        });
        read.map_err(|fault| Failure::unavailable(&fault))
    }
}

/// Whether a message's id may be shown.
fn use_of(message: &Message<'_>) -> IdUse {
    let [first, second] = message.also;
    match is_kept_of(message.message_id, [message.to, first, second]) {
        true => IdUse::Everywhere,
        false => IdUse::RecordsOnly,
    }
}
