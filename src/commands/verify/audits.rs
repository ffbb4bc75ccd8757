//! The audit topic's entries, by the input record that each is about.

use std::collections::BTreeMap;

use super::difference::{Law, Spot};
use super::fingerprint::{Fingerprints, Print};
use super::report::Report;
use crate::consent::{Offset, Partition};
use crate::decision::Suppression;
use crate::wire::audit::decode_entry;
use crate::wire::receipt::ReceiptId;

/// One entry, without what the person or the message is.
#[derive(Clone, Copy, Debug)]
pub(super) struct AuditAt {
    /// The input record's offset.
    pub(super) source: Offset,
    /// Where the entry lies.
    pub(super) at: (Partition, Offset),
    pub(super) suppression: Suppression,
    /// Of the receipt that it names and the instant.
    pub(super) stamp: Print,
}

/// An entry that lies in the partition of another number.
#[derive(Clone, Copy, Debug)]
struct Moved {
    home: Partition,
    audit: AuditAt,
}

/// All entries by input partition, in order of the input.
#[derive(Debug)]
pub(super) struct Audits {
    by_partition: BTreeMap<Partition, Vec<AuditAt>>,
    moved: Vec<Moved>,
    source_topic: String,
    audit_topic: String,
    prints: Fingerprints,
}

impl Audits {
    /// None yet.
    pub(super) fn new(source_topic: &str, audit_topic: &str, prints: Fingerprints) -> Self {
        let (source_topic, audit_topic) = (source_topic.to_owned(), audit_topic.to_owned());
        let (by_partition, moved) = (BTreeMap::new(), Vec::new());
        Self { by_partition, moved, source_topic, audit_topic, prints }
    }

    /// Takes in a record of the audit topic. Records of one partition come in order.
    pub(super) fn take(
        &mut self,
        at: (Partition, Offset),
        value: Option<&[u8]>,
        report: &mut Report,
    ) {
        report.counts.audit += 1;
        let spot = || Spot::new(&self.audit_topic, at.0, at.1);
        let entry = match decode_entry(value.unwrap_or_default()) {
            Ok(entry) => entry,
            Err(error) => {
                let expected = "an audit entry";
                return report.differ(Law::AuditUnreadable, spot(), expected, error.to_string());
            }
        };
        if entry.source_topic != self.source_topic {
            let expected = format!("an entry about {}", self.source_topic);
            let found = "an entry about another topic";
            return report.differ(Law::AuditAdded, spot(), expected, found);
        }
        let audit = AuditAt {
            source: entry.offset,
            at,
            stamp: stamp(&self.prints, entry.receipt, entry.decided_at_ms),
            suppression: entry.suppression,
        };
        if entry.partition == at.0 {
            return self.place(entry.partition, audit, InOrder::Due, report);
        }
        let source = Spot::new(&self.source_topic, entry.partition, entry.offset);
        let expected = format!("the entry about {source} in partition {}", entry.partition);
        report.differ(Law::AuditMoved, spot(), expected, "it here");
        self.moved.push(Moved { home: entry.partition, audit });
    }

    /// Takes over what another reader found in other partitions of the audit topic.
    pub(super) fn join(&mut self, other: Self, report: &mut Report) {
        self.moved.extend(other.moved);
        for (partition, entries) in other.by_partition {
            match self.by_partition.get(&partition).is_none_or(Vec::is_empty) {
                true => drop(self.by_partition.insert(partition, entries)),
                // Some were not due when others were checked.
                false => entries
                    .into_iter()
                    .for_each(|audit| self.place(partition, audit, InOrder::Due, report)),
            }
        }
    }

    /// Puts entries from other partitions where they belong, when all are read.
    pub(super) fn bring_home(&mut self, report: &mut Report) {
        for Moved { home, audit } in std::mem::take(&mut self.moved) {
            self.place(home, audit, InOrder::NotDue, report);
        }
    }

    fn place(&mut self, home: Partition, audit: AuditAt, order: InOrder, report: &mut Report) {
        let entries = self.by_partition.entry(home).or_default();
        if entries.last().is_none_or(|last| last.source < audit.source) {
            return entries.push(audit);
        }
        let spot = Spot::new(&self.audit_topic, audit.at.0, audit.at.1);
        let source = Spot::new(&self.source_topic, home, audit.source);
        match entries.binary_search_by_key(&audit.source, |entry| entry.source) {
            Ok(_) => {
                let expected = format!("one entry about {source}");
                report.differ(Law::AuditTwice, spot, expected, "another one");
            }
            Err(slot) => {
                entries.insert(slot, audit);
                if order == InOrder::Due {
                    let found = format!("the entry about {source} behind that of a later record");
                    report.differ(Law::AuditOrder, spot, "entries in the input's order", found);
                }
            }
        }
    }

    /// The entries of one input partition.
    pub(super) fn remove(&mut self, partition: Partition) -> Vec<AuditAt> {
        self.by_partition.remove(&partition).unwrap_or_default()
    }

    /// Takes back entries of one input partition that are not due yet.
    pub(super) fn keep(&mut self, partition: Partition, entries: Vec<AuditAt>) {
        if !entries.is_empty() {
            self.by_partition.insert(partition, entries);
        }
    }

    /// The input partitions that entries are left of.
    pub(super) fn partitions(&self) -> Vec<Partition> {
        self.by_partition.keys().copied().collect()
    }
}

/// Whether an entry must lie behind those about earlier records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum InOrder {
    Due,
    NotDue,
}

/// What an entry must bear if this receipt and instant decided.
pub(super) fn stamp(prints: &Fingerprints, receipt: ReceiptId, now_ms: i64) -> Print {
    prints.of_parts(&[&receipt.0, &now_ms.to_be_bytes()])
}
