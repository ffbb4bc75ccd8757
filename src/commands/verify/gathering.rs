//! What decisions rest on: receipts in the order of their chains, consent, policies, and the input that
//! they cover.
//!
//! Knows no output.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::consent_log::lowest;
use super::difference::{Law, Spot};
use super::receipts::Tile;
use super::redecide::{Policies, Redecider};
use super::report::Report;
use super::session::{Session, Trouble};
use super::shelf::{Spans, begins};
use super::tiling::{Surroundings, walk};
use crate::consent::{Partition, Positions};
use crate::kafka::{Span, TopicReader};
use crate::wire::receipt::PolicyHash;

/// What decisions rest on, for one round.
pub(super) struct Gathered {
    pub(super) tiles: BTreeMap<Partition, Vec<Tile>>,
    pub(super) input: TopicReader,
    pub(super) redecider: Redecider,
    pub(super) spans: Spans,
    /// Input partitions that a receipt says something about that was not looked at.
    pub(super) unsettled: BTreeSet<Partition>,
}

impl Session<'_> {
    /// Puts receipts in order, selects those of the range, and reads consent up to its end.
    ///
    /// # Errors
    /// A topic that cannot be read to its end, or a range that names a receipt that is not there.
    pub(super) fn gather(&mut self, report: &mut Report) -> Result<Gathered, Trouble> {
        let unsettled = self.receipts.unsettled();
        let input = self.shelf.open(&self.beliefs.source_topic)?;
        let mut tiles = self.chains(&input, report);
        if !self.range.is_everything() {
            // A receipt that a range names is there in the first round.
            let instants = match self.instants {
                Some(instants) => instants,
                None => self.range.instants(&self.receipts).map_err(Trouble::NoReceipt)?,
            };
            self.instants = Some(instants);
            instants.select(&mut tiles, &self.receipts, report);
        }
        let topics = &self.config.topics;
        let log = self.consent.lend(&self.shelf, topics, &self.receipts.batches)?;
        report.counts.consent = log.record_count().saturating_sub(self.consent_counted);
        self.consent_counted = log.record_count();
        let policies = self.policies(report);
        let topic = &self.beliefs.receipts_topic;
        let redecider = Redecider::new(log, &self.receipts, &policies, topic, report);
        let spans = spans_of(&tiles, &input);
        report.counts.partitions = tiles.len() as u64;
        report.counts.undecided = self.undecided(&input);
        Ok(Gathered { tiles, input, redecider, spans, unsettled })
    }

    fn chains(
        &mut self,
        input: &TopicReader,
        report: &mut Report,
    ) -> BTreeMap<Partition, Vec<Tile>> {
        let begins = begins(input);
        let links = std::mem::take(&mut self.receipts.links);
        let mut all = BTreeMap::new();
        for (partition, links) in links {
            if !self.shelf.is_wanted(partition) {
                continue;
            }
            let around = Surroundings {
                source_topic: &self.beliefs.source_topic,
                receipts_topic: &self.beliefs.receipts_topic,
                input_begin: begins.get(&partition).copied().unwrap_or_default(),
                partition,
                receipts_trimmed: self.receipts_trimmed,
                before: self.chains.get(&partition),
            };
            let (tiles, end) = walk(links, &self.receipts, around, report);
            all.insert(partition, tiles);
            if let Some(end) = end {
                self.chains.insert(partition, end);
            }
        }
        all
    }

    /// How many offsets lie behind the last receipts. Notes in which partitions.
    fn undecided(&mut self, input: &TopicReader) -> u64 {
        self.left.clear();
        let mut undecided = 0;
        for extent in input.extents().iter().filter(|all| self.shelf.is_wanted(all.partition)) {
            let chain = self.chains.get(&extent.partition);
            let checked = chain.map_or(extent.begin, |chain| chain.next);
            let left = u64::try_from(extent.end.0 - checked.0).unwrap_or(0);
            if left > 0 {
                self.left.insert(extent.partition);
            }
            undecided += left;
        }
        undecided
    }

    /// Positions that all batches to come should have reached.
    pub(super) fn floor(&self) -> Option<Positions> {
        let last = self.chains.values().map(|chain| chain.positions.as_deref());
        let last: Option<Vec<&Positions>> = last.collect();
        last.map(|last| lowest(last.into_iter()))
    }

    /// Published policies, and the configured one, so that a trimmed topic can still be checked.
    fn policies(&self, report: &mut Report) -> Policies {
        let receipts = &self.receipts;
        let named: BTreeMap<PolicyHash, usize> =
            receipts.batches.iter().rev().map(|batch| (batch.policy, batch.receipt)).collect();
        for (policy, receipt) in named {
            if receipts.policies.contains_key(&policy) || self.receipts_trimmed {
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
}

/// What of the input is covered and kept.
fn spans_of(tiles: &BTreeMap<Partition, Vec<Tile>>, input: &TopicReader) -> Spans {
    let mut spans = Spans::new();
    for extent in input.extents() {
        let Some(tiles) = tiles.get(&extent.partition) else {
            continue;
        };
        let first = tiles.iter().map(|tile| tile.first).min().unwrap_or_default();
        let next = tiles.iter().map(|tile| tile.next).max().unwrap_or_default();
        let span = Span { first: first.max(extent.begin), next: next.min(extent.end) };
        spans.insert(extent.partition, span);
    }
    spans
}
