//! STAGE: an embedded broker that speaks the Kafka protocol over loopback TCP
//! and keeps everything in memory.
//!
//! It serves real librdkafka clients in the demo and in the tests: idempotent
//! and transactional producers, classic consumer groups with static members,
//! `read_committed`, fencing, and the refusals of a real broker. One process,
//! one state behind all nodes: no disk, no replication, nothing survives a
//! stop. It is not "Kafka-compatible" at large; [`Broker::api_versions`] lists
//! what it answers.
//!
//! It knows no other room of the crate. It listens on 127.0.0.1 only and
//! refuses any other address.
//!
//! # Example
//!
//! ```
//! use consentgate::broker::{Broker, BrokerConfig, TopicSpec};
//!
//! # fn main() -> std::io::Result<()> {
//! let broker = Broker::start(BrokerConfig::default())?;
//! broker.create_topic("outbound-messages", &TopicSpec::new(4))?;
//! println!("bootstrap.servers={}", broker.bootstrap());
//! broker.stop();
//! # Ok(())
//! # }
//! ```

mod api;
mod batch;
mod cluster;
mod config;
mod dispatch;
mod faults;
mod frame;
mod group;
mod log;
mod offsets;
mod producer_state;
mod server;
mod shared;
mod state;
mod topic_config;
mod topics;
mod txn;

use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::sync::Arc;
use std::thread::{self, JoinHandle};

pub use cluster::GroupCoordinators;
pub use config::{BrokerConfig, NodeId, TopicSpec};
pub use faults::{Fault, Faults, Held};
pub use kafka_protocol::ResponseError;
pub use kafka_protocol::messages::ApiKey;

use cluster::Cluster;
use shared::Shared;
use state::{Life, State};
use topic_config::TopicConfig;

/// A running broker. Dropping it stops it and its threads.
#[derive(Debug)]
pub struct Broker {
    shared: Arc<Shared>,
    ports: Vec<u16>,
    threads: Vec<JoinHandle<()>>,
}

impl Broker {
    /// Starts the nodes. Fails if the settings are refused or a port is taken.
    pub fn start(config: BrokerConfig) -> io::Result<Self> {
        let listeners = server::listen(&config)?;
        let ports: Vec<u16> = listeners
            .iter()
            .map(|listener| listener.local_addr().map(|address| address.port()))
            .collect::<io::Result<_>>()?;
        let cluster = Cluster::new(config.cluster_id.clone(), &ports);
        let shared = Arc::new(Shared::new(config, State::new(cluster)));
        let mut broker = Self { shared, ports, threads: Vec::new() };
        for (node, listener) in (1..).map(NodeId).zip(listeners) {
            let shared = Arc::clone(&broker.shared);
            broker.spawn("broker-accept", move || {
                server::accept(&shared, node, &listener);
            })?;
        }
        let shared = Arc::clone(&broker.shared);
        broker.spawn("broker-tick", move || server::tick(&shared))?;
        Ok(broker)
    }

    /// The value for `bootstrap.servers`: every node's address.
    pub fn bootstrap(&self) -> String {
        let addresses: Vec<String> =
            self.ports.iter().map(|port| format!("{}:{port}", Ipv4Addr::LOCALHOST)).collect();
        addresses.join(",")
    }

    /// Creates a topic. Fails if it exists, or if the name, the number of
    /// partitions or a config is not one that Kafka would take.
    pub fn create_topic(&self, name: &str, spec: &TopicSpec) -> io::Result<()> {
        let configs = spec.configs.iter().map(|(k, v)| (k.as_str(), v.as_str()));
        let config = TopicConfig::new(configs).map_err(refused)?;
        let mut state = self.shared.state();
        let State { cluster, topics, .. } = &mut *state;
        topics.create(cluster, name, spec.partitions, config).map_err(refused)
    }

    /// Deletes a topic with its records and its committed offsets.
    pub fn delete_topic(&self, name: &str) -> io::Result<()> {
        self.shared.state().delete_topic(name).map_err(refused)
    }

