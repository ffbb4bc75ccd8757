//! Taking over and giving back.

use super::*;

#[test]
fn an_orderly_revocation_commits_what_is_decided() {
    let mut stage = stage();
    stage.decide(2);
    stage.script.forget();
    stage.revoke(&[0], Revocation::Orderly);
    assert_eq!(stage.script.calls(), [Call::Commit(2), Call::GiveBack(vec![0])]);
}

#[test]
fn a_lost_assignment_aborts_what_is_decided() {
    let mut stage = stage();
    stage.decide(2);
    stage.script.forget();
    stage.revoke(&[0], Revocation::Lost);
    assert_eq!(stage.script.calls(), [Call::Abort, Call::GiveBack(vec![0])]);
}

#[test]
fn a_revocation_whose_commit_fails_gives_back_all_the_same() {
    let mut stage = stage();
    stage.decide(2);
    stage.fail("commit", FaultKind::Abortable);
    stage.script.forget();
    stage.revoke(&[0], Revocation::Orderly);
    assert_eq!(stage.script.calls(), [Call::Commit(2), Call::Abort, Call::GiveBack(vec![0])]);
    assert_eq!(stage.lane.positions().count(), 0);
}

#[test]
fn partitions_that_stay_go_on_while_others_come_and_go() {
    let mut stage = stage();
    stage.decide(2);
    stage.script.forget();
    stage.event(LaneEvent::Assigned(vec![Partition(1), Partition(2)]));
    assert_eq!(stage.script.calls(), [Call::AssignAlso(vec![1, 2])], "what is open stays open");
    stage.decide(1);
    stage.script.forget();
    stage.revoke(&[2], Revocation::Orderly);
    assert_eq!(stage.script.calls(), [Call::Commit(3), Call::GiveBack(vec![2])]);
    assert_eq!(stage.owned(), [0, 1]);
    stage.decide(1);
}

#[test]
fn a_group_that_changes_elsewhere_changes_nothing_here() {
    let mut stage = stage();
    stage.decide(2);
    stage.script.forget();
    stage.event(LaneEvent::Assigned(Vec::new()));
    assert_eq!(stage.script.calls(), [Call::AssignAlso(Vec::new())], "the group has its answer");
    assert_eq!(stage.owned(), [0]);
}

#[test]
fn partitions_that_stay_are_read_again_when_others_are_lost() {
    let mut stage = stage();
    stage.event(LaneEvent::Assigned(vec![Partition(1)]));
    stage.decide(2);
    stage.script.forget();
    stage.revoke(&[1], Revocation::Lost);
    let calls = [Call::Abort, Call::GiveBack(vec![1]), Call::Assign(Some(0))];
    assert_eq!(stage.script.calls(), calls);
    assert_eq!(stage.owned(), [0]);
    assert!(
        matches!(stage.lane.step(), Ok(LaneStep::Decided(tally)) if tally.received_count() == 2)
    );
}

#[test]
fn partitions_that_may_not_start_hold_those_that_are_owned_until_they_may_or_are_taken_away() {
    for is_taken_away in [true, false] {
        let mut stage = stage();
        stage.decide(2);
        stage.script.forget();
        stage.fail("extents", FaultKind::Retriable);
        stage.event(LaneEvent::Assigned(vec![Partition(1)]));
        assert_eq!(stage.script.calls(), [Call::Commit(2), Call::Assign(None)]);
        stage.script.forget();
        match is_taken_away {
            true => drop(stage.revoke(&[1], Revocation::Orderly)),
            false => drop(stage.lane.step()),
        }
        assert_eq!(stage.script.calls().last(), Some(&Call::Assign(Some(2))));
        let owned: &[i32] = if is_taken_away { &[0] } else { &[0, 1] };
        assert_eq!(stage.owned(), owned);
    }
}

