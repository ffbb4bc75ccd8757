//! A sender is moved behind the gate and back on the embedded broker.

use consentgate::broker::{Broker, BrokerConfig};

use crate::support::cutover::{Office, to_and_fro};

#[test]
fn a_sender_is_moved_to_and_fro_and_nothing_is_lost_or_sent_twice() {
    let broker = Broker::start(BrokerConfig::default()).expect("a broker");
    to_and_fro(&broker.bootstrap());
}

#[test]
fn a_start_that_is_written_down_is_in_the_way_of_a_plan() {
    let broker = Broker::start(BrokerConfig::default()).expect("a broker");
    let office = Office::new(&broker.bootstrap(), "cutover-start");
    let said = office.cutover(&["plan", "--set", "gate.start_from=beginning"]);
    assert_eq!(said.code, 78, "{said:?}");
    assert!(said.out.contains("FAIL  gate.start_from is \"beginning\""), "{said:?}");
    assert_eq!(office.cutover(&["plan", "--set", "gate.start_from=committed"]).code, 0);
}

#[test]
fn a_cluster_without_an_authorizer_is_told_so() {
    let broker = Broker::start(BrokerConfig::default()).expect("a broker");
    let office = Office::new(&broker.bootstrap(), "cutover-open");
    let said = office.cutover(&["check", "--sender-principal", "User:sender"]);
    assert_eq!(said.code, 0, "{said:?}");
    assert_eq!(said.out.matches("this cluster has no authorizer").count(), 2, "{said:?}");
}

#[test]
fn a_shadow_and_the_gates_own_group_are_refused() {
    let broker = Broker::start(BrokerConfig::default()).expect("a broker");
    let office = Office::new(&broker.bootstrap(), "cutover-refused");
    let said = office.cutover(&["plan", "--set", "gate.mode=shadow"]);
    assert_eq!(said.code, 78, "{said:?}");
    assert!(said.err.contains("a shadow writes no allowed topic"), "{said:?}");
    let group = format!("gate.group={}", office.group);
    let said = office.cutover(&["plan", "--set", &group]);
    assert_eq!(said.code, 2, "{said:?}");
}
