//! The promises of the stream on a model log, on one thread.
//!
//! The loops under test are the real ones; log, group, producers, clocks and writers are the model's.
//! A seed is a run: faults, rebalances, crashes, open transactions, answers that are stale, partial
//! or wrong. After each run the laws look at nothing but the topics and the true order of what
//! happened. That the laws can find a bug is shown by planting some.

mod backstage;
mod been;
mod bugs;
mod clock;
mod cluster;
mod consent_ports;
mod group;
mod keys;
mod lane_port;
mod laws;
mod log;
mod run;
mod seen_holds;
mod writers;

use self::been::Been;
use self::bugs::Bug;
use self::laws::{Broken, Law, broken_by};
use self::run::run;

/// So many seeds; `MODEL_SEEDS` asks for more, or for fewer.
fn seeds(usual: u64) -> std::ops::Range<u64> {
    let asked = std::env::var("MODEL_SEEDS").ok();
    let first = std::env::var("MODEL_FIRST").ok().and_then(|n| n.parse().ok()).unwrap_or(0);
    first..first + asked.and_then(|n| n.parse().ok()).unwrap_or(usual)
}

#[test]
fn no_run_breaks_a_law() {
    let broken = |seed| (seed, broken_by(&run(seed, None)));
    let failed: Vec<_> = seeds(200).map(broken).filter(|(_, broken)| !broken.is_empty()).collect();
    assert!(failed.is_empty(), "by seed: {failed:#?}");
}

/// A law over runs that never get there would prove nothing.
#[test]
fn the_runs_get_everywhere() {
    let mut been = Been::default();
    for seed in seeds(60) {
        been.add(&run(seed, None));
    }
    assert!(been.is_everywhere(), "{been:#?}");
}

/// How many seeds the laws may need to find a planted bug.
const SEEDS_TO_FIND: u64 = 60;

/// Plants a bug and expects that this law is found broken.
#[track_caller]
fn expect_caught(bug: Bug, by: Law) {
    let found = |broken: Vec<Broken>| broken.iter().any(|broken| broken.law == by);
    let caught = (0..SEEDS_TO_FIND).any(|seed| found(broken_by(&run(seed, Some(bug)))));
    assert!(caught, "{bug:?} was not found by {by:?} within {SEEDS_TO_FIND} seeds");
}

macro_rules! caught {
    ($($name:ident: $bug:ident by $law:ident;)*) => {
        $(#[test] fn $name() { expect_caught(Bug::$bug, Law::$law); })*
    };
}

caught! {
    the_laws_catch_a_skipped_fence: FenceSkipped by Fenced;
    the_laws_catch_a_fence_that_is_used_again: FenceUsedAgain by Fenced;
    the_laws_catch_a_hold_that_is_ignored: HoldIgnored by FailsClosed;
    the_laws_catch_errors_of_ends_that_are_ignored: EndErrorsIgnored by FailsClosed;
    the_laws_catch_ends_that_stop_at_an_open_transaction: EndsAreStable by FailsClosed;
    the_laws_catch_positions_that_are_one_too_far: PositionsTooFar by Replay;
    the_laws_catch_uncommitted_consent: ConsentUncommitted by Replay;
    the_laws_catch_a_consent_record_left_out: ConsentSkips by Replay;
    the_laws_catch_a_commit_before_the_drain: CommitBeforeDrain by Conserved;
    the_laws_catch_offsets_committed_alone: OffsetsAlone by Conserved;
    the_laws_catch_a_failed_commit_that_is_ignored: CommitFailureIgnored by Conserved;
    the_laws_catch_a_missing_rewind: RewindMissing by Conserved;
    the_laws_catch_a_revocation_that_is_ignored: RevocationIgnored by Conserved;
    the_laws_catch_unstable_offsets: UnstableOffsets by Conserved;
    the_laws_catch_an_offset_one_too_far: OffsetTooFar by Conserved;
    the_laws_catch_a_dropped_audit_entry: AuditDropped by Conserved;
    the_laws_catch_a_record_allowed_twice: AllowedTwice by Conserved;
    the_laws_catch_lost_headers: HeadersLost by Untouched;
    the_laws_catch_a_receipt_that_reaches_too_far: ReceiptTooFar by Tiled;
    the_laws_catch_a_receipt_whose_clock_is_off: ReceiptClockOff by Replay;
    the_laws_catch_holds_that_are_not_told: HoldsUntold by HoldsTold;
    the_laws_catch_a_chain_that_starts_anew: ChainForgotten by Chained;
}
