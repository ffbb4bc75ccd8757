//! Reads the topics in the order that makes a running gate checkable, and hands them to the core.
//!
//! Receipts first: what they tell of must be visible in the outputs, which are read next. Then the
//! receipts that came meanwhile: every output that was read must be in one of them. Consent and input
//! are read last, up to what the receipts name.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::book::Book;
use super::consent_reading::read_consent;
use super::difference::{Law, Spot};
use super::fingerprint::Fingerprints;
use super::ledger::{Ledger, Sources};
use super::outputs::{Names, Outputs};
use super::progress::Progress;
use super::receipts::{Beliefs, Receipts, Tile};
use super::redecide::{Policies, Redecider};
use super::report::Report;
use super::shelf::{Shelf, begins};
use super::tiling::{Surroundings, walk};
use crate::config::Config;
use crate::consent::{Offset, Partition};
use crate::kafka::topics::{Role, TopicAdmin};
use crate::kafka::{Clients, Span, TopicReader};
use crate::stream::ports::Extent;
use crate::stream::{Fault, RolledLog};
use crate::wire::receipt::{PolicyHash, VerifyingKeys};

/// One verification.
pub(super) struct Reading<'a> {
    config: &'a Config,
    shelf: Shelf<'a>,
    beliefs: Beliefs,
    rolled: RolledLog,
    prints: Fingerprints,
    message_bytes_max: usize,
}

impl<'a> Reading<'a> {
    /// Asks Kafka who it is.
    ///
    /// # Errors
    /// Kafka was not reached.
    pub(super) fn new(
        config: &'a Config,
        keys: VerifyingKeys,
        rolled: RolledLog,
        only: BTreeSet<Partition>,
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
        Ok(Self {
            message_bytes_max: bytes
                .and_then(|bytes| usize::try_from(bytes).ok())
                .unwrap_or(usize::MAX),
            prints: Fingerprints::new(),
            shelf: Shelf { clients, only, progress },
            config,
            beliefs,
            rolled,
        })
    }

    /// Reads and checks everything.
    ///
    /// # Errors
    /// A topic that cannot be read to its end.
    pub(super) fn run(&self) -> Result<Report, Fault> {
        let mut report = Report::default();
        let mut receipts = Receipts::default();
        let told = self.read_receipts(&mut receipts, &BTreeMap::new(), &mut report)?;
        let settled = receipts.ends();
        let outputs = Outputs::read(&self.shelf, self.config, &settled, self.prints, &mut report)?;
        let read: BTreeMap<_, _> =
            told.iter().map(|extent| (extent.partition, extent.end)).collect();
        let trimmed = told.iter().any(|extent| extent.begin.0 > 0);
        self.read_receipts(&mut receipts, &read, &mut report)?;
        let input = self.shelf.open(&self.beliefs.source_topic)?;
        let tiles = self.chains(&mut receipts, &input, trimmed, &mut report);
        let (topics, formats, rolled) =
            (&self.config.topics, &self.config.consent, self.rolled.clone());
        let log = read_consent(&self.shelf, topics, formats, &receipts.batches, rolled)?;
        report.counts.consent = log.record_count();
        let policies = self.policies(&receipts, trimmed, &mut report);
        let topic = &self.beliefs.receipts_topic;
        let redecider = Redecider::new(log, &receipts, &policies, topic, &mut report);
        let (spans, undecided) = spans_of(&tiles, &input);
        report.counts.undecided = undecided;
        report.counts.partitions = tiles.len() as u64;
        let mut book = self.book(tiles, outputs, receipts, redecider, &input, &settled, trimmed);
        book.begin(&mut report);
        self.shelf.read(&input, &spans, |record| book.check(record, &mut report))?;
        book.finish(&mut report);
        Ok(report)
    }

    /// Reads the receipts topic on from where it was read to.
    fn read_receipts(
        &self,
        receipts: &mut Receipts,
        from: &BTreeMap<Partition, Offset>,
        report: &mut Report,
    ) -> Result<Vec<Extent>, Fault> {
        let reader = self.shelf.open(&self.beliefs.receipts_topic)?;
        let mut spans = reader.whole();
        for (partition, span) in &mut spans {
            span.first = from.get(partition).copied().unwrap_or(span.first).max(span.first);
        }
        self.shelf.read(&reader, &spans, |record| {
            let at = (record.partition(), record.offset());
            receipts.take(at, record.value(), &self.beliefs, report);
        })?;
        Ok(reader.extents().to_vec())
    }

