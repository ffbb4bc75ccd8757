//! The only wiring: parts are made here, loops are started and ended here.
//!
//! Reads no message and decides nothing. A part that fails is made again with growing pauses; until
//! it works nothing is decided. A broken invariant ends the process.

pub mod api;
mod blind_ends;
mod error;
mod fence;
mod home;
mod keyring;
mod lag_history;
mod lane_state;
mod loops;
mod meters;
mod owned;
mod route;
mod route_topics;
mod sender;
mod start;
mod supervise;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

pub use error::AppError;
pub use keyring::{Keyring, key_id, link_keys, pseudonym_keys, rolled_log, vault};
pub use route_topics::broken_conditions;
pub use start::{Prepared, prepare};

use crate::stream::{Fault, FenceBoard, SharedIndex};
use crate::telemetry::Health;
use crate::telemetry::metrics::{self, BrokenIn};

/// A gate at work.
pub struct Gate {
    /// What each part does.
    pub health: Arc<Health>,
    /// The index.
    pub index: Arc<SharedIndex>,
    /// The fence.
    pub board: Arc<FenceBoard>,
    /// By route: who answers questions from outside, and which lanes' breakers are tripped.
    pub doors: Arc<api::Doors>,
    stop: Arc<AtomicBool>,
    threads: Vec<JoinHandle<Result<(), Fault>>>,
}

impl Gate {
    /// Tells all loops to end: what is decided is committed, the partitions are given back.
    pub fn stop(&self) {
        self.stop.store(true, Ordering::SeqCst);
    }

    /// Whether a loop has ended, which none does before it is told to unless an invariant broke.
    pub fn has_ended(&self) -> bool {
        self.threads.iter().any(JoinHandle::is_finished)
    }

    /// Waits until all loops have ended.
    ///
    /// # Errors
    /// A broken invariant, or loops that do not end in time.
    pub fn join(self, limit: Duration) -> Result<(), AppError> {
        self.stop();
        let began = Instant::now();
        for thread in self.threads {
            while !thread.is_finished() {
                if began.elapsed() > limit {
                    let name = thread.thread().name().unwrap_or("a loop");
                    return Err(AppError::Stuck(name.to_owned()));
                }
                std::thread::sleep(Duration::from_millis(10));
            }
            match thread.join() {
                Ok(Ok(())) => {}
                Ok(Err(fault)) => return Err(AppError::Invariant(fault)),
                Err(_) => {
                    metrics::invariant_broken(BrokenIn::Other);
                    return Err(AppError::Invariant(Fault::invariant("a loop panicked")));
                }
            }
        }
        Ok(())
    }
}
