//! Connections of our own to brokers, for what librdkafka has no words for.
//!
//! They enter as librdkafka does, with the security that `[kafka]` names. Knows frames, TLS and
//! passwords, and none of the questions: those are [`super::quorum`]'s and [`super::questions`]'.
//! Whatever is odd ends the connection.

mod address;
mod connection;
mod entrance;
mod socket;
#[cfg(feature = "tls")]
mod tls;

pub(super) use address::Address;
pub(super) use connection::{Connection, Sent, odd};
pub(super) use entrance::Entrance;
