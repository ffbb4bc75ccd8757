//! Whether a lane finds what it was made for, asked before it is made again: the brokers of the start,
//! and its route's topics as they must be. Elsewhere the lane is not made: it holds.
//!
//! A lane whose clients came to another cluster fails there, for that knows neither its transaction nor
//! its membership, and one whose topic is gone fails as well. So it is enough to ask then. What is not as
//! it must be holds the lanes of this route alone, and is looked at again until it is mended.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use super::route_topics::{RouteTopics, log_findings};
use crate::kafka::Clients;
use crate::kafka::topics::{Finding, TopicAdmin};
use crate::stream::{Fault, FaultKind, FenceBoard, wall_ms};
use crate::telemetry::{Health, HoldCause, Part, State};

/// How often a lane that holds looks whether it is told to end.
const LOOK_EVERY: Duration = Duration::from_millis(100);
/// How often topics that are not as they must be are looked at.
const ASK_EVERY: Duration = Duration::from_secs(2);

/// Where a lane belongs.
pub(super) struct Home<'a> {
    clients: &'a Clients,
    board: &'a FenceBoard,
    topics: &'a RouteTopics,
    /// What the allowed topic takes, as it was found at the start: the first time nobody asks again.
    found: Option<usize>,
    /// Since when the topics were found to be of no use, until the part was run.
    lost_since_ms: Option<i64>,
}

impl<'a> Home<'a> {
    /// The cluster that this board is for, with these topics. `found` is what they take, if they are known
    /// to be as they must.
    pub(super) fn new(
        clients: &'a Clients,
        board: &'a FenceBoard,
        topics: &'a RouteTopics,
        found: Option<usize>,
    ) -> Self {
        Self { clients, board, topics, found, lost_since_ms: None }
    }

    /// Runs a part with what the allowed topic takes. If the brokers are not those of the start, holds
    /// until told to stop; if the topics are not as they must be, until they are.
    pub(super) fn run(
        &mut self,
        stop: &AtomicBool,
        health: &Health,
        part: Part,
        run: impl FnOnce(&Self, usize) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        if let Some(message_bytes_max) = self.found.take() {
            return run(self, message_bytes_max);
        }
        self.lost_since_ms = None;
        let admin = TopicAdmin::open(self.clients)?;
        let mut told: Vec<Finding> = Vec::new();
        while !stop.load(Ordering::Relaxed) {
            let cluster = admin.cluster()?;
            let cause = match self.board.confirm_cluster(&cluster.id) {
                Err(cause) => cause,
                Ok(()) => match self.topics.look(&admin)? {
                    Ok(message_bytes_max) => return run(self, message_bytes_max),
                    Err(findings) => {
                        if findings != told {
                            log_findings(self.topics.route(), &findings);
                            told = findings;
                        }
                        self.lost_since_ms.get_or_insert_with(wall_ms);
                        HoldCause::TopicUnusable
                    }
                },
            };
            health.set(part, State::Holding(cause));
            wait(stop, ASK_EVERY);
        }
        Ok(())
    }

    /// Since when the topics were of no use before the part was run, if they were.
    pub(super) fn lost_since_ms(&self) -> Option<i64> {
        self.lost_since_ms
    }

    /// Looks whether the topics are still as they must be, for a lane at work that fails.
    ///
    /// # Errors
    /// They are not, or Kafka was not reached.
    pub(super) fn still_there(&self) -> Result<(), Fault> {
        let found = self.topics.look(&TopicAdmin::open(self.clients)?)?;
        let gone = |findings: Vec<Finding>| {
            let topics: Vec<_> =
                findings.iter().map(|one| format!("{} {}", one.topic, one.what)).collect();
            Fault::new(FaultKind::Refused, format!("a topic is of no use: {}", topics.join("; ")))
        };
        found.map(drop).map_err(gone)
    }
}

fn wait(stop: &AtomicBool, span: Duration) {
    let began = Instant::now();
    while began.elapsed() < span && !stop.load(Ordering::Relaxed) {
        std::thread::sleep(LOOK_EVERY);
    }
}
