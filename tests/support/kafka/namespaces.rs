//! Nodes with a network each, so that one can be cut off from its peers and still be heard by clients.
//!
//! Each node has a namespace with two cards: one on a bridge where clients are, one on a bridge where the
//! nodes and their controllers talk to each other. Everything lies within the network namespace that
//! the caller made (`unshare --net`): nothing of the machine's own network is touched. The addresses
//! are of the range for benchmarks (RFC 2544).

use std::process::Command;

use super::ClusterError;

/// Where clients and nodes are that have no namespace.
pub const LOOPBACK: &str = "127.0.0.1";
/// Where clients, and proxies, are when the nodes stand apart.
pub const CLIENTS: &str = "198.18.0.1";

/// The namespaces of a cluster's nodes; dropping it removes them.
#[derive(Debug)]
pub struct Namespaces {
    names: Vec<String>,
}

/// Where clients reach a node.
pub fn client_host(id: usize) -> String {
    format!("198.18.0.{}", 10 + id)
}

/// Where its peers reach it.
pub fn peer_host(id: usize) -> String {
    format!("198.18.1.{}", 10 + id)
}

/// The namespace of a node of this process.
pub fn name(id: usize) -> String {
    format!("consentgate-{}-{id}", std::process::id())
}

impl Namespaces {
    /// Lays both bridges and a namespace for each node.
    pub fn lay(nodes: usize) -> Result<Namespaces, ClusterError> {
        ip("link set lo up")?;
        ip("link add clients type bridge")?;
        ip(&format!("addr add {CLIENTS}/24 dev clients"))?;
        ip("link set clients up")?;
        ip("link add peers type bridge")?;
        ip("link set peers up")?;
        let mut laid = Namespaces { names: Vec::new() };
        for id in 1..=nodes {
            let name = name(id);
            ip(&format!("netns add {name}"))?;
            laid.names.push(name.clone());
            ip(&format!("-n {name} link set lo up"))?;
            for (card, bridge, host) in
                [("c", "clients", client_host(id)), ("p", "peers", peer_host(id))]
            {
                ip(&format!("link add {card}{id} type veth peer name {bridge} netns {name}"))?;
                ip(&format!("link set {card}{id} master {bridge} up"))?;
                ip(&format!("-n {name} addr add {host}/24 dev {bridge}"))?;
                ip(&format!("-n {name} link set {bridge} up"))?;
            }
        }
        Ok(laid)
    }
}

impl Drop for Namespaces {
    fn drop(&mut self) {
        for name in &self.names {
            ip(&format!("netns del {name}")).ok();
        }
    }
}

/// Cuts a node off from its peers and the controllers; clients still reach it.
pub fn cut_off(id: usize) {
    ip(&format!("link set p{id} down")).expect("a card that can be taken down");
}

/// Ends the cut.
pub fn join_again(id: usize) {
    ip(&format!("link set p{id} up")).expect("a card that can be brought up");
}

/// Loses all that clients and a node send to each other; connections stay open.
pub fn deafen(id: usize) {
    ip(&format!("link set c{id} down")).expect("a card that can be taken down");
}

/// Ends the loss.
pub fn listen_again(id: usize) {
    ip(&format!("link set c{id} up")).expect("a card that can be brought up");
}

fn ip(arguments: &str) -> Result<(), ClusterError> {
    let out = Command::new("ip").args(arguments.split(' ')).output();
    let out = out.map_err(|error| ClusterError::Absent(format!("cannot run ip: {error}")))?;
    match out.status.success() {
        true => Ok(()),
        false => {
            let said = String::from_utf8_lossy(&out.stderr).trim().to_owned();
            Err(ClusterError::Broken(format!("ip {arguments}: {said}")))
        }
    }
}
