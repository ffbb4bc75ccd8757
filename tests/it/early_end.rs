//! A gate that is told to end before it has begun.

use std::net::TcpListener;

use crate::support::child::GateHome;
use crate::support::gate::gate_toml;
use crate::support::topics::GateTopics;

#[test]
fn a_gate_that_is_told_to_end_while_it_waits_for_kafka_ends_in_order() {
    // It takes connections and never answers.
    let silent = TcpListener::bind("127.0.0.1:0").expect("a port");
    let bootstrap = silent.local_addr().expect("an address").to_string();
    let home = GateHome::new(&gate_toml(&bootstrap, &GateTopics::named("early-end"), ""));
    let gate = home.start("gate-0");
    let connection = silent.accept().expect("the gate asks");
    assert_eq!(gate.terminate(), 0, "{}", home.log("gate-0"));
    drop(connection);
}
