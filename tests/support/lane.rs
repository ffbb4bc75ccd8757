//! A lane's window on Kafka without the lane.

use std::time::{Duration, Instant};

use consentgate::consent::Partition;
use consentgate::kafka::{Clients, LaneClients, LaneTopics, TaintDefence, Watchdog};
use consentgate::stream::ports::{LaneEvent, LanePort, PollLimits};

use super::stage::Stage;

const LONG: Duration = Duration::from_secs(30);
/// Of a poll that waits a little for a few records.
pub const LIMITS: PollLimits =
    PollLimits { records: 100, first: Duration::from_millis(50), collect: Duration::ZERO };

/// A member of the gate's group, with a producer.
pub fn lane(clients: &Clients, stage: &Stage, defence: TaintDefence) -> LaneClients {
    let topics = LaneTopics {
        outbound: stage.topics.outbound.clone(),
        allowed: stage.topics.allowed.clone(),
        audit: stage.topics.audit.clone(),
        receipts: stage.topics.receipts.clone(),
    };
    let watchdog = Watchdog::start(LONG, |overrun| panic!("{overrun:?}")).expect("a watchdog");
    LaneClients::open(clients, 0, topics, 1 << 20, watchdog, defence).expect("a lane")
}

/// The partitions that the group gives to the lane.
pub fn await_assigned(lane: &LaneClients) -> Vec<Partition> {
    let began = Instant::now();
    while began.elapsed() < LONG {
        if let LaneEvent::Assigned(partitions) = lane.poll(LIMITS, &mut Vec::new()).expect("a poll")
        {
            return partitions;
        }
    }
    panic!("the group gave nothing");
}
