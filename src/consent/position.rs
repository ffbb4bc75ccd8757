//! Where things stand in Kafka: topic role, partition, offset, position.
//!
//! Knows the roles of topics, not their names. Positions only move forward; a partition that is
//! missing from `Positions` has proven nothing.

use std::collections::BTreeMap;
use std::fmt;

/// Which of the topics that decide a record lies in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Topic {
    /// The log of record: grants, objections, blocks, erasures.
    ConsentEvents,
    /// Inbound messages, requests for codes, heartbeats: kept for days, not for ever.
    ConsentActivity,
    /// What the platform says of message templates. A platform may do without it.
    TemplateStates,
}

impl Topic {
    /// All, the log of record first.
    pub const ALL: [Self; 3] = [Self::ConsentEvents, Self::ConsentActivity, Self::TemplateStates];

    /// Whether it is kept whole: read from its first record, never trimmed.
    pub fn is_kept_whole(self) -> bool {
        match self {
            Self::ConsentEvents | Self::TemplateStates => true,
            Self::ConsentActivity => false,
        }
    }

    /// Whether a gate may do without it.
    pub fn is_optional(self) -> bool {
        self == Self::TemplateStates
    }

    /// The role's name, as in the configuration's `[topics]` table.
    pub fn name(self) -> &'static str {
        match self {
            Self::ConsentEvents => "consent_events",
            Self::ConsentActivity => "consent_activity",
            Self::TemplateStates => "template_states",
        }
    }
}

/// A partition number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Partition(pub i32);

impl fmt::Display for Partition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// An offset in a partition. As a position it is the offset of the next record.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Offset(pub i64);

impl Offset {
    /// The offset after this one.
    pub fn next(self) -> Self {
        Self(self.0 + 1)
    }
}

impl fmt::Display for Offset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// One record's place among the topics that decide.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// Which topic.
    pub topic: Topic,
    /// Which partition.
    pub partition: Partition,
    /// Which offset.
    pub offset: Offset,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} partition {} offset {}", self.topic.name(), self.partition, self.offset)
    }
}

/// The next offset of every partition that decides.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Positions(BTreeMap<(Topic, Partition), Offset>);

impl Positions {
    /// The position of one partition.
    pub fn get(&self, topic: Topic, partition: Partition) -> Option<Offset> {
        self.0.get(&(topic, partition)).copied()
    }

    /// Moves one partition forward to `next`; an older value changes nothing.
    pub fn advance(&mut self, topic: Topic, partition: Partition, next: Offset) {
        let position = self.0.entry((topic, partition)).or_insert(next);
        *position = (*position).max(next);
    }

    /// Whether every partition of `ends` is here and at or past its end.
    pub fn cover(&self, ends: &Self) -> bool {
        ends.0.iter().all(|(key, end)| self.0.get(key).is_some_and(|position| position >= end))
    }

    /// All positions in order of topic and partition.
    pub fn iter(&self) -> impl Iterator<Item = (Topic, Partition, Offset)> + '_ {
        self.0.iter().map(|(&(topic, partition), &offset)| (topic, partition, offset))
    }

    /// How many partitions are known.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether no partition is known.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl FromIterator<(Topic, Partition, Offset)> for Positions {
    fn from_iter<I: IntoIterator<Item = (Topic, Partition, Offset)>>(iter: I) -> Self {
        let mut positions = Self::default();
        for (topic, partition, offset) in iter {
            positions.advance(topic, partition, offset);
        }
        positions
    }
}
