//! What a receipt says.
//!
//! Plain data; whether it holds together is checked when it is sealed and when it is opened.

use super::decision_header::DecisionHeader;
use super::ids::{ColumnHash, PolicyHash, ReceiptHash, ReceiptId};
use super::range::PartitionRange;
use crate::consent::{Offset, Partition, Positions, RouteName};

/// The record of one committed transaction.
#[derive(Clone, Debug, PartialEq)]
pub struct Receipt {
    /// Its id.
    pub id: ReceiptId,
    /// The version of the gate that decided.
    pub gate_version: String,
    /// The version of the rules that folded the consent events.
    pub rules_version: u32,
    /// The Kafka cluster.
    pub cluster_id: String,
    /// The instance that decided.
    pub instance: String,
    /// Its lane.
    pub lane: u32,
    /// The route that decided.
    pub route: RouteName,
    /// The input topic.
    pub source_topic: String,
    /// The policy that decided, but where a batch names another.
    pub policy: PolicyHash,
    /// For each input partition of this receipt the receipt before.
    pub previous: Vec<Previous>,
    /// The batches, in the order in which they were decided.
    pub batches: Vec<BatchReceipt>,
    /// Holds that have ended since the last receipt, or that last.
    pub holds: Vec<Hold>,
    /// Input that no decision covers.
    pub gaps: Vec<Gap>,
    /// How the fence was proven.
    pub fence: FenceMode,
    /// So long may a batch have waited for its fence, in milliseconds; `None` where an earlier version
    /// did not say it.
    pub fence_limit_ms: Option<u32>,
    /// The header that was appended to each allowed record, if one was.
    pub decision_header: Option<DecisionHeader>,
    /// How many messages were allowed.
    pub allowed: u64,
    /// How many messages were suppressed.
    pub suppressed: u64,
    /// Whether what was allowed was also written.
    pub mode: Mode,
    /// The parts of the column of allowed messages, in order; none where the gate does not list them.
    pub allowed_parts: Vec<AllowedPart>,
}

/// One part of the column of allowed messages, as its receipt names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AllowedPart {
    /// The hash of the part.
    pub hash: ColumnHash,
    /// How many messages it lists.
    pub rows: u32,
}

impl Receipt {
    /// The lowest input partition: where in the receipts topic the receipt lies.
    pub fn lowest_partition(&self) -> Option<Partition> {
        let partitions = self.previous.iter().map(|previous| previous.partition);
        partitions.min()
    }
}

/// One poll, one fence, one view, one instant.
#[derive(Clone, Debug, PartialEq)]
pub struct BatchReceipt {
    /// The input, one range a partition.
    pub ranges: Vec<PartitionRange>,
    /// What the consent topics had said, exactly.
    pub positions: Positions,
    /// The instant for which all was decided, in milliseconds since 1970.
    pub now_ms: i64,
    /// The policy, where it is not the receipt's.
    pub policy: Option<PolicyHash>,
}

/// The link to the receipt before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Previous {
    /// The input partition.
    pub partition: Partition,
    /// The last receipt that covered it; `None` for the first.
    pub hash: Option<ReceiptHash>,
}

/// A time in which nothing was decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hold {
    /// Why.
    pub cause: String,
    /// Since when, in milliseconds since 1970.
    pub began_ms: i64,
    /// Until when, in milliseconds since 1970; `None` while it lasts.
    pub ended_ms: Option<i64>,
}

/// Input that no decision covers, and who says so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gap {
    /// The input partition.
    pub partition: Partition,
    /// The first offset skipped.
    pub first: Offset,
    /// The offset after the last one skipped.
    pub next: Offset,
    /// Why, in an operator's words.
    pub reason: String,
}

/// Whether decisions had effect.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// What is allowed goes on to the allowed topic.
    #[default]
    Gate,
    /// Everything is decided and told, and nothing goes on.
    Shadow,
}

impl Mode {
    /// All modes.
    pub const ALL: [Self; 2] = [Self::Gate, Self::Shadow];

    /// The name for people, as in the configuration.
    pub fn name(self) -> &'static str {
        match self {
            Self::Gate => "gate",
            Self::Shadow => "shadow",
        }
    }

    /// The word in a receipt. Receipts from before there were modes have none.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Gate => "",
            Self::Shadow => "shadow",
        }
    }

    /// Reads the word of a receipt.
    pub(super) fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|mode| mode.word() == word)
    }
}

/// How a fence was proven.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FenceMode {
    /// By the partition leaders' end offsets.
    Leader,
    /// By the log ends of enough replicas.
    Quorum,
    /// By a heartbeat that was acknowledged by all and read back.
    Beat,
}

impl FenceMode {
    /// All modes.
    pub const ALL: [Self; 3] = [Self::Leader, Self::Quorum, Self::Beat];

    /// The name, as in the configuration.
    pub fn name(self) -> &'static str {
        match self {
            Self::Leader => "leader",
            Self::Quorum => "quorum",
            Self::Beat => "beat",
        }
    }

    /// Reads a name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|mode| mode.name() == text)
    }
}
