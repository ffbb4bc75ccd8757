//! The topics to read, with a bar beside each, by as many readers as the machine has processors.

use std::collections::{BTreeMap, BTreeSet};
use std::thread;

use super::progress::Progress;
use crate::consent::{Offset, Partition};
use crate::kafka::{Clients, Span, TopicReader, TopicRecord};
use crate::stream::Fault;

/// More readers than this would only wait for the network.
const READERS_MAX: usize = 8;

/// Opens and reads topics.
pub(super) struct Shelf<'a> {
    pub(super) clients: Clients,
    /// Only these input partitions, and those of the same number in the outputs; all if empty.
    pub(super) only: BTreeSet<Partition>,
    pub(super) progress: &'a Progress,
}

/// Parts of a topic.
pub(super) type Spans = BTreeMap<Partition, Span>;

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
        spans: &Spans,
        each: impl FnMut(&TopicRecord<'_>),
    ) -> Result<(), Fault> {
        self.progress.begin(reader.topic(), spans);
        self.read_share(reader, spans, each)
    }

    /// Reads parts of a topic, each by a reader with what it works on, all at once. Records of one
    /// partition come in order.
    ///
    /// # Errors
    /// A topic that cannot be read to its end.
    pub(super) fn read_each<W: Send>(
        &self,
        reader: &TopicReader,
        shares: Vec<(Spans, W)>,
        each: impl Fn(&mut W, &TopicRecord<'_>) + Sync,
    ) -> Result<Vec<W>, Fault> {
        let all = shares.iter().flat_map(|(spans, _)| spans).map(|(at, span)| (*at, *span));
        self.progress.begin(reader.topic(), &all.collect());
        let read = |(spans, mut work): (Spans, W)| {
            self.read_share(reader, &spans, |record| each(&mut work, record)).map(|()| work)
        };
        thread::scope(|scope| {
            let readers: Vec<_> =
                shares.into_iter().map(|share| scope.spawn(|| read(share))).collect();
            let ended = readers.into_iter().map(|reader| match reader.join() {
                Ok(ended) => ended,
                Err(panic) => std::panic::resume_unwind(panic),
            });
            ended.collect()
        })
    }

    fn read_share(
        &self,
        reader: &TopicReader,
        spans: &Spans,
        mut each: impl FnMut(&TopicRecord<'_>),
    ) -> Result<(), Fault> {
        if spans.values().all(|span| span.first >= span.next) {
            return Ok(());
        }
        let mut steps = self.progress.steps(spans);
        reader.read(spans, |record| {
            each(record);
            steps.step(record.partition(), record.offset());
        })
    }

    /// Whether a partition is to be verified.
    pub(super) fn is_wanted(&self, partition: Partition) -> bool {
        self.only.is_empty() || self.only.contains(&partition)
    }

    /// All of the partitions that are to be verified, from where they were read to.
    pub(super) fn wanted(&self, reader: &TopicReader, read: &BTreeMap<Partition, Offset>) -> Spans {
        let mut spans = reader.whole();
        spans.retain(|partition, _| self.is_wanted(*partition));
        go_on(&mut spans, read);
        spans
    }
}

/// Leaves out what was read.
pub(super) fn go_on(spans: &mut Spans, read: &BTreeMap<Partition, Offset>) {
    for (partition, span) in spans {
        if let Some(read) = read.get(partition) {
            span.first = span.first.max(*read);
        }
    }
}

/// Up to where a topic is read when it is read as it stood.
pub(super) fn ends(reader: &TopicReader) -> BTreeMap<Partition, Offset> {
    reader.extents().iter().map(|extent| (extent.partition, extent.end)).collect()
}

/// The first offset that each partition still keeps.
pub(super) fn begins(reader: &TopicReader) -> BTreeMap<Partition, Offset> {
    reader.extents().iter().map(|extent| (extent.partition, extent.begin)).collect()
}

/// How many readers there are.
pub(super) fn readers() -> usize {
    thread::available_parallelism().map_or(1, usize::from).min(READERS_MAX)
}

/// The parts in shares of about one size, one a reader; fewer if there are fewer parts.
pub(super) fn shares(spans: Spans) -> Vec<Spans> {
    let length = |span: &Span| span.next.0.saturating_sub(span.first.0).max(0);
    let mut largest: Vec<_> = spans.into_iter().collect();
    largest.sort_by_key(|(partition, span)| (-length(span), *partition));
    let count = readers().min(largest.len()).max(1);
    let mut shares = vec![(0, Spans::new()); count];
    for (partition, span) in largest {
        if let Some((size, share)) = shares.iter_mut().min_by_key(|(size, _)| *size) {
            *size += length(&span);
            share.insert(partition, span);
        }
    }
    shares.into_iter().map(|(_, share)| share).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_is_in_one_share_and_no_share_is_much_larger_than_the_largest_part() {
        let span = |length: i64| Span { first: Offset(5), next: Offset(5 + length) };
        let lengths = [900, 10, 500, 400, 0, 30];
        let spans: Spans = (0..).map(Partition).zip(lengths.map(span)).collect();
        let shares = shares(spans.clone());
        let mut all: Vec<_> = shares.iter().flatten().map(|(at, span)| (*at, *span)).collect();
        all.sort_by_key(|(partition, _)| *partition);
        assert_eq!(all, spans.into_iter().collect::<Vec<_>>());
        let size = |share: &Spans| share.values().map(|span| span.next.0 - 5).sum::<i64>();
        let sizes: Vec<i64> = shares.iter().map(size).collect();
        let (most, least) = (sizes.iter().max().unwrap(), sizes.iter().min().unwrap());
        assert!(most - least <= 900, "{sizes:?}");
    }
}
