//! One member of a group, as the group knows it.
//!
//! Knows nothing of the other members.

use std::time::{Duration, Instant};

use bytes::Bytes;

/// Whether a member has joined the generation that is being prepared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// It waits for the rebalance to end.
    Waiting,
    /// It is part of the current generation.
    Settled,
}

/// A member.
#[derive(Debug)]
pub(super) struct Member {
    /// What its client calls itself.
    pub(super) client: String,
    pub(super) instance: Option<String>,
    pub(super) session_timeout: Duration,
    pub(super) rebalance_timeout: Duration,
    /// Assignment strategies with the member's subscription, best first.
    pub(super) protocols: Vec<(String, Bytes)>,
    pub(super) standing: Standing,
    pub(super) assignment: Bytes,
    /// Last sign of life.
    pub(super) seen: Instant,
}

impl Member {
    pub(super) fn supports(&self, protocol: &str) -> bool {
        self.protocols.iter().any(|(name, _)| name == protocol)
    }

    /// The subscription that goes with a strategy.
    pub(super) fn metadata(&self, protocol: &str) -> Bytes {
        self.protocols
            .iter()
            .find(|(name, _)| name == protocol)
            .map(|(_, metadata)| metadata.clone())
            .unwrap_or_default()
    }

    /// It has not been heard of for a session. One that waits for a rebalance
    /// is not asked to speak.
    pub(super) fn is_lost(&self, now: Instant) -> bool {
        self.standing == Standing::Settled && now.duration_since(self.seen) > self.session_timeout
    }
}
