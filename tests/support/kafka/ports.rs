//! Free loopback ports for a node.
//!
//! Below 32768, where Linux takes no port for an outgoing connection. A port is free when asked, not
//! when used: a cluster that finds its port taken starts again on others.

use std::net::TcpListener;

use super::super::unique::random;

const LOWEST: u16 = 20_000;
const BLOCKS: u16 = 1_200;
const BLOCK: u16 = 10;

/// The five ports of one node.
#[derive(Debug, Clone, Copy)]
pub struct Ports {
    base: u16,
}

impl Ports {
    /// Where clients connect.
    pub fn client(self) -> u16 {
        self.base
    }

    /// Where the controllers talk to each other.
    pub fn controller(self) -> u16 {
        self.base + 1
    }

    /// Where the broker listens behind a proxy.
    pub fn upstream(self) -> u16 {
        self.base + 2
    }

    /// Where the proxy listens, and what the broker tells the clients that came through it.
    pub fn proxy(self) -> u16 {
        self.base + 3
    }

    /// Where its peers connect when clients come in by another card.
    pub fn peer(self) -> u16 {
        self.base + 4
    }

    fn all_free(self) -> bool {
        (self.base..self.base + 5).all(|port| TcpListener::bind(("127.0.0.1", port)).is_ok())
    }
}

/// Ports for `nodes` nodes, or none if the machine has hardly a free one.
pub fn free_ports(nodes: usize) -> Option<Vec<Ports>> {
    let first = (random() % u64::from(BLOCKS)) as u16;
    let found: Vec<Ports> = (0..BLOCKS)
        .map(|nth| Ports { base: LOWEST + (first + nth) % BLOCKS * BLOCK })
        .filter(|ports| ports.all_free())
        .take(nodes)
        .collect();
    (found.len() == nodes).then_some(found)
}
