//! Whoever waits for a fence gets one that proves something, or hears at once why there is none.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::consent::Positions;
use crate::index::{Fence, Tick};
use crate::stream::{FenceBoard, FenceSource, Holder};
use crate::telemetry::HoldCause;

const LONG: Duration = Duration::from_secs(600);
const NOT_AT_ALL: Duration = Duration::ZERO;

fn fence(asked_at: u64) -> Fence {
    Fence { asked_at: Tick(asked_at), ends: Positions::default() }
}

/// A board that holds nobody.
fn open_board() -> FenceBoard {
    let board = FenceBoard::new("home");
    board.publish(fence(0), 0);
    board
}

#[test]
fn a_hold_answers_at_once_and_with_its_cause() {
    let board = open_board();
    board.hold(Holder::Consent, HoldCause::ClockSkew);
    let began = Instant::now();
    assert_eq!(board.fence_for(Tick(0), LONG), Err(HoldCause::ClockSkew));
    assert!(began.elapsed() < LONG);
    board.release(Holder::Consent);
    assert_eq!(board.fence_for(Tick(0), LONG).map(|fence| fence.asked_at), Ok(Tick(0)));
}

#[test]
fn a_hold_ends_the_waiting_of_who_waits_already() {
    let board = Arc::new(open_board());
    let waiting = {
        let board = board.clone();
        std::thread::spawn(move || board.fence_for(Tick(5), LONG))
    };
    board.wait_until_wanted(LONG);
    board.hold(Holder::Fence, HoldCause::FenceError);
    assert_eq!(waiting.join().unwrap(), Err(HoldCause::FenceError));
}

#[test]
fn one_holder_does_not_end_the_hold_of_another() {
    let board = open_board();
    board.hold(Holder::Consent, HoldCause::ClockSkew);
    board.publish(fence(9), 0);
    assert_eq!(board.fence_for(Tick(5), NOT_AT_ALL), Err(HoldCause::ClockSkew));
}

#[test]
fn a_fence_that_was_asked_for_before_the_batch_is_not_given() {
    let board = open_board();
    board.publish(fence(4), 0);
    assert_eq!(board.fence_for(Tick(5), NOT_AT_ALL), Err(HoldCause::FenceStale));
    assert!(board.is_wanted());
    board.publish(fence(5), 0);
    assert!(!board.is_wanted());
    assert!(board.fence_for(Tick(5), NOT_AT_ALL).is_ok());
}

#[test]
fn a_fence_of_an_older_generation_is_dropped() {
    let board = open_board();
    let before = board.generation();
    board.reset();
    board.publish(fence(9), before);
    assert_eq!(board.fence_for(Tick(5), NOT_AT_ALL), Err(HoldCause::IndexLoading));
    board.publish(fence(9), board.generation());
    assert!(board.fence_for(Tick(5), NOT_AT_ALL).is_ok());
}

#[test]
fn a_new_board_holds_until_the_first_fence() {
    let board = FenceBoard::new("home");
    assert_eq!(board.fence_for(Tick(0), LONG), Err(HoldCause::IndexLoading));
}
