//! The allowed topic against what receipts allow, record by record.
//!
//! The allowed records of a partition are, in order, the input records that receipts allow. While
//! the two agree nothing is kept of the input; from the first difference on both are kept and
//! compared at the end.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};

use super::difference::{Law, Spot};
use super::fingerprint::Print;
use super::ledger::Behind;
use super::report::{Report, Unchecked};
use super::sequence::{Element, Lonely, Mismatch, compare};
use crate::consent::{Offset, Partition};

/// One partition of the allowed topic.
#[derive(Debug, Default)]
pub(super) struct Allowed {
    found: Vec<Element>,
    /// How many found records at the start are about input that is not looked at.
    skipped: usize,
    /// How many found records are skipped or agree with what was expected so far.
    agreed: usize,
    /// What was expected from the first difference on.
    expected: Vec<Element>,
    /// How many were expected whose input record is gone.
    unknown: usize,
    begun: bool,
    diverged: bool,
    /// Whether the allowed topic has lost records.
    pub(super) trimmed: bool,
    /// Whether what was allowed before the first record that is expected is not known.
    pub(super) begins_later: bool,
    /// Whether what lies behind the last record that is expected waits for a receipt.
    pub(super) behind: Option<Behind>,
}

impl Allowed {
    /// A record of the allowed topic.
    pub(super) fn find(&mut self, offset: Offset, print: Print) {
        self.found.push(Element { offset, print });
    }

    /// A record of the input that a receipt allows.
    pub(super) fn expect(&mut self, offset: Offset, print: Print) {
        if !self.begun {
            self.begin(print);
        }
        if !self.diverged {
            if self.found.get(self.agreed).is_some_and(|found| found.print == print) {
                self.agreed += 1;
                return;
            }
            self.diverged = true;
        }
        self.expected.push(Element { offset, print });
    }

    /// So many allowed records at the start whose input record is gone.
    pub(super) fn expect_unknown(&mut self, how_many: u64) {
        self.unknown += usize::try_from(how_many).unwrap_or(usize::MAX);
    }

    /// Looks for the first record where others may come before it.
    fn begin(&mut self, print: Print) {
        self.begun = true;
        if self.unknown == 0 && !self.begins_later {
            return;
        }
        let first = self.found.iter().position(|found| found.print == print);
        self.skipped = first.unwrap_or_default();
        self.agreed = self.skipped;
    }

    fn rest(&self) -> &[Element] {
        self.found.get(self.agreed..).unwrap_or_default()
    }

    /// Where the topic differs, and what of it waits. Begins anew behind what was checked.
    fn settle(&mut self, report: &mut Report) -> Mismatch {
        let mut mismatch = compare(&self.expected, self.rest());
        if self.agreed == 0 {
            self.pass_head(&mut mismatch, report);
        } else if !self.begins_later && self.skipped > self.unknown {
            let extra = self.found.get(self.unknown..self.skipped).unwrap_or_default();
            mismatch
                .added
                .extend(extra.iter().map(|element| Lonely { element: *element, after: 0 }));
        }
        let waiting = self.waiting(&mut mismatch);
        self.find_doubles(&mut mismatch);
        *self = Self { found: waiting, ..Self::default() };
        mismatch
    }

    /// What may be missing or added at the start.
    fn pass_head(&self, mismatch: &mut Mismatch, report: &mut Report) {
        let (head_expected, head_found) = mismatch.head;
        let rest = self.rest();
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
    }

    /// What lies behind the last partner and waits for a receipt.
    fn waiting(&self, mismatch: &mut Mismatch) -> Vec<Element> {
        if self.behind != Some(Behind::Waits) {
            return Vec::new();
        }
        let waiting = self.rest().get(mismatch.tail..).unwrap_or_default();
        let Some(first) = waiting.first().map(|element| element.offset) else {
            return Vec::new();
        };
        mismatch.added.retain(|lonely| lonely.element.offset < first);
        mismatch.twice.retain(|element| element.offset < first);
        let out_of_order = mismatch.out_of_order.iter().map(|element| element.offset);
        let out_of_order: HashSet<Offset> = out_of_order.collect();
        let waits = |element: &&Element| !out_of_order.contains(&element.offset);
        waiting.iter().filter(waits).copied().collect()
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
    partitions: &mut BTreeMap<Partition, Allowed>,
    source_topic: &str,
    allowed_topic: &str,
    report: &mut Report,
) {
    let mut mismatches = BTreeMap::new();
    for (partition, allowed) in partitions {
        mismatches.insert(*partition, allowed.settle(report));
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
