//! `server.properties` of one node, from the template in `tests/kafka/`.

use std::path::Path;

use super::ClusterSpec;
use super::ports::Ports;

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
    for (name, value) in spec.extra {
        text.push_str(&format!("{name}={value}\n")); // the last line of a name counts
    }
    text
}
