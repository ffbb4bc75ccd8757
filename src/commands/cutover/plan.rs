//! A plan: where everybody goes on, what is in the way, and what to do in which order.

use serde::Serialize;

use crate::consent::{Offset, Partition};

/// A plan, or why there is none yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Plan {
    pub(super) direction: Direction,
    pub(super) sender_group: String,
    pub(super) gate_group: String,
    pub(super) outbound: String,
    pub(super) allowed: String,
    pub(super) partitions: Vec<Row>,
    pub(super) findings: Vec<Finding>,
    /// Which offsets are to be set. Empty unless they are exact.
    pub(super) moves: Vec<Move>,
    pub(super) steps: Vec<Step>,
}

/// Which way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Direction {
    /// From the outbound topic to the allowed topic.
    Cutover,
    /// Back to the outbound topic.
    Rollback,
    /// Neither: a look at what is.
    Check,
}

/// One partition.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub(super) struct Row {
    pub(super) partition: i32,
    /// The sender's committed offset in the outbound topic.
    pub(super) sender_outbound: Option<i64>,
    /// The sender's committed offset in the allowed topic.
    pub(super) sender_allowed: Option<i64>,
    /// The gate's committed offset.
    pub(super) gate: Option<i64>,
    /// Offsets of the outbound topic that the sender (before the cut) or the gate has before it.
    pub(super) waiting: i64,
    /// Where the gate must start.
    pub(super) gate_starts: Option<i64>,
    /// Where the sender must start, in the topic that it is to read.
    pub(super) sender_starts: Option<i64>,
    /// Allowed messages that the sender has not sent.
    pub(super) unread: Option<u64>,
    /// Suppressed messages that would be sent without consent, at most.
    pub(super) suppressed_at_most: Option<i64>,
}

/// Something that was looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Finding {
    pub(super) level: Level,
    pub(super) what: String,
}

/// What it means for the plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Level {
    /// As it should be.
    Ok,
    /// To be known, or to be closed by a step of the plan.
    Warn,
    /// Not yet: try again.
    Wait,
    /// It must be mended first.
    Fail,
}

impl Finding {
    pub(super) fn ok(what: impl Into<String>) -> Self {
        Self { level: Level::Ok, what: what.into() }
    }

    pub(super) fn warn(what: impl Into<String>) -> Self {
        Self { level: Level::Warn, what: what.into() }
    }

    pub(super) fn wait(what: impl Into<String>) -> Self {
        Self { level: Level::Wait, what: what.into() }
    }

    pub(super) fn fail(what: impl Into<String>) -> Self {
        Self { level: Level::Fail, what: what.into() }
    }
}

/// Offsets of one group in one topic that are to be set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Move {
    pub(super) group: String,
    pub(super) topic: String,
    /// Partition and offset.
    pub(super) offsets: Vec<(i32, i64)>,
}

impl Move {
    pub(super) fn new(group: &str, topic: &str, offsets: Vec<(i32, i64)>) -> Self {
        Self { group: group.to_owned(), topic: topic.to_owned(), offsets }
    }

    pub(super) fn places(&self) -> Vec<(Partition, Offset)> {
        let places = self.offsets.iter();
        places.map(|(partition, offset)| (Partition(*partition), Offset(*offset))).collect()
    }
}

/// One thing to do.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub(super) struct Step {
    pub(super) what: String,
    /// Commands for a shell, if it is done with some.
    pub(super) commands: Vec<String>,
}

impl Plan {
    /// The worst that was found.
    pub(super) fn level(&self) -> Level {
        self.findings.iter().map(|finding| finding.level).max().unwrap_or(Level::Ok)
    }

    /// Whether its offsets may be set.
    pub(super) fn is_exact(&self) -> bool {
        self.level() < Level::Wait
    }
}
