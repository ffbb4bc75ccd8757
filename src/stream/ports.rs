//! What the loops need of a log, in batches and without naming a client.
//!
//! Four ports: consent records in, log ends, a lane (messages in, three topics out, one transaction),
//! and where the sender stands. Anything that keeps these promises can stand behind `stream/`: rdkafka today, a
//! lane that copies raw record batches later, a model log in tests.

use std::time::Duration;

use super::fault::Fault;
use crate::consent::{Offset, Partition, Topic};

mod ends;
mod sender;

pub use super::outbox::Allowed;
pub use crate::wire::formats::Header;
pub use ends::{EndAnswer, Ends, EndsPort, OpenTransaction};
pub use sender::{SenderPlace, SenderPort, Unread};

/// One input record, seen but not copied.
pub trait RecordView {
    /// The partition.
    fn partition(&self) -> Partition;
    /// The offset.
    fn offset(&self) -> Offset;
    /// The value; `None` for a tombstone.
    fn value(&self) -> Option<&[u8]>;
    /// Shows the headers whose names are text, in order, borrowed from the record. Asked for only
    /// where a format needs headers: until then a port should do nothing for them.
    fn each_header<'r>(&'r self, show: &mut dyn FnMut(Header<'r>));
    /// Whether the record can be written to the output exactly as it is.
    fn fitness(&self) -> Fitness;
    /// The record's timestamp in milliseconds: when the message was sent; `None` if it has none.
    fn timestamp_ms(&self) -> Option<i64>;
}

/// Whether a record can be passed on untouched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fitness {
    /// It can.
    Forwardable,
    /// It is too large for the output, or has no timestamp that could be kept.
    Unforwardable,
}

/// How an assignment ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Revocation {
    /// In order: what is decided may still be committed.
    Orderly,
    /// The partitions may already belong to somebody else: nothing may be committed.
    Lost,
}

/// What a poll of the lane brought.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LaneEvent {
    /// The records in the batch, perhaps none.
    Records,
    /// New partitions beside those that are owned already, not yet fetched: the lane owes a call of
    /// [`LanePort::assign_also`] or [`LanePort::assign`]. No records. There may be none: the group has
    /// changed, and what this member owns has not.
    Assigned(Vec<Partition>),
    /// These partitions end here, and no others: the lane owes a call of [`LanePort::give_back`]. No
    /// records.
    Revoked(Vec<Partition>, Revocation),
}

/// How much one poll may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PollLimits {
    /// At most so many records.
    pub records: usize,
    /// How long to wait for the first record.
    pub first: Duration,
    /// How long to go on collecting after the first.
    pub collect: Duration,
}

/// A committed offset as the group keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommittedOffset {
    /// The partition.
    pub partition: Partition,
    /// The next offset to read; `None` if the group has none.
    pub next: Option<Offset>,
    /// The metadata that lies with it.
    pub metadata: String,
}

/// The first and the next offset of a partition of the input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extent {
    /// The partition.
    pub partition: Partition,
    /// The lowest offset that is still kept.
    pub begin: Offset,
    /// The offset of the next record to be written.
    pub end: Offset,
    /// The first offset with a timestamp at or after the instant that was asked for; the end if
    /// there is none.
    pub at: Option<Offset>,
}

/// One lane's window on the log: one consumer in a group and one transactional producer.
///
/// All calls come from one thread. Calls that touch a transaction return within the port's own
/// bound or end the process.
pub trait LanePort {
    /// A record of the current batch.
    type Record<'a>: RecordView
    where
        Self: 'a;

