//! The simulator: the promises of the stream on a model log, on one thread.
//!
//! The loops under test are the real ones; log, group, producers, clocks and writers are the model's.
//! A seed is a run: two gates that are killed, frozen and stopped, rebalances, late and lost answers,
//! leaders that go, open transactions, a log that is cut, answers that are partial or wrong. After each run
//! the laws look at nothing but the topics and the true order of what happened. That the laws can find
//! a bug is shown by planting some. The tree has no snapshots, so none is torn here.
//!
//! `CONSENTGATE_SEEDS=5000` runs so many seeds, `CONSENTGATE_SEEDS=800..801` that one; one that fails is
//! shown with its steps, and belongs into `tests/fixtures/simulator/seeds.txt` for ever.

mod been;
mod bugs;
mod clock;
mod cluster;
mod consent_ports;
mod fetched;
mod group;
mod keys;
mod lane_port;
mod laws;
mod log;
mod process;
mod producers;
mod seeds;
mod seen_holds;
mod world;
mod writers;

use self::been::Been;
use self::bugs::Bug;
use self::cluster::Trace;
use self::laws::{Law, broken_by};
use self::world::run;

#[test]
fn no_seed_breaks_a_law() {
    let failed = seeds::failing(seeds::asked(100).chain(seeds::kept()));
    if let Some((seed, broken)) = failed.first() {
        let count = failed.len();
        panic!("{count} seeds failed, among them {seed}: {broken:#?}\n{}", seeds::trace_of(*seed));
    }
}

/// A law over runs that never get there would prove nothing.
#[test]
fn the_runs_get_everywhere() {
    let mut been = Been::default();
    for seed in 0..60 {
        been.add(&run(seed, None, Trace::None));
    }
    assert!(been.is_everywhere(), "{been:#?}");
    println!("{been:#?}");
}

#[test]
fn a_seed_is_a_run() {
    let first = run(3, None, Trace::Kept).shared.borrow().trace.take();
    let second = run(3, None, Trace::Kept).shared.borrow().trace.take();
    assert!(first.is_some_and(|steps| steps.len() > 500 && Some(steps) == second));
}

/// How many seeds the laws may need to find a planted bug.
const SEEDS_TO_FIND: u64 = 2_000;

/// Plants a bug and expects that this law is found broken.
#[track_caller]
fn expect_caught(bug: Bug, by: Law) {
    let is_caught = |seed: &u64| {
        let broken = broken_by(&run(*seed, Some(bug), Trace::None));
        broken.iter().any(|broken| broken.law == by)
    };
    let caught = (0..SEEDS_TO_FIND).find(is_caught);
    let seeds = 1 + caught.unwrap_or_else(|| panic!("{by:?} did not find {bug:?}"));
    println!("{bug:?} was found by {by:?} after {seeds} seeds");
}

macro_rules! caught {
    ($($name:ident: $bug:ident by $law:ident;)*) => {
        $(#[test] fn $name() { expect_caught(Bug::$bug, Law::$law); })*
    };
}

// Controls: without what the promises rest on, they break.
caught! {
    without_a_fence_an_opt_out_slips: FenceSkipped by Fenced;
    without_transactions_a_crash_doubles_messages: NoTransactions by Conserved;
    without_a_taint_defence_a_late_end_loses_messages: TaintIgnored by Conserved;
    without_a_defence_a_record_after_one_that_was_given_up_is_lost: GivenUpIgnored by Conserved;
    without_a_checksum_a_flipped_bit_changes_decisions: ChecksumOff by Replay;
    with_zero_as_a_grant_people_who_never_agreed_are_written_to: ZeroIsGrant by Fenced;
    with_a_deposed_leader_believed_an_opt_out_slips: DeposedLeaderBelieved by Fenced;
}

caught! {
    the_laws_catch_a_fence_that_is_used_again: FenceUsedAgain by Fenced;
    the_laws_catch_a_fence_asked_before_the_fetch: FenceAskedBefore by Fenced;
    the_laws_catch_a_view_before_the_fence_is_reached: ViewBeforeFence by Fenced;
    the_laws_catch_a_hold_that_is_ignored: HoldIgnored by FailsClosed;
    the_laws_catch_errors_of_ends_that_are_ignored: EndErrorsIgnored by FailsClosed;
    the_laws_catch_ends_that_stop_at_an_open_transaction: EndsAreStable by FailsClosed;
    the_laws_catch_positions_that_are_one_too_far: PositionsTooFar by Replay;
    the_laws_catch_uncommitted_consent: ConsentUncommitted by Replay;
    the_laws_catch_a_consent_record_left_out: ConsentSkips by Replay;
    the_laws_catch_an_index_kept_after_a_cut: IndexKeptAfterCut by Fenced;
    the_laws_catch_a_void_that_is_no_longer_there: VoidFromCache by Replay;
    the_laws_catch_a_commit_before_the_drain: CommitBeforeDrain by Conserved;
    the_laws_catch_offsets_committed_alone: OffsetsAlone by Conserved;
    the_laws_catch_a_failed_commit_that_is_ignored: CommitFailureIgnored by Conserved;
    the_laws_catch_an_unknown_commit_taken_for_done: UnknownIsCommitted by Conserved;
    the_laws_catch_an_unknown_commit_taken_for_undone: UnknownIsAborted by Conserved;
    the_laws_catch_an_abort_that_commits: AbortCommits by Conserved;
    the_laws_catch_a_zombie_that_nobody_fences: ZombieUnfenced by Conserved;
    the_laws_catch_offsets_of_an_ended_generation: GenerationUnchecked by Conserved;
    the_laws_catch_a_missing_rewind: RewindMissing by Conserved;
    the_laws_catch_a_revocation_that_is_ignored: RevocationIgnored by Conserved;
    the_laws_catch_partitions_given_back_too_early: GivenBackTooEarly by Conserved;
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
