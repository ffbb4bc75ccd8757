//! The rules, told anew: from the consent log up to given positions, what a message's fate must be.
//!
//! Written from the product's documents and not from the gate's code, and naive on purpose: every event is
//! kept in a list by person, and every decision looks through the lists. Where the documents leave a thing
//! open the verdict says so, and the decision is not judged.

mod consent;
mod fact;
mod judge;
mod links;
mod log;
mod message;
mod noting;
mod pause;
mod person;
mod personal;
mod policy;
mod quiet;
mod reason;
mod template;
mod text;
mod verdict;
mod words;

pub(crate) use judge::{grounds, judge};
pub(crate) use log::{Log, RULES_VERSION};
pub(crate) use message::Message;
pub(crate) use policy::Policy;
#[cfg(test)]
use reason::first_group;
pub(crate) use reason::{MALFORMED, UNFORWARDABLE, bit, name_of};
pub(crate) use verdict::Comparison;
#[cfg(test)]
use verdict::Verdict;
pub(crate) use words::Identity;

#[cfg(test)]
mod tests;

/// One of the consent topics, by its number in the contract minus one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Topic {
    Events,
    Activity,
    Templates,
}

impl Topic {
    pub(crate) const ALL: [Self; 3] = [Self::Events, Self::Activity, Self::Templates];

    pub(crate) fn of_number(number: i64) -> Option<Self> {
        Self::ALL.get(usize::try_from(number).ok()?.checked_sub(1)?).copied()
    }
}

/// Where a consent record lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Place {
    pub(crate) topic: Topic,
    pub(crate) partition: i32,
    pub(crate) offset: i64,
}

/// Up to where the consent topics count for a batch: by topic and partition the next offset.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Positions([Vec<i64>; 3]);

impl Positions {
    pub(crate) fn of(&self, topic: Topic, partition: i32) -> i64 {
        let partitions = &self.0[topic as usize];
        usize::try_from(partition).ok().and_then(|nth| partitions.get(nth)).copied().unwrap_or(0)
    }

    /// Moves one position; a partition that no topic can have is left out.
    pub(crate) fn advance(&mut self, topic: Topic, partition: i32, by: i64) {
        let Some(nth) = usize::try_from(partition).ok().filter(|nth| *nth < 1 << 16) else {
            return;
        };
        let partitions = &mut self.0[topic as usize];
        partitions.resize(partitions.len().max(nth + 1), 0);
        if let Some(position) = partitions.get_mut(nth) {
            *position = position.saturating_add(by);
        }
    }

    /// Whether a record counts.
    pub(crate) fn show(&self, place: Place) -> bool {
        place.offset < self.of(place.topic, place.partition)
    }

    /// All positions that are not 0.
    pub(crate) fn each(&self) -> impl Iterator<Item = (Topic, i32, i64)> {
        Topic::ALL.into_iter().flat_map(move |topic| {
            let positions = self.0[topic as usize].iter().enumerate();
            positions.map(move |(nth, next)| (topic, nth as i32, *next))
        })
    }
}
