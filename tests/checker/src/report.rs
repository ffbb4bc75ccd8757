//! What a check found: what broke a promise, what was judged, and what was not and why.
//!
//! Nobody's number is in it: places, laws and counts only.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;

/// A law that the topics of a run must keep, and the promise that it is a part of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Law {
    /// P1: what was acknowledged before a message was written was not honoured.
    CausalPair,
    /// P2: an input record is in neither topic, though a receipt covers it.
    NoFate,
    /// P2: an input record is in both topics.
    TwoFates,
    /// P2: a receipt allowed it, and it is not in the allowed topic.
    AllowedMissing,
    /// P2: a record of the allowed topic is none of the input, or was not allowed.
    AllowedAdded,
    /// P2: a record lies in the allowed topic more often than it should.
    AllowedTwice,
    /// P2: it lies in the allowed topic, though its receipt suppressed it.
    AllowedThoughSuppressed,
    /// P2: it was suppressed, and no audit entry says so.
    AuditMissing,
    /// P2: an audit entry of no suppressed record.
    AuditAdded,
    /// P2: a second audit entry of one record.
    AuditTwice,
    /// P2: an audit entry that cannot be read.
    AuditUnreadable,
    /// P2: input that no receipt covers, between receipts.
    Hole,
    /// P2: input that two receipts cover.
    Overlap,
    /// P2: a receipt counts other records than there are.
    Count,
    /// P2: input behind the last receipt, though the run is over.
    Undecided,
    /// P3: decided while the consent topics demanded to hold, or within a hold of the receipts.
    DecidedWhileHeld,
    /// P4: an allowed record differs from its input record.
    AllowedChanged,
    /// P4: an allowed record lies in another partition than its input.
    AllowedMoved,
    /// P4: an allowed record lies before one that came earlier.
    AllowedOrder,
    /// P4: an audit entry lies in another partition than its input.
    AuditMoved,
    /// P5: a record of the receipts topic that nobody known has signed.
    Signature,
    /// P5: a signed record that cannot be read, or contradicts itself.
    ReceiptUnreadable,
    /// P5: one receipt twice.
    ReceiptTwice,
    /// P5: a receipt lies in another partition than the lowest that it covers.
    ReceiptMoved,
    /// P5: a receipt names one before it that is not there.
    ReceiptMissing,
    /// P5: two receipts name the same one before them, or a chain begins anew.
    ChainTorn,
    /// P5: receipts lie in another order than they were chained in.
    ReceiptOrder,
    /// P5: a receipt names a policy that was not published.
    PolicyMissing,
    /// P5: consent positions that go back along one input partition.
    PositionsBack,
    /// P5: consent positions beyond the end of the consent topic.
    PositionsBeyond,
    /// P5: the other answer follows from the consent log.
    Decision,
    /// P5: another reason follows from the consent log.
    Reason,
    /// P5: an audit entry says of its message or its receipt what they do not say.
    AuditContent,
    /// P7: a person's number or id stands in an audit entry.
    PersonShown,
    /// P7: one person has two pseudonyms, or two people have one, or two businesses share one.
    Pseudonym,
}

impl Law {
    /// The promise that the law is a part of: 1 to 7.
    pub fn promise(self) -> u8 {
        match self {
            Self::CausalPair => 1,
            Self::NoFate
            | Self::TwoFates
            | Self::AllowedMissing
            | Self::AllowedAdded
            | Self::AllowedTwice
            | Self::AllowedThoughSuppressed
            | Self::AuditMissing
            | Self::AuditAdded
            | Self::AuditTwice
            | Self::AuditUnreadable
            | Self::Hole
            | Self::Overlap
            | Self::Count
            | Self::Undecided => 2,
            Self::DecidedWhileHeld => 3,
            Self::AllowedChanged | Self::AllowedMoved | Self::AllowedOrder | Self::AuditMoved => 4,
            Self::Signature
            | Self::ReceiptUnreadable
            | Self::ReceiptTwice
            | Self::ReceiptMoved
            | Self::ReceiptMissing
            | Self::ChainTorn
            | Self::ReceiptOrder
            | Self::PolicyMissing
            | Self::PositionsBack
            | Self::PositionsBeyond
            | Self::Decision
            | Self::Reason
            | Self::AuditContent => 5,
            Self::PersonShown | Self::Pseudonym => 7,
        }
    }
}

/// Where a record lies.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct At {
    /// The topic's name.
    pub topic: String,
    /// Its partition.
    pub partition: i32,
    /// The record's offset.
    pub offset: i64,
}

impl fmt::Display for At {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} [{}] at {}", self.topic, self.partition, self.offset)
    }
}

/// A broken law.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Violation {
    /// Which law.
    pub law: Law,
    /// Where.
    #[serde(flatten)]
    pub at: At,
    /// What was expected and what was found, without anybody's name.
    pub what: String,
}

