//! What a check found that should not be.
//!
//! Names a law, a place, and what was expected there. Holds nobody's address and no record's bytes.

use std::fmt;

use serde::Serialize;

use crate::consent::{Offset, Partition};

/// The laws that are checked. The names are for machines and stay.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Law {
    /// A record of the receipts topic is signed by a pinned key.
    Signature,
    /// Each receipt lies in the topic once.
    ReceiptTwice,
    /// Each receipt lies in the partition of its lowest input partition.
    ReceiptPlace,
    /// Each receipt names this cluster.
    Cluster,
    /// Each receipt is of the mode that is verified: a gate's, or a shadow's.
    ReceiptMode,
    /// The receipt before is there.
    ReceiptMissing,
    /// A chain begins once.
    ChainTwice,
    /// No two receipts follow the same one.
    ChainFork,
    /// A receipt lies behind the one before.
    ReceiptOrder,
    /// Receipts leave no input out.
    Hole,
    /// Receipts cover no input twice.
    Overlap,
    /// What the receipts say they read never goes back.
    PositionsBack,
    /// What the receipts say they read was there.
    PositionsBeyondEnd,
    /// The policy that decided is published.
    PolicyMissing,
    /// A receipt counts the records of its range.
    ReceivedCount,
    /// What a receipt allows is a record of the input.
    AllowedNoRecord,
    /// An allowed record is in the allowed topic.
    AllowedMissing,
    /// A record of the allowed topic is from the input, and allowed.
    AllowedAdded,
    /// It is there once.
    AllowedTwice,
    /// It is the same, byte for byte.
    AllowedChanged,
    /// It is in the partition of its number.
    AllowedMoved,
    /// It is in the input's order.
    AllowedOrder,
    /// An audit entry can be read.
    AuditUnreadable,
    /// A suppressed record has its audit entry.
    AuditMissing,
    /// An audit entry is about a suppressed record.
    AuditAdded,
    /// It is there once.
    AuditTwice,
    /// It is in the partition of its number.
    AuditMoved,
    /// It is in the input's order.
    AuditOrder,
    /// It names the receipt and the instant that decided.
    AuditReceipt,
    /// A consent record has the broker's append time.
    ConsentUndated,
    /// Nothing is decided while a record holds the gate.
    DecidedWhileHeld,
    /// The rules come to the same decision.
    Decision,
    /// The rules come to the same reasons.
    Reasons,
}

impl Law {
    /// All laws.
    pub const ALL: [Self; 33] = [
        Self::Signature,
        Self::ReceiptTwice,
        Self::ReceiptPlace,
        Self::Cluster,
        Self::ReceiptMode,
        Self::ReceiptMissing,
        Self::ChainTwice,
        Self::ChainFork,
        Self::ReceiptOrder,
        Self::Hole,
        Self::Overlap,
        Self::PositionsBack,
        Self::PositionsBeyondEnd,
        Self::PolicyMissing,
        Self::ReceivedCount,
        Self::AllowedNoRecord,
        Self::AllowedMissing,
        Self::AllowedAdded,
        Self::AllowedTwice,
        Self::AllowedChanged,
        Self::AllowedMoved,
        Self::AllowedOrder,
        Self::AuditUnreadable,
        Self::AuditMissing,
        Self::AuditAdded,
        Self::AuditTwice,
        Self::AuditMoved,
        Self::AuditOrder,
        Self::AuditReceipt,
        Self::ConsentUndated,
        Self::DecidedWhileHeld,
        Self::Decision,
        Self::Reasons,
    ];

    /// The name for machines.
    pub fn name(self) -> String {
        serde_json::to_value(self)
            .ok()
            .and_then(|name| name.as_str().map(str::to_owned))
            .unwrap_or_default()
    }
}

/// Where something is, or should be.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Spot {
    /// The topic.
    pub topic: String,
    /// The partition.
    pub partition: i32,
    /// The offset.
    pub offset: i64,
}

impl Spot {
    /// A place in a topic.
    pub fn new(topic: &str, partition: Partition, offset: Offset) -> Self {
        let topic = topic.to_owned();
        Self { topic, partition: partition.0, offset: offset.0 }
    }
}

impl fmt::Display for Spot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} partition {} offset {}", self.topic, self.partition, self.offset)
    }
}

/// One difference between what is promised and what is there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// The law that is broken.
    pub law: Law,
    /// Where.
    #[serde(flatten)]
    pub at: Spot,
    /// What should be there.
    pub expected: String,
    /// What is there.
    pub found: String,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (at, expected, found) = (&self.at, &self.expected, &self.found);
        write!(f, "{at}: expected {expected}, found {found} [{}]", self.law.name())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_law_is_listed_once_and_has_a_name_of_its_own() {
        let names: BTreeSet<String> = Law::ALL.map(Law::name).into_iter().collect();
        assert_eq!(names.len(), Law::ALL.len());
        let last = Law::ALL.map(|law| law as usize).into_iter().max();
        assert_eq!(last, Some(Law::ALL.len() - 1));
    }
}
