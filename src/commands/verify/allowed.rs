//! The allowed topic against what receipts allow, record by record.
//!
//! The allowed records of a partition are, in order, the input records that receipts allow. While
//! the two agree nothing is kept of the input; from the first difference on both are kept and
//! compared at the end.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};

use super::difference::{Law, Spot};
use super::fingerprint::Print;
use super::report::{Report, Unchecked};
use super::sequence::{Element, Lonely, Mismatch, compare};
use crate::consent::{Offset, Partition};

/// One partition of the allowed topic.
#[derive(Debug, Default)]
pub(super) struct Allowed {
    found: Vec<Element>,
    /// How many found records agree with what was expected so far.
    agreed: usize,
    /// What was expected from the first difference on.
    expected: Vec<Element>,
    /// How many were expected whose input record is gone.
    unknown: usize,
    diverged: bool,
    /// Up to where the input's fate must be visible. What is decided later may still be on its way.
    pub(super) settled: Offset,
    /// Whether the allowed topic has lost records.
    pub(super) trimmed: bool,
    /// Whether receipts are missing at the start.
    pub(super) begins_later: bool,
}

impl Allowed {
    /// A record of the allowed topic.
    pub(super) fn find(&mut self, offset: Offset, print: Print) {
        self.found.push(Element { offset, print });
    }

    /// A record of the input that a receipt allows.
    pub(super) fn expect(&mut self, offset: Offset, print: Print) {
        if !self.diverged && !self.trimmed && !self.begins_later {
            match self.found.get(self.agreed) {
                Some(found) if found.print == print => {
                    self.agreed += 1;
                    return;
                }
                None if offset >= self.settled => return,
                _ => self.diverged = true,
            }
        }
        self.expected.push(Element { offset, print });
    }

    /// So many allowed records at the start whose input record is gone.
    pub(super) fn expect_unknown(&mut self, how_many: u64) {
        self.diverged |= how_many > 0;
        self.unknown += usize::try_from(how_many).unwrap_or(usize::MAX);
    }

    fn rest(&self) -> &[Element] {
        self.found.get(self.agreed..).unwrap_or_default()
    }

    /// Where the rest differs, if it does.
    fn mismatch(&self, report: &mut Report) -> Option<Mismatch> {
        let rest = self.rest();
        if rest.is_empty() && self.expected.is_empty() {
            return None;
        }
        let mut mismatch = compare(&self.expected, rest);
        let (head_expected, head_found) = mismatch.head;
        // Without any partner there is no head but where nothing is known at all.
        let anything = head_found < rest.len() || self.expected.is_empty();
        if self.trimmed && anything {
            report.leave(Unchecked::AllowedTrimmed, (self.unknown + head_expected) as u64);
            let first = self.expected.get(head_expected).map(|element| element.offset);
            mismatch
                .missing
                .retain(|lonely| first.is_none_or(|first| lonely.element.offset >= first));
        }
        if (self.unknown > 0 || self.begins_later) && anything {
            let free = if self.begins_later { usize::MAX } else { self.unknown };
            let first = rest.get(head_found).map(|element| element.offset);
            let mut left = free;
            mismatch.added.retain(|lonely| {
                let in_head = first.is_none_or(|first| lonely.element.offset < first) && left > 0;
                left = left.saturating_sub(usize::from(in_head));
                !in_head
            });
        }
        mismatch.missing.retain(|lonely| lonely.element.offset < self.settled);
        self.find_doubles(&mut mismatch);
        Some(mismatch)
    }

    /// What was added and equals a record that agreed is there twice.
    fn find_doubles(&self, mismatch: &mut Mismatch) {
        let added: HashSet<Print> =
            mismatch.added.iter().map(|lonely| lonely.element.print).collect();
        let agreed = self.found.iter().take(self.agreed).map(|element| element.print);
        let doubled: HashSet<Print> = agreed.filter(|print| added.contains(print)).collect();
        let is_double = |lonely: &Lonely| doubled.contains(&lonely.element.print);
        let twice = mismatch.added.iter().filter(|lonely| is_double(lonely));
        mismatch.twice.extend(twice.map(|lonely| lonely.element));
        mismatch.added.retain(|lonely| !is_double(lonely));
    }
}

