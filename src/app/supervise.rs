//! Keeps a part of the gate going: makes it again after each fault, with growing pauses.
//!
//! While a part is being made again, the board says that it holds. A broken invariant is not tried
//! again: the part stops, and with it the gate.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use super::lane_state::cause_of;
use crate::stream::{Fault, FaultKind};
use crate::telemetry::metrics::{self, BrokenIn};
use crate::telemetry::{Health, HoldCause, Part, State};

const PAUSE_MIN: Duration = Duration::from_millis(100);
const PAUSE_MAX: Duration = Duration::from_secs(5);

/// Runs a part again after each fault, until told to stop.
pub(super) fn supervise(
    stop: &AtomicBool,
    health: &Health,
    part: Part,
    run: impl FnMut() -> Result<(), Fault>,
) -> Result<(), Fault> {
    let ended = run_again(stop, health, part, run);
    if let Err(fault) = &ended {
        tracing::error!(%part, %fault, "gate.invariant_broken");
        metrics::invariant_broken(broken_in(part));
    }
    health.set(part, State::Stopped);
    ended
}

fn run_again(
    stop: &AtomicBool,
    health: &Health,
    part: Part,
    mut run: impl FnMut() -> Result<(), Fault>,
) -> Result<(), Fault> {
    let mut pause = PAUSE_MIN;
    while !stop.load(Ordering::Relaxed) {
        let began = Instant::now();
        let cause = match run() {
            Ok(()) => return Ok(()),
            Err(fault) if fault.kind == FaultKind::Invariant => return Err(fault),
            Err(fault) => {
                tracing::warn!(%part, %fault, "gate.part_failed");
                match part {
                    Part::Consent | Part::Fence => HoldCause::KafkaUnreachable,
                    Part::Lane(..) => cause_of(fault.kind),
                }
            }
        };
        health.set(part, State::Holding(cause));
        if began.elapsed() > 2 * PAUSE_MAX {
            pause = PAUSE_MIN;
        }
        std::thread::sleep(pause);
        pause = (pause * 2).min(PAUSE_MAX);
    }
    Ok(())
}

fn broken_in(part: Part) -> BrokenIn {
    match part {
        Part::Consent => BrokenIn::Consent,
        Part::Fence => BrokenIn::Fence,
        Part::Lane(..) => BrokenIn::Lane,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::consent::RouteName;

    #[test]
    fn a_fault_is_tried_again_and_a_broken_invariant_is_not() {
        let (stop, health) = (AtomicBool::new(false), Health::new([(RouteName::MAIN, 1)]));
        let mut faults = vec![
            Fault::invariant("two and two are five"),
            Fault::new(FaultKind::Fatal, "the client died"),
            Fault::new(FaultKind::Retriable, "no answer"),
        ];
        let ended = supervise(&stop, &health, Part::Lane(RouteName::MAIN, 0), || {
            Err(faults.pop().expect("no more than three runs"))
        });
        assert_eq!(ended.unwrap_err().kind, FaultKind::Invariant);
        let changes: Vec<State> = health.changes().iter().map(|change| change.to).collect();
        let holding = State::Holding(HoldCause::KafkaUnreachable);
        assert_eq!(changes, [holding, State::Stopped]);
    }
}