/// What was read, and how much of it was judged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Input records.
    pub messages: u64,
    /// Records of the allowed topic.
    pub allowed: u64,
    /// Records of the audit topic.
    pub audit: u64,
    /// Signed receipts.
    pub receipts: u64,
    /// Policies that were published.
    pub policies: u64,
    /// Consent records, of all topics.
    pub consent: u64,
    /// Decisions that were made again by the model, and came out the same or were told as violations.
    pub decisions: u64,
    /// Input records behind the last receipt.
    pub undecided: u64,
    /// Input records that a receipt passed over as a gap.
    pub in_gaps: u64,
    /// Holds that receipts tell of.
    pub holds: u64,
    /// Milliseconds of these holds.
    pub held_ms: u64,
}

/// What a check found.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Report {
    /// What was read and judged.
    pub counts: Counts,
    /// How many violations there are; not all need be listed.
    pub violation_count: u64,
    /// How many violations of each law.
    pub violations_by_law: BTreeMap<Law, u64>,
    /// The first of them, in order.
    pub violations: Vec<Violation>,
    /// What was not judged: why, and how many.
    pub not_judged: BTreeMap<String, u64>,
    /// Which reasons the judged decisions had, by their primary one; `allowed` for the others.
    pub judged_by_reason: BTreeMap<String, u64>,
}

/// So many violations of one kind are listed.
const LISTED_MAX: usize = 100;

impl Report {
    /// Notes a broken law.
    pub(crate) fn violate(&mut self, law: Law, at: At, what: impl Into<String>) {
        self.violation_count += 1;
        let count = self.violations_by_law.entry(law).or_default();
        *count += 1;
        if *count <= LISTED_MAX as u64 {
            self.violations.push(Violation { law, at, what: what.into() });
        }
    }

    /// Notes that something was not judged.
    pub(crate) fn leave(&mut self, why: &str, count: u64) {
        if count > 0 {
            *self.not_judged.entry(why.to_owned()).or_default() += count;
        }
    }

    /// Adds what another part of the check found.
    pub(crate) fn add(&mut self, other: Self) {
        let (mine, more) = (&mut self.counts, other.counts);
        mine.messages += more.messages;
        mine.allowed += more.allowed;
        mine.audit += more.audit;
        mine.receipts += more.receipts;
        mine.policies += more.policies;
        mine.consent += more.consent;
        mine.decisions += more.decisions;
        mine.undecided += more.undecided;
        mine.in_gaps += more.in_gaps;
        mine.holds += more.holds;
        mine.held_ms += more.held_ms;
        self.violation_count += other.violation_count;
        for (law, count) in other.violations_by_law {
            *self.violations_by_law.entry(law).or_default() += count;
        }
        self.violations.extend(other.violations);
        for (why, count) in other.not_judged {
            self.leave(&why, count);
        }
        for (reason, count) in other.judged_by_reason {
            *self.judged_by_reason.entry(reason).or_default() += count;
        }
    }

    /// Puts the violations in order, and keeps the first of each law.
    pub(crate) fn settle(&mut self) {
        self.violations.sort();
        let mut listed: BTreeMap<Law, usize> = BTreeMap::new();
        self.violations.retain(|violation| {
            let count = listed.entry(violation.law).or_default();
            *count += 1;
            *count <= LISTED_MAX
        });
    }

    /// Whether no promise was found broken.
    pub fn is_clean(&self) -> bool {
        self.violation_count == 0
    }

    /// For people.
    pub fn to_text(&self) -> String {
        let Counts { messages, allowed, audit, receipts, policies, consent, .. } = self.counts;
        let Counts { decisions, undecided, in_gaps, holds, held_ms, .. } = self.counts;
        let mut text = format!(
            "messages {messages}\nallowed {allowed}\naudit {audit}\nreceipts {receipts}, policies \
             {policies}\nconsent records {consent}\ndecisions made again {decisions}\nholds {holds}, \
             {held_ms} ms\n"
        );
        if in_gaps > 0 {
            text += &format!("passed over as gaps {in_gaps}\n");
        }
        if undecided > 0 {
            text += &format!("not decided yet {undecided}\n");
        }
        for (reason, count) in &self.judged_by_reason {
            text += &format!("  {reason} {count}\n");
        }
        for (why, count) in &self.not_judged {
            text += &format!("not judged: {why}: {count}\n");
        }
        for Violation { law, at, what } in &self.violations {
            text += &format!("VIOLATION P{} {law:?} {at}: {what}\n", law.promise());
        }
        let listed = self.violations.len() as u64;
        if listed < self.violation_count {
            text += &format!("and {} more violations\n", self.violation_count - listed);
        }
        text += match self.violation_count {
            0 => "no violation\n",
            _ => "promises are broken\n",
        };
        text
    }

    /// For programs.
    pub fn to_json(&self) -> String {
        serde_json::to_string_pretty(self).unwrap_or_default()
    }
}
