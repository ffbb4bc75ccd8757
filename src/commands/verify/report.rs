//! What came of a verification: differences, what could not be checked, and counts.
//!
//! Every difference is counted; only the first of them are kept to be shown.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::json;

use super::difference::{Difference, Law, Spot};
use crate::consent::RULES_VERSION;

/// How many differences are kept. A topic that is wholly wrong must not fill the memory.
const KEPT_MAX: usize = 10_000;

/// Whose rules decided again.
const RULES: &str =
    "same rules code as the gate: an error in the rules themselves is not found by this";

/// Why something could not be checked. Openly said, and no difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Unchecked {
    /// Messages whose record the input topic no longer keeps.
    InputTrimmed,
    /// Allowed records that the allowed topic no longer keeps.
    AllowedTrimmed,
    /// Audit entries that the audit topic no longer keeps.
    AuditTrimmed,
    /// Chains whose first receipts the receipts topic no longer keeps.
    ReceiptsTrimmed,
    /// Allowed records with a header whose name is no text: its content was not compared.
    Headers,
    /// Messages decided on consent events that are no longer kept.
    ConsentTrimmed,
    /// Messages decided on consent activity that is no longer kept.
    ActivityTrimmed,
    /// Messages decided when the consent topics had another number of partitions.
    PartitionsChanged,
    /// Messages decided by another version of the rules.
    RulesVersion,
    /// Messages decided by a policy that nobody published.
    PolicyUnknown,
    /// Messages suppressed because the broker found them too large, as no topic can show.
    Unforwardable,
    /// Receipts with a good signature that this version cannot read.
    ReceiptUnreadable,
    /// Messages decided on consent events of a person who was erased later, and that a roll left out.
    Erased,
    /// Messages that a shadow allowed: it writes no allowed topic.
    Shadow,
    /// Messages decided before or after the time that was asked for.
    OutsideRange,
}

impl Unchecked {
    /// All of them.
    pub const ALL: [Self; 15] = [
        Self::InputTrimmed,
        Self::AllowedTrimmed,
        Self::AuditTrimmed,
        Self::ReceiptsTrimmed,
        Self::Headers,
        Self::ConsentTrimmed,
        Self::ActivityTrimmed,
        Self::PartitionsChanged,
        Self::RulesVersion,
        Self::PolicyUnknown,
        Self::Unforwardable,
        Self::ReceiptUnreadable,
        Self::Erased,
        Self::Shadow,
        Self::OutsideRange,
    ];

    /// The name for machines.
    pub fn name(self) -> String {
        let name = serde_json::to_value(self).ok();
        name.and_then(|name| name.as_str().map(str::to_owned)).unwrap_or_default()
    }

    /// For people.
    pub fn text(self) -> &'static str {
        match self {
            Self::InputTrimmed => "messages: their record is no longer in the input topic",
            Self::AllowedTrimmed => "allowed records: no longer in the allowed topic",
            Self::AuditTrimmed => "audit entries: no longer in the audit topic",
            Self::ReceiptsTrimmed => "chains: their first receipts are no longer kept",
            Self::Headers => "allowed records: headers not comparable, a name is no text",
            Self::ConsentTrimmed => "messages: not checkable, consent events are no longer kept",
            Self::ActivityTrimmed => "messages: not checkable, consent activity is no longer kept",
            Self::PartitionsChanged => {
                "messages: decided with another number of consent partitions"
            }
            Self::RulesVersion => "messages: decided by another version of the rules",
            Self::PolicyUnknown => "messages: decided by a policy that is not published",
            Self::Unforwardable => {
                "messages: suppressed as too large for the broker, which no topic shows"
            }
            Self::ReceiptUnreadable => "receipts: well signed, but not readable by this version",
            Self::Erased => "messages: erased, not checkable",
            Self::Shadow => "messages: allowed by a shadow, which writes no allowed topic",
            Self::OutsideRange => {
                "messages: decided outside the range; nor is what else lies in the outputs there"
            }
        }
    }
}

/// How much was verified.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Input partitions with receipts.
    pub partitions: u64,
    /// Input records that receipts cover and that were read.
    pub input: u64,
    /// Input records behind the last receipt.
    pub undecided: u64,
    /// Records of the allowed topic.
    pub allowed: u64,
    /// Records of the audit topic.
    pub audit: u64,
    /// Receipts.
    pub receipts: u64,
    /// Batches of receipts.
    pub batches: u64,
    /// Published policies.
    pub policies: u64,
    /// Holds that receipts tell of.
    pub holds: u64,
    /// Consent records that were folded.
    pub consent: u64,
    /// Messages that were decided again.
    pub decided_again: u64,
}

