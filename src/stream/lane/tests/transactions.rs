//! When a transaction ends, and how.

use super::*;
use crate::decision::Tally;
use crate::stream::lane::batch::DecidedBatch;
use crate::stream::lane::transaction::OpenTransaction;
use crate::stream::{Breaker, BreakerBoard, BreakerLimits, Clock, Release, SenderBoard, Standing};
use crate::wire::receipt::{BatchReceipt, ReceiptId};

#[test]
fn a_transaction_is_committed_when_it_holds_enough_records() {
    let mut stage = stage();
    stage.decide(3);
    stage.decide(1);
    assert!(
        matches!(stage.lane.step(), Ok(LaneStep::Committed(tally)) if tally.received_count() == 4)
    );
    let sent = [Call::Send, Call::Send, Call::Send];
    let expected = [&[Call::Begin][..], &sent, &[Call::Send, Call::Commit(4)]].concat();
    assert_eq!(stage.script.calls(), expected);
}

#[test]
fn a_transaction_is_committed_when_it_is_old_enough() {
    let mut stage = stage();
    stage.decide(1);
    stage.clock.advance_ms(999);
    assert_eq!(stage.lane.step(), Ok(LaneStep::Idle));
    stage.clock.advance_ms(1);
    assert!(matches!(stage.lane.step(), Ok(LaneStep::Committed(_))));
    assert_eq!(stage.lane.step(), Ok(LaneStep::Idle));
}

#[test]
fn the_fence_is_asked_for_the_instant_after_the_last_poll() {
    let mut stage = stage();
    stage.script.slow_poll.replace(Some(stage.clock.clone()));
    stage.decide(1);
    assert_eq!(stage.lane.fence.polled_at.get(), Some(stage.clock.tick()));
}

#[test]
fn the_policy_lies_beside_the_first_receipt_only() {
    let mut stage = stage();
    for _ in 0..2 {
        stage.decide(4);
        stage.lane.step().unwrap();
    }
    assert_eq!(stage.receipts().len(), 2);
    assert_eq!(stage.script.committed_receipts.borrow().len(), 3);
}

#[test]
fn a_hold_commits_what_is_decided_and_reads_the_rest_again() {
    let mut stage = stage();
    stage.decide(2);
    stage.hold(Some(HoldCause::FenceStale));
    stage.script.write(1);
    stage.script.forget();
    assert_eq!(stage.lane.step(), Ok(LaneStep::Held(HoldCause::FenceStale)));
    assert_eq!(stage.script.calls(), [Call::Commit(2), Call::Assign(None)]);
    assert_eq!(stage.lane.step(), Ok(LaneStep::Held(HoldCause::FenceStale)));
    stage.hold(None);
    stage.script.forget();
    assert_eq!(stage.lane.step(), Ok(LaneStep::Idle));
    assert_eq!(stage.script.calls(), [Call::Assign(Some(2))]);
    assert!(matches!(stage.lane.step(), Ok(LaneStep::Decided(_))));
    stage.lane.finish().unwrap();
    let holds = stage.receipts().last().unwrap().holds.clone();
    assert_eq!(holds.len(), 1);
    assert_eq!(holds[0].cause, HoldCause::FenceStale.name());
}

#[test]
fn a_hold_over_a_minute_has_a_receipt_of_its_own() {
    let mut stage = stage();
    stage.hold(Some(HoldCause::FenceStale));
    stage.script.write(1);
    stage.lane.step().unwrap();
    stage.clock.advance_ms(59_999);
    stage.lane.step().unwrap();
    assert_eq!(stage.receipts().len(), 0);
    stage.clock.advance_ms(1);
    stage.lane.step().unwrap();
    let receipts = stage.receipts();
    assert_eq!(receipts.len(), 1);
    assert_eq!((receipts[0].batches.len(), receipts[0].holds[0].ended_ms), (0, None));
}

