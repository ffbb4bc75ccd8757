//! The whole check of the input: each record against receipts, allowed topic, audit topic and rules.
//!
//! Holds one ledger and one allowed sequence a partition. Several readers have a book each, of other
//! partitions. Knows no Kafka but the record it is shown.

use std::collections::BTreeMap;

use super::allowed::Allowed;
use super::audits::{AuditAt, stamp};
use super::difference::{Law, Spot};
use super::fingerprint::{Comparable, Fingerprints};
use super::ledger::{Behind, Entry, Fate, Ledger};
use super::outputs::Names;
use super::receipts::Receipts;
use super::redecide::{Desk, Redecider, Verdict, names_of};
use super::report::{Report, Unchecked};
use crate::consent::{Offset, Partition};
use crate::decision::{Message, Reason, Suppression};
use crate::kafka::TopicRecord;
use crate::stream::ports::Fitness;
use crate::wire::formats::{Format, Refusal, Texts};
use crate::wire::receipt::{DECISION_HEADER, Mode};

/// What all readers of the input share.
#[derive(Debug)]
pub(super) struct Rules<'s> {
    pub(super) receipts: &'s Receipts,
    pub(super) redecider: &'s Redecider,
    pub(super) prints: Fingerprints,
    pub(super) names: &'s Names,
    /// How a record of the input is read.
    pub(super) format: &'s Format,
    /// Whether what was allowed was also written.
    pub(super) mode: Mode,
    /// What the allowed topic takes.
    pub(super) message_bytes_max: usize,
}

impl Rules<'_> {
    /// Reads a record of the input as the gate does, and does something with the message.
    pub(super) fn read<T>(
        &self,
        record: &TopicRecord<'_>,
        then: impl FnOnce(Result<Message<'_>, Reason>) -> T,
    ) -> T {
        let texts = Texts::default();
        then(match record.fitness(self.message_bytes_max) {
            Fitness::Forwardable => self
                .format
                .read(record.value(), |show| record.each_text_header(show), &texts)
                .map(|message| message.sent_at_ms(record.timestamp_ms()))
                .map_err(Refusal::reason),
            Fitness::Unforwardable => Err(Reason::Unforwardable),
        })
    }
}

/// Everything that the records of some partitions of the input are held against.
#[derive(Debug)]
pub(super) struct Book<'s> {
    rules: &'s Rules<'s>,
    parts: BTreeMap<Partition, Part>,
    desk: Desk<'s>,
    pub(super) report: Report,
}

/// One input partition.
#[derive(Debug)]
pub(super) struct Part {
    pub(super) ledger: Ledger,
    pub(super) allowed: Allowed,
    /// Whether outputs behind the last receipt wait for another.
    pub(super) behind: Behind,
}

/// One input partition when its records are read.
#[derive(Debug)]
pub(super) struct Checked {
    pub(super) partition: Partition,
    pub(super) allowed: Allowed,
    /// Audit entries that wait for a receipt.
    pub(super) waiting: Vec<AuditAt>,
}

impl<'s> Book<'s> {
    /// A book of these partitions. Steps over what the input topic no longer keeps.
    pub(super) fn new(rules: &'s Rules<'s>, mut parts: BTreeMap<Partition, Part>) -> Self {
        let mut report = Report::default();
        for part in parts.values_mut() {
            let gone = part.ledger.skip_trimmed(&mut report);
            part.allowed.expect_unknown(gone);
        }
        Self { rules, parts, desk: Desk::default(), report }
    }

