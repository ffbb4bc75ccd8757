//! A consent record as the fold receives it: where it lies, when it was appended, what it says.
//!
//! Knows no bytes of the value. A key that cannot be read names nobody, and then an undecodable
//! value holds the whole gate.

use super::event::ConsentEvent;
use super::identity::{Identity, Subject};
use super::ids::BusinessId;
use super::partitioner::partition_of;
use super::position::{Partition, Place};
use super::time::Seconds;

/// Whom a record's key names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyParts {
    /// `business/identity`.
    Subject(Subject),
    /// `business/`, or a business with an identity that cannot be read.
    Business(BusinessId),
    /// `/`: the platform.
    Platform,
    /// No key, or one that cannot be read.
    Unreadable,
}

impl KeyParts {
    /// Reads a record's key.
    pub fn parse(key: Option<&[u8]>) -> Self {
        let Some(text) = key.and_then(|bytes| std::str::from_utf8(bytes).ok()) else {
            return Self::Unreadable;
        };
        if text == "/" {
            return Self::Platform;
        }
        let Some((business, identity)) = text.split_once('/') else {
            return Self::Unreadable;
        };
        let Some(business) = BusinessId::parse(business) else {
            return Self::Unreadable;
        };
        match Identity::parse(identity) {
            Some(identity) => Self::Subject(Subject { business, identity }),
            None => Self::Business(business),
        }
    }

    /// The business that the key names.
    pub fn business(&self) -> Option<&BusinessId> {
        match self {
            Self::Subject(subject) => Some(&subject.business),
            Self::Business(business) => Some(business),
            Self::Platform | Self::Unreadable => None,
        }
    }
}

/// Whether a record lies in the partition that its key belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Placement {
    /// It does.
    Right,
    /// It does not: it may object, it permits nothing.
    Wrong,
}

impl Placement {
    /// Judges a record's partition by its key, among `count` partitions.
    ///
    /// A subject belongs where its canonical key does: two spellings of one number must not lie in
    /// two partitions, for then no one clock orders them. Heartbeats and voids name their partition
    /// themselves; the fold never asks about them.
    pub fn of(key: Option<&[u8]>, partition: Partition, count: i32) -> Self {
        let expected = match KeyParts::parse(key) {
            KeyParts::Subject(subject) => partition_of(subject.key().as_bytes(), count),
            _ => key.and_then(|key| partition_of(key, count)),
        };
        match expected {
            Some(expected) if expected == partition => Self::Right,
            _ => Self::Wrong,
        }
    }
}

/// What the value says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// A decoded event.
    Event(Box<ConsentEvent>),
    /// An event that is expressly none of ours: it says nothing.
    Ignored,
    /// Bytes that are no consent event, or none at all.
    Undecodable,
}

/// One consent record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConsentRecord {
    /// Where it lies.
    pub place: Place,
    /// Its append time: the partition's running maximum of LogAppendTime.
    pub appended_at: Seconds,
    /// Whom its key names.
    pub key: KeyParts,
    /// Whether it lies where its key belongs.
    pub placement: Placement,
    /// What it says.
    pub content: Content,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_spellings_of_one_number_belong_in_one_partition() {
        let (with, without) = (b"cafe/+12025550123", b"cafe/12025550123");
        let right = partition_of(with, 50).unwrap();
        assert_ne!(partition_of(without, 50), Some(right));
        for key in [&with[..], &without[..]] {
            assert_eq!(Placement::of(Some(key), right, 50), Placement::Right);
            let next = Partition(right.0 + 1);
            assert_eq!(Placement::of(Some(key), next, 50), Placement::Wrong);
        }
        assert_eq!(Placement::of(None, right, 50), Placement::Wrong);
    }
}
