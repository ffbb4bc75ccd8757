//! One walk over the messages and what people said, in the order of their times.
//!
//! Messages wait until nothing that may have come before them is missing, and are then decided by their
//! own time. Whose time steps back further than the tolerance cannot be placed: it is decided where it
//! is found, and never counted as a slip.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap};
use std::io;

use super::checkpoint::Checkpoint;
use super::counts::Counts;
use super::message::{Copied, Turn, is_brokers_time};
use super::outcome::{Near, Outcome, Told};
use super::sides::Sides;
use super::slips::SlipFile;
use crate::commands::output::instant;
use crate::consent::{BusinessId, Offset, Partition, Seconds};
use crate::decision::{Message, Reason};
use crate::kafka::{Span, TopicRecord};
use crate::policy::Policy;
use crate::stream::ports::RawConsent;
use crate::wire::formats::{Format, Texts};
use crate::wire::pseudonym::Pseudonyms;

/// The most messages that are decided together.
const BATCH: usize = 1_000;
/// The business and scope of what cannot be read.
const UNREADABLE: &str = "(unreadable)";
/// What is not said.
const NONE: &str = "(none)";
/// A scope that the policy does not know; its name is the sender's own word and stays out.
const UNKNOWN: &str = "(unknown)";

/// What a walk is about and does not change.
pub(super) struct Subject<'a> {
    pub(super) topic: &'a str,
    pub(super) format: &'a Format,
    pub(super) policy: &'a Policy,
    /// Only messages from this time on, in milliseconds since 1970.
    pub(super) from_ms: Option<i64>,
    /// Only messages before this time.
    pub(super) to_ms: Option<i64>,
    pub(super) tolerance_ms: i64,
}

/// A walk under way.
pub(super) struct Walk<'a> {
    subject: Subject<'a>,
    pub(super) sides: Sides,
    pub(super) counts: Counts,
    slips: SlipFile,
    pseudonyms: Pseudonyms,
    /// Messages that wait for their turn.
    heap: BinaryHeap<Reverse<Copied>>,
    /// Messages of one second that are to be decided together.
    batch: Vec<Copied>,
    /// Up to where each partition was read, and where its range ends.
    read: BTreeMap<Partition, Span>,
    /// After a restart: of what was read already, what was not decided.
    left: BTreeMap<Partition, BTreeSet<Offset>>,
    /// All that is earlier than this has been decided.
    horizon_ms: i64,
}

impl<'a> Walk<'a> {
    /// A walk over these parts, or on from a checkpoint.
    pub(super) fn new(
        subject: Subject<'a>,
        sides: Sides,
        slips: SlipFile,
        pseudonyms: Pseudonyms,
        spans: BTreeMap<Partition, Span>,
        from: Option<Checkpoint>,
    ) -> Self {
        let mut walk = Self {
            subject,
            sides,
            counts: Counts::default(),
            slips,
            pseudonyms,
            heap: BinaryHeap::new(),
            batch: Vec::new(),
            read: spans,
            left: BTreeMap::new(),
            horizon_ms: i64::MIN,
        };
        if let Some(from) = from {
            walk.left = from.left();
            (walk.counts, walk.horizon_ms) = (from.counts, from.horizon_ms);
        }
        walk
    }

    /// A consent record that counts from `at_ms`.
    ///
    /// # Errors
    /// A slip that cannot be written down.
    pub(super) fn consent(
        &mut self,
        raw: &RawConsent,
        own_ms: Option<i64>,
        at_ms: i64,
    ) -> io::Result<()> {
        self.release_before(at_ms.saturating_sub(self.subject.tolerance_ms))?;
        self.flush()?;
        self.sides.take(raw, own_ms, at_ms);
        Ok(())
    }

    /// A message whose turn in its partition is at `at_ms`.
    ///
    /// # Errors
    /// A slip that cannot be written down.
    pub(super) fn message(&mut self, record: &TopicRecord<'_>, at_ms: i64) -> io::Result<()> {
        let (partition, offset) = (record.partition(), record.offset());
        if self.was_decided(partition, offset) {
            return Ok(());
        }
        self.release_before(at_ms.saturating_sub(self.subject.tolerance_ms))?;
        if let Some(span) = self.read.get_mut(&partition) {
            span.first = span.first.max(offset.next());
        }
        let Some(copied) = Copied::of(record, self.horizon_ms) else {
            self.count_undated();
            return Ok(());
        };
        let (from_ms, to_ms) = (self.subject.from_ms, self.subject.to_ms);
        let is_early = from_ms.is_some_and(|from_ms| copied.time_ms < from_ms);
        let is_late = to_ms.is_some_and(|to_ms| copied.time_ms >= to_ms);
        if is_early || is_late {
            return Ok(());
        }
        self.counts.broker_time += u64::from(is_brokers_time(record));
        self.counts.missed_turns += u64::from(copied.turn == Turn::Missed);
        self.counts.steps_back_ms = self.counts.steps_back_ms.max(at_ms - copied.time_ms);
        self.heap.push(Reverse(copied));
        Ok(())
    }

