//! A request on its way that a test holds in its hand.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::link::Link;

/// The handle of a held request. Dropped without [`Held::release`], the request never arrives and its
/// connection breaks.
#[derive(Debug)]
pub struct Held {
    request: Arc<HeldRequest>,
}

#[derive(Debug, Default)]
pub(super) struct HeldRequest {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    link: Option<Arc<Link>>,
    phase: Phase,
    answer: Option<Vec<u8>>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Phase {
    #[default]
    Holding,
    Released,
    Unwanted,
}

impl Held {
    pub(super) fn new() -> Held {
        Held { request: Arc::default() }
    }

    pub(super) fn inner(&self) -> Arc<HeldRequest> {
        Arc::clone(&self.request)
    }

    /// Waits until a request has come and is held.
    pub fn wait(&self, timeout: Duration) {
        let caught = self.request.wait_for(timeout, |state| state.link.clone());
        assert!(caught.is_some(), "no such request came within {timeout:?}");
    }

    /// Breaks the client's side of the connection. The request stays on its way to the broker.
    pub fn drop_client(&self) {
        self.link().close_client();
    }

    /// Sends the request on its old connection, whether or not the client is still there.
    pub fn release(&self) {
        let link = self.link();
        self.request.state().phase = Phase::Released;
        link.flush();
    }

    /// The broker's answer after [`Held::release`], from the correlation id on. The client gets it too
    /// if it is still there.
    pub fn answer(&self, timeout: Duration) -> Vec<u8> {
        let answer = self.request.wait_for(timeout, |state| state.answer.clone());
        answer.unwrap_or_else(|| panic!("the broker did not answer within {timeout:?}"))
    }

    fn link(&self) -> Arc<Link> {
        self.request.state().link.clone().expect("a request is held, see Held::wait")
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let mut state = self.request.state();
        if state.phase == Phase::Holding {
            state.phase = Phase::Unwanted;
            let link = state.link.take();
            drop(state);
            if let Some(link) = link {
                link.close();
            }
        }
    }
}

impl HeldRequest {
    pub(super) fn caught(&self, link: &Arc<Link>) {
        self.state().link = Some(Arc::clone(link));
        self.changed.notify_all();
    }

    pub(super) fn answered(&self, answer: &[u8]) {
        self.state().answer = Some(answer.to_vec());
        self.changed.notify_all();
    }

    pub(super) fn may_pass(&self) -> bool {
        self.state().phase == Phase::Released
    }

    /// Its handle is gone: it holds nothing any more.
    pub(super) fn is_unwanted(&self) -> bool {
        self.state().phase == Phase::Unwanted
    }

    fn wait_for<T>(&self, timeout: Duration, found: impl Fn(&State) -> Option<T>) -> Option<T> {
        let until = Instant::now() + timeout;
        let mut state = self.state();
        loop {
            if let Some(found) = found(&state) {
                return Some(found);
            }
            let left = until.checked_duration_since(Instant::now())?;
            let waited = self.changed.wait_timeout(state, left);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
