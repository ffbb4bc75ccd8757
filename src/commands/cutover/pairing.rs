//! Outbound and allowed topic side by side: which record of the one is which record of the other.
//!
//! Counts records of the allowed topic from its end, for offsets there are no count: the ends of transactions
//! have some too. Where a pair is found the two records are compared, so that a count that is wrong is
//! noticed. What is gone is told as gone.

use std::collections::BTreeMap;

use super::cut::ahead;
use super::decided::Decided;
use super::facts::{Pair, Pairs, Spans, Standing, Standings, Twins};
use crate::consent::{Offset, Partition};
use crate::kafka::{Span, TopicReader};
use crate::stream::Fault;

/// Where a gate has decided further than the sender has sent: where the rest begins in the allowed topic.
pub(super) fn pairs_of_cut(
    allowed: &TopicReader,
    partitions: &Standings,
    decided: &BTreeMap<Partition, Decided>,
) -> Result<Pairs, Fault> {
    let mut pairs = Pairs::new();
    for (partition, unread) in ahead(partitions, decided) {
        let Some(standing) = partitions.get(&partition) else {
            continue;
        };
        let pair = match last_of(allowed, (partition, standing.allowed), unread)? {
            Some(first) => Ok(Pair {
                allowed: first,
                unread,
                outbound: decided.get(&partition).and_then(|known| known.last_but(unread)),
                twins: Twins::Unknown,
            }),
            None => Err(format!(
                "{unread} messages were allowed behind where the sender stands, and the allowed topic keeps \
                 fewer"
            )),
        };
        pairs.insert(partition, pair);
    }
    Ok(pairs)
}

/// The offset of the record that has so many behind it, itself counted.
fn last_of(
    reader: &TopicReader,
    (partition, span): (Partition, Span),
    count: u64,
) -> Result<Option<Offset>, Fault> {
    if count == 0 {
        return Ok(Some(span.next));
    }
    let wanted = usize::try_from(count).unwrap_or(usize::MAX);
    let spans = reader.last(Spans::from([(partition, span)]), wanted, |_| true)?;
    let mut found = 0;
    reader.read(&spans, |_| found += 1)?;
    Ok(spans.get(&partition).filter(|_| found == count).map(|span| span.first))
}

/// What the sender has not read of the allowed topic.
pub(super) fn unread(allowed: &TopicReader, partitions: &Standings) -> Result<Pairs, Fault> {
    let mut pairs: Pairs = partitions.iter().map(|(at, standing)| (*at, place(standing))).collect();
    let spans = pairs.iter().filter_map(|(partition, pair)| {
        let (pair, standing) = (pair.as_ref().ok()?, partitions.get(partition)?);
        Some((*partition, Span { first: pair.allowed, next: standing.allowed.next }))
    });
    let spans: Spans = spans.collect();
    allowed.read(&spans, |record| {
        if let Some(Ok(pair)) = pairs.get_mut(&record.partition()) {
            // The committed offset may lie on the end of a transaction, which is no message.
            if pair.unread == 0 {
                pair.allowed = record.offset();
            }
            pair.unread += 1;
        }
    })?;
    Ok(pairs)
}

/// From where on the sender has not read a partition of the allowed topic.
fn place(standing: &Standing) -> Result<Pair, String> {
    let kept = standing.allowed;
    let allowed = match standing.sender_allowed {
        Some(next) if next > kept.next => {
            return Err(format!(
                "the sender's offset {next} lies beyond the allowed topic's end {}: was it made anew?",
                kept.next
            ));
        }
        Some(next) => next.max(kept.first),
        None if kept.first == kept.next => kept.next,
        None => {
            return Err(
                "the sender's group has no committed offset in the allowed topic, so nobody knows \
                        what it has sent; set one with kafka-consumer-groups.sh --reset-offsets"
                    .to_owned(),
            );
        }
    };
    Ok(Pair { allowed, unread: 0, outbound: None, twins: Twins::Unknown })
}

/// Compares the message where the sender goes on in both topics.
pub(super) fn compare(
    outbound: &TopicReader,
    allowed: &TopicReader,
    pairs: &mut Pairs,
) -> Result<(), Fault> {
    let pair_of = |pair: &Result<Pair, String>| {
        let pair = pair.as_ref().ok().filter(|pair| pair.unread > 0)?;
        Some((pair.allowed, pair.outbound?))
    };
    let found = pairs.iter().filter_map(|(at, pair)| Some((*at, pair_of(pair)?)));
    let found: BTreeMap<_, _> = found.collect();
    let here = messages(allowed, found.iter().map(|(at, (allowed, _))| (*at, *allowed)))?;
    let there = messages(outbound, found.iter().map(|(at, (_, outbound))| (*at, *outbound)))?;
    for partition in found.keys() {
        if let Some(Ok(pair)) = pairs.get_mut(partition) {
            pair.twins = match (here.get(partition), there.get(partition)) {
                (Some(here), Some(there)) if here == there => Twins::Same,
                (Some(_), Some(_)) => Twins::Different,
                _ => Twins::Unknown,
            };
        }
    }
    Ok(())
}

/// What a gate never changes of a message: key, value and timestamp.
type Message = (Option<Vec<u8>>, Option<Vec<u8>>, Option<i64>);

/// The messages at these places, as far as they are kept.
fn messages(
    reader: &TopicReader,
    places: impl Iterator<Item = (Partition, Offset)>,
) -> Result<BTreeMap<Partition, Message>, Fault> {
    let whole = reader.whole();
    let kept = |(partition, offset): &(Partition, Offset)| {
        whole.get(partition).is_some_and(|span| span.first <= *offset && *offset < span.next)
    };
    let span = |(partition, offset): (Partition, Offset)| {
        (partition, Span { first: offset, next: offset.next() })
    };
    let mut found = BTreeMap::new();
    reader.read(&places.filter(kept).map(span).collect(), |record| {
        let bytes = |bytes: Option<&[u8]>| bytes.map(<[u8]>::to_vec);
        let message = (bytes(record.key()), bytes(record.value()), record.timestamp_ms());
        found.insert(record.partition(), message);
    })?;
    Ok(found)
}
