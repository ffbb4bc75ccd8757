//! Where in a topic to begin: at a time, or so many records before the end.
//!
//! Offsets are no count of records, for control and aborted records have some too; so the last
//! records are found by reading backwards, further each time. In doubt it begins too early.

use std::collections::{BTreeMap, VecDeque};

use rdkafka::consumer::Consumer;
use rdkafka::{Offset as KafkaOffset, TopicPartitionList};

use super::{Span, TopicReader, TopicRecord, client};
use crate::consent::{Offset, Partition};
use crate::kafka::ASK_LIMIT;
use crate::kafka::fault::fault_of;
use crate::stream::{Fault, FaultKind};

/// How much further the next look goes back.
const FURTHER: i64 = 8;

impl TopicReader {
    /// These parts, but from the first record of this time or later, in milliseconds since 1970.
    ///
    /// # Errors
    /// A partition that does not answer.
    pub fn since(
        &self,
        mut spans: BTreeMap<Partition, Span>,
        time_ms: i64,
    ) -> Result<BTreeMap<Partition, Span>, Fault> {
        let what = || format!("asking topic {} about a time", self.topic);
        let fault = |error| fault_of(&what(), &error);
        let mut asked = TopicPartitionList::new();
        for partition in spans.keys() {
            let time = KafkaOffset::Offset(time_ms);
            asked.add_partition_offset(&self.topic, partition.0, time).map_err(fault)?;
        }
        let answer = client(&self.config)?.offsets_for_times(asked, ASK_LIMIT).map_err(fault)?;
        for element in answer.elements() {
            element.error().map_err(fault)?;
            let Some(span) = spans.get_mut(&Partition(element.partition())) else {
                continue;
            };
            span.first = match element.offset() {
                KafkaOffset::Offset(offset) => Offset(offset).clamp(span.first, span.next),
                KafkaOffset::End => span.next,
                other => {
                    let what = format!("{}: no offset but {other:?}", what());
                    return Err(Fault::new(FaultKind::Retriable, what));
                }
            };
        }
        Ok(spans)
    }

    /// These parts, but from the last `count` records of each that count.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub fn last(
        &self,
        mut spans: BTreeMap<Partition, Span>,
        count: usize,
        mut counts: impl FnMut(&TopicRecord<'_>) -> bool,
    ) -> Result<BTreeMap<Partition, Span>, Fault> {
        let mut sought = spans.clone();
        // A transaction of one record takes two offsets.
        let mut reach = i64::try_from(count).unwrap_or(i64::MAX).saturating_mul(2);
        while !sought.is_empty() {
            reach = reach.saturating_add(FURTHER);
            let looked = sought.iter().map(|(partition, span)| {
                let first = span.first.max(Offset(span.next.0.saturating_sub(reach)));
                (*partition, Span { first, ..*span })
            });
            let looked: BTreeMap<_, _> = looked.collect();
            let mut found: BTreeMap<Partition, VecDeque<Offset>> = BTreeMap::new();
            self.read(&looked, |record| {
                if counts(record) {
                    let offsets = found.entry(record.partition()).or_default();
                    offsets.push_back(record.offset());
                    if offsets.len() > count {
                        offsets.pop_front();
                    }
                }
            })?;
            sought.retain(|partition, span| {
                let offsets = found.get(partition);
                let enough = offsets.filter(|offsets| offsets.len() == count);
                let all = looked.get(partition).is_none_or(|looked| looked.first == span.first);
                let first = enough.and_then(|offsets| offsets.front());
                if let (Some(first), Some(span)) = (first, spans.get_mut(partition)) {
                    span.first = *first;
                }
                first.is_none() && !all
            });
            reach = reach.saturating_mul(FURTHER);
        }
        Ok(spans)
    }
}
