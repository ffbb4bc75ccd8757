//! A real Apache Kafka for tests: one or three KRaft nodes on loopback, in a temporary folder.
//!
//! [`Cluster::start`] gives a test its own; [`shared`](shared::shared_kafka) one for the whole binary.
//! It knows no client library. Dropping a cluster, or losing the test process in any way, ends its
//! brokers and wipes their folders.

pub mod apart;
mod disk;
mod hand_on;
mod libs;
mod namespaces;
mod node;
mod ports;
mod properties;
mod shared;

use std::fs;
use std::net::TcpListener;
use std::sync::Mutex;

use tempfile::TempDir;

use self::disk::Disk;
use self::libs::Libs;
use self::namespaces::Namespaces;
use self::ports::{Ports, free_ports};
use self::properties::server_properties;
use super::unique::random;

pub use self::node::Node;
pub use self::shared::{absent_line, on_ci, shared_kafka, try_shared_kafka};

const LOG4J: &str = include_str!("../../kafka/log4j2.properties");
/// A port may be taken between our look and the broker's start.
const PORT_ATTEMPTS: usize = 4;

/// Settings of brokers that share a group's partitions themselves, as quickly as a gate of the tests asks
/// for where they do not.
pub const QUICK_GROUPS: &[(&str, &str)] = &[
    ("group.consumer.min.session.timeout.ms", "6000"),
    ("group.consumer.session.timeout.ms", "6000"),
    ("group.consumer.min.heartbeat.interval.ms", "500"),
    ("group.consumer.heartbeat.interval.ms", "500"),
];

/// What cluster a test wants.
#[derive(Debug, Clone, Copy)]
pub struct ClusterSpec<'a> {
    pub nodes: Nodes,
    /// A second listener whose advertised port is left to a [`Proxy`](super::kafka_proxy::Proxy).
    pub proxy_listener: bool,
    /// Where the nodes stand.
    pub network: Network,
    /// What the nodes write to.
    pub disk: DiskSpec,
    /// Lines for `server.properties`; they win over the template's.
    pub extra: &'a [(&'a str, &'a str)],
}

impl ClusterSpec<'_> {
    /// One node on loopback, and nothing special.
    pub const PLAIN: Self = ClusterSpec {
        nodes: Nodes::One,
        proxy_listener: false,
        network: Network::Loopback,
        disk: DiskSpec::Shared,
        extra: &[],
    };
}

/// How many nodes: topics have as many replicas, and three nodes a minimum of two in sync.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Nodes {
    One,
    Three,
}

/// Where nodes stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Network {
    /// All on loopback.
    Loopback,
    /// Each in a namespace of its own, within the namespace of the caller, who may do as he likes there.
    Apart,
}

impl Network {
    /// Where proxies listen.
    fn proxy_host(self) -> &'static str {
        match self {
            Network::Loopback => namespaces::LOOPBACK,
            Network::Apart => namespaces::CLIENTS,
        }
    }
}

/// What a node writes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DiskSpec {
    /// A folder beside others.
    Shared,
    /// A disk in memory of so many MiB, which can be filled. Needs a mount namespace of the caller's own
    /// (`unshare --mount`).
    Own(u32),
}

/// Why there is no cluster.
#[derive(Debug, thiserror::Error)]
pub enum ClusterError {
    /// This machine cannot run one; tests that need it are ignored.
    #[error("{0}")]
    Absent(String),
    /// It should have run; the test fails.
    #[error("{0}")]
    Broken(String),
    /// The machine refused a file or a process.
    #[error("cannot prepare a Kafka node: {0}")]
    Io(#[from] std::io::Error),
}

/// Whether this machine can run a cluster. Fetches Kafka if it has not been fetched yet.
pub fn possible() -> Result<(), ClusterError> {
    Libs::find().map(drop)
}

/// A running cluster.
#[derive(Debug)]
pub struct Cluster {
    nodes: Vec<Node>, // before their disks, the folder and the namespaces: nodes end first
    _disks: Vec<Disk>,
    _dir: TempDir,
    _namespaces: Option<Namespaces>,
}

impl Cluster {
    /// Starts the nodes and waits until all serve clients (3 to 16 s).
    pub fn start(spec: ClusterSpec<'_>) -> Result<Cluster, ClusterError> {
        let libs = Libs::find()?;
        let mut attempt = 1;
        loop {
            match Cluster::start_once(&spec, &libs) {
                Err(ClusterError::Broken(why)) if attempt < PORT_ATTEMPTS && port_taken(&why) => {
                    attempt += 1;
                }
                other => return other,
            }
        }
    }