    /// Checks one record of the input. Records of one partition come in order.
    pub(super) fn check(&mut self, record: &TopicRecord<'_>) {
        let (partition, offset) = (record.partition(), record.offset());
        let (rules, report) = (self.rules, &mut self.report);
        let Some(part) = self.parts.get_mut(&partition) else {
            return;
        };
        let (batch, found) = match part.ledger.record(offset, report) {
            Fate::Undecided => return,
            Fate::Allowed { batch } => {
                match rules.mode {
                    Mode::Gate => {
                        let appended = rules.receipts.appended(batch);
                        let appended = appended.as_deref().map(|value| (DECISION_HEADER, value));
                        let (print, comparable) = rules.prints.of_with(record, appended);
                        let is_not = comparable == Comparable::NotHeaders;
                        report.leave(Unchecked::Headers, u64::from(is_not));
                        part.allowed.expect(offset, print);
                    }
                    Mode::Shadow => report.leave(Unchecked::Shadow, 1),
                }
                (batch, Found::Allowed)
            }
            Fate::Suppressed { batch, entry } => {
                if let Some((_, entry)) = entry {
                    rules.check_entry(batch, entry, report);
                }
                (batch, Found::Suppressed(entry.map(|(suppression, _)| suppression)))
            }
        };
        report.counts.input += 1;
        let desk = &mut self.desk;
        let verdict = rules.read(record, |message| rules.redecider.decide(desk, batch, message));
        match verdict {
            Ok(verdict) => {
                report.counts.decided_again += 1;
                rules.check_decision((partition, offset), batch, verdict, found, report);
            }
            Err(why) => report.leave(why, 1),
        }
    }

    /// Says what is left over in ledgers.
    pub(super) fn finish(self) -> (Vec<Checked>, Report) {
        let mut report = self.report;
        let checked = self.parts.into_iter().map(|(partition, part)| {
            let waiting = part.ledger.finish(part.behind, &mut report);
            Checked { partition, allowed: part.allowed, waiting }
        });
        (checked.collect(), report)
    }
}

impl Rules<'_> {
    fn check_entry(&self, batch: usize, entry: Entry, report: &mut Report) {
        let decided = self.receipts.batches.get(batch);
        let expected = decided.and_then(|batch| {
            let receipt = self.receipts.infos.get(batch.receipt)?;
            Some(stamp(&self.prints, receipt.id, batch.now_ms))
        });
        if expected != Some(entry.stamp) {
            let spot = Spot::new(&self.names.audit_topic, entry.at.0, entry.at.1);
            let expected = "the receipt and the instant that decided";
            report.differ(Law::AuditReceipt, spot, expected, "others");
        }
    }

    fn check_decision(
        &self,
        at: (Partition, Offset),
        batch: usize,
        verdict: Verdict,
        found: Found,
        report: &mut Report,
    ) {
        let spot = || Spot::new(&self.names.source_topic, at.0, at.1);
        let law = match (verdict, found) {
            (Verdict::Allow, Found::Allowed) | (Verdict::Suppress(_), Found::Suppressed(None)) => {
                return;
            }
            (Verdict::Suppress(expected), Found::Suppressed(Some(found))) if expected == found => {
                return;
            }
            (Verdict::Suppress(_), Found::Suppressed(_)) => Law::Reasons,
            (Verdict::Allow, Found::Suppressed(_)) | (Verdict::Suppress(_), Found::Allowed) => {
                Law::Decision
            }
        };
        // Activity that is gone can only have spoken against the message.
        if found != Found::Allowed && self.redecider.may_rest_on_old_activity(batch) {
            return report.leave(Unchecked::ActivityTrimmed, 1);
        }
        // How large a batch is on the wire the broker alone knows; refusing it fails closed.
        if let Found::Suppressed(Some(suppression)) = found
            && suppression == Suppression::because(Reason::Unforwardable)
        {
            return report.leave(Unchecked::Unforwardable, 1);
        }
        let expected = match verdict {
            Verdict::Allow => "allowed".to_owned(),
            Verdict::Suppress(suppression) => suppressed(suppression),
        };
        let found = match found {
            Found::Allowed => "allowed".to_owned(),
            Found::Suppressed(None) => "suppressed".to_owned(),
            Found::Suppressed(Some(suppression)) => suppressed(suppression),
        };
        report.differ(law, spot(), expected, found);
    }
}

/// What became of a record, with the reasons that the audit gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Found {
    Allowed,
    Suppressed(Option<Suppression>),
}

fn suppressed(suppression: Suppression) -> String {
    let (primary, all) = (suppression.primary.name(), names_of(suppression.all));
    match suppression.not_before {
        Some(not_before) => format!("suppressed as {primary} (of {all}) until {not_before}"),
        None => format!("suppressed as {primary} (of {all})"),
    }
}
