//! The watch over a sender that reads a model log: records, the ends of transactions, aborted ones.
//!
//! The naive answer counts what can really be read. The watch must never be laxer than that, and a
//! sender that has read everything must never be called behind.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use proptest::prelude::*;

use super::TestClock;
use crate::consent::{Offset, Partition, RouteName};
use crate::index::Tick;
use crate::stream::ports::{SenderPlace, SenderPort, Unread};
use crate::stream::{Clock, Fault, FaultKind, SenderBoard, SenderLimits, SenderWatch};
use crate::telemetry::HoldCause;
use crate::telemetry::metrics::SenderMeters;

const LIMITS: SenderLimits = SenderLimits { max_ahead: 10, max_age: Duration::from_secs(64) };
const SILENCE: Duration = Duration::from_secs(5);

/// What lies at an offset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Slot {
    /// A decision of this instant, in milliseconds.
    Record(u64),
    /// The end of a transaction, or what was aborted.
    Nothing,
}

/// One partition and its sender.
#[derive(Default)]
struct World {
    log: RefCell<Vec<Slot>>,
    committed: Cell<usize>,
    searches: Cell<usize>,
    is_silent: Cell<bool>,
}

struct Port(Rc<World>);

impl Port {
    fn answer(&self) -> Result<(), Fault> {
        match self.0.is_silent.get() {
            true => Err(Fault::new(FaultKind::Retriable, "no answer")),
            false => Ok(()),
        }
    }
}

fn offset(index: usize) -> Offset {
    Offset(i64::try_from(index).unwrap())
}

impl SenderPort for Port {
    fn width(&mut self) -> Result<i32, Fault> {
        self.answer().map(|()| 1)
    }

    fn places(&mut self) -> Result<Vec<SenderPlace>, Fault> {
        self.answer()?;
        let (next, end) = (offset(self.0.committed.get()), offset(self.0.log.borrow().len()));
        Ok(vec![SenderPlace { partition: Partition(0), next, end }])
    }

    fn first_unread(&mut self, places: &[SenderPlace]) -> Result<Vec<(Partition, Unread)>, Fault> {
        self.0.searches.set(self.0.searches.get() + 1);
        let log = self.0.log.borrow();
        let first = |place: &SenderPlace| {
            let from = usize::try_from(place.next.0).unwrap();
            let found = (from..log.len()).find(|at| log[*at] != Slot::Nothing);
            (place.partition, found.map_or(Unread::Nothing, |at| Unread::From(offset(at))))
        };
        Ok(places.iter().map(first).collect())
    }
}

struct Stage {
    world: Rc<World>,
    clock: Arc<TestClock>,
    board: Arc<SenderBoard>,
    watch: SenderWatch<Port, Arc<TestClock>>,
}

fn stage() -> Stage {
    let (world, clock) = (Rc::new(World::default()), Arc::new(TestClock::default()));
    let board = Arc::new(SenderBoard::new(SILENCE));
    let (port, meters) = (Port(world.clone()), SenderMeters::begin(RouteName::MAIN));
    let watch = SenderWatch::new(port, clock.clone(), board.clone(), LIMITS, meters);
    Stage { world, clock, board, watch }
}

impl Stage {
    fn now_ms(&self) -> u64 {
        self.clock.tick().0 / 1_000_000
    }

    /// A transaction of so many decisions, and its end.
    fn decide(&self, records: usize) {
        let mut log = self.world.log.borrow_mut();
        let record = Slot::Record(self.now_ms());
        log.extend(std::iter::repeat_n(record, records).chain([Slot::Nothing]));
    }

    /// A transaction of so many decisions that is aborted.
    fn abort(&self, records: usize) {
        let mut log = self.world.log.borrow_mut();
        log.extend(std::iter::repeat_n(Slot::Nothing, records + 1));
    }

    /// The sender reads so many records and commits the offset after the last.
    fn send(&self, records: usize) {
        let log = self.world.log.borrow();
        let unread = (self.world.committed.get()..log.len()).filter(|at| log[*at] != Slot::Nothing);
        if let Some(last) = unread.take(records).last() {
            self.world.committed.set(last + 1);
        }
    }

    fn pass_ms(&self, ms: u64) {
        self.clock.advance_ms(ms);
    }

    fn look(&mut self) -> Option<HoldCause> {
        let _unanswered = self.watch.look();
        self.cause()
    }

    fn cause(&self) -> Option<HoldCause> {
        self.board.cause(self.clock.tick(), [Partition(0)].into_iter())
    }

    /// The decisions that the sender has not read: how many, and the oldest's instant.
    fn unread(&self) -> (u64, Option<u64>) {
        let log = self.world.log.borrow();
        let instants: Vec<u64> = log[self.world.committed.get()..]
            .iter()
            .filter_map(|slot| match slot {
                Slot::Record(at_ms) => Some(*at_ms),
                Slot::Nothing => None,
            })
            .collect();
        (instants.len() as u64, instants.first().copied())
    }
}

