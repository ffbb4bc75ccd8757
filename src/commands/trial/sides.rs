//! The state of consent on both sides of a message: what surely came before it, and all that may have.
//!
//! Two indexes of the gate itself, one behind the other by twice the tolerance. Where both give one
//! answer, no clock that is off by less than the tolerance can change it. Knows no Kafka. A record that
//! nobody can read and that names no business would hold a gate; here it is counted and passed over, so
//! that the rest can be told.

use std::collections::VecDeque;

use crate::consent::{Fact, Offset, Partition, Place, Positions, Seconds, Topic, fold};
use crate::decision::{Decision, Message, Reason, Scratch, Suppression, decide_batch};
use crate::index::{CaughtUp, ConsentIndex, Fence, IndexKeys, Tick};
use crate::policy::Policy;
use crate::stream::ports::{AppendTime, RawConsent, TopicWidth};
use crate::stream::{AppendClock, RolledLog};
use crate::wire::formats::EventFormats;

/// What one side says of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    /// The gate would have let it out.
    Allow,
    /// The gate would have stopped it.
    Suppress(Suppression),
    /// The gate would have decided nothing then.
    Hold,
}

/// What both sides say of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct BothSides {
    /// With what surely came before it.
    pub(super) before: Side,
    /// With all that may have come before it.
    pub(super) around: Side,
}

/// A consent record that counts on one side and not yet on the other.
#[derive(Debug)]
struct Waiting {
    at_ms: i64,
    facts: Vec<Fact>,
    place: Place,
}

/// Both sides.
pub(super) struct Sides {
    before: ConsentIndex,
    around: ConsentIndex,
    waiting: VecDeque<Waiting>,
    tolerance_ms: i64,
    clock: AppendClock,
    rolled: RolledLog,
    widths: Vec<TopicWidth>,
    formats: EventFormats,
    scratch: Scratch,
    /// What was seen of the consent topics.
    pub(super) seen: ConsentSeen,
}

/// What was seen of the consent topics.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct ConsentSeen {
    /// How many records.
    pub(super) records: u64,
    /// How many carry a time of their writer's and not of the broker's.
    pub(super) writers_time: u64,
    /// How many nobody can read and for nobody in particular.
    pub(super) unattributed: u64,
    /// The first of these.
    pub(super) first_unattributed: Option<Place>,
    /// How far a record's time lies before an earlier one's of its partition, at most, in milliseconds.
    pub(super) steps_back_ms: i64,
}

impl Sides {
    /// Two empty indexes that stand at these beginnings.
    pub(super) fn new(
        begins: &[(Topic, Partition, Offset)],
        widths: Vec<TopicWidth>,
        formats: EventFormats,
        rolled: RolledLog,
        tolerance_ms: i64,
    ) -> Self {
        let empty = || {
            let keys = IndexKeys {
                mixing: rand::random(),
                user_ids: rand::random(),
                tombstones: rand::random(),
            };
            let mut index = ConsentIndex::new(keys);
            for &(topic, partition, begin) in begins {
                index.advance(topic, partition, begin);
            }
            index
        };
        Self {
            before: empty(),
            around: empty(),
            waiting: VecDeque::new(),
            tolerance_ms,
            clock: AppendClock::default(),
            rolled,
            widths,
            formats,
            scratch: Scratch::default(),
            seen: ConsentSeen::default(),
        }
    }

    /// Takes in a consent record that counts from `at_ms`, and whose own time is `own_ms` if the broker
    /// gave none. They come in the order of `at_ms`. From now on it counts for all messages on the side
    /// of what may have come before.
    pub(super) fn take(&mut self, raw: &RawConsent, own_ms: Option<i64>, at_ms: i64) {
        let raw = self.rolled.take(raw).into_owned();
        let place = raw.place();
        self.seen.records += 1;
        self.seen.writers_time += u64::from(raw.appended == AppendTime::NotBroker);
        let own_ms = raw.broker_ms().or(own_ms);
        self.seen.steps_back_ms = self.seen.steps_back_ms.max(at_ms - own_ms.unwrap_or(at_ms));
        let own = Seconds::nearest_to_millis(own_ms.unwrap_or(at_ms));
        let at = match raw.appended {
            // A writer's clock is nobody else's: no running maximum.
            AppendTime::NotBroker => own,
            _ => self.clock.observe(place, own, own, 0),
        };
        let mut facts = fold(&raw.to_record(at, &self.widths, &self.formats)).facts;
        facts.retain(|fact| {
            let holds = matches!(fact, Fact::Undecodable { business: None, .. });
            self.seen.unattributed += u64::from(holds);
            if holds {
                self.seen.first_unattributed.get_or_insert(place);
            }
            !holds
        });
        for fact in &facts {
            if let Fact::Void { place, .. } = fact {
                self.clock.void(*place);
            }
            self.around.apply(fact.clone());
        }
        self.around.advance(place.topic, place.partition, place.offset.next());
        self.waiting.push_back(Waiting { at_ms, facts, place });
    }

    /// Whether [`Sides::catch_up`] would change anything.
    pub(super) fn is_behind(&self, message_ms: i64) -> bool {
        let surely_before = message_ms.saturating_sub(self.tolerance_ms);
        self.waiting.front().is_some_and(|record| record.at_ms < surely_before)
    }

    /// Lets all count that surely came before a message of this time.
    pub(super) fn catch_up(&mut self, message_ms: i64) {
        while self.is_behind(message_ms) {
            let Some(Waiting { facts, place, .. }) = self.waiting.pop_front() else {
                return;
            };
            facts.into_iter().for_each(|fact| self.before.apply(fact));
            self.before.advance(place.topic, place.partition, place.offset.next());
        }
    }

    /// Decides messages as of one second on both sides.
    pub(super) fn decide(
        &mut self,
        policy: &Policy,
        now: Seconds,
        messages: &[Result<Message<'_>, Reason>],
    ) -> Vec<BothSides> {
        let before = decide(&self.before, policy, now, messages, &mut self.scratch);
        let around = decide(&self.around, policy, now, messages, &mut self.scratch);
        before
            .into_iter()
            .zip(around)
            .map(|(before, around)| BothSides { before, around })
            .collect()
    }

    /// The log of record as it was read: whether it was rolled, and may be relied on.
    pub(super) fn rolled(&self) -> &RolledLog {
        &self.rolled
    }
}

/// The gate's own way from an index to decisions: a proof, a view, a batch.
fn decide(
    index: &ConsentIndex,
    policy: &Policy,
    now: Seconds,
    messages: &[Result<Message<'_>, Reason>],
    scratch: &mut Scratch,
) -> Vec<Side> {
    let ends: Positions = index.positions().clone();
    let fence = Fence { asked_at: Tick(0), ends };
    let Ok(proof) = CaughtUp::prove(index, &fence, Tick(0)) else {
        return vec![Side::Hold; messages.len()];
    };
    let mut decisions = Vec::with_capacity(messages.len());
    decide_batch(policy, &proof.view(), now, messages, scratch, &mut decisions);
    let side = |decision| match decision {
        Decision::Allow(_) => Side::Allow,
        Decision::Suppress(suppression) => Side::Suppress(suppression),
    };
    decisions.into_iter().map(side).collect()
}
