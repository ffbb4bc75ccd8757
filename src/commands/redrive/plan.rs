//! Which suppressed messages get a copy, and why the others do not.
//!
//! Knows no Kafka: it is shown entries, then records, and says what is left.

use std::collections::{BTreeMap, BTreeSet};

use crate::consent::{Offset, Partition};
use crate::decision::Reason;
use crate::wire::receipt::ReceiptId;

/// The header of a copy: which record it is a copy of, and which decision suppressed that.
pub(super) const REDRIVEN_HEADER: &str = "consentgate-redriven";

/// A record of the outbound topic.
pub(super) type Place = (Partition, Offset);

/// A suppressed message.
#[derive(Clone, Copy, Debug)]
struct Suppressed {
    reason: Reason,
    receipt: ReceiptId,
    found: Found,
}

/// What the outbound topic says of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Found {
    /// Nothing: it is no longer kept.
    Gone,
    /// It is older than wanted.
    TooOld,
    /// It is a copy itself, or has one.
    Copied,
    /// It is there.
    Fresh,
}

/// What becomes of the messages, in numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Counts {
    pub(super) by_reason: BTreeMap<Reason, u64>,
    pub(super) gone: u64,
    pub(super) too_old: u64,
    pub(super) copied: u64,
    pub(super) fresh: u64,
}

/// The plan.
#[derive(Debug, Default)]
pub(super) struct Plan {
    suppressed: BTreeMap<Place, Suppressed>,
    copied: BTreeSet<String>,
}

impl Plan {
    /// A message that was suppressed.
    pub(super) fn suppress(&mut self, at: Place, reason: Reason, receipt: ReceiptId) {
        let found = Found::Gone;
        self.suppressed.insert(at, Suppressed { reason, receipt, found });
    }

    /// From where on each partition of the outbound topic must be read.
    pub(super) fn begins(&self) -> BTreeMap<Partition, Offset> {
        let mut begins = BTreeMap::new();
        for (partition, offset) in self.suppressed.keys() {
            begins.entry(*partition).or_insert(*offset);
        }
        begins
    }

    /// A record of the outbound topic: its mark, if it is a copy, and whether it is young enough.
    pub(super) fn see(&mut self, at: Place, mark: Option<&[u8]>, is_young: bool) {
        let mark = mark.map(|mark| String::from_utf8_lossy(mark).into_owned());
        if let Some(suppressed) = self.suppressed.get_mut(&at) {
            suppressed.found = match (&mark, is_young) {
                (Some(_), _) => Found::Copied,
                (None, false) => Found::TooOld,
                (None, true) => Found::Fresh,
            };
        }
        self.copied.extend(mark);
    }

    /// The mark of the copy of a message that gets one.
    pub(super) fn mark(&self, at: Place) -> Option<String> {
        let suppressed = self.suppressed.get(&at)?;
        (self.fate(at, suppressed) == Found::Fresh).then(|| mark_of(at, suppressed.receipt))
    }

    /// The places of those that get one, first and last of each partition.
    pub(super) fn spans(&self) -> BTreeMap<Partition, (Offset, Offset)> {
        let mut spans: BTreeMap<Partition, (Offset, Offset)> = BTreeMap::new();
        for (at, suppressed) in &self.suppressed {
            if self.fate(*at, suppressed) == Found::Fresh {
                spans.entry(at.0).or_insert((at.1, at.1)).1 = at.1;
            }
        }
        spans
    }

    /// What becomes of the messages.
    pub(super) fn counts(&self) -> Counts {
        let mut counts = Counts::default();
        for (at, suppressed) in &self.suppressed {
            *counts.by_reason.entry(suppressed.reason).or_default() += 1;
            *match self.fate(*at, suppressed) {
                Found::Gone => &mut counts.gone,
                Found::TooOld => &mut counts.too_old,
                Found::Copied => &mut counts.copied,
                Found::Fresh => &mut counts.fresh,
            } += 1;
        }
        counts
    }

    fn fate(&self, at: Place, suppressed: &Suppressed) -> Found {
        match self.copied.contains(&mark_of(at, suppressed.receipt)) {
            true => Found::Copied,
            false => suppressed.found,
        }
    }
}

/// Place and decision: a topic that was made anew has the same places, but no old decision.
fn mark_of((partition, offset): Place, receipt: ReceiptId) -> String {
    format!("{partition}/{}/{receipt}", offset.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const RECEIPT: ReceiptId = ReceiptId([7; 16]);

    fn at(offset: i64) -> Place {
        (Partition(0), Offset(offset))
    }

    /// Five were suppressed, from offset 0 on.
    fn plan() -> Plan {
        let mut plan = Plan::default();
        (0..5).for_each(|offset| plan.suppress(at(offset), Reason::Paused, RECEIPT));
        plan
    }

    #[test]
    fn what_is_there_and_young_and_has_no_copy_gets_one() {
        let mut plan = plan();
        // Offset 0 is gone, 1 is old, 2 is a copy itself, 3 has a copy at 9, 4 is fresh.
        plan.see(at(1), None, false);
        plan.see(at(2), Some(b"0/77/ff"), true);
        plan.see(at(3), None, true);
        plan.see(at(4), None, true);
        plan.see(at(9), Some(mark_of(at(3), RECEIPT).as_bytes()), true);
        let marks: Vec<i64> = (0..10).filter(|offset| plan.mark(at(*offset)).is_some()).collect();
        assert_eq!(marks, [4]);
        assert_eq!(plan.spans(), BTreeMap::from([(Partition(0), (Offset(4), Offset(4)))]));
        let counts = plan.counts();
        let told = (counts.gone, counts.too_old, counts.copied, counts.fresh);
        assert_eq!(told, (1, 1, 2, 1));
        assert_eq!(counts.by_reason, BTreeMap::from([(Reason::Paused, 5)]));
    }

    #[test]
    fn a_second_look_after_the_copies_finds_nothing_to_do() {
        let mut first = plan();
        (0..5).for_each(|offset| first.see(at(offset), None, true));
        let marks: Vec<String> = (0..5).filter_map(|offset| first.mark(at(offset))).collect();
        assert_eq!(marks.len(), 5);
        let mut second = plan();
        (0..5).for_each(|offset| second.see(at(offset), None, true));
        for (offset, mark) in (5..).zip(&marks) {
            // The copies were suppressed again.
            second.suppress(at(offset), Reason::Paused, ReceiptId([8; 16]));
            second.see(at(offset), Some(mark.as_bytes()), true);
        }
        assert_eq!((second.counts().fresh, second.counts().copied), (0, 10));
        assert_eq!(second.spans(), BTreeMap::new());
    }

    #[test]
    fn a_mark_of_another_decision_is_none_of_this_one() {
        let mut plan = plan();
        plan.see(at(4), None, true);
        let other = mark_of(at(4), ReceiptId([9; 16]));
        plan.see(at(9), Some(other.as_bytes()), true);
        assert!(plan.mark(at(4)).is_some());
    }

    #[test]
    fn each_partition_is_read_from_its_oldest_message_on() {
        let mut plan = plan();
        plan.suppress((Partition(3), Offset(8)), Reason::Paused, RECEIPT);
        plan.suppress((Partition(3), Offset(6)), Reason::Paused, RECEIPT);
        let begins = BTreeMap::from([(Partition(0), Offset(0)), (Partition(3), Offset(6))]);
        assert_eq!(plan.begins(), begins);
    }
}
