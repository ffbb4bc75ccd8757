//! Reads the topics in the order that makes a running gate checkable, and hands them to the core.
//!
//! Receipts first: what they tell of must be visible in the outputs, which are read next. Then the
//! receipts that came meanwhile: outputs that belong to them wait for the next round, and what belongs
//! to none is a difference now. Consent and input are read last, up to what the receipts name. One
//! round is a verification; more rounds go on behind the gate.

use std::collections::{BTreeMap, BTreeSet};

use super::allowed::{Allowed, settle};
use super::book::{Book, Checked, Part, Rules};
use super::consent_reading::ConsentReading;
use super::fingerprint::Fingerprints;
use super::gathering::Gathered;
use super::ledger::{Behind, Ledger, Sources};
use super::outputs::{Names, Outputs};
use super::progress::Progress;
use super::range::{Instants, Range};
use super::receipts::{Beliefs, Receipts, Tile};
use super::redecide::Redecider;
use super::report::Report;
use super::shelf::{Shelf, begins, ends, go_on, shares};
use super::tiling::ChainEnd;
use crate::config::Config;
use crate::consent::{Offset, Partition};
use crate::kafka::topics::{Role, TopicAdmin};
use crate::kafka::{Clients, Span, TopicReader};
use crate::stream::{Fault, RolledLog};
use crate::wire::receipt::{ReceiptId, VerifyingKeys};

/// A verification, as far as it has come.
pub(in crate::commands) struct Session<'a> {
    pub(super) config: &'a Config,
    pub(super) shelf: Shelf<'a>,
    pub(super) beliefs: Beliefs,
    prints: Fingerprints,
    message_bytes_max: usize,
    pub(super) range: Range,
    pub(super) instants: Option<Instants>,
    pub(super) receipts: Receipts,
    receipts_read: BTreeMap<Partition, Offset>,
    /// Whether the receipts topic had lost records when it was first read.
    pub(super) receipts_trimmed: bool,
    outputs: Outputs,
    pub(super) consent: ConsentReading,
    pub(super) consent_counted: u64,
    pub(super) chains: BTreeMap<Partition, ChainEnd>,
    /// Where input was left that no receipt is about.
    pub(super) left: BTreeSet<Partition>,
    rounds: u64,
}

/// Which partitions are asked about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Of {
    All,
    /// Those with input that is not checked yet.
    Behind,
}

/// Why a verification did not come to its end.
#[derive(Debug, thiserror::Error)]
pub(in crate::commands) enum Trouble {
    /// Kafka.
    #[error(transparent)]
    Kafka(#[from] Fault),
    /// A range names a receipt that is not there.
    #[error("receipt {0} is not in the receipts topic, or tells of no decision")]
    NoReceipt(ReceiptId),
}

/// When a receipt that was read is looked at.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Look {
    Now,
    Later,
}

impl<'a> Session<'a> {
    /// Asks Kafka who it is.
    ///
    /// # Errors
    /// Kafka was not reached.
    pub(super) fn new(
        config: &'a Config,
        keys: VerifyingKeys,
        rolled: RolledLog,
        (only, range): (BTreeSet<Partition>, Range),
        progress: &'a Progress,
    ) -> Result<Self, Fault> {
        let clients = Clients::new(config.kafka.clone(), config.gate.clone());
        let admin = TopicAdmin::open(&clients)?;
        let cluster_id = admin.cluster()?.id;
        let roles = admin.roles(&config.topics)?;
        let allowed = roles.get(&Role::Allowed).and_then(|(_, facts)| facts.as_ref());
        let bytes = allowed.and_then(|facts| facts.number("max.message.bytes"));
        let beliefs = Beliefs {
            keys,
            cluster_id,
            source_topic: config.topics.outbound.to_string(),
            receipts_topic: config.topics.receipts.to_string(),
            mode: config.gate.mode,
        };
        let prints = Fingerprints::new();
        let names = Names {
            source_topic: config.topics.outbound.to_string(),
            audit_topic: config.topics.audit.to_string(),
        };
        let bytes = bytes.and_then(|bytes| usize::try_from(bytes).ok());
        Ok(Self {
            message_bytes_max: bytes.unwrap_or(usize::MAX),
            shelf: Shelf { clients, only, progress },
            outputs: Outputs::new(names, prints),
            consent: ConsentReading::new(config.consent.clone(), rolled),
            config,
            beliefs,
            prints,
            range,
            instants: None,
            receipts: Receipts::default(),
            receipts_read: BTreeMap::new(),
            receipts_trimmed: false,
            consent_counted: 0,
            chains: BTreeMap::new(),
            left: BTreeSet::new(),
            rounds: 0,
        })
    }

    /// Reads and checks what there is and was not checked yet.
    ///
    /// # Errors
    /// A topic that cannot be read to its end, or a range that names a receipt that is not there.
    pub(super) fn round(&mut self) -> Result<Report, Trouble> {
        let mut report = Report::default();
        self.receipts.look_at_waiting(&self.beliefs, &mut report);
        self.read_receipts(Look::Now, &mut report)?;
        let outputs = (&self.config.topics, self.config.gate.mode);
        self.outputs.read_on(&self.shelf, outputs, &mut report)?;
        self.read_receipts(Look::Later, &mut report)?;
        self.receipts.look_at_followed(&self.beliefs, &mut report);
        let gathered = self.gather(&mut report)?;
        self.check(gathered, &mut report)?;
        self.receipts.forget();
        self.rounds += 1;
        Ok(report)
    }

