//! The consent topics, folded for a verifier, and what is no longer in them.
//!
//! The same fold and the same append clock as in the gate. What was trimmed is not guessed: whoever
//! asks is told that it cannot be checked.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::epochs::{Clocks, EpochId, VoidAt};
use super::history::{History, is_before};
use super::receipts::Batch;
use super::report::Unchecked;
use crate::consent::{
    BusinessId, Fact, IdentityRef, Offset, Partition, Place, Positions, Seconds, State, Subject,
    Topic, fold,
};
use crate::stream::ports::{Extent, RawConsent, TopicWidth};
use crate::wire::formats::EventFormats;

/// How long consent activity matters: a conversation stays open for a day. Clocks of brokers may
/// differ by a minute.
const ACTIVITY_MATTERS_S: u32 = 24 * 3_600 + 60;

/// What lies in the consent topics.
#[derive(Debug)]
pub(super) struct ConsentLog {
    pub(super) history: History,
    pub(super) clocks: Clocks,
    extents: BTreeMap<(Topic, Partition), Extent>,
    widths: Vec<TopicWidth>,
    formats: EventFormats,
    /// When the first record that is still kept was appended.
    first_kept: BTreeMap<(Topic, Partition), Seconds>,
    /// Records without the broker's append time.
    pub(super) undated: Vec<Place>,
    voids: Vec<VoidAt>,
    records: u64,
    /// Up to where the log was rolled: what erasures hid before that is gone.
    rolled: BTreeMap<Partition, Offset>,
}

/// How far a batch can be decided again.
#[derive(Clone, Debug)]
pub(super) struct Basis {
    pub(super) epoch: EpochId,
    /// Facts about businesses and about the platform.
    pub(super) businesses: Arc<State>,
    /// Whether activity older than a day is gone. It could only have spoken against a message.
    pub(super) old_activity: Kept,
}

/// Whether something is still there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kept {
    Yes,
    No,
}

impl ConsentLog {
    /// An empty log with these extents, whose batches have all reached `floor`.
    pub(super) fn new(
        extents: BTreeMap<(Topic, Partition), Extent>,
        floor: Positions,
        clocks: Clocks,
        formats: EventFormats,
    ) -> Self {
        let width = |topic: Topic| TopicWidth {
            topic,
            partitions: extents.keys().filter(|(role, _)| *role == topic).count() as i32,
        };
        let widths = Topic::ALL.map(width).to_vec();
        Self {
            history: History::new(floor),
            clocks,
            extents,
            widths,
            formats,
            first_kept: BTreeMap::new(),
            undated: Vec::new(),
            voids: Vec::new(),
            records: 0,
            rolled: BTreeMap::new(),
        }
    }

    /// Takes in one record. Records of one partition come in order.
    pub(super) fn take(&mut self, raw: &RawConsent) {
        self.records += 1;
        let place = raw.place();
        let Some(broker_time) = raw.broker_time() else {
            return self.undated.push(place);
        };
        self.first_kept.entry((place.topic, place.partition)).or_insert(broker_time);
        for (at, epochs) in self.clocks.observe(place, broker_time) {
            for fact in fold(&raw.to_record(at, &self.widths, &self.formats)).facts {
                if let Fact::Void { place: names, .. } = fact {
                    self.voids.push(VoidAt { place, names });
                }
                self.history.take(place, epochs.clone(), fact);
            }
        }
    }

    /// Notes up to where the log was rolled.
    pub(super) fn rolled(&mut self, ends: BTreeMap<Partition, Offset>) {
        self.rolled = ends;
    }

