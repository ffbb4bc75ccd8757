//! Where the fence is published and where lanes wait for it.
//!
//! Knows no Kafka. As long as any loop says that it holds, nobody gets a fence. Whoever hears of
//! another cluster holds for good: what was read from it cannot be taken out again.

use std::collections::BTreeMap;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::index::{Fence, NotCaughtUp, Tick};
use crate::telemetry::HoldCause;

/// Who holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Holder {
    /// Whoever heard that the brokers belong to another cluster. Only a restart ends this.
    Cluster,
    /// The consent loop.
    Consent,
    /// The fence loop.
    Fence,
}

/// Gives a batch the fence that it needs.
pub trait FenceSource {
    /// A fence that was asked for at or after `polled_at`, waiting up to `limit` for it.
    ///
    /// # Errors
    /// Why there is none: the lane holds.
    fn fence_for(&self, polled_at: Tick, limit: Duration) -> Result<Arc<Fence>, HoldCause>;

    /// Why the lanes are held now. Asked once more under the index's lock: whoever finds a cause
    /// says so before the positions move, so a lane that sees these positions sees the hold.
    fn held(&self) -> Option<HoldCause>;
}

/// The board.
#[derive(Debug)]
pub struct FenceBoard {
    /// The id of the cluster whose topics were checked at the start.
    cluster_id: String,
    state: Mutex<BoardState>,
    published: Condvar,
    wanted: Condvar,
}

#[derive(Debug)]
struct BoardState {
    fence: Option<Arc<Fence>>,
    /// The newest instant that somebody needs a fence for.
    wanted: Option<Tick>,
    holds: BTreeMap<Holder, HoldCause>,
    /// Counts rebuilds of the index: a fence of an older generation proves nothing.
    generation: u64,
}

impl FenceBoard {
    /// A board for this cluster, on which the index is still being loaded.
    pub fn new(cluster_id: impl Into<String>) -> Self {
        let holds = BTreeMap::from([(Holder::Fence, HoldCause::IndexLoading)]);
        let state = BoardState { fence: None, wanted: None, holds, generation: 0 };
        Self {
            cluster_id: cluster_id.into(),
            state: Mutex::new(state),
            published: Condvar::new(),
            wanted: Condvar::new(),
        }
    }

    /// The id of the cluster whose topics were checked at the start.
    pub fn cluster_id(&self) -> &str {
        &self.cluster_id
    }

    /// Compares a cluster id that brokers told with the one of the start.
    ///
    /// # Errors
    /// It is another one, or was so before: every lane is held until the process is restarted.
    pub fn confirm_cluster(&self, heard: &str) -> Result<(), HoldCause> {
        let mut state = self.lock();
        if heard != self.cluster_id
            && state.holds.insert(Holder::Cluster, HoldCause::ClusterIdChanged).is_none()
        {
            let expected = &self.cluster_id;
            let advice = HoldCause::ClusterIdChanged.advice();
            tracing::error!(expected, heard, advice, "gate.cluster_changed");
            self.published.notify_all();
        }
        state.holds.get(&Holder::Cluster).map_or(Ok(()), |cause| Err(*cause))
    }

    /// Publishes a fence that the index has reached, and ends the fence loop's hold. A fence that
    /// was asked for before the last rebuild is dropped.
    pub fn publish(&self, fence: Fence, generation: u64) {
        let mut state = self.lock();
        if state.generation == generation {
            state.fence = Some(Arc::new(fence));
            state.holds.remove(&Holder::Fence);
            self.published.notify_all();
        }
    }

    /// Holds every lane until [`FenceBoard::release`].
    pub fn hold(&self, holder: Holder, cause: HoldCause) {
        self.lock().holds.insert(holder, cause);
        self.published.notify_all();
    }

    /// Ends one holder's hold.
    pub fn release(&self, holder: Holder) {
        self.lock().holds.remove(&holder);
        self.published.notify_all();
    }

    /// Forgets the fence: the index starts anew.
    pub fn reset(&self) {
        let mut state = self.lock();
        state.fence = None;
        state.generation += 1;
        state.holds.insert(Holder::Fence, HoldCause::IndexLoading);
    }

    /// The instant that the published fence was asked for, if one is published: the index had then
    /// all that the consent topics held.
    pub fn proven_at(&self) -> Option<Tick> {
        self.lock().fence.as_ref().map(|fence| fence.asked_at)
    }

    /// The number of rebuilds so far.
    pub fn generation(&self) -> u64 {
        self.lock().generation
    }

    /// Why the lanes are held, if they are.
    pub fn cause(&self) -> Option<HoldCause> {
        self.lock().holds.values().next().copied()
    }

    /// Whether somebody waits for a fence newer than the one published.
    pub fn is_wanted(&self) -> bool {
        self.lock().is_wanted()
    }

    /// Waits until somebody wants a fence, or until the time is over.
    pub fn wait_until_wanted(&self, limit: Duration) {
        let state = self.lock();
        let _unused = self.wanted.wait_timeout_while(state, limit, |state| !state.is_wanted());
    }

    fn lock(&self) -> MutexGuard<'_, BoardState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl BoardState {
    fn is_wanted(&self) -> bool {
        match (&self.fence, self.wanted) {
            (_, None) => false,
            (None, Some(_)) => true,
            (Some(fence), Some(wanted)) => fence.asked_at < wanted,
        }
    }

    fn fence_for(&self, polled_at: Tick) -> Option<Result<Arc<Fence>, HoldCause>> {
        if let Some(cause) = self.holds.values().next() {
            return Some(Err(*cause));
        }
        self.fence.as_ref().filter(|fence| fence.asked_at >= polled_at).map(|f| Ok(f.clone()))
    }
}

impl FenceSource for FenceBoard {
    fn fence_for(&self, polled_at: Tick, limit: Duration) -> Result<Arc<Fence>, HoldCause> {
        let deadline = Instant::now() + limit;
        let mut state = self.lock();
        state.wanted = state.wanted.max(Some(polled_at));
        self.wanted.notify_one();
        loop {
            if let Some(answer) = state.fence_for(polled_at) {
                return answer;
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(HoldCause::FenceStale);
            }
            state = match self.published.wait_timeout(state, left) {
                Ok((state, _)) => state,
                Err(poisoned) => poisoned.into_inner().0,
            };
        }
    }

    fn held(&self) -> Option<HoldCause> {
        self.cause()
    }
}

impl<F: FenceSource> FenceSource for Arc<F> {
    fn fence_for(&self, polled_at: Tick, limit: Duration) -> Result<Arc<Fence>, HoldCause> {
        (**self).fence_for(polled_at, limit)
    }

    fn held(&self) -> Option<HoldCause> {
        (**self).held()
    }
}

/// Why nothing can be decided on an index that has not caught up.
pub(super) fn cause_of(missing: &NotCaughtUp) -> HoldCause {
    match missing {
        NotCaughtUp::Held(holding) => (*holding).into(),
        NotCaughtUp::FenceTooOld | NotCaughtUp::FenceIncomplete(_) => HoldCause::FenceStale,
        NotCaughtUp::Behind { .. } => HoldCause::IndexLoading,
    }
}
