//! Bugs in the waiting for the fence.

use std::cell::RefCell;
use std::sync::Arc;
use std::time::Duration;

use consentgate::index::{Fence, Tick};
use consentgate::stream::FenceSource;
use consentgate::telemetry::HoldCause;

use super::Bug;
use crate::simulator::world::Nested;

/// The fence source, with a bug or without.
pub(crate) struct BuggyFence {
    pub(crate) inner: Nested,
    pub(crate) bug: Option<Bug>,
    last: RefCell<Option<Arc<Fence>>>,
}

impl BuggyFence {
    pub(crate) fn new(inner: Nested, bug: Option<Bug>) -> Self {
        Self { inner, bug, last: RefCell::new(None) }
    }

    /// A fence with the ends that the index happens to have.
    fn made_up(&self, polled_at: Tick) -> Arc<Fence> {
        let ends = self.inner.process.index.read().unwrap().positions().clone();
        Arc::new(Fence { asked_at: polled_at, ends })
    }

    /// The fence that is published, as if it had been asked for at this instant.
    fn published(&self, polled_at: Tick) -> Option<Arc<Fence>> {
        let board = &self.inner.process.board;
        let fence = board.fence_for(board.proven_at()?, Duration::ZERO).ok()?;
        Some(Arc::new(Fence { asked_at: polled_at, ends: fence.ends.clone() }))
    }
}

impl FenceSource for BuggyFence {
    fn fence_for(&self, polled_at: Tick, limit: Duration) -> Result<Arc<Fence>, HoldCause> {
        match self.bug {
            Some(Bug::FenceSkipped) => return Ok(self.made_up(polled_at)),
            Some(Bug::FenceAskedBefore) => {
                if let Some(fence) = self.published(polled_at) {
                    return Ok(fence);
                }
            }
            Some(Bug::FenceUsedAgain) => {
                if let Some(fence) = self.last.borrow_mut().take() {
                    let ends = fence.ends.clone();
                    return Ok(Arc::new(Fence { asked_at: polled_at, ends }));
                }
            }
            _ => {}
        }
        let answer = self.inner.fence_for(polled_at, limit);
        if let Ok(fence) = &answer {
            *self.last.borrow_mut() = Some(fence.clone());
        }
        match answer {
            Err(_) if self.bug == Some(Bug::HoldIgnored) => Ok(self.made_up(polled_at)),
            Err(HoldCause::FenceStale) if self.bug == Some(Bug::ViewBeforeFence) => {
                Ok(self.made_up(polled_at))
            }
            answer => answer,
        }
    }

    fn held(&self) -> Option<HoldCause> {
        match self.bug {
            Some(Bug::HoldIgnored | Bug::FenceSkipped) => None,
            _ => self.inner.held(),
        }
    }
}
