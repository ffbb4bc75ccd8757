//! One input partition, record by record: what the receipts say became of it, and whether the audit
//! bears it out.
//!
//! Goes through tiles, audit entries and records in one pass, all in order of offsets. Knows no
//! record's bytes.

use std::fmt;
use std::iter::Peekable;

use roaring::treemap::IntoIter;

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
    /// Whether the audit topic has lost records.
    pub(super) audit_trimmed: bool,
    /// Whether what is before the first tile is not looked at.
    pub(super) begins_later: bool,
    /// Up to where the partition was checked before.
    pub(super) end: Offset,
}

/// A decided tile that is gone through.
struct Open {
    first: Offset,
    next: Offset,
    batch: usize,
    received: u32,
    /// How many of its records were seen.
    seen: u32,
    /// Where allowed records are still to be met, from its first offset on.
    allowed: Peekable<IntoIter>,
}

impl fmt::Debug for Open {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { first, next, .. } = self;
        f.debug_struct("Open").field("first", first).field("next", next).finish_non_exhaustive()
    }
}

impl Open {
    /// The allowed offsets before this one that no record was met at.
    fn unmet(&mut self, before: u64) -> Vec<Offset> {
        let mut unmet = Vec::new();
        while let Some(offset) = self.allowed.next_if(|offset| *offset < before) {
            unmet.push(Offset(self.first.0.saturating_add_unsigned(offset)));
        }
        unmet
    }
}

/// Whether audit entries behind the last tile may wait for a receipt that was not looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Behind {
    /// They may.
    Waits,
    /// Nothing may lie there.
    Nothing,
}

/// The ledger of one input partition.
#[derive(Debug)]
pub(super) struct Ledger {
    sources: Sources,
    names: Names,
    /// The tile that the next record is looked for in.
    tile: usize,
    /// The same, if it is decided.
    open: Option<Open>,
    /// The audit entry that comes next.
    audit: usize,
}

impl Ledger {
    /// At the start of the partition.
    pub(super) fn new(sources: Sources, names: Names) -> Self {
        let mut ledger = Self { sources, names, tile: 0, open: None, audit: 0 };
        ledger.open_tile();
        ledger
    }

    /// How many records at the start were allowed and how many suppressed whose input is gone. Steps
    /// over them.
    pub(super) fn skip_trimmed(&mut self, report: &mut Report) -> u64 {
        let begin = self.sources.input_begin;
        let mut allowed_count = 0;
        while let Some(tile) = self.sources.tiles.get(self.tile).filter(|tile| tile.first < begin) {
            let whole = tile.next <= begin;
            let kept_from = distance(tile.first, begin);
            if let Some(open) = &mut self.open {
                let gone = open.unmet(kept_from).len() as u64;
                allowed_count += gone;
                let count = if whole { u64::from(open.received) } else { gone };
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
        let Some(open) = self.open.as_mut().filter(|open| open.first <= offset) else {
            return Fate::Undecided;
        };
        let (batch, here) = (open.batch, distance(open.first, offset));
        let unmet = open.unmet(here);
        open.seen += 1;
        let is_allowed = open.allowed.next_if_eq(&here).is_some();
        for offset in unmet {
            self.differ_no_record(offset, report);
        }
        self.pass_audits(offset, report);
        if is_allowed {
            self.refuse_audit(offset, report);
            return Fate::Allowed { batch };
        }
        let entry = self.expect_audit(offset, report);
        Fate::Suppressed { batch, entry }
    }

    /// Everything behind the last record. Gives back the entries that wait.
    pub(super) fn finish(mut self, behind: Behind, report: &mut Report) -> Vec<AuditAt> {
        while self.tile < self.sources.tiles.len() {
            self.finish_tile(report);
            self.step();
        }
        if behind == Behind::Nothing {
            self.pass_audits(Offset(i64::MAX), report);
            return Vec::new();
        }
        let end = self.sources.tiles.last().map(|tile| tile.next);
        self.pass_audits(end.unwrap_or(self.sources.end), report);
        self.sources.audits.split_off(self.audit)
    }

    fn step(&mut self) {
        self.tile += 1;
        self.open_tile();
    }

    fn open_tile(&mut self) {
        self.open =
            self.sources.tiles.get_mut(self.tile).and_then(|tile| match &mut tile.content {
                TileContent::Decided { batch, allowed, received } => Some(Open {
                    first: tile.first,
                    next: tile.next,
                    batch: *batch,
                    received: *received,
                    seen: 0,
                    allowed: std::mem::take(allowed).into_iter().peekable(),
                }),
                TileContent::Gap => None,
            });
    }

    fn finish_tile(&mut self, report: &mut Report) {
        let Some(mut open) = self.open.take() else {
            return;
        };
        for offset in open.unmet(u64::MAX) {
            self.differ_no_record(offset, report);
        }
        let Open { first, next, seen, received, .. } = open;
        if seen != received && first >= self.sources.input_begin {
            let spot = self.source_spot(first);
            let expected = format!("{received} records up to offset {next}, as the receipt says");
            report.differ(Law::ReceivedCount, spot, expected, format!("{seen}"));
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
        } else {
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