    fn chains(
        &self,
        receipts: &mut Receipts,
        input: &TopicReader,
        receipts_trimmed: bool,
        report: &mut Report,
    ) -> BTreeMap<Partition, Vec<Tile>> {
        let begins = begins(input);
        let links = std::mem::take(&mut receipts.links);
        let wanted = links.into_iter().filter(|(partition, _)| self.shelf.is_wanted(*partition));
        wanted
            .map(|(partition, links)| {
                let around = Surroundings {
                    source_topic: &self.beliefs.source_topic,
                    receipts_topic: &self.beliefs.receipts_topic,
                    input_begin: begins.get(&partition).copied().unwrap_or_default(),
                    partition,
                    receipts_trimmed,
                };
                (partition, walk(links, receipts, around, report))
            })
            .collect()
    }

    /// Published policies, and the configured one, so that a trimmed topic can still be checked.
    fn policies(
        &self,
        receipts: &Receipts,
        receipts_trimmed: bool,
        report: &mut Report,
    ) -> Policies {
        let named: BTreeMap<PolicyHash, usize> =
            receipts.batches.iter().rev().map(|batch| (batch.policy, batch.receipt)).collect();
        for (policy, receipt) in named {
            if receipts.policies.contains_key(&policy) || receipts_trimmed {
                continue;
            }
            if let Some(info) = receipts.infos.get(receipt) {
                let spot = Spot::new(&self.beliefs.receipts_topic, info.at.0, info.at.1);
                let expected = format!("policy {policy} in the receipts topic");
                report.differ(Law::PolicyMissing, spot, expected, "none");
            }
        }
        let mut policies = receipts.policies.clone();
        let own = &self.config.policy;
        policies.entry(PolicyHash::of(own)).or_insert_with(|| Arc::new(own.clone()));
        policies
    }

    #[allow(clippy::too_many_arguments, reason = "everything comes together here")]
    fn book(
        &self,
        tiles: BTreeMap<Partition, Vec<Tile>>,
        outputs: Outputs,
        receipts: Receipts,
        redecider: Redecider,
        input: &TopicReader,
        settled: &BTreeMap<Partition, Offset>,
        receipts_trimmed: bool,
    ) -> Book {
        let (mut audits, mut allowed) = (outputs.audits, outputs.allowed);
        let names = Names {
            source_topic: self.beliefs.source_topic.clone(),
            audit_topic: self.config.topics.audit.to_string(),
        };
        let begins = begins(input);
        let mut tiles = tiles;
        // Entries about a partition without receipts have to be told too.
        for partition in audits.partitions() {
            tiles.entry(partition).or_default();
        }
        let ledgers = tiles.into_iter().map(|(partition, tiles)| {
            if let Some(allowed) = allowed.get_mut(&partition) {
                allowed.begins_later = receipts_trimmed;
            }
            let audit_begin = outputs.audit_begins.get(&partition);
            let sources = Sources {
                partition,
                tiles,
                audits: audits.remove(partition),
                input_begin: begins.get(&partition).copied().unwrap_or_default(),
                settled: settled.get(&partition).copied().unwrap_or_default(),
                audit_trimmed: audit_begin.is_some_and(|begin| begin.0 > 0),
                begins_later: receipts_trimmed,
            };
            (partition, Ledger::new(sources, names.clone()))
        });
        Book {
            ledgers: ledgers.collect(),
            allowed,
            receipts,
            redecider,
            prints: self.prints,
            allowed_topic: self.config.topics.allowed.to_string(),
            format: self.config.messages.clone(),
            message_bytes_max: self.message_bytes_max,
            mode: self.config.gate.mode,
            names,
        }
    }
}

/// What of the input is covered and kept, and how many offsets lie behind it.
fn spans_of(
    tiles: &BTreeMap<Partition, Vec<Tile>>,
    input: &TopicReader,
) -> (BTreeMap<Partition, Span>, u64) {
    let (mut spans, mut undecided) = (BTreeMap::new(), 0);
    for extent in input.extents() {
        let Some(tiles) = tiles.get(&extent.partition) else {
            continue;
        };
        let first = tiles.iter().map(|tile| tile.first).min().unwrap_or_default();
        let next = tiles.iter().map(|tile| tile.next).max().unwrap_or_default();
        let span = Span { first: first.max(extent.begin), next: next.min(extent.end) };
        undecided += u64::try_from(extent.end.0 - span.next.0).unwrap_or(0);
        spans.insert(extent.partition, span);
    }
    (spans, undecided)
}
