//! What the gate wrote: the allowed topic and the audit topic, read once.

use std::collections::BTreeMap;

use super::allowed::Allowed;
use super::audits::Audits;
use super::fingerprint::Fingerprints;
use super::report::Report;
use super::shelf::{Shelf, begins};
use crate::config::Config;
use crate::consent::{Offset, Partition};
use crate::stream::Fault;
use crate::wire::receipt::Mode;

/// The topics' names.
#[derive(Clone, Debug)]
pub(super) struct Names {
    pub(super) source_topic: String,
    pub(super) audit_topic: String,
}

/// The outputs, and what of them is gone.
#[derive(Debug)]
pub(super) struct Outputs {
    pub(super) allowed: BTreeMap<Partition, Allowed>,
    pub(super) audits: Audits,
    pub(super) audit_begins: BTreeMap<Partition, Offset>,
}

impl Outputs {
    /// Reads both; everything before `settled` must be visible in them by now.
    ///
    /// # Errors
    /// A topic that cannot be read to its end.
    pub(super) fn read(
        shelf: &Shelf<'_>,
        config: &Config,
        settled: &BTreeMap<Partition, Offset>,
        prints: Fingerprints,
        report: &mut Report,
    ) -> Result<Self, Fault> {
        let topics = &config.topics;
        let (outbound, audit) = (topics.outbound.as_str(), topics.audit.as_str());
        let mut audits = Audits::new(outbound, audit, prints);
        let reader = shelf.open(audit)?;
        shelf.read(&reader, &shelf.wanted(&reader), |record| {
            let at = (record.partition(), record.offset());
            audits.take(at, record.value(), report);
        })?;
        let audit_begins = begins(&reader);
        // A shadow writes none, and what another wrote is not its own.
        if config.gate.mode == Mode::Shadow {
            return Ok(Self { allowed: BTreeMap::new(), audits, audit_begins });
        }
        let reader = shelf.open(topics.allowed.as_str())?;
        let mut allowed: BTreeMap<Partition, Allowed> = BTreeMap::new();
        let extents = reader.extents().iter();
        for extent in extents.filter(|extent| shelf.is_wanted(extent.partition)) {
            allowed.entry(extent.partition).or_default().trimmed = extent.begin.0 > 0;
        }
        for (partition, end) in settled.iter().filter(|(partition, _)| shelf.is_wanted(**partition))
        {
            allowed.entry(*partition).or_default().settled = *end;
        }
        shelf.read(&reader, &shelf.wanted(&reader), |record| {
            report.counts.allowed += 1;
            let (print, _) = prints.of(record);
            let partition = allowed.entry(record.partition()).or_default();
            partition.find(record.offset(), print);
        })?;
        Ok(Self { allowed, audits, audit_begins })
    }
}
