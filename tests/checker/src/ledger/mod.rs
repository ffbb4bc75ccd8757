//! One input partition: every record has one fate, the fate that its receipt says, and it follows.
//!
//! Holds fingerprints and audit entries of the partition in memory, and no record.

mod audits;
mod decisions;
mod matching;
mod people;

use std::collections::{HashMap, HashSet};

use crate::error::Result;
use crate::fingerprint::Fingerprints;
use crate::model::{Log, Policy};
use crate::receipts::{Book, Decided, Tile};
use crate::report::{At, Law, Report};
use crate::source::{Record, Source};
use crate::{Messages, Run, Topics};
use audits::Entries;
use matching::{Expected, Found, lay, source_print};
pub(crate) use people::Pseudonyms;

/// What all partitions are checked against.
pub(crate) struct Ledger<'l, S> {
    pub(crate) source: &'l S,
    pub(crate) topics: &'l Topics,
    pub(crate) run: Run,
    pub(crate) messages: Messages,
    pub(crate) book: &'l Book,
    pub(crate) log: &'l Log,
    pub(crate) policies: HashMap<&'l [u8], Option<Policy>>,
    pub(crate) prints: Fingerprints,
}

/// What a partition leaves to be compared with the others.
pub(crate) struct Left {
    pub(crate) partition: i32,
    pub(crate) pseudonyms: Pseudonyms,
    /// Allowed input that was not found: offset and fingerprint.
    missing: Vec<(i64, u64)>,
    /// Records of the allowed partition that nothing was found for.
    added: Vec<(i64, u64)>,
}

/// Walks one input partition.
struct Walk<'w, 'l, S> {
    ledger: &'w Ledger<'l, S>,
    partition: i32,
    tiles: &'w [Tile],
    entries: Entries,
    expected: Vec<Expected>,
    /// By fingerprint.
    suppressed: HashMap<u64, i64>,
    /// Fingerprints behind the last receipt of a run that goes on.
    undecided: HashSet<u64>,
    /// How many records each stretch covers.
    received: Vec<u32>,
    /// Which stretch comes next.
    place: usize,
    pseudonyms: Pseudonyms,
    report: &'w mut Report,
}

impl<S: Source> Ledger<'_, S> {
    /// Checks one partition.
    pub(crate) fn check(
        &self,
        partition: i32,
        pseudonyms: Pseudonyms,
        report: &mut Report,
    ) -> Result<Left> {
        let topics = self.topics;
        let mut found = Vec::new();
        self.source.read(&topics.allowed, partition, &mut |record| {
            let prints = self.prints.both(record);
            found.push(Found { offset: record.offset, prints });
        })?;
        report.counts.allowed += found.len() as u64;
        let entries =
            audits::read(self.source, &topics.audit, &topics.outbound, partition, report)?;
        let tiles = self.book.tiles.get(&partition).map_or(&[][..], Vec::as_slice);
        let mut walk = Walk {
            ledger: self,
            partition,
            tiles,
            entries,
            expected: Vec::new(),
            suppressed: HashMap::new(),
            undecided: HashSet::new(),
            received: vec![0; tiles.len()],
            place: 0,
            pseudonyms,
            report,
        };
        self.source.read(&topics.outbound, partition, &mut |record| walk.record(record))?;
        walk.finish(&found)
    }
}

impl<S: Source> Walk<'_, '_, S> {
    fn at(&self, topic: &str, offset: i64) -> At {
        At { topic: topic.to_owned(), partition: self.partition, offset }
    }

    fn input(&self, offset: i64) -> At {
        self.at(&self.ledger.topics.outbound, offset)
    }

    fn record(&mut self, record: &Record<'_>) {
        self.report.counts.messages += 1;
        let offset = record.offset;
        while self.tiles.get(self.place).is_some_and(|tile| tile.next <= offset) {
            self.place += 1;
        }
        let tile = self.tiles.get(self.place).filter(|tile| tile.first <= offset);
        match (tile, self.tiles.get(self.place)) {
            (Some(tile), _) => match &tile.decided {
                Some(decided) => self.decided(record, tile, decided),
                None => self.report.counts.in_gaps += 1,
            },
            (None, Some(_)) if self.place > 0 => {}
            (None, Some(_)) if self.ledger.book.is_cut => {
                self.report.leave("a message before the receipts that are kept", 1);
            }
            (None, Some(_)) => {
                let at = self.input(offset);
                self.report.violate(Law::Hole, at, "no receipt covers it");
            }
            (None, None) => self.undecided(record),
        }
    }

    fn undecided(&mut self, record: &Record<'_>) {
        self.report.counts.undecided += 1;
        match self.ledger.run {
            Run::Finished => {
                let at = self.input(record.offset);
                self.report.violate(
                    Law::Undecided,
                    at,
                    "no receipt covers it, and the run is over",
                );
            }
            Run::Running => {
                self.undecided.insert(self.ledger.prints.of(record));
                self.entries.remove(&record.offset);
            }
        }
    }

