//! The holds that could be seen from outside, lane by lane.
//!
//! A hold that ended must be told by the lane's next receipt. A lane that fails takes what it has not
//! told with it.

use std::collections::BTreeMap;

use consentgate::stream::LaneStep;
use consentgate::telemetry::HoldCause;

/// A hold as it was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SeenHold {
    pub(crate) cause: HoldCause,
    /// The latest that the wall clock had shown when the lane said so first, and last, in milliseconds.
    pub(crate) first_ms: i64,
    pub(crate) last_ms: i64,
    /// Whether the lane has gone on since, and committed after that.
    pub(crate) is_owed: bool,
    is_over: bool,
}

/// All holds that were seen, by the instance that held.
#[derive(Debug, Default)]
pub(crate) struct SeenHolds(pub(crate) BTreeMap<String, Vec<SeenHold>>);

impl SeenHolds {
    /// Notes what a lane's step came to.
    pub(crate) fn note(&mut self, instance: &str, step: Option<&LaneStep>, wall_ms: i64) {
        let holds = self.0.entry(instance.to_string()).or_default();
        match step {
            Some(LaneStep::Held(cause)) => match holds.last_mut() {
                Some(hold) if !hold.is_over && hold.cause == *cause => hold.last_ms = wall_ms,
                last => {
                    if let Some(hold) = last {
                        hold.is_over = true;
                    }
                    let (first_ms, last_ms) = (wall_ms, wall_ms);
                    let (is_owed, is_over) = (false, false);
                    holds.push(SeenHold { cause: *cause, first_ms, last_ms, is_owed, is_over });
                }
            },
            Some(LaneStep::Decided(_)) => holds.iter_mut().for_each(|hold| hold.is_over = true),
            Some(LaneStep::Committed(_)) => {
                holds.iter_mut().for_each(|hold| hold.is_owed |= hold.is_over);
            }
            Some(LaneStep::Idle | LaneStep::Rebalanced | LaneStep::Rewound(_)) | None => {}
        }
    }
}
