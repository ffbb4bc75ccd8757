//! Several topics as one stream in the order of their times.
//!
//! A record is shown once every other partition has shown that it has nothing earlier; within one
//! partition order is that of offsets, so a time that steps back counts as the newest before it. No
//! group, no commit, no write. What runs ahead of the slowest partition is paused, so memory is bound
//! by the number of partitions and not by the topics' length.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap, VecDeque};
use std::ops::ControlFlow;
use std::time::Instant;

use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::KafkaError;
use rdkafka::message::BorrowedMessage;
use rdkafka::{Message, TopicPartitionList};

use super::{LOOK_EVERY, SILENCE_LIMIT, Span, TopicReader, TopicRecord, client};
use crate::consent::{Offset, Partition};
use crate::kafka::context::PlainContext;
use crate::kafka::fault::fault_of;
use crate::stream::{Fault, FaultKind};

/// A partition with more records than this waiting is paused.
const MANY: usize = 20_000;
/// A paused partition with fewer than this waiting is resumed.
const FEW: usize = 2_000;

/// One topic of a merge, and which parts of it to read. Of records of one time those of an earlier
/// input come first.
pub struct MergedInput<'a> {
    /// The topic.
    pub reader: &'a TopicReader,
    /// The parts, which must lie within its extents.
    pub spans: BTreeMap<Partition, Span>,
}

/// One partition.
struct Part<'c> {
    span: Span,
    waiting: VecDeque<(i64, BorrowedMessage<'c>)>,
    /// The running maximum of its times.
    newest_ms: i64,
    /// The offset after the last that came.
    next: Offset,
    fetching: Fetching,
}

/// Whether more of a partition is to come.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fetching {
    On,
    Paused,
    /// It is read to its end.
    Done,
}

impl Part<'_> {
    fn new(span: Span) -> Self {
        let (waiting, fetching) = (VecDeque::new(), Fetching::On);
        Self { span, waiting, newest_ms: i64::MIN, next: span.first, fetching }
    }

    /// Whether nobody knows what its next record's time is.
    fn is_awaited(&self) -> bool {
        self.waiting.is_empty() && self.fetching != Fetching::Done
    }
}

