//! Why a check could not be made at all. What was checked and found wrong is in the report.

use std::io;

/// Why the topics could not be checked.
#[derive(Debug, thiserror::Error)]
pub enum CheckError {
    /// No broker, or one that ended the connection.
    #[error(
        "the broker {broker} cannot be asked: {source}; is it running, without TLS and passwords?"
    )]
    Connection {
        /// Its address.
        broker: String,
        /// What the connection says.
        source: io::Error,
    },
    /// The broker says no.
    #[error("the broker answers {topic} [{partition}] with error {code}")]
    Refused {
        /// The topic that was asked for.
        topic: String,
        /// Its partition.
        partition: i32,
        /// Kafka's number of the error.
        code: i16,
    },
    /// No such topic.
    #[error("the topic {0} does not exist, name the topics of the run")]
    NoTopic(String),
    /// A partition that nobody leads.
    #[error("{0} [{1}] has no leader, try again when it has one")]
    NoLeader(String, i32),
    /// An answer or a batch that is not what the protocol says.
    #[error("{topic} [{partition}] at {offset}: {what}")]
    Unreadable {
        /// The topic.
        topic: String,
        /// Its partition.
        partition: i32,
        /// Where the batch begins.
        offset: i64,
        /// What is wrong with it.
        what: &'static str,
    },
    /// A key that is none.
    #[error("a public key must be 64 hexadecimal digits of an Ed25519 key")]
    BadKey,
    /// A file that cannot be read.
    #[error("{path}: {source}")]
    File {
        /// The file.
        path: String,
        /// Why not.
        source: io::Error,
    },
    /// A worker of the check ended early: a defect of the checker.
    #[error("a part of the check ended early, this is a defect of the checker")]
    Worker,
}

/// A result of reading.
pub type Result<T> = std::result::Result<T, CheckError>;