/// Says where the allowed topic differs from what receipts allow.
pub(super) fn settle(
    partitions: &BTreeMap<Partition, Allowed>,
    source_topic: &str,
    allowed_topic: &str,
    report: &mut Report,
) {
    let mut mismatches = BTreeMap::new();
    for (partition, allowed) in partitions {
        if let Some(mismatch) = allowed.mismatch(report) {
            mismatches.insert(*partition, mismatch);
        }
    }
    let mut settling = Settling { source_topic, allowed_topic, report };
    settling.moved(&mut mismatches);
    for (partition, mismatch) in mismatches {
        settling.rest(partition, mismatch);
    }
}

struct Settling<'s> {
    source_topic: &'s str,
    allowed_topic: &'s str,
    report: &'s mut Report,
}

impl Settling<'_> {
    fn differ(&mut self, law: Law, at: (Partition, Offset), expected: String, found: &str) {
        let spot = Spot::new(self.allowed_topic, at.0, at.1);
        self.report.differ(law, spot, expected, found);
    }

    fn source(&self, partition: Partition, offset: Offset) -> String {
        Spot::new(self.source_topic, partition, offset).to_string()
    }

    /// What is missing in one partition and was added in another has moved.
    fn moved(&mut self, mismatches: &mut BTreeMap<Partition, Mismatch>) {
        let mut missing: HashMap<Print, (Partition, Offset)> = HashMap::new();
        for (partition, mismatch) in mismatches.iter() {
            for lonely in &mismatch.missing {
                missing.insert(lonely.element.print, (*partition, lonely.element.offset));
            }
        }
        let mut gone = HashSet::new();
        for (here, mismatch) in mismatches.iter_mut() {
            mismatch.added.retain(|lonely| {
                let Some((home, source)) = missing.remove(&lonely.element.print) else {
                    return true;
                };
                gone.insert((home, source));
                let expected = format!("in partition {home}, as {}", self.source(home, source));
                self.differ(Law::AllowedMoved, (*here, lonely.element.offset), expected, "it here");
                false
            });
        }
        for (partition, mismatch) in mismatches.iter_mut() {
            mismatch.missing.retain(|lonely| !gone.contains(&(*partition, lonely.element.offset)));
        }
    }

    fn rest(&mut self, partition: Partition, mut mismatch: Mismatch) {
        for element in mismatch.out_of_order {
            let expected = "allowed records in the input's order".to_owned();
            let at = (partition, element.offset);
            self.differ(Law::AllowedOrder, at, expected, "one out of its place");
        }
        for element in mismatch.twice {
            let at = (partition, element.offset);
            self.differ(Law::AllowedTwice, at, "each record once".to_owned(), "one a second time");
        }
        let mut added: BTreeMap<usize, VecDeque<Element>> = BTreeMap::new();
        for lonely in std::mem::take(&mut mismatch.added) {
            added.entry(lonely.after).or_default().push_back(lonely.element);
        }
        for missing in mismatch.missing {
            let source = self.source(partition, missing.element.offset);
            match added.get_mut(&missing.after).and_then(VecDeque::pop_front) {
                Some(changed) => {
                    let at = (partition, changed.offset);
                    let expected = format!("{source} byte for byte");
                    self.differ(Law::AllowedChanged, at, expected, "other bytes");
                }
                None => {
                    let spot = Spot::new(self.source_topic, partition, missing.element.offset);
                    let expected = format!("it in {} partition {partition}", self.allowed_topic);
                    self.report.differ(Law::AllowedMissing, spot, expected, "it is not there");
                }
            }
        }
        for added in added.into_values().flatten() {
            let expected = "only records of the input that a receipt allows".to_owned();
            let at = (partition, added.offset);
            self.differ(Law::AllowedAdded, at, expected, "one that no receipt allows");
        }
    }
}
