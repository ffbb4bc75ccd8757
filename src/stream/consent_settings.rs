//! How the consent loop reads, and what it holds for.

use std::time::Duration;

use crate::wire::formats::EventFormats;

/// Limits and choices of the consent loop.
#[derive(Clone, Debug)]
pub struct ConsentSettings {
    /// At most so many records a poll.
    pub poll_records: usize,
    /// How long a poll waits for the first.
    pub poll_wait: Duration,
    /// How often the record before the position is read again.
    pub recheck_every: Duration,
    /// How far an append time may lie ahead of the wall clock, in seconds, before the gate says that
    /// its clock is off.
    pub clock_skew_limit_s: u32,
    /// How far ahead it may lie before the record itself is in doubt, in seconds.
    pub append_ahead_limit_s: u32,
    /// What to do about a record that cannot be decoded.
    pub on_undecodable: OnUndecodable,
    /// How the records of the consent topics are read.
    pub formats: EventFormats,
}

/// What to do about a consent record that cannot be decoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnUndecodable {
    /// Suppress the business that its key names, until it is voided.
    Quarantine,
    /// Hold everything until it is voided.
    Hold,
}
