//! Links and forms of a number in a running gate: an objection on one identity stops the other, and it
//! all verifies.

use std::time::Duration;

use consentgate::wire::consent::{Produced, produce};
use consentgate::wire::proto::consent::ConsentEvent;
use consentgate::wire::proto::outbound::OutboundMessage;
use prost::Message as _;

use super::copies::{assert_differences, verify_topics};
use super::stage::Stage;
use crate::support::gate::await_ready;
use crate::support::world::{grant, link, now_ms, offer, withdraw};

#[test]
fn an_acknowledged_objection_on_a_linked_identity_is_honoured_and_it_all_verifies() {
    let stage = Stage::new("links");
    let an_hour_ago = now_ms() - 3_600_000;
    for person in 1..=3 {
        stage.consent(&grant("cafe", person, &["offers"], an_hour_ago));
    }
    let gate = stage.gate();
    await_ready(&gate);
    stage.message(1, &offer("cafe", 1, 1));
    assert_eq!(stage.fates(), (1, 0));
    stage.consent(&link("cafe", 2, 1));
    stage.consent(&link("cafe", 2, 3));
    stage.message(1, &offer("cafe", 1, 2));
    assert_eq!(stage.fates(), (2, 0));
    stage.consent(&withdraw("cafe", 3));
    for person in 1..=3 {
        stage.message(person, &offer("cafe", person, u64::from(person) + 2));
    }
    assert_eq!(stage.fates(), (2, 3));
    gate.join(Duration::from_secs(20)).expect("an orderly end");
    let report = verify_topics(&stage.topics);
    assert_differences(&report, &[]);
    assert_eq!(report.counts.decided_again, 5);
}

/// The same event about this number.
fn on(number: &str, event: &Produced) -> Produced {
    let event = ConsentEvent::decode(event.value.as_slice()).expect("an event");
    produce(ConsentEvent { phone: number.to_string(), ..event }).expect("an event")
}

#[test]
fn an_acknowledged_objection_on_the_other_form_of_a_number_is_honoured_and_it_all_verifies() {
    let (short, long) = ("+520000000123", "+5210000000123");
    let stage = Stage::new("forms");
    stage.consent(&on(short, &grant("cafe", 1, &["offers"], now_ms() - 3_600_000)));
    let gate = stage.gate();
    await_ready(&gate);
    let offer_of = |number: u64| {
        let offer = OutboundMessage::decode(offer("cafe", 1, number).as_slice()).expect("an offer");
        OutboundMessage { to: short.to_string(), ..offer }.encode_to_vec()
    };
    stage.message(1, &offer_of(1));
    assert_eq!(stage.fates(), (1, 0));
    stage.consent(&on(long, &withdraw("cafe", 1)));
    stage.message(1, &offer_of(2));
    assert_eq!(stage.fates(), (1, 1));
    gate.join(Duration::from_secs(20)).expect("an orderly end");
    let report = verify_topics(&stage.topics);
    assert_differences(&report, &[]);
    assert_eq!(report.counts.decided_again, 2);
}