#[test]
fn a_start_that_cannot_be_asked_for_yet_holds_and_is_asked_again() {
    for call in ["committed", "extents", "receipts"] {
        let mut stage = lane_on(&Rc::new(Script::default()), Some(StartFrom::Beginning));
        stage.fail(call, FaultKind::Retriable);
        stage.assign();
        assert_eq!(stage.script.calls(), [Call::Assign(None)], "{call}");
        assert_eq!(stage.lane.step(), Ok(LaneStep::Idle), "{call}");
        assert_eq!(stage.script.calls().last(), Some(&Call::Assign(Some(0))), "{call}");
    }
}

#[test]
fn what_is_given_to_a_held_lane_is_not_fetched_yet() {
    let mut stage = stage();
    stage.hold(Some(HoldCause::FenceStale));
    stage.script.write(1);
    stage.lane.step().unwrap();
    stage.revoke(&[0], Revocation::Orderly);
    stage.script.forget();
    assert_eq!(stage.assign(), LaneStep::Held(HoldCause::FenceStale));
    assert_eq!(stage.script.calls(), [Call::Assign(None)]);
    stage.hold(None);
    stage.lane.step().unwrap();
    assert_eq!(stage.script.calls().last(), Some(&Call::Assign(Some(0))));
}

#[test]
fn an_offset_that_was_moved_holds_also_when_it_is_found_by_a_rewind() {
    let mut stage = lane_on(&Rc::new(Script::default()), None);
    stage.script.write(4);
    let mark = format!("cg1:{}", "ab".repeat(32));
    *stage.script.committed.borrow_mut() = Some((Offset(0), mark.clone()));
    stage.assign();
    stage.lane.step().unwrap();
    *stage.script.committed.borrow_mut() = Some((Offset(2), String::new()));
    stage.fail("commit", FaultKind::Abortable);
    stage.lane.step().unwrap();
    assert_eq!(stage.lane.step(), Ok(LaneStep::Held(HoldCause::OffsetMoved)));
    *stage.script.committed.borrow_mut() = Some((Offset(0), mark));
    assert_eq!(stage.lane.step(), Ok(LaneStep::Idle));
    assert!(matches!(stage.lane.step(), Ok(LaneStep::Decided(_))));
}

#[test]
fn a_skip_that_an_operator_allowed_begins_where_the_last_receipt_ends() {
    let mut first = stage();
    first.decide(4);
    first.lane.finish().unwrap();
    first.script.write(6);
    *first.script.committed.borrow_mut() = Some((Offset(7), String::new()));
    let mut second = lane_on(&first.script, Some(StartFrom::Committed));
    second.assign();
    let receipts = second.receipts();
    let [before, after] = receipts.as_slice() else { panic!("{receipts:#?}") };
    assert_eq!((after.gaps[0].first, after.gaps[0].next), (Offset(4), Offset(7)));
    assert!(after.previous[0].hash.is_some() && before.previous[0].hash.is_none());
}

#[test]
fn an_offset_that_was_moved_back_is_never_decided_again() {
    let mut first = stage();
    first.decide(4);
    first.lane.finish().unwrap();
    *first.script.committed.borrow_mut() = Some((Offset(2), String::new()));
    for start_from in [StartFrom::Committed, StartFrom::Beginning] {
        let mut second = lane_on(&first.script, Some(start_from));
        second.assign();
        assert_eq!(second.lane.step(), Ok(LaneStep::Held(HoldCause::OffsetMoved)));
    }
}

#[test]
fn stopping_commits_what_is_decided_and_gives_back() {
    let mut stage = stage();
    stage.decide(1);
    stage.script.forget();
    stage.lane.finish().unwrap();
    assert_eq!(stage.script.calls(), [Call::Commit(1), Call::GiveBack(vec![0])]);
}

#[test]
fn a_record_of_a_partition_that_is_not_ours_breaks_an_invariant() {
    let mut stage = lane_on(&Rc::new(Script::default()), Some(StartFrom::Beginning));
    stage.script.write(1);
    // Nobody was given anything, yet something is fetched.
    crate::stream::ports::LanePort::assign(
        &Port(stage.script.clone()),
        &[(Partition(0), Offset(0))],
    )
    .unwrap();
    let fault: Fault = stage.lane.step().unwrap_err();
    assert_eq!(fault.kind, FaultKind::Invariant);
}
