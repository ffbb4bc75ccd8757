//! What all threads of a broker share: the state under one lock, the bell for
//! waiting members, faults, the clock and the connections.
//!
//! Knows no protocol. A thread that panicked leaves the lock usable.

use std::net::{Shutdown, TcpStream};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use super::config::{BrokerConfig, NodeId};
use super::faults::Faults;
use super::state::{Life, State};

/// Locks, also after another thread panicked.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

/// Shared by the acceptors, the connections, the ticker and the handle.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) config: BrokerConfig,
    pub(super) faults: Faults,
    state: Mutex<State>,
    /// Rings when a group changes, a node changes or the broker stops.
    changed: Condvar,
    connections: Mutex<Vec<(NodeId, Arc<TcpStream>)>>,
    clock_offset_ms: AtomicI64,
}

impl Shared {
    pub(super) fn new(config: BrokerConfig, state: State) -> Self {
        Self {
            config,
            faults: Faults::default(),
            state: Mutex::new(state),
            changed: Condvar::new(),
            connections: Mutex::new(Vec::new()),
            clock_offset_ms: AtomicI64::new(0),
        }
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }

    /// Wakes all that wait in `wait`.
    pub(super) fn announce(&self) {
        self.changed.notify_all();
    }

    /// Gives the lock away until something changes, for a while at most.
    pub(super) fn wait<'a>(
        &self,
        state: MutexGuard<'a, State>,
        at_most: Duration,
    ) -> MutexGuard<'a, State> {
        Self::wait_on(&self.changed, state, at_most)
    }

    /// The same with a bell of the caller's.
    pub(super) fn wait_on<'a>(
        bell: &Condvar,
        state: MutexGuard<'a, State>,
        at_most: Duration,
    ) -> MutexGuard<'a, State> {
        match bell.wait_timeout(state, at_most) {
            Ok((state, _)) => state,
            Err(poisoned) => poisoned.into_inner().0,
        }
    }

    /// Sleeps, but not past the end of the broker.
    pub(super) fn sleep(&self, time: Duration) {
        let until = Instant::now() + time;
        let mut state = self.state();
        while state.life == Life::Running {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return;
            }
            state = self.wait(state, left);
        }
    }

    /// The broker's clock in milliseconds since 1970.
    pub(super) fn now_ms(&self) -> i64 {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let now = i64::try_from(since.as_millis()).unwrap_or(i64::MAX);
        now.saturating_add(self.clock_offset_ms.load(Ordering::Relaxed))
    }

    /// Lets the broker's clock differ from the machine's.
    pub(super) fn set_clock_offset_ms(&self, offset_ms: i64) {
        self.clock_offset_ms.store(offset_ms, Ordering::Relaxed);
    }

    pub(super) fn add_connection(&self, node: NodeId, stream: &Arc<TcpStream>) {
        lock(&self.connections).push((node, Arc::clone(stream)));
    }

    pub(super) fn remove_connection(&self, stream: &Arc<TcpStream>) {
        lock(&self.connections).retain(|(_, other)| !Arc::ptr_eq(other, stream));
    }

    /// Cuts the connections of a node, or all of them.
    pub(super) fn cut(&self, node: Option<NodeId>) {
        for (owner, stream) in lock(&self.connections).iter() {
            if node.is_none_or(|node| node == *owner) {
                // A socket that is closed already needs no cut.
                let _ = stream.shutdown(Shutdown::Both);
            }
        }
    }
}