    /// Where clients connect: all nodes, without any proxy.
    pub fn bootstrap(&self) -> String {
        self.nodes.iter().map(Node::address).collect::<Vec<_>>().join(",")
    }

    /// Where clients connect that shall see the faults of the proxies.
    pub fn proxied_bootstrap(&self) -> String {
        self.nodes.iter().map(Node::proxied_address).collect::<Vec<_>>().join(",")
    }

    /// The node with this broker id, from 1.
    pub fn node(&self, id: i32) -> &Node {
        self.nodes.iter().find(|node| node.id() == id).expect("a node of this cluster")
    }

    /// All nodes, by broker id.
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    fn start_once(spec: &ClusterSpec<'_>, libs: &Libs) -> Result<Cluster, ClusterError> {
        let (count, heap) = match spec.nodes {
            Nodes::One => (1, "256m"),
            Nodes::Three => (3, "384m"),
        };
        let ports = free_ports(count)
            .ok_or_else(|| ClusterError::Broken("no free ports below 32768".to_owned()))?;
        let namespaces = match spec.network {
            Network::Loopback => None,
            Network::Apart => Some(Namespaces::lay(count)?),
        };
        let dir = tempfile::Builder::new().prefix("consentgate-kafka-").tempdir()?;
        let cluster_id = cluster_id();
        let mut nodes = Vec::with_capacity(count);
        let mut disks = Vec::new();
        for (id, &ports_of_node) in (1..).zip(&ports) {
            let node = Node {
                id,
                ports: ports_of_node,
                network: spec.network,
                dir: dir.path().join(format!("node-{id}")),
                cluster_id: cluster_id.clone(),
                heap,
                libs: libs.clone(),
                process: Mutex::new(None),
                proxy_port: Mutex::new(proxy_port(spec, ports_of_node)?),
            };
            fs::create_dir(&node.dir)?;
            if let DiskSpec::Own(mib) = spec.disk {
                disks.push(Disk::mount(&node.dir, mib)?);
            }
            let properties = server_properties(spec, &ports, id, &node.dir);
            fs::write(node.dir.join("server.properties"), properties)?;
            fs::write(node.dir.join("log4j2.properties"), LOG4J)?;
            nodes.push(node);
        }
        let cluster = Cluster { nodes, _disks: disks, _dir: dir, _namespaces: namespaces };
        cluster.nodes.iter().try_for_each(Node::launch)?;
        cluster.nodes.iter().try_for_each(Node::wait_ready)?;
        Ok(cluster)
    }
}

fn proxy_port(spec: &ClusterSpec<'_>, ports: Ports) -> Result<Option<TcpListener>, ClusterError> {
    if !spec.proxy_listener {
        return Ok(None);
    }
    let listener = TcpListener::bind((spec.network.proxy_host(), ports.proxy()))
        .map_err(|error| ClusterError::Broken(format!("proxy port: {error}")))?;
    Ok(Some(listener))
}

fn port_taken(why: &str) -> bool {
    why.to_lowercase().contains("address already in use")
}

/// A Kafka cluster id: 16 random bytes in the URL alphabet of base 64, without padding.
fn cluster_id() -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let digit = |value: u64| char::from(ALPHABET[(value % 64) as usize]);
    let (high, low) = (random(), random());
    // A leading letter, since Kafka refuses ids that start with a dash; a last digit of 4 bits.
    let body = (0..10)
        .map(|nth| digit(high >> (6 * nth)))
        .chain((0..10).map(|nth| digit(low >> (6 * nth))));
    std::iter::once('C').chain(body).chain(std::iter::once('A')).collect()
}
