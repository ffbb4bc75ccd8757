//! The whole check of the input: each record against receipts, allowed topic, audit topic and rules.
//!
//! Holds one ledger and one allowed sequence a partition. Knows no Kafka but the record it is shown.

use std::collections::BTreeMap;

use super::allowed::{Allowed, settle};
use super::audits::stamp;
use super::difference::{Law, Spot};
use super::fingerprint::{Comparable, Fingerprints};
use super::ledger::{Entry, Fate, Ledger};
use super::outputs::Names;
use super::receipts::Receipts;
use super::redecide::{Redecider, Verdict, names_of};
use super::report::{Report, Unchecked};
use crate::consent::{Offset, Partition};
use crate::decision::{Reason, Suppression};
use crate::kafka::TopicRecord;
use crate::stream::ports::Fitness;
use crate::wire::formats::{Format, Refusal, Texts};
use crate::wire::receipt::Mode;

/// Everything that a record of the input is held against.
#[derive(Debug)]
pub(super) struct Book {
    pub(super) ledgers: BTreeMap<Partition, Ledger>,
    pub(super) allowed: BTreeMap<Partition, Allowed>,
    pub(super) receipts: Receipts,
    pub(super) redecider: Redecider,
    pub(super) prints: Fingerprints,
    pub(super) names: Names,
    pub(super) allowed_topic: String,
    /// How a record of the input is read.
    pub(super) format: Format,
    /// Whether what was allowed was also written.
    pub(super) mode: Mode,
    /// What the allowed topic takes.
    pub(super) message_bytes_max: usize,
}

impl Book {
    /// Steps over what the input topic no longer keeps.
    pub(super) fn begin(&mut self, report: &mut Report) {
        for (partition, ledger) in &mut self.ledgers {
            let gone = ledger.skip_trimmed(report);
            self.allowed.entry(*partition).or_default().expect_unknown(gone);
        }
    }

    /// Checks one record of the input. Records of one partition come in order.
    pub(super) fn check(&mut self, record: &TopicRecord<'_>, report: &mut Report) {
        let (partition, offset) = (record.partition(), record.offset());
        let Some(ledger) = self.ledgers.get_mut(&partition) else {
            return;
        };
        let (batch, found) = match ledger.record(offset, report) {
            Fate::Undecided => return,
            Fate::Allowed { batch } => {
                match self.mode {
                    Mode::Gate => {
                        let (print, comparable) = self.prints.of(record);
                        let is_not = comparable == Comparable::NotHeaders;
                        report.leave(Unchecked::Headers, u64::from(is_not));
                        self.allowed.entry(partition).or_default().expect(offset, print);
                    }
                    Mode::Shadow => report.leave(Unchecked::Shadow, 1),
                }
                (batch, Found::Allowed)
            }
            Fate::Suppressed { batch, entry } => {
                if let Some((_, entry)) = entry {
                    self.check_entry(batch, entry, report);
                }
                (batch, Found::Suppressed(entry.map(|(suppression, _)| suppression)))
            }
        };
        report.counts.input += 1;
        let texts = Texts::default();
        let message = match record.fitness(self.message_bytes_max) {
            Fitness::Forwardable => self
                .format
                .read(record.value(), |show| record.each_text_header(show), &texts)
                .map(|message| message.sent_at_ms(record.timestamp_ms()))
                .map_err(Refusal::reason),
            Fitness::Unforwardable => Err(Reason::Unforwardable),
        };
        let verdict = self.redecider.decide(batch, message);
        match verdict {
            Ok(verdict) => {
                report.counts.decided_again += 1;
                self.check_decision((partition, offset), batch, verdict, found, report);
            }
            Err(why) => report.leave(why, 1),
        }
    }

    /// Says what is left over, and where the allowed topic differs.
    pub(super) fn finish(self, report: &mut Report) {
        for ledger in self.ledgers.into_values() {
            ledger.finish(report);
        }
        settle(&self.allowed, &self.names.source_topic, &self.allowed_topic, report);
    }

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
