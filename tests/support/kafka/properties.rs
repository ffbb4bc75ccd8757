//! `server.properties` of one node, from the template in `tests/kafka/`.

use std::path::Path;

use super::namespaces::{CLIENTS, client_host, peer_host};
use super::ports::Ports;
use super::{ClusterSpec, Network};

const TEMPLATE: &str = include_str!("../../kafka/server.properties");

/// The settings of node `id` (from 1) of the cluster on `ports`.
pub fn server_properties(spec: &ClusterSpec<'_>, ports: &[Ports], id: usize, dir: &Path) -> String {
    let own = ports[id - 1];
    let voters: Vec<String> = (1..)
        .zip(ports)
        .map(|(id, ports)| format!("{id}@127.0.0.1:{}", ports.controller()))
        .collect();
    let (listener, advertised, protocol) = if spec.proxy_listener {
        (
            format!(",PX://127.0.0.1:{}", own.upstream()),
            format!(",PX://127.0.0.1:{}", own.proxy()),
            ",PX:PLAINTEXT",
        )
    } else {
        (String::new(), String::new(), "")
    };
    let min_isr = if ports.len() > 1 { 2 } else { 1 };
    let mut text = TEMPLATE
        .replace("@NODE_ID@", &id.to_string())
        .replace("@VOTERS@", &voters.join(","))
        .replace("@CLIENT_PORT@", &own.client().to_string())
        .replace("@CONTROLLER_PORT@", &own.controller().to_string())
        .replace("@PROXY_LISTENER@", &listener)
        .replace("@PROXY_ADVERTISED@", &advertised)
        .replace("@PROXY_PROTOCOL@", protocol)
        .replace("@DATA_DIR@", &dir.join("data").display().to_string())
        .replace("@REPLICAS@", &ports.len().to_string())
        .replace("@MIN_ISR@", &min_isr.to_string());
    if spec.network == Network::Apart {
        text.push_str(&apart(spec, ports, id));
    }
    for (name, value) in spec.extra {
        text.push_str(&format!("{name}={value}\n")); // the last line of a name counts
    }
    text
}

/// Clients come in by one card; the other brokers and the controllers by the other.
fn apart(spec: &ClusterSpec<'_>, ports: &[Ports], id: usize) -> String {
    let own = ports[id - 1];
    let client = format!("PLAINTEXT://{}:{}", client_host(id), own.client());
    let peer = format!("PEER://{}:{}", peer_host(id), own.peer());
    let controller = format!("CONTROLLER://{}:{}", peer_host(id), own.controller());
    let (mut listeners, mut advertised) =
        (format!("{client},{peer},{controller}"), format!("{client},{peer}"));
    let mut protocol = "";
    if spec.proxy_listener {
        listeners.push_str(&format!(",PX://{}:{}", client_host(id), own.upstream()));
        advertised.push_str(&format!(",PX://{CLIENTS}:{}", own.proxy()));
        protocol = ",PX:PLAINTEXT";
    }
    let voters = (1..).zip(ports);
    let voters: Vec<String> = voters
        .map(|(id, ports)| format!("{id}@{}:{}", peer_host(id), ports.controller()))
        .collect();
    format!(
        "controller.quorum.voters={}\n\
         listeners={listeners}\n\
         advertised.listeners={advertised}\n\
         listener.security.protocol.map=PLAINTEXT:PLAINTEXT,PEER:PLAINTEXT,CONTROLLER:PLAINTEXT{protocol}\n\
         inter.broker.listener.name=PEER\n",
        voters.join(",")
    )
}
