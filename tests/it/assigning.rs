//! Partitions that are assigned anew while the same ones are still being stopped.
//!
//! librdkafka ends the process over it if it is told carelessly, so a test here is red by an abort.

use std::time::{Duration, Instant};

use consentgate::broker::{Broker, BrokerConfig};
use consentgate::consent::Offset;
use consentgate::kafka::{LaneClients, TaintDefence};
use consentgate::stream::ports::LanePort;

use crate::support::lane::{LIMITS, await_assigned, lane};
use crate::support::stage::Stage;

/// Carelessly told, about one in ten ends the process.
const TIMES: u32 = 200;
const LONG: Duration = Duration::from_secs(30);

#[test]
fn a_lane_begins_anew_at_once_and_again_under_range() {
    assert_begins_anew("range");
}

#[test]
fn a_lane_begins_anew_at_once_and_again_under_cooperative() {
    assert_begins_anew("cooperative");
}

fn assert_begins_anew(protocol: &str) {
    let broker = Broker::start(BrokerConfig::default()).expect("a broker");
    let stage = Stage::new(&broker.bootstrap(), &format!("anew-{protocol}"), 4);
    stage.offers(&[1, 2, 3, 4], 0);
    let clients = stage.clients(&format!("group_protocol = \"{protocol}\""));
    let lane = lane(&clients, &stage, TaintDefence::Replace);
    let starts: Vec<_> = await_assigned(&lane).into_iter().map(|at| (at, Offset(0))).collect();
    lane.assign(&starts).expect("assigned");
    await_records(&lane, 4);
    for _ in 0..TIMES {
        lane.assign(&starts).expect("assigned anew");
    }
    lane.assign(&[]).expect("nothing is fetched");
    lane.assign(&starts).expect("assigned anew");
    await_records(&lane, 4);
}

fn await_records(lane: &LaneClients, count: usize) {
    let began = Instant::now();
    let mut seen = 0;
    while seen < count {
        assert!(began.elapsed() < LONG, "{seen} of {count} records came");
        let mut batch = Vec::new();
        lane.poll(LIMITS, &mut batch).expect("a poll");
        seen += batch.len();
    }
}
