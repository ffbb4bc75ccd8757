//! What a shadow decided, counted: all messages from its receipts, stopped ones from its audit.

use std::collections::{BTreeMap, BTreeSet};

use crate::decision::Reason;
use crate::wire::audit::AuditEntry;
use crate::wire::receipt::{Mode, Receipt, ReceiptId};

/// What is counted together.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Line {
    pub(super) business: String,
    pub(super) reason: Reason,
    pub(super) scope: String,
}

/// All counts of a range of time.
#[derive(Debug, Default)]
pub(super) struct Counts {
    from_ms: Option<i64>,
    to_ms: Option<i64>,
    receipts: BTreeSet<ReceiptId>,
    /// What the shadow would have let out, of all businesses.
    pub(super) allowed: u64,
    /// What it would have stopped, of all businesses, as its receipts say.
    pub(super) suppressed: u64,
    /// Holds, by cause, in milliseconds.
    pub(super) held_ms: BTreeMap<String, u64>,
    /// When the first and the last of it was decided, in milliseconds since 1970.
    pub(super) decided_ms: Option<(i64, i64)>,
    pub(super) lines: BTreeMap<Line, u64>,
    /// Records that no pinned key has signed, or that this version cannot read.
    pub(super) unbelieved: u64,
    /// Receipts of a gate that was no shadow.
    pub(super) not_of_shadow: u64,
    /// Entries that no receipt of the shadow stands behind.
    pub(super) without_receipt: u64,
}

impl Counts {
    /// Counts what was decided from the one time to before the other.
    pub(super) fn of(from_ms: Option<i64>, to_ms: Option<i64>) -> Self {
        Self { from_ms, to_ms, ..Self::default() }
    }

    /// A receipt that a pinned key has signed. Receipts come before entries.
    pub(super) fn take_receipt(&mut self, receipt: &Receipt) {
        if receipt.mode != Mode::Shadow {
            self.not_of_shadow += 1;
            return;
        }
        self.receipts.insert(receipt.id);
        for batch in &receipt.batches {
            if !self.covers(batch.now_ms) {
                continue;
            }
            for range in &batch.ranges {
                self.allowed += range.allowed.len();
                self.suppressed += u64::from(range.received).saturating_sub(range.allowed.len());
            }
            let (first, last) = self.decided_ms.unwrap_or((batch.now_ms, batch.now_ms));
            self.decided_ms = Some((first.min(batch.now_ms), last.max(batch.now_ms)));
        }
        for hold in &receipt.holds {
            let (began, ended) = (hold.began_ms, hold.ended_ms.unwrap_or(hold.began_ms));
            let lasted = u64::try_from(ended.saturating_sub(began)).unwrap_or(0);
            *self.held_ms.entry(hold.cause.clone()).or_default() += lasted;
        }
    }

    /// An entry of the audit topic; only of this business, if one is given.
    pub(super) fn take_entry(&mut self, entry: &AuditEntry, business: Option<&str>) {
        if !self.covers(entry.decided_at_ms) {
            return;
        }
        if !self.receipts.contains(&entry.receipt) {
            self.without_receipt += 1;
            return;
        }
        if business.is_some_and(|business| business != entry.business) {
            return;
        }
        let line = Line {
            business: entry.business.clone(),
            reason: entry.suppression.primary,
            scope: entry.scope.clone(),
        };
        *self.lines.entry(line).or_default() += 1;
    }

    /// Sums by what `key` says of a line; the greatest first.
    pub(super) fn by<'c, K: Ord + Copy>(
        &'c self,
        counts: impl Fn(&Line) -> bool,
        key: impl Fn(&'c Line) -> K,
    ) -> Vec<(K, u64)> {
        let mut sums: BTreeMap<K, u64> = BTreeMap::new();
        for (line, count) in self.lines.iter().filter(|(line, _)| counts(line)) {
            *sums.entry(key(line)).or_default() += count;
        }
        let mut sums: Vec<_> = sums.into_iter().collect();
        sums.sort_by_key(|(key, count)| (std::cmp::Reverse(*count), *key));
        sums
    }

    /// All that was stopped of the businesses asked for.
    pub(super) fn stopped(&self) -> u64 {
        self.lines.values().sum()
    }

    fn covers(&self, at_ms: i64) -> bool {
        let is_early = self.from_ms.is_some_and(|from_ms| at_ms < from_ms);
        let is_late = self.to_ms.is_some_and(|to_ms| at_ms >= to_ms);
        !is_early && !is_late
    }
}