#[test]
fn a_hold_from_before_the_lane_is_told_with_the_first_partition_whether_or_not_there_are_messages()
{
    let mut stage = lane_on(&Rc::new(Script::default()), Some(StartFrom::Beginning));
    stage.lane = stage.lane.after_hold(HoldCause::TopicUnusable, 1_000);
    stage.event(LaneEvent::Assigned(Vec::new()));
    assert!(stage.receipts().is_empty() && stage.lane.owes_past_hold());
    stage.assign();
    let receipts = stage.receipts();
    assert_eq!((receipts.len(), receipts[0].batches.len()), (1, 0));
    assert_eq!(receipts[0].holds[0].cause, HoldCause::TopicUnusable.name());
    assert!(!stage.lane.owes_past_hold());
    stage.decide(1);
    stage.lane.finish().unwrap();
    assert!(stage.receipts()[1].holds.is_empty(), "it is told once");
}

#[test]
fn an_abortable_fault_aborts_and_reads_from_the_committed_offset() {
    let mut stage = stage();
    stage.decide(4);
    stage.fail("commit", FaultKind::Abortable);
    stage.script.forget();
    assert_eq!(stage.lane.step(), Ok(LaneStep::Rewound(FaultKind::Abortable)));
    assert_eq!(stage.script.calls(), [Call::Commit(4), Call::Abort, Call::Assign(Some(0))]);
}

#[test]
fn an_unknown_outcome_ends_the_lane() {
    let mut stage = stage();
    stage.decide(4);
    stage.fail("commit", FaultKind::Fatal);
    assert_eq!(stage.lane.step().map_err(|fault| fault.kind), Err(FaultKind::Fatal));
}

#[test]
fn an_abort_that_fails_ends_the_lane_whatever_it_says() {
    let mut stage = stage();
    stage.decide(4);
    stage.fail("commit", FaultKind::Abortable);
    stage.fail("abort", FaultKind::Abortable);
    assert_eq!(stage.lane.step().map_err(|fault| fault.kind), Err(FaultKind::Fatal));
}

#[test]
fn counts_that_do_not_add_up_are_never_committed() {
    let mut stage = stage();
    let receipt =
        BatchReceipt { ranges: Vec::new(), positions: <_>::default(), now_ms: 0, policy: None };
    let mut open = OpenTransaction::new(ReceiptId([0; 16]), Tick(0));
    open.add(DecidedBatch { counts: Tally::received(4), receipt });
    stage.lane.desk.open = Some(open);
    let fault = stage.lane.step().unwrap_err();
    assert_eq!(fault.kind, FaultKind::Invariant);
    assert!(fault.what.contains("do not add up"), "{fault}");
    assert_eq!(stage.script.calls(), [Call::Abort]);
}

#[test]
fn a_long_hold_gets_a_receipt_of_its_own_but_not_on_another_cluster() {
    for (cause, receipts) in [(HoldCause::FenceStale, 1), (HoldCause::ClusterIdChanged, 0)] {
        let mut stage = stage();
        stage.hold(Some(cause));
        stage.script.write(1);
        assert_eq!(stage.lane.step(), Ok(LaneStep::Held(cause)));
        stage.clock.advance_ms(60_000);
        assert_eq!(stage.lane.step(), Ok(LaneStep::Held(cause)));
        assert_eq!(stage.receipts().len(), receipts, "{cause:?}");
    }
}

#[test]
fn the_fates_by_scope_are_counted_once_over_all_batches_of_a_transaction() {
    let mut stage = stage();
    stage.decide(2);
    stage.decide(1);
    let open = stage.lane.desk.open.as_ref().expect("an open transaction");
    assert_eq!(open.fates().fates().map(|(_, _, count)| count).sum::<u64>(), 3);
}

