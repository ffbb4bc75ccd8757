//! What is asked: one record, one id of the caller's, or one person over a time.

use crate::commands::exit::{Exit, Failure};
use crate::config::{TopicName, TopicNames};
use crate::consent::{Offset, Partition, Subject};

/// What is asked.
#[derive(Clone, Debug)]
pub enum Question {
    /// Why the message of this record went, or did not.
    At {
        /// Which topic it lies in.
        place: Place,
        /// The partition.
        partition: Partition,
        /// The offset.
        offset: Offset,
    },
    /// What became of the messages with this id of the caller's.
    MessageId(String),
    /// What became of the messages to this person.
    Person {
        /// The person as this business knows them.
        subject: Subject,
        /// Sent, or where the message itself is gone decided, within this time.
        range: Range,
    },
}

/// A topic that a question may name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The messages that want to leave.
    Outbound,
    /// The messages that went.
    Allowed,
    /// The entries of those that did not.
    Audit,
}

/// From an instant to before another, in milliseconds since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Range {
    /// The first instant.
    pub from_ms: i64,
    /// The instant after the last.
    pub to_ms: i64,
}

impl Place {
    const ALL: [Self; 3] = [Self::Outbound, Self::Allowed, Self::Audit];

    fn role(self) -> &'static str {
        match self {
            Self::Outbound => "outbound",
            Self::Allowed => "allowed",
            Self::Audit => "audit",
        }
    }

    /// The topic of this role.
    pub(super) fn topic(self, topics: &TopicNames) -> &TopicName {
        match self {
            Self::Outbound => &topics.outbound,
            Self::Allowed => &topics.allowed,
            Self::Audit => &topics.audit,
        }
    }

    /// The role of a topic of this name, if it has one of these.
    pub(super) fn named(name: &str, topics: &TopicNames) -> Option<Self> {
        Self::ALL.into_iter().find(|place| place.topic(topics).as_str() == name)
    }

    /// The role of a topic: by its name in the configuration, or by `outbound`, `allowed`, `audit`.
    ///
    /// # Errors
    /// A topic of another role (2).
    pub(super) fn of(written: &str, topics: &TopicNames) -> Result<Self, Failure> {
        let by_role = || Self::ALL.into_iter().find(|place| place.role() == written);
        Self::named(written, topics).or_else(by_role).ok_or_else(|| {
            let [outbound, allowed, audit] = Self::ALL.map(|place| place.topic(topics).as_str());
            let message = format!(
                "topic {written:?}: a message is explained by its record in {outbound}, {allowed} or \
                 {audit}"
            );
            Failure::new(Exit::Usage, message)
        })
    }
}

impl Range {
    /// Everything.
    pub const ALL: Self = Self { from_ms: 0, to_ms: i64::MAX };

    /// As written on the command line.
    ///
    /// # Errors
    /// An end that is not after the beginning (2).
    pub(in crate::commands) fn new(
        from_ms: Option<i64>,
        to_ms: Option<i64>,
    ) -> Result<Self, Failure> {
        let range = Self {
            from_ms: from_ms.unwrap_or(Self::ALL.from_ms),
            to_ms: to_ms.unwrap_or(Self::ALL.to_ms),
        };
        match range.from_ms < range.to_ms {
            true => Ok(range),
            false => Err(Failure::new(Exit::Usage, "--to must be after --from")),
        }
    }

    /// Whether an instant lies within; one that nobody knows does.
    pub(in crate::commands) fn has(self, at_ms: Option<i64>) -> bool {
        at_ms.is_none_or(|at_ms| (self.from_ms..self.to_ms).contains(&at_ms))
    }
}
