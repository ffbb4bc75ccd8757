//! What the gate wrote: the allowed topic and the audit topic, each record read once.

use std::collections::BTreeMap;

use super::allowed::Allowed;
use super::audits::Audits;
use super::fingerprint::Fingerprints;
use super::report::Report;
use super::shelf::{Shelf, begins, ends, shares};
use crate::config::TopicNames;
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
    names: Names,
    allowed_read: BTreeMap<Partition, Offset>,
    audit_read: BTreeMap<Partition, Offset>,
    prints: Fingerprints,
}

impl Outputs {
    /// Nothing is read yet.
    pub(super) fn new(names: Names, prints: Fingerprints) -> Self {
        Self {
            allowed: BTreeMap::new(),
            audits: Audits::new(&names.source_topic, &names.audit_topic, prints),
            audit_begins: BTreeMap::new(),
            names,
            allowed_read: BTreeMap::new(),
            audit_read: BTreeMap::new(),
            prints,
        }
    }

    /// The topics' names.
    pub(super) fn names(&self) -> &Names {
        &self.names
    }

    /// Reads both to their ends, on from where they were read to.
    ///
    /// # Errors
    /// A topic that cannot be read to its end.
    pub(super) fn read_on(
        &mut self,
        shelf: &Shelf<'_>,
        (topics, mode): (&TopicNames, Mode),
        report: &mut Report,
    ) -> Result<(), Fault> {
        self.read_audits(shelf, topics.audit.as_str(), report)?;
        match mode {
            Mode::Gate => self.read_allowed(shelf, topics.allowed.as_str(), report),
            // A shadow writes none, and what another wrote is not its own.
            Mode::Shadow => Ok(()),
        }
    }

    fn read_audits(
        &mut self,
        shelf: &Shelf<'_>,
        topic: &str,
        report: &mut Report,
    ) -> Result<(), Fault> {
        let reader = shelf.open(topic)?;
        let none = || Audits::new(&self.names.source_topic, &self.names.audit_topic, self.prints);
        let spans = shares(shelf.wanted(&reader, &self.audit_read)).into_iter();
        let work = spans.map(|spans| (spans, (none(), Report::default()))).collect();
        let read = shelf.read_each(&reader, work, |(audits, report), record| {
            let at = (record.partition(), record.offset());
            audits.take(at, record.value(), report);
        })?;
        for (audits, told) in read {
            self.audits.join(audits, report);
            report.join(told);
        }
        self.audits.bring_home(report);
        (self.audit_begins, self.audit_read) = (begins(&reader), ends(&reader));
        Ok(())
    }

    fn read_allowed(
        &mut self,
        shelf: &Shelf<'_>,
        topic: &str,
        report: &mut Report,
    ) -> Result<(), Fault> {
        let reader = shelf.open(topic)?;
        let is_first = self.allowed_read.is_empty();
        let extents = reader.extents().iter();
        for extent in extents.filter(|extent| shelf.is_wanted(extent.partition)) {
            let allowed = self.allowed.entry(extent.partition).or_default();
            allowed.trimmed = is_first && extent.begin.0 > 0;
        }
        let spans = shares(shelf.wanted(&reader, &self.allowed_read)).into_iter();
        let work = spans.map(|spans| {
            let of_share = |at: &Partition| Some((*at, self.allowed.remove(at)?));
            let allowed: BTreeMap<_, _> = spans.keys().filter_map(of_share).collect();
            (spans, (allowed, 0_u64))
        });
        let work = work.collect();
        let prints = self.prints;
        let read = shelf.read_each(&reader, work, |(allowed, count), record| {
            *count += 1;
            let (print, _) = prints.of(record);
            if let Some(allowed) = allowed.get_mut(&record.partition()) {
                allowed.find(record.offset(), print);
            }
        })?;
        for (allowed, count) in read {
            self.allowed.extend(allowed);
            report.counts.allowed += count;
        }
        self.allowed_read = ends(&reader);
        Ok(())
    }
}
