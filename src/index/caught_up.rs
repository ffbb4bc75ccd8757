//! The proof that the index has applied all that the consent topics held at an instant.
//!
//! Knows no clock: instants are handed in as ticks of one monotonic clock. Whatever is missing,
//! stale, behind or held gives no proof, and without proof there is no view.

use std::fmt;

use crate::consent::{Holding, Offset, Partition, Positions, Topic};

use super::consent_index::ConsentIndex;
use super::view::ConsentView;

/// An instant of a monotonic clock, in nanoseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tick(pub u64);

/// What the consent topics held at an instant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fence {
    /// When the ends were asked for: before the first of them was read.
    pub asked_at: Tick,
    /// The end of every partition of every consent topic.
    pub ends: Positions,
}

/// Why there is no proof.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotCaughtUp {
    /// The fence was asked for before the batch was polled.
    FenceTooOld,
    /// The fence lacks the end of a partition that the index has applied records of; `None`: it has
    /// no end at all.
    FenceIncomplete(Option<(Topic, Partition)>),
    /// A partition has not been applied to its end.
    Behind {
        /// Of which topic.
        topic: Topic,
        /// Which partition.
        partition: Partition,
        /// The next offset to apply; `None` if nothing was applied.
        applied: Option<Offset>,
        /// The offset to reach.
        end: Offset,
    },
    /// A record holds the whole gate.
    Held(Holding),
}

impl fmt::Display for NotCaughtUp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::FenceTooOld => f.write_str("the fence is older than the batch; ask a new one"),
            Self::FenceIncomplete(None) => {
                f.write_str("the fence has no ends; ask for those of all consent partitions")
            }
            Self::FenceIncomplete(Some((topic, partition))) => write!(
                f,
                "the fence lacks the end of {} partition {partition}; ask again",
                topic.name()
            ),
            Self::Behind { topic, partition, applied, end } => {
                let topic = topic.name();
                let applied = applied.unwrap_or_default();
                write!(f, "{topic} partition {partition} is applied to {applied} of {end}; wait")
            }
            Self::Held(Holding::Record(place)) => {
                write!(f, "the record at {place} names nobody and may be an opt-out; void it")
            }
            Self::Held(Holding::Pause(place)) => {
                write!(f, "the record at {place} paused everything; resume it")
            }
        }
    }
}

impl std::error::Error for NotCaughtUp {}

/// Proof that the index has applied all that the topics held when a batch was polled, or later.
#[derive(Clone, Copy, Debug)]
pub struct CaughtUp<'i> {
    index: &'i ConsentIndex,
}

impl<'i> CaughtUp<'i> {
    /// Proves that `index` has reached `fence`, and that the fence is no older than the poll.
    ///
    /// # Errors
    /// Says why nothing is proven; the batch is held.
    pub fn prove(
        index: &'i ConsentIndex,
        fence: &Fence,
        polled_at: Tick,
    ) -> Result<Self, NotCaughtUp> {
        if fence.asked_at < polled_at {
            return Err(NotCaughtUp::FenceTooOld);
        }
        if fence.ends.is_empty() {
            return Err(NotCaughtUp::FenceIncomplete(None));
        }
        let applied = index.positions();
        for (topic, partition, _) in applied.iter() {
            if fence.ends.get(topic, partition).is_none() {
                return Err(NotCaughtUp::FenceIncomplete(Some((topic, partition))));
            }
        }
        for (topic, partition, end) in fence.ends.iter() {
            let applied = applied.get(topic, partition);
            if applied.is_none_or(|applied| applied < end) {
                return Err(NotCaughtUp::Behind { topic, partition, applied, end });
            }
        }
        match index.holding() {
            Some(holding) => Err(NotCaughtUp::Held(holding)),
            None => Ok(Self { index }),
        }
    }

    /// Opens the view that this proof stands for.
    pub fn view(self) -> ConsentView<'i> {
        ConsentView::new(self.index)
    }
}
