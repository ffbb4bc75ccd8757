//! One input partition, record by record: what the receipts say became of it, and whether the audit
//! bears it out.
//!
//! Goes through tiles, audit entries and records in one pass, all in order of offsets. Knows no
//! record's bytes.

use super::audits::AuditAt;
use super::difference::{Law, Spot};
use super::fingerprint::Print;
use super::outputs::Names;
use super::receipts::{Tile, TileContent};
use super::report::{Report, Unchecked};
use crate::consent::{Offset, Partition};
use crate::decision::Suppression;

/// What the receipts say became of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// No receipt decides it.
    Undecided,
    /// Allowed, by this batch.
    Allowed { batch: usize },
    /// Suppressed, by this batch; with its audit entry, if there is one.
    Suppressed { batch: usize, entry: Option<(Suppression, Entry)> },
}

/// Where an audit entry lies, and its stamp.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) at: (Partition, Offset),
    pub(super) stamp: Print,
}

/// What the ledger of one partition is made of.
#[derive(Debug)]
pub(super) struct Sources {
    pub(super) partition: Partition,
    /// In order of offsets.
    pub(super) tiles: Vec<Tile>,
    /// In order of input offsets.
    pub(super) audits: Vec<AuditAt>,
    /// The first input record that is still kept.
    pub(super) input_begin: Offset,
    /// Up to where every fate must be visible.
    pub(super) settled: Offset,
    /// Whether the audit topic has lost records.
    pub(super) audit_trimmed: bool,
    /// Whether receipts are missing at the start.
    pub(super) begins_later: bool,
}

/// The ledger of one input partition.
#[derive(Debug)]
pub(super) struct Ledger {
    sources: Sources,
    names: Names,
    /// The tile that the next record is looked for in.
    tile: usize,
    /// How many of its records were seen.
    seen: u32,
    /// How many of its allowed offsets were met.
    rank: u64,
    /// The audit entry that comes next.
    audit: usize,
}

impl Ledger {
    /// At the start of the partition.
    pub(super) fn new(sources: Sources, names: Names) -> Self {
        Self { sources, names, tile: 0, seen: 0, rank: 0, audit: 0 }
    }

    /// How many records at the start were allowed and how many suppressed whose input is gone. Steps
    /// over them.
    pub(super) fn skip_trimmed(&mut self, report: &mut Report) -> u64 {
        let begin = self.sources.input_begin;
        let mut allowed_count = 0;
        while let Some(tile) = self.sources.tiles.get(self.tile).filter(|tile| tile.first < begin) {
            let whole = tile.next <= begin;
            if let TileContent::Decided { allowed, received, .. } = &tile.content {
                let kept_from = distance(tile.first, begin);
                let gone = kept_from.checked_sub(1).map_or(0, |last| allowed.rank(last));
                allowed_count += gone;
                self.rank = gone;
                let count = if whole { u64::from(*received) } else { gone };
                report.leave(Unchecked::InputTrimmed, count);
            }
            if !whole {
                break;
            }
            self.step();
        }
        allowed_count
    }

    /// What became of the record at `offset`. Records come in order.
    pub(super) fn record(&mut self, offset: Offset, report: &mut Report) -> Fate {
        while let Some(tile) = self.sources.tiles.get(self.tile).filter(|tile| tile.next <= offset)
        {
            let next = tile.next;
            self.finish_tile(report);
            self.pass_audits(next, report);
            self.step();
        }
        let Some(tile) = self.sources.tiles.get(self.tile).filter(|tile| tile.first <= offset)
        else {
            return Fate::Undecided;
        };
        let TileContent::Decided { batch, allowed, .. } = &tile.content else {
            return Fate::Undecided;
        };
        let (batch, here) = (*batch, distance(tile.first, offset));
        let (first, mut met) = (tile.first, allowed.select(self.rank));
        let mut unmet = Vec::new();
        while let Some(wanted) = met.filter(|wanted| *wanted < here) {
            unmet.push(first.0.saturating_add_unsigned(wanted));
            self.rank += 1;
            met = allowed.select(self.rank);
        }
        self.seen += 1;
        let is_allowed = met == Some(here);
        self.rank += u64::from(is_allowed);
        for offset in unmet {
            self.differ_no_record(Offset(offset), report);
        }
        self.pass_audits(offset, report);
        if is_allowed {
            self.refuse_audit(offset, report);
            return Fate::Allowed { batch };
        }
        let entry = self.expect_audit(offset, report);
        Fate::Suppressed { batch, entry }
    }

