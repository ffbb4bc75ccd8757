//! The consent topics, folded for a verifier, and what is no longer in them.
//!
//! The same fold and the same append clock as in the gate. What was trimmed is not guessed: whoever
//! asks is told that it cannot be checked.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::customers::Customers;
use super::epochs::{Clocks, EpochId, Epochs, VoidAt};
use super::history::{History, is_before};
use super::names::Names;
use super::receipts::Batch;
use super::report::Unchecked;
use crate::consent::{
    Fact, IdentityRef, Offset, Partition, Place, Positions, Seconds, State, Topic, fold,
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
    noted: Noted,
    /// Up to where the log was rolled: what erasures hid before that is gone.
    rolled: BTreeMap<Partition, Offset>,
}

/// What a record says, and in which epochs.
#[derive(Debug)]
pub(super) struct Said {
    place: Place,
    epochs: Epochs,
    fact: Fact,
}

/// What was noted of records beside their facts.
#[derive(Debug, Default)]
pub(super) struct Noted {
    /// When the first record that is still kept was appended.
    first_kept: BTreeMap<(Topic, Partition), Seconds>,
    /// Records without the broker's append time.
    undated: Vec<Place>,
    voids: Vec<VoidAt>,
    records: u64,
}

impl Noted {
    /// Takes over what was noted of other partitions, or of later records.
    pub(super) fn join(&mut self, other: Self) {
        for (partition, first) in other.first_kept {
            self.first_kept.entry(partition).or_insert(first);
        }
        self.undated.extend(other.undated);
        self.voids.extend(other.voids);
        self.records += other.records;
    }
}

/// Folds the records of some partitions.
#[derive(Debug)]
pub(super) struct Folder {
    clocks: Clocks,
    widths: Vec<TopicWidth>,
    formats: EventFormats,
    noted: Noted,
    names: Names,
}

impl Folder {
    /// Folds one record. Records of one partition come in order.
    pub(super) fn fold(&mut self, raw: &RawConsent, mut say: impl FnMut(Said)) {
        self.noted.records += 1;
        let place = raw.place();
        let Some(broker_time) = raw.broker_time() else {
            return self.noted.undated.push(place);
        };
        self.noted.first_kept.entry((place.topic, place.partition)).or_insert(broker_time);
        for (at, epochs) in self.clocks.observe(place, broker_time) {
            for fact in fold(&raw.to_record(at, &self.widths, &self.formats)).facts {
                if let Fact::Void { place: names, .. } = fact {
                    self.noted.voids.push(VoidAt { place, names });
                }
                let fact = self.names.share(fact);
                say(Said { place, epochs: epochs.clone(), fact });
            }
        }
    }

    /// What was noted since it was last asked.
    pub(super) fn take_noted(&mut self) -> Noted {
        std::mem::take(&mut self.noted)
    }
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
    ) -> Self {
        let mut log = Self {
            history: History::new(floor),
            clocks,
            extents: BTreeMap::new(),
            widths: Vec::new(),
            noted: Noted::default(),
            rolled: BTreeMap::new(),
        };
        log.reaches(extents);
        log
    }

    /// Notes where the topics begin and end now.
    pub(super) fn reaches(&mut self, extents: BTreeMap<(Topic, Partition), Extent>) {
        let width = |topic: Topic| TopicWidth {
            topic,
            partitions: extents.keys().filter(|(role, _)| *role == topic).count() as i32,
        };
        self.widths = Topic::ALL.map(width).to_vec();
        self.extents = extents;
    }

    /// Who folds records for this log.
    pub(super) fn folder(&self, formats: &EventFormats) -> Folder {
        Folder {
            clocks: self.clocks.clone(),
            widths: self.widths.clone(),
            formats: formats.clone(),
            noted: Noted::default(),
            names: Names::default(),
        }
    }

    /// Takes in what a record says. Records of one partition come in order.
    pub(super) fn take(&mut self, said: Said) {
        self.history.take(said.place, said.epochs, said.fact);
    }

    /// Takes in what was noted of records.
    pub(super) fn note(&mut self, noted: Noted) {
        self.noted.join(noted);
    }

    /// Notes up to where the log was rolled.
    pub(super) fn rolled(&mut self, ends: BTreeMap<Partition, Offset>) {
        self.rolled = ends;
    }

    /// Whether something that a batch knew of these people, or of a business that is not known now, may
    /// have been left out by a roll.
    pub(super) fn is_left_out<'p>(
        &self,
        customers: Option<&Customers>,
        mut people: impl Iterator<Item = IdentityRef<'p>>,
        positions: &Positions,
    ) -> bool {
        let is_gone = |place: &Place| {
            let end = self.rolled.get(&place.partition);
            end.is_some_and(|end| place.offset < *end) && !is_before(*place, positions)
        };
        let Some(customers) = customers.filter(|_| !self.rolled.is_empty()) else {
            return false;
        };
        people.any(|person| customers.erasures_of(&person.to_owned()).iter().any(is_gone))
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
        self.noted.records
    }

    /// The clocks that the batches' own knowledge of voids asks for; `None` if these will do.
    pub(super) fn other_clocks(&self, batches: &[Batch]) -> Option<Clocks> {
        let positions = || batches.iter().map(|batch| &*batch.positions);
        let voids = &self.noted.voids;
        let fits = |positions: &Positions| {
            self.clocks.fit(voids, positions) && positions.cover(self.history.floor())
        };
        if positions().all(fits) {
            return None;
        }
        Some(Clocks::new(voids.clone(), positions()))
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
            let first = self.noted.first_kept.get(&(topic, partition));
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
        self.noted.undated.iter().copied().find(|place| is_before(*place, positions))
    }
}

/// Positions that all batches have reached.
pub(super) fn floor_of(batches: &[Batch]) -> Positions {
    lowest(batches.iter().map(|batch| &*batch.positions))
}

/// What all of these have reached.
pub(super) fn lowest<'p>(mut all: impl Iterator<Item = &'p Positions>) -> Positions {
    let Some(first) = all.next() else {
        return Positions::default();
    };
    let mut floor: BTreeMap<_, _> =
        first.iter().map(|(topic, partition, next)| ((topic, partition), next)).collect();
    for positions in all {
        floor.retain(|&(topic, partition), next| {
            let other = positions.get(topic, partition);
            *next = other.map_or(*next, |other| (*next).min(other));
            other.is_some()
        });
    }
    floor.into_iter().map(|((topic, partition), next)| (topic, partition, next)).collect()
}

#[cfg(test)]
mod tests;