/// Reads all inputs to their ends, or until `each` has seen enough. `time_of` says when a record of
/// an input counts; `each` gets the input's number, that time as it counts within its partition, and
/// the record.
///
/// # Errors
/// An offset that is gone, or topics that fall silent before their ends.
pub fn read_merged(
    inputs: &[MergedInput<'_>],
    time_of: impl Fn(usize, &TopicRecord<'_>) -> i64,
    mut each: impl FnMut(usize, i64, &TopicRecord<'_>) -> Result<ControlFlow<()>, Fault>,
) -> Result<(), Fault> {
    // A client a topic: only so the end of a partition says whose it is.
    let clients = inputs.iter().map(|input| client(&input.reader.config));
    let clients: Vec<_> = clients.collect::<Result<_, _>>()?;
    let mut merge = Merge::new(inputs, &clients)?;
    loop {
        while let Some(input) = merge.awaited_input() {
            merge.poll(input, &time_of)?;
        }
        let Some((input, time_ms, message)) = merge.pop()? else {
            return Ok(());
        };
        if each(input, time_ms, &TopicRecord { message: &message })?.is_break() {
            return Ok(());
        }
    }
}

/// One topic.
struct Input<'c> {
    topic: &'c str,
    consumer: &'c BaseConsumer<PlainContext>,
    parts: BTreeMap<Partition, Part<'c>>,
    /// How many parts have to show a record before the next of all can be taken.
    awaited: usize,
}

struct Merge<'c> {
    inputs: Vec<Input<'c>>,
    /// The first waiting record of each part: time, input, partition.
    heads: BinaryHeap<Reverse<(i64, usize, Partition)>>,
    heard: Instant,
}

impl<'c> Merge<'c> {
    fn new(
        inputs: &'c [MergedInput<'_>],
        clients: &'c [BaseConsumer<PlainContext>],
    ) -> Result<Self, Fault> {
        let begun = inputs.iter().zip(clients).map(|(input, consumer)| Input::new(input, consumer));
        let inputs = begun.collect::<Result<_, _>>()?;
        Ok(Self { inputs, heads: BinaryHeap::new(), heard: Instant::now() })
    }

    /// A topic without whose next record nobody knows what comes next.
    fn awaited_input(&self) -> Option<usize> {
        self.inputs.iter().position(|input| input.awaited > 0)
    }

    fn poll(
        &mut self,
        at: usize,
        time_of: &impl Fn(usize, &TopicRecord<'_>) -> i64,
    ) -> Result<(), Fault> {
        let Some(input) = self.inputs.get_mut(at) else {
            return Ok(());
        };
        match input.consumer.poll(LOOK_EVERY) {
            Some(Ok(message)) => {
                let time_ms = time_of(at, &TopicRecord { message: &message });
                let partition = Partition(message.partition());
                if let Some(time_ms) = input.take(time_ms, message)? {
                    self.heads.push(Reverse((time_ms, at, partition)));
                }
            }
            Some(Err(KafkaError::PartitionEOF(partition))) => input.finish(Partition(partition))?,
            Some(Err(error)) => {
                let fault = fault_of(&format!("reading topic {}", input.topic), &error);
                if fault.kind != FaultKind::Retriable || self.heard.elapsed() > SILENCE_LIMIT {
                    return Err(fault);
                }
                return Ok(());
            }
            None if self.heard.elapsed() > SILENCE_LIMIT => {
                let what = format!("topic {} fell silent before its end", input.topic);
                return Err(Fault::new(FaultKind::Retriable, what));
            }
            None => return Ok(()),
        }
        self.heard = Instant::now();
        Ok(())
    }

    /// The earliest record of all.
    fn pop(&mut self) -> Result<Option<(usize, i64, BorrowedMessage<'c>)>, Fault> {
        let Some(Reverse((_, at, partition))) = self.heads.pop() else {
            return Ok(None);
        };
        let Some(input) = self.inputs.get_mut(at) else {
            return Ok(None);
        };
        let (popped, next_ms) = input.pop(partition)?;
        if let Some(next_ms) = next_ms {
            self.heads.push(Reverse((next_ms, at, partition)));
        }
        self.heard = Instant::now();
        Ok(popped.map(|(time_ms, message)| (at, time_ms, message)))
    }
}

impl<'c> Input<'c> {
    fn new(
        input: &'c MergedInput<'_>,
        consumer: &'c BaseConsumer<PlainContext>,
    ) -> Result<Self, Fault> {
        let topic = input.reader.topic();
        let mut unfinished = input.spans.clone();
        unfinished.retain(|_, span| span.first < span.next);
        input.reader.assign(consumer, &unfinished)?;
        let part = |(partition, span): (Partition, Span)| (partition, Part::new(span));
        let parts: BTreeMap<_, _> = unfinished.into_iter().map(part).collect();
        Ok(Self { topic, consumer, awaited: parts.len(), parts })
    }

    /// Takes in a record. Gives its time if it is now the first that waits in its partition.
    fn take(&mut self, time_ms: i64, message: BorrowedMessage<'c>) -> Result<Option<i64>, Fault> {
        let (partition, offset) = (Partition(message.partition()), Offset(message.offset()));
        let Some(part) = self.parts.get_mut(&partition) else {
            return Ok(None);
        };
        // Pausing and resuming may bring a record twice.
        if part.fetching == Fetching::Done || offset < part.next {
            return Ok(None);
        }
        let mut head = None;
        if offset < part.span.next {
            part.newest_ms = part.newest_ms.max(time_ms);
            if part.waiting.is_empty() {
                head = Some(part.newest_ms);
                self.awaited -= 1;
            }
            part.waiting.push_back((part.newest_ms, message));
        }
        part.next = offset.next();
        let is_much = part.waiting.len() >= MANY && part.fetching == Fetching::On;
        if part.next >= part.span.next {
            self.finish(partition)?;
        } else if is_much {
            part.fetching = Fetching::Paused;
            self.pause(partition)?;
        }
        Ok(head)
    }

    /// The first record that waits in a partition, and the time of the one behind it.
    #[allow(clippy::type_complexity, reason = "a record and a time")]
    fn pop(
        &mut self,
        partition: Partition,
    ) -> Result<(Option<(i64, BorrowedMessage<'c>)>, Option<i64>), Fault> {
        let Some(part) = self.parts.get_mut(&partition) else {
            return Ok((None, None));
        };
        let popped = part.waiting.pop_front();
        let next_ms = part.waiting.front().map(|(time_ms, _)| *time_ms);
        self.awaited += usize::from(part.is_awaited());
        if part.fetching == Fetching::Paused && part.waiting.len() <= FEW {
            part.fetching = Fetching::On;
            let list = self.list(partition);
            self.consumer.resume(&list).map_err(|error| fault_of("resuming", &error))?;
        }
        Ok((popped, next_ms))
    }

    fn finish(&mut self, partition: Partition) -> Result<(), Fault> {
        let Some(part) = self.parts.get_mut(&partition) else {
            return Ok(());
        };
        if part.fetching == Fetching::Done {
            return Ok(());
        }
        self.awaited -= usize::from(part.is_awaited());
        part.fetching = Fetching::Done;
        self.pause(partition)
    }

    fn pause(&self, partition: Partition) -> Result<(), Fault> {
        let list = self.list(partition);
        self.consumer.pause(&list).map_err(|error| fault_of("pausing", &error))
    }

    fn list(&self, partition: Partition) -> TopicPartitionList {
        let mut list = TopicPartitionList::new();
        list.add_partition(self.topic, partition.0);
        list
    }
}