    /// Everything behind the last record.
    pub(super) fn finish(mut self, report: &mut Report) {
        while self.tile < self.sources.tiles.len() {
            self.finish_tile(report);
            self.step();
        }
        self.pass_audits(Offset(i64::MAX), report);
    }

    fn step(&mut self) {
        self.tile += 1;
        (self.seen, self.rank) = (0, 0);
    }

    fn finish_tile(&mut self, report: &mut Report) {
        let Some(tile) = self.sources.tiles.get(self.tile) else {
            return;
        };
        let TileContent::Decided { allowed, received, .. } = &tile.content else {
            return;
        };
        let (first, next, received) = (tile.first, tile.next, *received);
        let unmet: Vec<u64> =
            (self.rank..allowed.len()).map_while(|rank| allowed.select(rank)).collect();
        for wanted in unmet {
            self.differ_no_record(Offset(first.0.saturating_add_unsigned(wanted)), report);
        }
        if self.seen != received && first >= self.sources.input_begin {
            let spot = self.source_spot(first);
            let expected = format!("{received} records up to offset {next}, as the receipt says");
            report.differ(Law::ReceivedCount, spot, expected, format!("{}", self.seen));
        }
    }

    fn differ_no_record(&self, offset: Offset, report: &mut Report) {
        let expected = "a record, for a receipt allows it";
        report.differ(Law::AllowedNoRecord, self.source_spot(offset), expected, "none");
    }

    /// Entries about offsets before this one that nothing was found for.
    fn pass_audits(&mut self, before: Offset, report: &mut Report) {
        while let Some(entry) = self.next_audit().filter(|entry| entry.source < before) {
            self.audit += 1;
            let Some(why) = self.stray(entry.source) else {
                continue;
            };
            let source = self.source_spot(entry.source);
            let expected = format!("an entry about a suppressed record, but {source} {why}");
            report.differ(Law::AuditAdded, self.audit_spot(entry.at), expected, "one");
        }
    }

    /// Why there must be no entry about this offset; `None` if there may be one.
    fn stray(&self, source: Offset) -> Option<&'static str> {
        let tiles = &self.sources.tiles;
        let after = tiles.partition_point(|tile| tile.first <= source);
        let tile = after.checked_sub(1).and_then(|at| tiles.get(at));
        match tile.filter(|tile| source < tile.next) {
            None if after == 0 && self.sources.begins_later => None,
            None => Some("is in no receipt"),
            Some(_) if source < self.sources.input_begin => None,
            Some(_) => Some("is no suppressed record"),
        }
    }

    fn refuse_audit(&mut self, offset: Offset, report: &mut Report) {
        if let Some(entry) = self.next_audit().filter(|entry| entry.source == offset) {
            self.audit += 1;
            let source = self.source_spot(offset);
            let expected = format!("none, for a receipt allows {source}");
            report.differ(Law::AuditAdded, self.audit_spot(entry.at), expected, "an entry");
        }
    }

    fn expect_audit(
        &mut self,
        offset: Offset,
        report: &mut Report,
    ) -> Option<(Suppression, Entry)> {
        if let Some(entry) = self.next_audit().filter(|entry| entry.source == offset) {
            self.audit += 1;
            return Some((entry.suppression, Entry { at: entry.at, stamp: entry.stamp }));
        }
        let first_kept = self.sources.audits.first().map(|entry| entry.source);
        let gone = self.sources.audit_trimmed && first_kept.is_none_or(|first| offset < first);
        if gone {
            report.leave(Unchecked::AuditTrimmed, 1);
        } else if offset < self.sources.settled {
            let (audit, partition) = (&self.names.audit_topic, self.sources.partition);
            let expected = format!("an entry in {audit} partition {partition}");
            report.differ(Law::AuditMissing, self.source_spot(offset), expected, "none");
        }
        None
    }

    fn next_audit(&self) -> Option<AuditAt> {
        self.sources.audits.get(self.audit).copied()
    }

    fn source_spot(&self, offset: Offset) -> Spot {
        Spot::new(&self.names.source_topic, self.sources.partition, offset)
    }

    fn audit_spot(&self, at: (Partition, Offset)) -> Spot {
        Spot::new(&self.names.audit_topic, at.0, at.1)
    }
}

fn distance(from: Offset, to: Offset) -> u64 {
    u64::try_from(to.0.saturating_sub(from.0)).unwrap_or(0)
}
