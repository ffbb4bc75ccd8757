//! Where a round is played: the nodes, the proxies before them, the gates, and who follows what they
//! write. It can put everything back in order, whatever a fault has left.

use std::time::{Duration, Instant};

use crate::fault::Role;
use crate::follower::Follower;
use crate::gates::{GATES, Gates};
use crate::support::kafka::{Cluster, Node};
use crate::support::kafka_proxy::Proxy;
use crate::support::raw::{Coordinates, controller, coordinator, leader};
use crate::support::stage::Stage;

/// How long a gate may take to go on after the last fault is mended.
const GOES_ON_WITHIN: Duration = Duration::from_secs(120);

/// All that a fault can strike.
pub struct Field<'f> {
    pub cluster: &'f Cluster,
    /// One before each node, by broker id.
    pub proxies: &'f [Proxy],
    pub stage: &'f Stage,
    pub gates: &'f Gates,
    pub follower: &'f Follower,
}

impl Field<'_> {
    /// The node that has this role now; of a topic's leaders the one of this partition.
    pub fn node_in(&self, role: Role, partition: i32) -> &Node {
        let (kafka, topics) = (&self.stage.kafka, &self.stage.topics);
        let group = format!("gate-{}", topics.outbound);
        let id = match role {
            Role::ConsentLeader => leader(kafka, &topics.consent_events, partition),
            Role::OutboundLeader => leader(kafka, &topics.outbound, partition),
            Role::GroupCoordinator => coordinator(kafka, Coordinates::Group, &group),
            Role::TransactionCoordinator => {
                coordinator(kafka, Coordinates::Transaction, &format!("{group}.gate-0.0"))
            }
            Role::Controller => controller(kafka),
        };
        self.cluster.node(id)
    }

    /// The proxy before this node.
    pub fn proxy_of(&self, node: &Node) -> &Proxy {
        &self.proxies[node.id() as usize - 1]
    }

    /// Undoes what a fault may have left: nodes run, networks are whole, gates are there.
    pub fn mend(&self) {
        for proxy in self.proxies {
            proxy.clear();
            proxy.heal();
        }
        for node in self.cluster.nodes() {
            node.listen_again();
            node.join_again();
            node.empty_disk();
            if !node.runs() {
                node.restart();
            }
        }
        (0..GATES).for_each(|nth| self.gates.be_there(nth));
    }

    /// Waits until something newly decided is seen in every partition; says how long nothing was seen
    /// in the one that stood still for longest since `began`, or that it goes on standing still.
    pub fn await_going_on(&self, began: Instant) -> Option<Duration> {
        let mended = Instant::now();
        let goes_on = self.follower.seen_everywhere_within(mended, GOES_ON_WITHIN);
        goes_on.then(|| self.follower.longest_silence_since(began))
    }
}