    /// Decides all that still waits.
    ///
    /// # Errors
    /// A slip that cannot be written down.
    pub(super) fn finish(&mut self) -> io::Result<()> {
        self.release_before(i64::MAX)?;
        self.flush()?;
        self.slips.settle().map(drop)
    }

    /// Where the walk stands.
    ///
    /// # Errors
    /// A slip that cannot be written down.
    pub(super) fn checkpoint(&mut self, about: &str) -> io::Result<Checkpoint> {
        self.flush()?;
        let (slips_bytes, slips_sha256) = self.slips.settle()?;
        let place = |Reverse(copied): &Reverse<Copied>| (copied.partition.0, copied.offset.0);
        let mut waiting: Vec<_> = self.heap.iter().map(place).collect();
        let not_read_again = self
            .left
            .iter()
            .flat_map(|(partition, offsets)| offsets.iter().map(|offset| (partition.0, offset.0)));
        waiting.extend(not_read_again);
        waiting.sort_unstable();
        let span =
            |(partition, span): (&Partition, &Span)| (partition.0, span.first.0, span.next.0);
        Ok(Checkpoint {
            about: about.to_owned(),
            outbound: self.read.iter().map(span).collect(),
            waiting,
            horizon_ms: self.horizon_ms,
            slips_bytes,
            slips_sha256,
            counts: self.counts.clone(),
        })
    }

    /// Whether a record that was read before a restart was also decided before it.
    fn was_decided(&mut self, partition: Partition, offset: Offset) -> bool {
        let read = self.read.get(&partition).is_some_and(|span| offset < span.first);
        let left = self.left.get_mut(&partition).is_some_and(|left| left.remove(&offset));
        read && !left
    }

    /// Decides the messages that are earlier than this: all that may count for them has been taken in.
    fn release_before(&mut self, before_ms: i64) -> io::Result<()> {
        while self.heap.peek().is_some_and(|Reverse(first)| first.time_ms < before_ms) {
            if let Some(Reverse(copied)) = self.heap.pop() {
                self.add(copied)?;
            }
        }
        self.horizon_ms = self.horizon_ms.max(before_ms);
        if self.sides.is_behind(before_ms) {
            self.flush()?;
            self.sides.catch_up(before_ms);
        }
        Ok(())
    }

    fn add(&mut self, copied: Copied) -> io::Result<()> {
        let second = |copied: &Copied| copied.time_ms.div_euclid(1_000);
        let is_of_another = self.batch.last().is_some_and(|last| second(last) != second(&copied));
        let is_full = self.batch.len() >= BATCH;
        if is_of_another || is_full || self.sides.is_behind(copied.time_ms) {
            self.flush()?;
        }
        self.sides.catch_up(copied.time_ms);
        self.batch.push(copied);
        Ok(())
    }

    /// Decides the batch.
    fn flush(&mut self) -> io::Result<()> {
        let Some(first) = self.batch.first() else {
            return Ok(());
        };
        let now = Seconds::nearest_to_millis(first.time_ms);
        let batch = std::mem::take(&mut self.batch);
        let texts = Texts::default();
        let (format, policy) = (self.subject.format, self.subject.policy);
        let read = batch.iter().map(|copied| copied.read(format, policy, &texts));
        let messages: Vec<_> = read.collect();
        let decided = self.sides.decide(policy, now, &messages);
        for ((copied, message), sides) in batch.iter().zip(&messages).zip(decided) {
            let mut told = Told::of(sides);
            // It was decided on more than it may have known.
            if copied.turn == Turn::Missed && told.slip.take().is_some() {
                told.near = Near::Yes;
            }
            self.count(copied, message.as_ref().ok(), told)?;
        }
        drop(messages);
        self.batch = batch;
        self.batch.clear();
        Ok(())
    }

    fn count(
        &mut self,
        copied: &Copied,
        message: Option<&Message<'_>>,
        told: Told,
    ) -> io::Result<()> {
        let business = message.map_or(UNREADABLE, |message| match message.business {
            business if BusinessId::parse(business).is_some() => business,
            _ => NONE,
        });
        let scope = message.map_or(UNREADABLE, |message| match message.scope {
            "" => NONE,
            scope if self.subject.policy.has_known(scope) => scope,
            _ => UNKNOWN,
        });
        self.counts.count(business, scope, Some(copied.time_ms), told);
        let (Some(objection), Some(message)) = (told.slip, message) else {
            return Ok(());
        };
        let pseudonym = message.to.map(|to| self.pseudonyms.of(message.business, to).to_string());
        self.slips.add([
            self.subject.topic,
            &copied.partition.0.to_string(),
            &copied.offset.0.to_string(),
            &instant(Seconds::nearest_to_millis(copied.time_ms)),
            business,
            pseudonym.as_deref().unwrap_or_default(),
            self.pseudonyms.key_id(),
            scope,
            message.category.name(),
            message.template,
            objection.name(),
            told.reason.map_or("", Reason::name),
        ])
    }

    fn count_undated(&mut self) {
        let reason = Some(Reason::Unforwardable);
        let told = Told { outcome: Outcome::Stopped, reason, slip: None, near: Near::No };
        self.counts.count(UNREADABLE, UNREADABLE, None, told);
    }
}