#[test]
fn a_sender_that_is_behind_stops_the_fetching_and_the_receipts_tell_of_it() {
    let mut stage = stage();
    let board = Arc::new(SenderBoard::new(Duration::from_secs(600)));
    stage.lane.sender = Some(board.clone());
    let stand = |standing| board.put(stage.clock.tick(), 1, &[(Partition(0), standing)]);
    stand(Standing::Near);
    stage.script.write(2);
    assert!(matches!(stage.lane.step(), Ok(LaneStep::Decided(_))));
    stand(Standing::Behind);
    stage.script.write(1);
    stage.script.forget();
    assert_eq!(stage.lane.step(), Ok(LaneStep::Held(HoldCause::SenderBehind)));
    assert_eq!(stage.script.calls(), [Call::Commit(2), Call::Assign(None)]);
    assert_eq!(stage.lane.step(), Ok(LaneStep::Held(HoldCause::SenderBehind)));
    stand(Standing::Near);
    assert_eq!(stage.lane.step(), Ok(LaneStep::Idle));
    assert!(matches!(stage.lane.step(), Ok(LaneStep::Decided(_))));
    stage.lane.finish().unwrap();
    let holds = stage.receipts().last().unwrap().holds.clone();
    assert_eq!(holds.iter().map(|hold| hold.cause.as_str()).collect::<Vec<_>>(), ["sender_behind"]);
}

/// No record of the script is a message: all are malformed.
fn with_breaker(least_messages: u64) -> (Stage, Arc<BreakerBoard>) {
    let mut stage = stage();
    let board = Arc::new(BreakerBoard::default());
    let limits = BreakerLimits { share_percent: 50, least_messages };
    stage.lane.desk.breaker = Some(Breaker::new(limits, board.clone(), 0));
    (stage, board)
}

const FAULTY: HoldCause = HoldCause::BatchFaulty;

#[test]
fn a_faulty_batch_is_neither_written_nor_committed_until_an_operator_says_so() {
    let (mut stage, board) = with_breaker(3);
    stage.decide(2);
    stage.script.write(3);
    stage.script.forget();
    assert_eq!(stage.lane.step(), Ok(LaneStep::Held(FAULTY)));
    assert_eq!(stage.script.calls(), [Call::Commit(2), Call::Assign(None)], "what came before is");
    stage.script.forget();
    assert_eq!(stage.lane.step(), Ok(LaneStep::Held(FAULTY)));
    assert!(board.release(0, Release::Again).is_some());
    assert_eq!(stage.lane.step(), Ok(LaneStep::Idle));
    assert_eq!(stage.lane.step(), Ok(LaneStep::Held(FAULTY)), "it is as faulty as before");
    assert_eq!(stage.script.calls(), [Call::Assign(Some(2)), Call::Assign(None)]);
    assert!(board.release(0, Release::Suppress { messages: 3 }).is_some());
    assert_eq!(stage.lane.step(), Ok(LaneStep::Idle));
    assert!(
        matches!(stage.lane.step(), Ok(LaneStep::Decided(tally)) if tally.received_count() == 3)
    );
    stage.lane.finish().unwrap();
    let receipts = stage.receipts();
    assert!(receipts.iter().flat_map(|r| &r.holds).all(|hold| hold.cause == FAULTY.name()));
    assert_eq!(receipts.last().unwrap().holds.len(), 2);
}

#[test]
fn another_hold_takes_no_operators_word_away_from_a_faulty_lane() {
    let (mut stage, board) = with_breaker(3);
    stage.script.write(3);
    assert_eq!(stage.lane.step(), Ok(LaneStep::Held(FAULTY)));
    stage.hold(Some(HoldCause::FenceStale));
    assert!(board.release(0, Release::Suppress { messages: 3 }).is_some());
    assert_eq!(stage.lane.step(), Ok(LaneStep::Held(HoldCause::FenceStale)));
    stage.hold(None);
    assert_eq!(stage.lane.step(), Ok(LaneStep::Idle));
    assert!(matches!(stage.lane.step(), Ok(LaneStep::Decided(_))));
}

#[test]
fn a_faulty_lane_that_loses_its_partitions_looks_for_itself_when_it_has_them_again() {
    let (mut stage, board) = with_breaker(3);
    stage.script.write(3);
    assert_eq!(stage.lane.step(), Ok(LaneStep::Held(FAULTY)));
    stage.revoke(&[0], Revocation::Orderly);
    assert_eq!(board.tripped(), []);
    stage.assign();
    let steps: Vec<_> = (0..3).map(|_| stage.lane.step().unwrap()).collect();
    assert!(steps.contains(&LaneStep::Held(FAULTY)), "{steps:?}");
}
