//! Where a record lies, and up to where a topic was read.

use serde::Serialize;

use crate::kafka::{TopicReader, TopicRecord};

/// Where a record lies.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct At {
    /// The topic by name.
    pub topic: String,
    /// The partition.
    pub partition: i32,
    /// The offset.
    pub offset: i64,
}

impl At {
    /// The place of a record of this topic.
    pub(in crate::commands) fn of(topic: &str, record: &TopicRecord<'_>) -> Self {
        let (partition, offset) = (record.partition().0, record.offset().0);
        Self { topic: topic.to_owned(), partition, offset }
    }
}

impl std::fmt::Display for At {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} partition {} offset {}", self.topic, self.partition, self.offset)
    }
}

/// What of a partition was read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ReadTo {
    /// The topic by name.
    pub topic: String,
    /// The partition.
    pub partition: i32,
    /// The first offset that is still kept; what lay before it is gone.
    pub first: i64,
    /// The end that was asked for at the start: everything before it was read.
    pub end: i64,
}

impl ReadTo {
    /// All partitions of a topic as they stood when the reader was opened.
    pub(in crate::commands) fn all(reader: &TopicReader) -> Vec<Self> {
        let extents = reader.extents().iter();
        let read = |extent: &crate::stream::ports::Extent| Self {
            topic: reader.topic().to_owned(),
            partition: extent.partition.0,
            first: extent.begin.0,
            end: extent.end.0,
        };
        extents.map(read).collect()
    }
}