const BEHIND: Option<HoldCause> = Some(HoldCause::SenderBehind);

#[test]
fn nobody_goes_on_before_the_first_look() {
    let mut stage = stage();
    assert_eq!(stage.cause(), BEHIND);
    assert_eq!(stage.look(), None);
}

#[test]
fn a_sender_more_than_max_ahead_behind_holds_until_it_is_half_as_far() {
    let mut stage = stage();
    stage.look();
    stage.decide(9);
    assert_eq!(stage.look(), None);
    stage.decide(1);
    assert_eq!(stage.look(), BEHIND);
    stage.send(4);
    assert_eq!(stage.look(), BEHIND, "eight offsets are left, more than half");
    stage.send(4);
    assert_eq!(stage.look(), None);
}

#[test]
fn a_decision_older_than_max_age_holds() {
    let mut stage = stage();
    stage.look();
    stage.decide(1);
    stage.pass_ms(64_000);
    assert_eq!(stage.look(), None);
    stage.pass_ms(1);
    assert_eq!(stage.look(), BEHIND);
    stage.send(1);
    assert_eq!(stage.look(), None);
}

#[test]
fn what_lay_there_before_the_first_look_counts_as_too_old() {
    let mut stage = stage();
    stage.decide(1);
    assert_eq!(stage.look(), BEHIND);
    stage.send(1);
    assert_eq!(stage.look(), None);
}

#[test]
fn ends_of_transactions_and_aborted_records_hold_nobody() {
    let mut stage = stage();
    stage.look();
    stage.decide(1);
    stage.send(1);
    stage.abort(500);
    stage.pass_ms(1_000_000);
    assert_eq!(stage.look(), None, "nothing is left that could be read");
    stage.pass_ms(1_000_000);
    stage.look();
    assert_eq!(stage.world.searches.get(), 1, "an end that has not moved is not looked for again");
    stage.decide(1);
    assert_eq!(stage.look(), None, "a new decision is young");
}

#[test]
fn silence_holds_when_it_lasts_longer_than_the_limit() {
    let mut stage = stage();
    assert_eq!(stage.look(), None);
    stage.world.is_silent.set(true);
    stage.pass_ms(4_999);
    assert_eq!(stage.look(), None);
    stage.pass_ms(1);
    assert_eq!(stage.look(), BEHIND);
    stage.world.is_silent.set(false);
    assert_eq!(stage.look(), None);
}

#[test]
fn a_partition_that_the_watch_does_not_know_holds_its_lane_alone() {
    let mut stage = stage();
    assert_eq!(stage.look(), None);
    let owned = |last| (0..=last).map(Partition);
    assert_eq!(stage.board.cause(Tick(0), owned(1)), BEHIND);
    assert_eq!(stage.board.cause(Tick(0), owned(0)), None);
    assert_eq!(
        stage.board.cause(Tick(0), std::iter::empty()),
        None,
        "who owns nothing waits for none"
    );
}

#[test]
fn an_offset_past_the_end_is_no_good_news() {
    let mut stage = stage();
    stage.decide(3);
    stage.send(3);
    assert_eq!(stage.look(), None);
    stage.world.log.borrow_mut().clear();
    assert_eq!(stage.look(), BEHIND);
}

/// What happens between two looks.
#[derive(Clone, Copy, Debug)]
enum Act {
    Decide(usize),
    Abort(usize),
    Send(usize),
    Pass(u64),
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        (0..6_usize).prop_map(Act::Decide),
        (0..30_usize).prop_map(Act::Abort),
        (0..12_usize).prop_map(Act::Send),
        (0..40_000_u64).prop_map(Act::Pass),
    ]
}

proptest! {
    #[test]
    fn the_watch_is_never_laxer_than_the_naive_answer(acts in prop::collection::vec(act(), 1..60)) {
        let mut stage = stage();
        stage.look();
        for act in acts {
            match act {
                Act::Decide(records) => stage.decide(records),
                Act::Abort(records) => stage.abort(records),
                Act::Send(records) => stage.send(records),
                Act::Pass(ms) => stage.pass_ms(ms),
            }
            let cause = stage.look();
            let (records, oldest) = stage.unread();
            let age_ms = oldest.map_or(0, |at_ms| stage.now_ms() - at_ms);
            let is_behind =
                records > LIMITS.max_ahead || u128::from(age_ms) > LIMITS.max_age.as_millis();
            prop_assert!(!is_behind || cause == BEHIND, "{records} unread, {age_ms} ms, {act:?}");
            prop_assert!(records > 0 || cause.is_none(), "nothing is unread, {act:?}");
        }
    }
}