    /// The receipts alone, and what their decisions rest on: for who does not look at the outputs.
    ///
    /// # Errors
    /// As [`Self::round`].
    pub(super) fn decisions(&mut self, report: &mut Report) -> Result<Gathered, Trouble> {
        self.read_receipts(Look::Now, report)?;
        self.gather(report)
    }

    /// The earliest of the instants at which each partition was last decided, as far as it was checked:
    /// of those with input left, or of all. In milliseconds since 1970.
    pub(super) fn checked_until_ms(&self, of: Of) -> Option<i64> {
        let counts = |partition: &Partition| of == Of::All || self.left.contains(partition);
        let chains = self.chains.iter().filter(|(partition, _)| counts(partition));
        chains.filter_map(|(_, chain)| chain.now_ms).min()
    }

    /// The topics' names.
    pub(super) fn names(&self) -> Names {
        self.outputs.names().clone()
    }

    /// What readers of the input share.
    pub(super) fn rules<'s>(&'s self, redecider: &'s Redecider) -> Rules<'s> {
        Rules {
            receipts: &self.receipts,
            redecider,
            prints: self.prints,
            names: self.outputs.names(),
            format: &self.config.messages,
            message_bytes_max: self.message_bytes_max,
            mode: self.config.gate.mode,
        }
    }

    /// Reads the receipts topic on from where it was read to.
    fn read_receipts(&mut self, look: Look, report: &mut Report) -> Result<(), Fault> {
        let reader = self.shelf.open(&self.beliefs.receipts_topic)?;
        if self.receipts_read.is_empty() {
            self.receipts_trimmed = reader.extents().iter().any(|extent| extent.begin.0 > 0);
        }
        let mut spans = reader.whole();
        go_on(&mut spans, &self.receipts_read);
        let (receipts, beliefs) = (&mut self.receipts, &self.beliefs);
        self.shelf.read(&reader, &spans, |record| {
            let at = (record.partition(), record.offset());
            match look {
                Look::Now => receipts.take(at, record.value(), beliefs, report),
                Look::Later => receipts.take_later(at, record.value(), beliefs, report),
            }
        })?;
        self.receipts_read = ends(&reader);
        Ok(())
    }

    fn check(&mut self, gathered: Gathered, report: &mut Report) -> Result<(), Trouble> {
        let Gathered { tiles, input, redecider, spans, unsettled } = gathered;
        let mut parts = self.parts(tiles, &input, &unsettled);
        // Outputs of a partition that no receipt is about are told too.
        let mut spans = spans;
        for partition in parts.keys() {
            spans.entry(*partition).or_insert(Span { first: Offset(0), next: Offset(0) });
        }
        let rules = self.rules(&redecider);
        let books = shares(spans).into_iter().map(|spans| {
            let of_share = |at: &Partition| Some((*at, parts.remove(at)?));
            let parts = spans.keys().filter_map(of_share).collect();
            (spans, Book::new(&rules, parts))
        });
        let books = books.collect();
        let books = self.shelf.read_each(&input, books, |book, record| book.check(record))?;
        let mut allowed = BTreeMap::new();
        let checked: Vec<_> = books.into_iter().map(Book::finish).collect();
        for (checked, told) in checked {
            report.join(told);
            for Checked { partition, allowed: part, waiting } in checked {
                allowed.insert(partition, part);
                self.outputs.audits.keep(partition, waiting);
            }
        }
        let topics = &self.config.topics;
        settle(&mut allowed, topics.outbound.as_str(), topics.allowed.as_str(), report);
        self.outputs.allowed = allowed;
        let floor = self.floor();
        self.consent.take_back(redecider.into_log(), floor);
        Ok(())
    }

    /// What each input partition is held against.
    fn parts(
        &mut self,
        mut tiles: BTreeMap<Partition, Vec<Tile>>,
        input: &TopicReader,
        unsettled: &BTreeSet<Partition>,
    ) -> BTreeMap<Partition, Part> {
        let is_first = self.rounds == 0;
        let begins_later = is_first && (self.range.from.is_some() || self.receipts_trimmed);
        let begins = begins(input);
        let outputs = &mut self.outputs;
        let mut partitions: BTreeSet<Partition> = tiles.keys().copied().collect();
        partitions.extend(outputs.audits.partitions());
        partitions.extend(outputs.allowed.keys());
        let part = |partition: Partition| {
            let behind = match self.range.to.is_some() || unsettled.contains(&partition) {
                true => Behind::Waits,
                false => Behind::Nothing,
            };
            let audit_begin = outputs.audit_begins.get(&partition);
            let checked = self.chains.get(&partition).map(|chain| chain.next);
            let sources = Sources {
                partition,
                tiles: tiles.remove(&partition).unwrap_or_default(),
                audits: outputs.audits.remove(partition),
                input_begin: begins.get(&partition).copied().unwrap_or_default(),
                audit_trimmed: audit_begin.is_some_and(|begin| begin.0 > 0),
                begins_later,
                end: checked.unwrap_or_default(),
            };
            let ledger = Ledger::new(sources, outputs.names().clone());
            let mut allowed: Allowed = outputs.allowed.remove(&partition).unwrap_or_default();
            (allowed.begins_later, allowed.behind) = (begins_later, Some(behind));
            (partition, Part { ledger, allowed, behind })
        };
        partitions.into_iter().map(part).collect()
    }
}
