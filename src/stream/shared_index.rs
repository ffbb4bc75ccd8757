//! The one index of the process: many lanes read, one consent loop writes.
//!
//! A lane holds the read lock for one batch, the writer the write lock for one chunk of events, so
//! that neither starves the other. Knows no Kafka. A poisoned lock means that an apply panicked: the
//! index is then of no use, and whoever asks gets nothing.

use std::sync::{Condvar, Mutex, PoisonError, RwLock, RwLockReadGuard};
use std::time::Duration;

use super::fault::Fault;
use crate::index::ConsentIndex;

/// The shared index.
#[derive(Debug)]
pub struct SharedIndex {
    index: RwLock<ConsentIndex>,
    applied: Mutex<u64>,
    progress: Condvar,
}

impl SharedIndex {
    /// Shares an index.
    pub fn new(index: ConsentIndex) -> Self {
        Self { index: RwLock::new(index), applied: Mutex::new(0), progress: Condvar::new() }
    }

    /// The index, for as long as a batch takes.
    ///
    /// # Errors
    /// The invariant that applying never panics is broken.
    pub fn read(&self) -> Result<RwLockReadGuard<'_, ConsentIndex>, Fault> {
        self.index.read().map_err(|_| Fault::invariant("the index was left half applied"))
    }

    /// Changes the index, for one chunk of events.
    ///
    /// # Errors
    /// The invariant that applying never panics is broken.
    pub fn write<T>(&self, change: impl FnOnce(&mut ConsentIndex) -> T) -> Result<T, Fault> {
        match self.index.write() {
            Ok(mut index) => Ok(change(&mut index)),
            Err(_) => Err(Fault::invariant("the index was left half applied")),
        }
    }

    /// Tells whoever waits that positions moved.
    pub fn announce(&self) {
        let mut applied = self.applied.lock().unwrap_or_else(PoisonError::into_inner);
        *applied += 1;
        self.progress.notify_all();
    }

    /// Waits until positions move, or until the time is over.
    pub fn wait_for_progress(&self, limit: Duration) {
        let applied = self.applied.lock().unwrap_or_else(PoisonError::into_inner);
        let seen = *applied;
        let _unused = self.progress.wait_timeout_while(applied, limit, |now| *now == seen);
    }
}