impl Counts {
    fn add(&mut self, other: &Self) {
        let Self { partitions, input, undecided, allowed, audit, receipts, .. } = self;
        let Self { batches, policies, holds, consent, decided_again, .. } = other;
        *partitions += other.partitions;
        *input += other.input;
        *undecided += other.undecided;
        *allowed += other.allowed;
        *audit += other.audit;
        *receipts += other.receipts;
        self.batches += batches;
        self.policies += policies;
        self.holds += holds;
        self.consent += consent;
        self.decided_again += decided_again;
    }
}

/// Input that no decision covers, as a receipt says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DeclaredGap {
    /// Its first record.
    #[serde(flatten)]
    pub at: Spot,
    /// The offset after its last.
    pub next: i64,
    /// Why.
    pub reason: String,
}

/// What came of it.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// How much was verified.
    pub counts: Counts,
    /// What receipts say was left out.
    pub gaps: Vec<DeclaredGap>,
    differences: Vec<Difference>,
    by_law: BTreeMap<Law, u64>,
    unchecked: BTreeMap<Unchecked, u64>,
}

impl Report {
    /// Adds a difference.
    pub fn differ(
        &mut self,
        law: Law,
        at: Spot,
        expected: impl Into<String>,
        found: impl Into<String>,
    ) {
        *self.by_law.entry(law).or_default() += 1;
        if self.differences.len() < KEPT_MAX {
            let (expected, found) = (expected.into(), found.into());
            self.differences.push(Difference { law, at, expected, found });
        }
    }

    /// Adds another report.
    pub fn join(&mut self, other: Self) {
        self.counts.add(&other.counts);
        self.gaps.extend(other.gaps);
        for (law, count) in other.by_law {
            *self.by_law.entry(law).or_default() += count;
        }
        let room = KEPT_MAX.saturating_sub(self.differences.len());
        self.differences.extend(other.differences.into_iter().take(room));
        other.unchecked.into_iter().for_each(|(why, count)| self.leave(why, count));
    }

    /// How many differences there are of each law.
    pub fn by_law(&self) -> &BTreeMap<Law, u64> {
        &self.by_law
    }

    /// Adds what could not be checked.
    pub fn leave(&mut self, why: Unchecked, how_many: u64) {
        if how_many > 0 {
            *self.unchecked.entry(why).or_default() += how_many;
        }
    }

    /// The differences that were kept, in the order in which they were found.
    pub fn differences(&self) -> &[Difference] {
        &self.differences
    }

    /// How many differences there are in all.
    pub fn difference_count(&self) -> u64 {
        self.by_law.values().sum()
    }

    /// How many could not be checked, and why.
    pub fn unchecked(&self) -> &BTreeMap<Unchecked, u64> {
        &self.unchecked
    }

    /// For people.
    pub fn to_text(&self) -> String {
        let lines = self.differences.iter().map(|difference| format!("{difference}\n"));
        let mut text: String = lines.collect();
        let (all, kept) = (self.difference_count(), self.differences.len() as u64);
        if all > kept {
            text.push_str(&format!("and {} more differences\n", all - kept));
        }
        for gap in &self.gaps {
            text.push_str(&format!("left out: {} to {}: {}\n", gap.at, gap.next, gap.reason));
        }
        for (why, count) in &self.unchecked {
            text.push_str(&format!("not checked: {count} {}\n", why.text()));
        }
        let c = &self.counts;
        text.push_str(&format!(
            "input {} records of {} partitions ({} not decided yet), allowed {}, audit {}\n\
             receipts {} with {} batches, {} policies, {} holds; consent records {}\n\
             {RULES}\n\
             decided again {}, differences {all}\n",
            c.input,
            c.partitions,
            c.undecided,
            c.allowed,
            c.audit,
            c.receipts,
            c.batches,
            c.policies,
            c.holds,
            c.consent,
            c.decided_again,
        ));
        text
    }

    /// For machines: one difference a line, then the summary.
    pub fn to_json(&self) -> String {
        let lines = self.differences.iter().map(|difference| format!("{}\n", json!(difference)));
        let mut text: String = lines.collect();
        let summary = json!({
            "summary": {
                "rules": "same rules code",
                "rules_version": RULES_VERSION,
                "counts": self.counts,
                "differences": self.difference_count(),
                "by_law": self.by_law,
                "gaps": self.gaps,
                "unchecked": self.unchecked,
            }
        });
        text.push_str(&format!("{summary}\n"));
        text
    }
}

#[cfg(test)]
mod tests;
