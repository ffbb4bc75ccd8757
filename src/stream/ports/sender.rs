//! How far the sender has come in the allowed topic, as the watch asks it.

use crate::consent::{Offset, Partition};
use crate::stream::fault::Fault;

/// Where the sender stands in one partition of the allowed topic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SenderPlace {
    /// The partition.
    pub partition: Partition,
    /// The next offset that its group will read. A group that has committed nothing has read nothing.
    pub next: Offset,
    /// Up to where committed records can be read.
    pub end: Offset,
}

/// The first record that the sender has not read, if there is one. Offsets also count the ends of
/// transactions and what was aborted, and no sender ever reads those.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unread {
    /// It lies here.
    From(Offset),
    /// There is none before the end that was asked with the place.
    Nothing,
}

/// Asks where the sender stands, on clients that no lane uses.
pub trait SenderPort {
    /// How many partitions the allowed topic has.
    ///
    /// # Errors
    /// A [`Fault`].
    fn width(&mut self) -> Result<i32, Fault>;

    /// The sender's place in every partition. A partition without an answer is left out.
    ///
    /// # Errors
    /// A [`Fault`] if there was no answer at all.
    fn places(&mut self) -> Result<Vec<SenderPlace>, Fault>;

    /// The first record that can be read at or after `next`, for each of these places. It takes a
    /// fetch, so it is asked for few. A partition without an answer is left out.
    ///
    /// # Errors
    /// A [`Fault`].
    fn first_unread(&mut self, places: &[SenderPlace]) -> Result<Vec<(Partition, Unread)>, Fault>;
}
