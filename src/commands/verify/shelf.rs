//! The topics to read, with a bar beside each.

use std::collections::{BTreeMap, BTreeSet};

use super::progress::Progress;
use crate::consent::{Offset, Partition};
use crate::kafka::{Clients, Span, TopicReader, TopicRecord};
use crate::stream::Fault;

/// Opens and reads topics.
pub(super) struct Shelf<'a> {
    pub(super) clients: Clients,
    /// Only these input partitions, and those of the same number in the outputs; all if empty.
    pub(super) only: BTreeSet<Partition>,
    pub(super) progress: &'a Progress,
}

impl Shelf<'_> {
    /// A topic as it stands now.
    ///
    /// # Errors
    /// A topic that is not there or does not answer.
    pub(super) fn open(&self, topic: &str) -> Result<TopicReader, Fault> {
        TopicReader::open(&self.clients, topic)
    }

    /// Reads parts of a topic.
    ///
    /// # Errors
    /// A topic that cannot be read to its end.
    pub(super) fn read(
        &self,
        reader: &TopicReader,
        spans: &BTreeMap<Partition, Span>,
        mut each: impl FnMut(&TopicRecord<'_>),
    ) -> Result<(), Fault> {
        self.progress.begin(reader.topic(), spans);
        reader.read(spans, |record| {
            each(record);
            self.progress.step(record.partition(), record.offset());
        })
    }

    /// Whether a partition is to be verified.
    pub(super) fn is_wanted(&self, partition: Partition) -> bool {
        self.only.is_empty() || self.only.contains(&partition)
    }

    /// All of the partitions that are to be verified.
    pub(super) fn wanted(&self, reader: &TopicReader) -> BTreeMap<Partition, Span> {
        let mut spans = reader.whole();
        spans.retain(|partition, _| self.is_wanted(*partition));
        spans
    }
}

/// The first offset that each partition still keeps.
pub(super) fn begins(reader: &TopicReader) -> BTreeMap<Partition, Offset> {
    reader.extents().iter().map(|extent| (extent.partition, extent.begin)).collect()
}
