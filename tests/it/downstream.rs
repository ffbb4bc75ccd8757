//! The sender's group on the embedded broker: the gate waits for it, and says so.

use consentgate::broker::{Broker, BrokerConfig};

use crate::support::sender::{hold_for_a_stranger, hold_for_the_sender, hold_for_what_is_old};

fn on_broker(run: impl FnOnce(&str)) {
    let broker = Broker::start(BrokerConfig::default()).expect("a broker");
    run(&broker.bootstrap());
}

#[test]
fn a_lane_waits_for_the_sender_and_goes_on_when_it_has_read() {
    on_broker(hold_for_the_sender);
}

#[test]
fn an_old_decision_holds_and_the_end_of_a_transaction_does_not() {
    on_broker(hold_for_what_is_old);
}

#[test]
fn a_group_that_has_read_nothing_holds() {
    on_broker(hold_for_a_stranger);
}