    /// The first offset and the high watermark of a partition, if it exists.
    pub fn offsets(&self, topic: &str, partition: i32) -> Option<(i64, i64)> {
        let state = self.shared.state();
        let partition = state.topics.partition(topic, partition)?;
        Some((partition.log.start(), partition.log.end()))
    }

    /// The faults that can be set on requests.
    pub fn faults(&self) -> &Faults {
        &self.shared.faults
    }

    /// Lets the brokers say that they are another cluster, as after a wrong turn of a name service.
    /// What they hold stays.
    pub fn set_cluster_id(&self, id: &str) {
        self.shared.state().cluster.set_id(id);
    }

    /// Takes a node down: its connections are cut and its roles go to others,
    /// if there are any that are up.
    pub fn stop_node(&self, node: NodeId) {
        self.shared.state().set_node(node, false);
        self.shared.cut(Some(node));
        self.shared.announce();
    }

    /// Takes a node up again.
    pub fn start_node(&self, node: NodeId) {
        self.shared.state().set_node(node, true);
        self.shared.announce();
    }

    /// Makes a node the leader of a partition, or nobody: then Metadata says
    /// leader -1, and produce, fetch and list offsets are refused.
    pub fn set_leader(
        &self,
        topic: &str,
        partition: i32,
        leader: Option<NodeId>,
    ) -> io::Result<()> {
        let mut state = self.shared.state();
        let partition = state
            .topics
            .partition_mut(topic, partition)
            .ok_or(ResponseError::UnknownTopicOrPartition)
            .map_err(refused)?;
        partition.elect(leader);
        Ok(())
    }

    /// Takes the coordinators of all groups away, or gives them back. Who knows one goes on.
    pub fn set_group_coordinators(&self, group_coordinators: GroupCoordinators) {
        self.shared.state().cluster.set_group_coordinators(group_coordinators);
    }

    /// How often a group's coordinator was asked for while there was none.
    pub fn groups_refused(&self) -> u64 {
        self.shared.state().cluster.groups_refused()
    }

    /// Sets the broker's clock apart from the machine's: append times and
    /// control records are off by this much, in milliseconds.
    pub fn set_clock_offset_ms(&self, offset_ms: i64) {
        self.shared.set_clock_offset_ms(offset_ms);
    }

    /// The APIs that are answered, each with its lowest and highest version.
    pub fn api_versions() -> &'static [(ApiKey, i16, i16)] {
        dispatch::VERSIONS
    }

    /// Stops all nodes and waits for their threads. What they held is gone.
    pub fn stop(self) {
        drop(self);
    }

    fn spawn(&mut self, name: &str, work: impl FnOnce() + Send + 'static) -> io::Result<()> {
        let thread = thread::Builder::new().name(name.to_owned()).spawn(work)?;
        self.threads.push(thread);
        Ok(())
    }

    fn ring_all(&self) {
        let mut state = self.shared.state();
        state.life = Life::Stopped;
        for partition in state.topics.partitions_mut() {
            partition.ring();
        }
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        self.ring_all();
        self.shared.announce();
        self.shared.faults.clear();
        self.shared.cut(None);
        // An acceptor sees the end when a connection comes in.
        let woken = self
            .ports
            .iter()
            .all(|port| TcpStream::connect(SocketAddr::from((Ipv4Addr::LOCALHOST, *port))).is_ok());
        for thread in self.threads.drain(..) {
            if woken {
                // A thread that panicked has nothing left to stop.
                let _ = thread.join();
            }
        }
    }
}

fn refused(error: ResponseError) -> io::Error {
    let kind = match error {
        ResponseError::TopicAlreadyExists => io::ErrorKind::AlreadyExists,
        ResponseError::UnknownTopicOrPartition => io::ErrorKind::NotFound,
        _ => io::ErrorKind::InvalidInput,
    };
    io::Error::new(kind, error)
}
