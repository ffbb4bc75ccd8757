//! The fence as a lane sees it: while it waits, everything else goes on.

use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use consentgate::index::{Fence, Tick};
use consentgate::stream::{Clock, FenceSource};
use consentgate::telemetry::HoldCause;

use super::{Process, World};

/// The fence as a lane sees it.
#[derive(Clone)]
pub(crate) struct Nested {
    pub(super) world: Rc<World>,
    pub(crate) process: Rc<Process>,
}

impl FenceSource for Nested {
    fn fence_for(&self, polled_at: Tick, limit: Duration) -> Result<Arc<Fence>, HoldCause> {
        let (board, clock) = (&self.process.board, &self.process.clock);
        let until = clock.tick().0 + u64::try_from(limit.as_nanos()).unwrap();
        loop {
            let answer = board.fence_for(polled_at, Duration::ZERO);
            // Without a hold the board says that there is no fence yet.
            let waits = answer.is_err() && board.cause().is_none();
            if !waits || clock.tick().0 > until {
                return answer;
            }
            match self.world.is_quiet.get() {
                true => self.world.happen_quietly(),
                false => self.world.happen(),
            }
        }
    }

    fn held(&self) -> Option<HoldCause> {
        self.process.board.cause()
    }
}
