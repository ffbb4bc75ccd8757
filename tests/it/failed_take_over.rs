//! A lane that fails while it takes partitions over.
//!
//! librdkafka waits for the answer to each change of an assignment, and may not let a consumer close
//! before. The embedded broker refuses the committed offsets, so that the lane fails without one.

use std::time::Duration;

use consentgate::broker::{ApiKey, Broker, BrokerConfig, Fault, ResponseError};
use consentgate::telemetry::{HoldCause, State};

use crate::support::gate::{await_that, start};
use crate::support::stage::Stage;
use crate::support::world::{grant, now_ms};

const LONG: Duration = Duration::from_secs(60);
/// Some of them hit other questions of the gate than the lane's.
const REFUSALS: u32 = 6;

#[test]
fn a_lane_that_fails_as_it_takes_over_is_made_again_under_range() {
    assert_made_again("range");
}

#[test]
fn a_lane_that_fails_as_it_takes_over_is_made_again_under_cooperative() {
    assert_made_again("cooperative");
}

fn assert_made_again(protocol: &str) {
    let broker = Broker::start(BrokerConfig::default()).expect("a broker");
    let stage = Stage::new(&broker.bootstrap(), &format!("refused-{protocol}"), 2);
    stage.consent(&[grant("cafe", 1, &["offers"], now_ms() - 60_000)]);
    let prepared = stage.prepared(&format!("group_protocol = \"{protocol}\""));
    let refused = Fault::Error(ResponseError::GroupAuthorizationFailed);
    broker.faults().next(ApiKey::OffsetFetch, REFUSALS, refused);
    let gate = start(prepared).expect("a gate");
    let refused = State::Holding(HoldCause::TopicUnusable);
    await_that("the lane fails", || {
        gate.health.changes().iter().any(|change| change.to == refused)
    });
    stage.offers(&[1, 2, 1], 0);
    stage.await_drained(LONG);
    gate.join(LONG).expect("an orderly end");
    stage.ledger().assert_clean();
}
