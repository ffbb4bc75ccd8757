//! Whether the brokers are still those of the start, asked before a lane is made again.
//!
//! A lane whose clients came to another cluster fails there, for that knows neither its transaction
//! nor its membership. So it is enough to ask then. Elsewhere the lane is not made: it holds.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::kafka::Clients;
use crate::kafka::topics::TopicAdmin;
use crate::stream::{Fault, FenceBoard};
use crate::telemetry::{Health, Part, State};

/// How often a lane that holds for good looks whether it is told to end.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// The cluster of the start.
pub(super) struct Home<'a> {
    clients: &'a Clients,
    board: &'a FenceBoard,
    has_run: bool,
}

impl<'a> Home<'a> {
    /// The cluster that this board is for.
    pub(super) fn new(clients: &'a Clients, board: &'a FenceBoard) -> Self {
        Self { clients, board, has_run: false }
    }

    /// Runs a part; one that has run before only if the brokers are those of the start. If they are
    /// not, holds until told to stop.
    pub(super) fn run(
        &mut self,
        stop: &AtomicBool,
        health: &Health,
        part: Part,
        run: impl FnOnce() -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        if !std::mem::replace(&mut self.has_run, true) {
            return run();
        }
        let cluster = TopicAdmin::open(self.clients)?.cluster()?;
        let Err(cause) = self.board.confirm_cluster(&cluster.id) else {
            return run();
        };
        health.set(part, State::Holding(cause));
        while !stop.load(Ordering::Relaxed) {
            std::thread::sleep(LOOK_EVERY);
        }
        Ok(())
    }
}