    /// Whether something that a batch knew of these people, or of a business that is not known now, may
    /// have been left out by a roll.
    pub(super) fn is_left_out<'p>(
        &self,
        business: Option<&BusinessId>,
        people: impl Iterator<Item = IdentityRef<'p>>,
        positions: &Positions,
    ) -> bool {
        let is_gone = |place: &Place| {
            let end = self.rolled.get(&place.partition);
            end.is_some_and(|end| place.offset < *end) && !is_before(*place, positions)
        };
        let Some(business) = business.filter(|_| !self.rolled.is_empty()) else {
            return false;
        };
        let mut people = people;
        people.any(|person| {
            let subject = Subject { business: business.clone(), identity: person.to_owned() };
            self.history.erasures_of(&subject).iter().any(is_gone)
        })
    }

    /// Whether a batch was decided before the log was rolled.
    pub(super) fn is_before_roll(&self, positions: &Positions) -> bool {
        self.rolled.iter().any(|(partition, end)| {
            let next = positions.get(Topic::ConsentEvents, *partition);
            next.is_none_or(|next| next <= *end)
        })
    }

    /// How many records were folded.
    pub(super) fn record_count(&self) -> u64 {
        self.records
    }

    /// The clocks that the batches' own knowledge of voids asks for; `None` if these are they.
    pub(super) fn other_clocks(&self, batches: &[Batch]) -> Option<Clocks> {
        let positions = batches.iter().map(|batch| &*batch.positions);
        let clocks = Clocks::new(self.voids.clone(), positions);
        (!clocks.is_plain()).then_some(clocks)
    }

    /// The positions that are past the end of their partition, if any.
    pub(super) fn beyond_end(&self, positions: &Positions) -> Option<Place> {
        positions.iter().find_map(|(topic, partition, next)| {
            let end = self.extents.get(&(topic, partition)).map(|extent| extent.end);
            let beyond = end.is_some_and(|end| next > end);
            beyond.then_some(Place { topic, partition, offset: next })
        })
    }

    /// On what a batch can be decided again.
    ///
    /// # Errors
    /// Why it cannot.
    pub(super) fn basis(&mut self, batch: &Batch) -> Result<Basis, Unchecked> {
        let positions = &*batch.positions;
        let as_wide = self.widths.iter().all(|width| {
            let known = positions.iter().filter(|(topic, ..)| *topic == width.topic);
            let known = known.count() as i32;
            // A gate without a registry of templates decided without it.
            known == width.partitions || known == 0 && width.topic.is_optional()
        });
        if !as_wide {
            return Err(Unchecked::PartitionsChanged);
        }
        let mut old_activity = Kept::Yes;
        for (&(topic, partition), extent) in &self.extents {
            let read = positions.get(topic, partition).is_some_and(|next| next.0 > 0);
            if extent.begin.0 == 0 || !read {
                continue;
            }
            if topic.is_kept_whole() {
                return Err(Unchecked::ConsentTrimmed);
            }
            let now = Seconds::from_millis(batch.now_ms).unwrap_or(Seconds(u32::MAX));
            let first = self.first_kept.get(&(topic, partition));
            if first.is_none_or(|first| now.since(*first) < ACTIVITY_MATTERS_S) {
                return Err(Unchecked::ActivityTrimmed);
            }
            old_activity = Kept::No;
        }
        let epoch = self.clocks.epoch_at(positions);
        let businesses = self.history.businesses_at(positions, epoch);
        Ok(Basis { epoch, businesses, old_activity })
    }

    /// The first record without an append time that a batch had read.
    pub(super) fn undated_before(&self, positions: &Positions) -> Option<Place> {
        self.undated.iter().copied().find(|place| is_before(*place, positions))
    }
}

/// Positions that all batches have reached.
pub(super) fn floor_of(batches: &[Batch]) -> Positions {
    let mut batches = batches.iter();
    let Some(first) = batches.next() else {
        return Positions::default();
    };
    let mut floor: BTreeMap<_, _> =
        first.positions.iter().map(|(topic, partition, next)| ((topic, partition), next)).collect();
    for batch in batches {
        floor.retain(|&(topic, partition), next| {
            let other = batch.positions.get(topic, partition);
            *next = other.map_or(*next, |other| (*next).min(other));
            other.is_some()
        });
    }
    floor.into_iter().map(|((topic, partition), next)| (topic, partition, next)).collect()
}

#[cfg(test)]
mod tests;
