//! What a broker and a topic are started with.
//!
//! Knows no socket and no protocol. A value that would open the broker to
//! another machine is refused when the broker starts, not corrected here.

use std::net::{IpAddr, Ipv4Addr};

/// Settings of an embedded broker. `default()` gives one node on a free port.
#[derive(Clone, Debug)]
pub struct BrokerConfig {
    /// Address to listen on. Anything but `127.0.0.1` is refused at start.
    pub listen: IpAddr,
    /// Number of virtual nodes, each with a port of its own over one state.
    /// 1 to 9; up to three of them are replicas of a partition.
    pub nodes: u16,
    /// Port of the first node; the others follow. 0 takes free ports.
    pub first_port: u16,
    /// The cluster id that Metadata reports.
    pub cluster_id: String,
    /// Oldest batches are dropped when a partition holds more bytes than this,
    /// but never past the last stable offset.
    pub partition_bytes_max: u64,
    /// How long a new group waits for more members before its first
    /// generation, in milliseconds (Kafka: 3000).
    pub initial_rebalance_delay_ms: u64,
    /// The shortest session time-out a group member may ask for, in
    /// milliseconds (Kafka: 6000).
    pub session_timeout_min_ms: i32,
    /// Partitions of a topic that is created without a number.
    pub default_partitions: i32,
}

impl Default for BrokerConfig {
    fn default() -> Self {
        Self {
            listen: IpAddr::V4(Ipv4Addr::LOCALHOST),
            nodes: 1,
            first_port: 0,
            cluster_id: "embedded-in-memory-cluster".to_owned(),
            partition_bytes_max: 1 << 30,
            initial_rebalance_delay_ms: 50,
            session_timeout_min_ms: 6_000,
            default_partitions: 1,
        }
    }
}

/// How a topic is created: its partitions and the configs that differ from
/// the defaults.
#[derive(Clone, Debug)]
pub struct TopicSpec {
    /// Number of partitions, at least 1.
    pub partitions: i32,
    /// Topic configs by their Kafka names.
    pub configs: Vec<(String, String)>,
}

impl TopicSpec {
    /// A topic with default configs.
    pub fn new(partitions: i32) -> Self {
        Self { partitions, configs: Vec::new() }
    }

    /// The same topic with one more config, for example
    /// `message.timestamp.type` = `LogAppendTime`.
    #[must_use]
    pub fn config(mut self, name: &str, value: &str) -> Self {
        self.configs.push((name.to_owned(), value.to_owned()));
        self
    }
}

/// Number of a virtual node, starting at 1, as Metadata reports it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(pub i32);
