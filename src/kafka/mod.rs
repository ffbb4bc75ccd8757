//! Kafka through librdkafka: the only room that names the client. One fence, and questions that the client
//! has no words for, go over connections of our own ([`mod@line`]).
//!
//! Implements the ports of [`crate::stream`] and knows no consent, no rule and no decision. Errors
//! are sorted once, in [`fault`]. What the promises rest on is set in [`clients`] and is no knob.

mod arrivals;
mod assigning;
mod bare_loop;
mod beat;
mod broker_sharing;
mod clients;
mod committed;
mod consent_source;
mod context;
mod ends;
mod event_writer;
mod fault;
mod gauge;
mod group_place;
mod group_reader;
mod headers;
mod lane;
mod leaving;
mod line;
mod log_watch;
#[allow(unsafe_code, reason = "rdkafka has no safe form of these calls, see there")]
mod native;
mod questions;
mod quorum;
mod redrive_writer;
mod sender;
mod serving;
mod topic_reader;
mod topic_tail;
pub mod topics;
mod watchdog;

pub use arrivals::Arrivals;
pub use bare_loop::run_bare_loop;
pub use beat::{Beat, BeatEnds};
pub use broker_sharing::{BrokerSharing, broker_sharing};
pub use clients::Clients;
pub use consent_source::{ConsentSource, ConsentTopic};
pub use ends::LogEnds;
pub use event_writer::EventWriter;
pub use gauge::Gauge;
pub use group_place::GroupPlace;
pub use group_reader::{GroupReader, GroupRecord, Polled};
pub use headers::HeaderView;
pub use lane::{LaneClients, LaneTopics, Record, TaintDefence};
pub use log_watch::{ConsentEnd, LogWatch};
pub use questions::{
    AccessRule, GroupMember, Operation, Pattern, PatternKind, Permission, Questions, TopicRules,
};
pub use quorum::QuorumEnds;
pub use redrive_writer::RedriveWriter;
pub use sender::SenderOffsets;
pub use topic_reader::{MergedInput, Span, TopicReader, TopicRecord, read_merged};
pub use topic_tail::TopicTail;
pub use watchdog::{Overrun, Watchdog};

use std::time::Duration;

/// The version of the Kafka client library.
pub fn library_version() -> String {
    rdkafka::util::get_rdkafka_version().1
}

/// The bound of one request that only asks.
pub(crate) const ASK_LIMIT: Duration = Duration::from_secs(5);
