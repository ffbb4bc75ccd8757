//! Records that the broker found too large for the output.
//!
//! How large a batch is on the wire is known only after compression, headers included, so a record
//! that came in well compressed may not go out again. The broker then refuses it, and with it the
//! transaction. Its place is kept, so that the next attempt suppresses it instead of trying for ever.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::consent::{Offset, Partition};

/// The places, shared by a lane and all of its producers.
#[derive(Debug, Default)]
pub(in crate::kafka) struct Oversize {
    any: AtomicBool,
    places: Mutex<BTreeSet<(Partition, Offset)>>,
}

impl Oversize {
    /// Notes a record by its place in the input.
    pub(in crate::kafka) fn note(&self, partition: Partition, offset: Offset) {
        self.places.lock().unwrap_or_else(PoisonError::into_inner).insert((partition, offset));
        self.any.store(true, Ordering::SeqCst);
    }

    /// Whether this record was refused before.
    pub(super) fn has(&self, partition: Partition, offset: Offset) -> bool {
        self.any.load(Ordering::Relaxed)
            && self
                .places
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .contains(&(partition, offset))
    }
}
