//! Where decided records go: allowed ones onward as they are, all others as an audit entry.
//!
//! [`Allowed`] is the last key of the chain: it is made here only, from a permit, and nothing else
//! can be written to the allowed topic. A shadow makes none. Every record of a batch has exactly one fate; if the counts
//! do not add up, the transaction is aborted and the process ends.

use super::fault::Fault;
use super::ports::{LanePort, RecordView};
use super::reading::read;
use crate::decision::{Decision, Permit, Suppression, Tally};
use crate::policy::Policy;
use crate::wire::audit::{AuditEncoder, SuppressedMessage};
use crate::wire::formats::{Format, Texts};
use crate::wire::receipt::{DECISION_HEADER, Mode, ReceiptId};

/// A record that a permit stands behind.
#[derive(Debug)]
pub struct Allowed<'r, R> {
    record: &'r R,
    header: Option<&'r str>,
    _permit: Permit,
}

impl<'r, R> Allowed<'r, R> {
    fn new(record: &'r R, header: Option<&'r str>, permit: Permit) -> Self {
        Self { record, header, _permit: permit }
    }

    /// The record to write, byte for byte.
    pub fn record(&self) -> &'r R {
        self.record
    }

    /// The one header to append behind the record's own, if any: its name and its value.
    pub fn appended(&self) -> Option<(&'static str, &'r str)> {
        self.header.map(|value| (DECISION_HEADER, value))
    }
}

/// What became of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// It went on.
    Allowed,
    /// An audit entry says why it did not.
    Suppressed,
}

/// What the outbox needs beside the records.
#[derive(Debug)]
pub(super) struct Outbox<'o> {
    /// How a record is read.
    pub(super) format: &'o Format,
    /// Knows whose number sends.
    pub(super) policy: &'o Policy,
    /// Encodes audit entries.
    pub(super) audit: &'o mut AuditEncoder,
    /// Holds one encoded entry.
    pub(super) entry: &'o mut Vec<u8>,
    /// The input topic's name.
    pub(super) source_topic: &'o str,
    /// The receipt that will cover this batch.
    pub(super) receipt: ReceiptId,
    /// The batch's instant.
    pub(super) now_ms: i64,
    /// The value of the header that is appended to allowed records, if one is.
    pub(super) header: Option<&'o str>,
    /// Whether what is allowed goes on.
    pub(super) mode: Mode,
}

impl Outbox<'_> {
    /// Sends every record of a batch on its way; tells `note` of each.
    ///
    /// # Errors
    /// A fault of the port, or counts that do not add up.
    pub(super) fn route<P: LanePort>(
        &mut self,
        port: &P,
        records: &[P::Record<'_>],
        decisions: impl ExactSizeIterator<Item = Decision>,
        mut note: impl FnMut(&P::Record<'_>, Fate) -> Result<(), Fault>,
    ) -> Result<Tally, Fault> {
        let mut counts = Tally::received(records.len());
        if decisions.len() != records.len() {
            return Err(Fault::invariant("a record of the batch was not decided"));
        }
        for (record, decision) in records.iter().zip(decisions) {
            match decision {
                Decision::Allow(permit) => {
                    match self.mode {
                        Mode::Gate => port.allow(Allowed::new(record, self.header, permit))?,
                        // Decided and told; the permit ends here.
                        Mode::Shadow => drop(permit),
                    }
                    counts.allow();
                    note(record, Fate::Allowed)?;
                }
                Decision::Suppress(suppression) => {
                    self.suppress(port, record, suppression)?;
                    counts.suppress(suppression.primary);
                    note(record, Fate::Suppressed)?;
                }
            }
        }
        if !counts.is_conserved() {
            return Err(Fault::invariant("allowed and suppressed do not add up to received"));
        }
        Ok(counts)
    }

    fn suppress<P: LanePort>(
        &mut self,
        port: &P,
        record: &P::Record<'_>,
        suppression: Suppression,
    ) -> Result<(), Fault> {
        // Read again rather than kept: few are suppressed, and what is kept for all costs more.
        let texts = Texts::default();
        let message = read(self.format, self.policy, record, &texts).ok();
        let suppressed = SuppressedMessage {
            source_topic: self.source_topic,
            partition: record.partition(),
            offset: record.offset(),
            message: message.as_ref(),
            suppression,
            receipt: self.receipt,
            decided_at_ms: self.now_ms,
        };
        self.audit.encode_entry(&suppressed, self.entry);
        port.audit(record.partition(), self.entry)
    }
}
