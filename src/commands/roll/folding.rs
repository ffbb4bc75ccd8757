//! A log, folded whole.
//!
//! Reads our protobuf alone: what a roll writes is that. A void changes the times of records before it,
//! so a log with voids is folded twice.

use std::collections::BTreeSet;

use crate::consent::{ConsentRecord, Fact, Folded, Place, Seconds, State, fold};
use crate::stream::AppendClock;
use crate::stream::ports::{RawConsent, TopicWidth};
use crate::wire::formats::EventFormats;

/// Folds the records of a log in the order of each partition.
#[derive(Debug)]
pub(super) struct Folding {
    pub(super) state: State,
    clock: AppendClock,
    widths: [TopicWidth; 1],
    known: BTreeSet<Place>,
    found: BTreeSet<Place>,
    /// Whether a record has not the broker's append time.
    pub(super) is_undated: bool,
}

/// Folds a log whole; `read` hands every record to what it is given, and is called again if there are
/// voids.
///
/// # Errors
/// That of `read`.
pub(super) fn fold_log<E>(
    width: TopicWidth,
    mut read: impl FnMut(&mut Folding) -> Result<(), E>,
) -> Result<Folding, E> {
    let mut known = BTreeSet::new();
    loop {
        let mut folding = Folding::new(width, known);
        read(&mut folding)?;
        if folding.found == folding.known {
            return Ok(folding);
        }
        known = folding.found;
    }
}

impl Folding {
    fn new(width: TopicWidth, known: BTreeSet<Place>) -> Self {
        let mut clock = AppendClock::default();
        for place in &known {
            clock.void(*place);
        }
        let (state, found) = (State::default(), BTreeSet::new());
        Self { state, clock, widths: [width], known, found, is_undated: false }
    }

    /// The same knowledge of voids, and nothing read yet.
    pub(super) fn again(&self) -> Self {
        let [width] = self.widths;
        Self::new(width, self.known.clone())
    }

    /// What a record says and contributes; `None` if it has no time.
    pub(super) fn look(&mut self, raw: &RawConsent) -> Option<(ConsentRecord, Folded)> {
        let Some(broker_time) = raw.broker_time() else {
            self.is_undated = true;
            return None;
        };
        // Whether a time lies ahead of some wall clock is no matter here.
        let never = (Seconds(u32::MAX), u32::MAX);
        let at = self.clock.observe(raw.place(), broker_time, never.0, never.1);
        let record = raw.to_record(at, &self.widths, &EventFormats::default());
        let folded = fold(&record);
        Some((record, folded))
    }

    /// Joins what a record contributes.
    pub(super) fn take(&mut self, raw: &RawConsent) {
        let Some((_, folded)) = self.look(raw) else { return };
        for fact in folded.facts {
            if let Fact::Void { place, .. } = &fact {
                self.found.insert(*place);
            }
            self.state.join(fact);
        }
    }
}
