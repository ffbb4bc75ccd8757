//! `[gate]` as written: who this gate is, how it batches, and when it holds.
//!
//! Every limit here can only make the gate hold sooner or later; none lets a message pass.

use crate::config::section::{choice, section};
use crate::config::value::Span;

choice! {
    /// How the gate proves that it has read all that the consent topics held.
    FenceKind {
        /// The log ends that each partition's leader answers.
        Leader = "leader",
        /// The log ends of enough replicas.
        Quorum = "quorum",
        /// An acknowledged heartbeat in each partition, read back.
        Beat = "beat",
    }
}

choice! {
    /// How the gate's instances share the partitions of the outbound topic.
    GroupProtocol {
        /// All give everything back, then all are given anew.
        Range = "range",
        /// Only what moves is given back; the others go on.
        Cooperative = "cooperative",
        /// The broker shares, and moves single partitions (KIP-848).
        Consumer = "consumer",
    }
}

choice! {
    /// What an undecodable consent record does.
    OnUndecodable {
        /// Suppresses all messages of the business that its key names, until it is voided.
        Quarantine = "quarantine",
        /// Holds the whole gate until it is voided.
        Hold = "hold",
    }
}

choice! {
    /// Whether decisions have effect.
    ModeKind {
        /// What is allowed goes on to the allowed topic.
        Gate = "gate",
        /// Everything is decided and audited, and nothing goes on.
        Shadow = "shadow",
    }
}

section! {
    /// How the gate works.
    ["gate"] GateSettings {
        /// The consumer group that shares the outbound topic.
        group: String = "consentgate".to_owned();
        /// This instance's own name, stable over restarts; two gates with one name shut each other
        /// out. If not set: the host's name.
        instance: Option<String> = None, example "\"gate-0\"";
        /// "shadow" decides and audits, and writes no allowed topic, while the sender goes on reading
        /// the old one. A shadow has a group, an audit and a receipts topic of its own: the configured
        /// names with ".shadow" behind them.
        mode: ModeKind = ModeKind::Gate;
        /// Worker threads, each with a consumer and a producer. If not set: one a processor core.
        lanes: Option<u32> = None, example "4";
        /// A transaction is committed at the latest after this time.
        commit_interval: Span = Span::millis(100);
        /// A transaction is committed at the latest after this many messages.
        commit_messages: u32 = 50_000;
        /// At most this many messages are decided on one view of the consent index.
        batch_messages: u32 = 10_000;
        /// How the gate proves that it has read all that the consent topics held: "quorum" asks each
        /// partition's leader and so many other replicas that a deposed leader is found out. "beat"
        /// writes a heartbeat to each partition instead, where brokers do not answer for replicas; it
        /// needs the right to write there. "leader" believes the leader alone.
        fence: FenceKind = FenceKind::Quorum;
        /// The gate holds when its last proof is older than this.
        fence_limit: Span = Span::secs(2);
        /// The gate holds when its clock is off fresh append times by more than this.
        clock_skew_limit: Span = Span::secs(30);
        /// The gate holds when a consent record was appended further than this in the future.
        append_ahead_limit: Span = Span::secs(300);
        /// What a consent record that cannot be decoded does: "quarantine" suppresses the business
        /// that its key names, "hold" holds the whole gate; both until it is voided.
        on_undecodable: OnUndecodable = OnUndecodable::Quarantine;
        /// After a signal to end, the gate finishes its transactions within this time.
        shutdown_limit: Span = Span::secs(20);
        /// Kafka aborts a transaction that is open for longer. Less than `session_timeout`.
        transaction_timeout: Span = Span::secs(15);
        /// How instances share the partitions. "range": at each change all give back everything, and an
        /// instance that restarts in time is not noticed. "cooperative": the same, but only partitions
        /// that move are given back. "consumer": the broker shares (Kafka 4.0 and later), each change
        /// waits for heartbeats, and the broker's limits count in place of `session_timeout`. All
        /// instances of a group are set alike.
        group_protocol: GroupProtocol = GroupProtocol::Range;
        /// Kafka gives a silent instance's partitions to the others after this time. Not with
        /// `group_protocol` "consumer".
        session_timeout: Span = Span::secs(30);
        /// A call to Kafka that hangs for longer ends the process, to be restarted (exit 75).
        watchdog_limit: Span = Span::secs(30);
        /// Where to start on partitions that have no position of ours, and after their positions
        /// were moved by another hand: "beginning", "end", "committed", or a time such as
        /// "2026-01-31T00:00:00Z". What is skipped is written down as a gap. If not set: hold.
        start_from: Option<String> = None, example "\"beginning\"";
    }
}