    /// Polls a batch, or learns of a change of assignment.
    ///
    /// # Errors
    /// A [`Fault`] of any kind.
    fn poll<'a>(
        &'a self,
        limits: PollLimits,
        batch: &mut Vec<Self::Record<'a>>,
    ) -> Result<LaneEvent, Fault>;

    /// The group's committed offsets, stable: no transaction with offsets of theirs is open.
    ///
    /// # Errors
    /// A [`Fault`]; retriable while such a transaction is open.
    fn committed(&self, partitions: &[Partition]) -> Result<Vec<CommittedOffset>, Fault>;

    /// The extents of input partitions, and where each stood at an instant, if one is given.
    ///
    /// # Errors
    /// A [`Fault`].
    fn extents(&self, partitions: &[Partition], at_ms: Option<i64>) -> Result<Vec<Extent>, Fault>;

    /// Starts, or starts again, to fetch exactly these partitions from these offsets. An empty list
    /// stops all fetching while the membership in the group goes on.
    ///
    /// # Errors
    /// A [`Fault`].
    fn assign(&self, starts: &[(Partition, Offset)]) -> Result<(), Fault>;

    /// Starts to fetch these partitions too. What is fetched already goes on undisturbed.
    ///
    /// # Errors
    /// A [`Fault`].
    fn assign_also(&self, starts: &[(Partition, Offset)]) -> Result<(), Fault>;

    /// Gives these partitions back; after this nothing of theirs may be committed. The others go on.
    ///
    /// # Errors
    /// A [`Fault`].
    fn give_back(&self, partitions: &[Partition]) -> Result<(), Fault>;

    /// Begins a transaction.
    ///
    /// # Errors
    /// A [`Fault`].
    fn begin(&self) -> Result<(), Fault>;

    /// Writes a record to the allowed topic, byte for byte, into the partition of its number.
    ///
    /// # Errors
    /// A [`Fault`]; the transaction must then be aborted.
    fn allow(&self, record: Allowed<'_, Self::Record<'_>>) -> Result<(), Fault>;

    /// Writes an audit entry into this partition of the audit topic.
    ///
    /// # Errors
    /// A [`Fault`]; the transaction must then be aborted.
    fn audit(&self, partition: Partition, entry: &[u8]) -> Result<(), Fault>;

    /// Writes a signed record into this partition of the receipts topic.
    ///
    /// # Errors
    /// A [`Fault`]; the transaction must then be aborted.
    fn receipt(&self, partition: Partition, record: &[u8]) -> Result<(), Fault>;

    /// Commits everything since [`LanePort::begin`] together with these offsets.
    ///
    /// # Errors
    /// A [`Fault`]. Unless it is abortable the outcome is unknown, and only the committed offsets
    /// say what came of it.
    fn commit(&self, offsets: &[CommitOffset]) -> Result<(), Fault>;

    /// Aborts the open transaction.
    ///
    /// # Errors
    /// A [`Fault`]; the port must then be rebuilt.
    fn abort(&self) -> Result<(), Fault>;

    /// How often the port has replaced its writer to be rid of a doubt. A port that never does says
    /// so by keeping to this.
    fn replacements(&self) -> u64 {
        0
    }

    /// Reads all signed records of the receipts topic that are committed, oldest first in each
    /// partition. Slow; only for a group that has lost its offsets.
    ///
    /// # Errors
    /// A [`Fault`].
    fn receipts(&self, each: &mut dyn FnMut(&[u8])) -> Result<(), Fault>;
}

/// An offset to commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommitOffset {
    /// The partition.
    pub partition: Partition,
    /// The next offset to read.
    pub next: Offset,
    /// The metadata to keep with it.
    pub metadata: String,
}

/// The header by which a rolled record tells when it was first appended: decimal digits.
pub const ROLLED_HEADER: &str = "consentgate-appended-ms";

impl AppendTime {
    /// The broker's time, and what a rolled record's header says beside it. A header that is no number
    /// says nothing.
    pub fn of_broker(broker_ms: i64, header: Option<&[u8]>) -> Self {
        let original = header.and_then(|digits| std::str::from_utf8(digits).ok());
        match original.and_then(|digits| digits.parse().ok()) {
            Some(original_ms) => Self::Rolled { broker_ms, original_ms },
            None => Self::Broker(broker_ms),
        }
    }
}

/// When a consent record was appended, and who says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AppendTime {
    /// The broker: LogAppendTime in milliseconds.
    Broker(i64),
    /// The broker appended it at `broker_ms`, and a header says that it is a copy of a record that was
    /// appended at `original_ms`. Nobody believes that without a [`RolledLog`](super::RolledLog).
    Rolled {
        /// LogAppendTime in milliseconds.
        broker_ms: i64,
        /// What the header says, in milliseconds since 1970.
        original_ms: i64,
    },
    /// Only the writer, or nobody: the topic is not set up as the promises need it.
    NotBroker,
}

/// One consent record as it lies in the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RawConsent {
    /// Which topic.
    pub topic: Topic,
    /// Which partition.
    pub partition: Partition,
    /// Which offset.
    pub offset: Offset,
    /// When it was appended.
    pub appended: AppendTime,
    /// Its key.
    pub key: Option<Vec<u8>>,
    /// Its value.
    pub value: Option<Vec<u8>>,
}

/// How many partitions a topic has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TopicWidth {
    /// Which topic.
    pub topic: Topic,
    /// How many partitions.
    pub partitions: i32,
}

/// What stands at an offset that was read before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reread {
    /// This record.
    Record(Box<RawConsent>),
    /// Nothing: the log ends before it or begins after it.
    Gone,
    /// No answer yet.
    Unanswered,
}

/// The consent topics, read from the beginning, all partitions, outside any group.
pub trait ConsentPort {
    /// The topics and how many partitions they had when the port was opened.
    fn widths(&self) -> &[TopicWidth];

    /// The cluster that the records come from, as its brokers said last; `None` before they did.
    fn cluster_id(&self) -> Option<String>;

    /// Appends up to `max` committed records to `into`, waiting up to `wait` for the first.
    ///
    /// # Errors
    /// A [`Fault`]; `Refused` if an offset is gone.
    fn poll(&mut self, max: usize, wait: Duration, into: &mut Vec<RawConsent>)
    -> Result<(), Fault>;

    /// The position of every partition: past control and aborted records too. May only be asked
    /// when everything that was polled is applied.
    ///
    /// # Errors
    /// A [`Fault`].
    fn positions(&mut self) -> Result<Vec<(Topic, Partition, Offset)>, Fault>;

    /// Starts again from the beginning of every partition.
    ///
    /// # Errors
    /// A [`Fault`].
    fn restart(&mut self) -> Result<(), Fault>;

    /// Reads one record again, from the current leader.
    ///
    /// # Errors
    /// A [`Fault`].
    fn reread(
        &mut self,
        topic: Topic,
        partition: Partition,
        offset: Offset,
    ) -> Result<Reread, Fault>;
}
