//! Where the consent topics end, as the fence asks it.

use crate::consent::{Offset, Partition, Topic};
use crate::stream::fault::Fault;

/// One partition's answer to "where do you end?".
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndAnswer {
    /// Which topic.
    pub topic: Topic,
    /// Which partition.
    pub partition: Partition,
    /// Its high watermark, or why there is none.
    pub end: Result<Offset, String>,
}

/// What a question for log ends brought.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ends {
    /// The cluster that answered, as its brokers said last.
    pub cluster_id: String,
    /// One answer a partition.
    pub answers: Vec<EndAnswer>,
}

/// Somebody holds a transaction open on a consent partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OpenTransaction {
    /// Which topic.
    pub topic: Topic,
    /// Which partition.
    pub partition: Partition,
    /// The last stable offset: the transaction's first record lies there.
    pub stable: Offset,
}

/// Asks the consent topics where they end, on a connection that never fetches.
pub trait EndsPort {
    /// The high watermark of every partition, asked after the call began, and which cluster says so.
    ///
    /// # Errors
    /// A [`Fault`] if there was no answer at all. Single partitions may fail inside an answer.
    fn ends(&mut self) -> Result<Ends, Fault>;

    /// The first partition whose last stable offset lies before its high watermark, if there is one.
    ///
    /// # Errors
    /// A [`Fault`].
    fn open_transaction(&mut self) -> Result<Option<OpenTransaction>, Fault>;
}