    fn decided(&mut self, record: &Record<'_>, tile: &Tile, decided: &Decided) {
        let offset = record.offset;
        if let Some(count) = self.received.get_mut(self.place) {
            *count += 1;
        }
        let ledger = self.ledger;
        let print = ledger.prints.of(record);
        let (Some(batch), Some(entry)) =
            (ledger.book.batches.get(decided.batch), ledger.book.receipts.get(tile.receipt))
        else {
            return;
        };
        let is_allowed = decided.allowed.contains((offset - tile.first).cast_unsigned());
        let audit = self.entries.remove(&offset);
        let shadow = !entry.said.mode.is_empty();
        if is_allowed {
            if let Some(audit) = &audit {
                let at = self.at(&ledger.topics.audit, audit.offset);
                let what = format!("an entry of {offset}, which its receipt allowed");
                self.report.violate(Law::TwoFates, at, what);
            }
            let valid_ms = i64::from(entry.said.decision_header_valid_ms);
            let header = (valid_ms > 0).then(|| {
                let (from, id) = (batch.now_ms, hex::encode(&entry.said.receipt_id));
                let until = from.saturating_add(valid_ms);
                format!("decided_at_ms={from};valid_until_ms={until};receipt={id}")
            });
            let header = header.map(|header| header.into_bytes().into());
            if !shadow {
                self.expected.push(Expected { offset, print, header });
            }
        } else {
            self.suppressed.entry(print).or_insert(offset);
            if audit.is_none() {
                let at = self.input(offset);
                self.report.violate(
                    Law::AuditMissing,
                    at,
                    "suppressed, and no audit entry says so",
                );
            }
        }
        let audit = audit.filter(|_| !is_allowed);
        if is_allowed || audit.is_some() {
            self.judge(record, batch, entry, audit);
        }
    }

    fn finish(mut self, found: &[Found]) -> Result<Left> {
        let ledger = self.ledger;
        for (about, entry) in std::mem::take(&mut self.entries) {
            let behind = self.tiles.last().is_none_or(|tile| about >= tile.next);
            if ledger.run == Run::Running && behind {
                continue;
            }
            let at = self.at(&ledger.topics.audit, entry.offset);
            let what = format!("an entry of {about}, which no receipt suppressed");
            self.report.violate(Law::AuditAdded, at, what);
        }
        for (tile, received) in self.tiles.iter().zip(&self.received) {
            let Some(decided) = &tile.decided else { continue };
            let Some(entry) = ledger.book.receipts.get(tile.receipt) else { continue };
            if decided.received != *received && !ledger.book.is_cut {
                let what = format!(
                    "{} records counted from {} of partition {}, {received} are there",
                    decided.received, tile.first, self.partition
                );
                self.report.violate(Law::Count, entry.at.clone(), what);
            }
        }
        self.lay_out(found)
    }

    /// What was allowed against what lies in the allowed topic.
    fn lay_out(self, found: &[Found]) -> Result<Left> {
        let topics = self.ledger.topics;
        let misfits = lay(&self.expected, found);
        let headers = self.expected.iter().any(|one| one.header.is_some());
        let offset_of = |place: &usize| found.get(*place).map_or(-1, |found| found.offset);
        for place in &misfits.twice {
            let at = self.at(&topics.allowed, offset_of(place));
            self.report.violate(Law::AllowedTwice, at, "a record that lies there already");
        }
        for place in &misfits.late {
            let at = self.at(&topics.allowed, offset_of(place));
            self.report.violate(Law::AllowedOrder, at, "it came before the records before it");
        }
        for (wanted, place) in &misfits.changed {
            let at = self.at(&topics.allowed, offset_of(place));
            let about = self.expected.get(*wanted).map_or(-1, |one| one.offset);
            let what = format!("its bytes are not those of input record {about}");
            self.report.violate(Law::AllowedChanged, at, what);
        }
        let missing = misfits.missing.iter().filter_map(|place| self.expected.get(*place));
        let missing = missing.map(|one| (one.offset, one.print)).collect();
        let mut added = Vec::new();
        for place in &misfits.added {
            let Some(one) = found.get(*place) else { continue };
            let print = source_print(headers, one);
            if self.undecided.contains(&print) {
                continue;
            }
            match self.suppressed.get(&print).copied() {
                Some(offset) => {
                    let at = self.at(&topics.allowed, one.offset);
                    let what = format!("input record {offset}, which its receipt suppressed");
                    self.report.violate(Law::AllowedThoughSuppressed, at, what);
                }
                None => added.push((one.offset, print)),
            }
        }
        Ok(Left { partition: self.partition, pseudonyms: self.pseudonyms, missing, added })
    }
}

/// What is missing in one partition and too much in another has moved.
pub(crate) fn compare_partitions(topics: &Topics, left: &[Left], report: &mut Report) {
    // By fingerprint, the first ones last.
    let mut open: HashMap<u64, Vec<(i32, i64)>> = HashMap::new();
    for there in left.iter().rev() {
        for (offset, print) in there.missing.iter().rev() {
            open.entry(*print).or_default().push((there.partition, *offset));
        }
    }
    let mut moved = HashSet::new();
    for here in left {
        for (offset, print) in &here.added {
            let (topic, partition) = (topics.allowed.clone(), here.partition);
            let at = At { topic, partition, offset: *offset };
            match open.get_mut(print).and_then(Vec::pop) {
                Some(from) => {
                    moved.insert(from);
                    let what = format!("input record {} of partition {}", from.1, from.0);
                    report.violate(Law::AllowedMoved, at, what);
                }
                None => report.violate(Law::AllowedAdded, at, "no input record that was allowed"),
            }
        }
    }
    for there in left {
        for (offset, _) in &there.missing {
            if !moved.contains(&(there.partition, *offset)) {
                let (topic, partition, offset) =
                    (topics.outbound.clone(), there.partition, *offset);
                let at = At { topic, partition, offset };
                report.violate(Law::AllowedMissing, at, "allowed, and not in the allowed topic");
            }
        }
    }
}
