//! Why the gate holds: a closed list with names for receipts, metrics and the admin page.

use crate::consent::Holding;

/// Why nothing is decided now. A hold is about a stream, never about one message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum HoldCause {
    /// The index has not applied all that the consent topics hold.
    IndexLoading,
    /// The last fence is older than the limit.
    FenceStale,
    /// The fence's question was answered with an error.
    FenceError,
    /// A writer keeps a transaction open on a consent topic; what lies behind it cannot be read.
    ConsentTransactionOpen,
    /// A consent record that cannot be decoded names no business.
    ConsentUnattributedRecord,
    /// A consent topic was deleted, re-created or cut short.
    ConsentTopicChanged,
    /// A partition of a consent topic has no leader, or does not answer.
    ConsentPartitionUnavailable,
    /// A consent record was appended too far in the future.
    AppendAheadOfClock,
    /// This machine's clock is off fresh append times.
    ClockSkew,
    /// The brokers belong to another cluster than before.
    ClusterIdChanged,
    /// The committed offset was moved by another hand.
    OffsetMoved,
    /// There is no position to start from, and none was named.
    NoStartPosition,
    /// The key under which erased people are remembered is missing or another one.
    TombstoneKey,
    /// No broker answers.
    KafkaUnreachable,
    /// Somebody paused everything.
    PlatformPaused,
    /// The consent log was rolled, and what vouches for it is missing or does not fit.
    ConsentLogUnsealed,
    /// The sender is too far behind on the allowed topic, or nobody knows how far.
    SenderBehind,
    /// Too many messages of a batch are faulty, and an operator must look.
    BatchFaulty,
    /// A topic of the route is missing or not as it must be, or the brokers refuse it.
    TopicUnusable,
}

impl HoldCause {
    /// All causes.
    pub const ALL: [Self; 19] = [
        Self::IndexLoading,
        Self::FenceStale,
        Self::FenceError,
        Self::ConsentTransactionOpen,
        Self::ConsentUnattributedRecord,
        Self::ConsentTopicChanged,
        Self::ConsentPartitionUnavailable,
        Self::AppendAheadOfClock,
        Self::ClockSkew,
        Self::ClusterIdChanged,
        Self::OffsetMoved,
        Self::NoStartPosition,
        Self::TombstoneKey,
        Self::KafkaUnreachable,
        Self::PlatformPaused,
        Self::ConsentLogUnsealed,
        Self::SenderBehind,
        Self::BatchFaulty,
        Self::TopicUnusable,
    ];

    /// The name in receipts, metrics and on the admin page.
    pub fn name(self) -> &'static str {
        match self {
            Self::IndexLoading => "index_loading",
            Self::FenceStale => "fence_stale",
            Self::FenceError => "fence_error",
            Self::ConsentTransactionOpen => "consent_transaction_open",
            Self::ConsentUnattributedRecord => "consent_unattributed_record",
            Self::ConsentTopicChanged => "consent_topic_changed",
            Self::ConsentPartitionUnavailable => "consent_partition_unavailable",
            Self::AppendAheadOfClock => "append_ahead_of_clock",
            Self::ClockSkew => "clock_skew",
            Self::ClusterIdChanged => "cluster_id_changed",
            Self::OffsetMoved => "offset_moved",
            Self::NoStartPosition => "no_start_position",
            Self::TombstoneKey => "tombstone_key",
            Self::KafkaUnreachable => "kafka_unreachable",
            Self::PlatformPaused => "platform_paused",
            Self::ConsentLogUnsealed => "consent_log_unsealed",
            Self::SenderBehind => "sender_behind",
            Self::BatchFaulty => "batch_faulty",
            Self::TopicUnusable => "topic_unusable",
        }
    }

    /// What an operator can do, in a sentence.
    pub fn advice(self) -> &'static str {
        match self {
            Self::IndexLoading => "wait; it goes on by itself when the consent topics are read",
            Self::FenceStale => "look at the brokers' answer times and at this machine's load",
            Self::FenceError => "look at the log for the brokers' answer",
            Self::ConsentTransactionOpen => {
                "`kafka-transactions.sh describe-producers` and `list` name the writer; end its transaction"
            }
            Self::ConsentUnattributedRecord => "void the record with `consentgate consent void`",
            Self::ConsentTopicChanged => "restore the topic, or restart to read it from its start",
            Self::ConsentPartitionUnavailable => "bring the partition's leader back",
            Self::AppendAheadOfClock => "check the brokers' clocks; void the record if it is wrong",
            Self::ClockSkew => "check this machine's clock and the brokers' clocks",
            Self::ClusterIdChanged => "check kafka.bootstrap; restart to confirm the new cluster",
            Self::OffsetMoved => "say where to go on with --start-from; the gap is written down",
            Self::NoStartPosition => "say where to begin with --start-from",
            Self::TombstoneKey => {
                "give this gate the tombstone keys of the others, the earlier ones too"
            }
            Self::KafkaUnreachable => "check kafka.bootstrap, the network and the brokers",
            Self::PlatformPaused => "find out why, then `consentgate consent resume --platform`",
            Self::ConsentLogUnsealed => {
                "wait for the log to be read; then: is keys.roll_public_keys complete? else go back to the \
                 topic before, and roll again"
            }
            Self::SenderBehind => {
                "is the sender running, under the group downstream.group, and does it commit what it sent? \
                 else look at the allowed topic and the right to describe that group"
            }
            Self::BatchFaulty => {
                "mend what makes the messages faulty (`lane.batch_faulty` in the log, GET /v1/lanes), then \
                 POST /v1/lanes/release; see the runbook"
            }
            Self::TopicUnusable => {
                "`consentgate check` says which topic, and what is wrong: is it there, and may the gate read \
                 or write it? it goes on by itself when that is mended"
            }
        }
    }
}

impl From<Holding> for HoldCause {
    fn from(holding: Holding) -> Self {
        match holding {
            Holding::Record(_) => Self::ConsentUnattributedRecord,
            Holding::Pause(_) => Self::PlatformPaused,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cause_has_its_own_name() {
        let names: std::collections::BTreeSet<_> = HoldCause::ALL.map(HoldCause::name).into();
        assert_eq!(names.len(), HoldCause::ALL.len());
    }

    #[test]
    fn the_list_of_all_causes_is_in_order() {
        assert!(HoldCause::ALL.is_sorted());
    }
}
