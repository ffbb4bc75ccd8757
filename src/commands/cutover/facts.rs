//! What was found in Kafka, before anything is concluded from it.

use std::collections::BTreeMap;

use super::decided::Decided;
use crate::consent::{Offset, Partition};
use crate::kafka::{GroupMember, Span, TopicRules};

/// All that a plan rests on.
#[derive(Clone, Debug)]
pub(super) struct Facts {
    /// Who is in the sender's group.
    pub(super) senders: Vec<GroupMember>,
    /// Who is in the gate's group.
    pub(super) gates: Vec<GroupMember>,
    /// Each partition that both topics have.
    pub(super) partitions: Standings,
    /// What was decided; nothing while anybody is in a group, for it would be old at once.
    pub(super) decided: BTreeMap<Partition, Decided>,
    /// Where the sender goes on, in both topics.
    pub(super) pairs: Pairs,
    /// Who may do what with the outbound topic.
    pub(super) outbound_rules: TopicRules,
    /// Who may do what with the allowed topic.
    pub(super) allowed_rules: TopicRules,
}

impl Facts {
    /// Whether nobody moves either group.
    pub(super) fn is_still(&self) -> bool {
        self.senders.is_empty() && self.gates.is_empty()
    }
}

/// Parts of a topic.
pub(super) type Spans = BTreeMap<Partition, Span>;

/// How each partition stands.
pub(super) type Standings = BTreeMap<Partition, Standing>;

/// Where the sender goes on in each partition, or why nobody can tell.
pub(super) type Pairs = BTreeMap<Partition, Result<Pair, String>>;

/// How one partition stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Standing {
    /// What the outbound topic keeps.
    pub(super) outbound: Span,
    /// What the allowed topic keeps.
    pub(super) allowed: Span,
    /// Up to where the sender's group has committed the outbound topic.
    pub(super) sender_outbound: Option<Offset>,
    /// Up to where it has committed the allowed topic.
    pub(super) sender_allowed: Option<Offset>,
    /// Up to where the gate's group has committed, and who put it there.
    pub(super) gate: Option<(Offset, Mark)>,
}

/// Who put a committed offset where it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mark {
    /// A gate, with its transaction.
    Gates,
    /// An operator, or a tool.
    Others,
}

/// The next message that the sender has to send among those that a gate has allowed: where it lies in the
/// allowed topic and where it came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Pair {
    /// Its offset in the allowed topic; the end if there is none.
    pub(super) allowed: Offset,
    /// How many allowed messages lie there and behind it.
    pub(super) unread: u64,
    /// Its offset in the outbound topic, if the receipts tell.
    pub(super) outbound: Option<Offset>,
    /// Whether the two are the same message.
    pub(super) twins: Twins,
}

/// Whether two records are the same message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Twins {
    /// Key, value and timestamp are the same.
    Same,
    /// They are not: somebody else wrote to the allowed topic, or receipts are missing.
    Different,
    /// One of them is not there, so there is nothing to compare.
    Unknown,
}
