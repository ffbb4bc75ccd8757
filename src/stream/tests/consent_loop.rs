//! The consent loop holds what it cannot vouch for, before anybody can see the positions.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use super::{TestClock, new_index, raw, shared_index, withdraw};
use crate::consent::{Offset, Partition, Positions, Topic};
use crate::index::{Fence, IndexStats, Tick};
use crate::stream::ports::{AppendTime, ConsentPort, RawConsent, Reread, TopicWidth};
use crate::stream::{
    ConsentLoop, ConsentSettings, ConsentStep, Fault, FenceBoard, OnUndecodable, SharedIndex,
};
use crate::telemetry::HoldCause;
use crate::wire::consent::produce;
use crate::wire::formats::EventFormats;
use crate::wire::proto::consent::{ConsentEvent, Kind, Place, TopicRole, VoidTarget};

/// One partition, of which a test says what lies in it.
#[derive(Default)]
struct Lying {
    records: Vec<RawConsent>,
    begin: i64,
    /// Offsets behind the last record that hold none.
    hidden: i64,
    restarts: usize,
    /// So many of the last records are there, but do not come yet.
    unread: usize,
    /// Where the records come from, if not from where they should.
    elsewhere: Option<String>,
}

struct Port {
    log: Rc<RefCell<Lying>>,
    next: i64,
    widths: [TopicWidth; 1],
}

impl Port {
    fn at_beginning(log: &Rc<RefCell<Lying>>) -> Self {
        let widths = [TopicWidth { topic: Topic::ConsentEvents, partitions: 1 }];
        Self { next: log.borrow().begin, log: log.clone(), widths }
    }
}

impl ConsentPort for Port {
    fn widths(&self) -> &[TopicWidth] {
        &self.widths
    }

    fn cluster_id(&self) -> Option<String> {
        Some(self.log.borrow().elsewhere.clone().unwrap_or_else(|| "home".to_string()))
    }

    fn poll(&mut self, max: usize, _: Duration, into: &mut Vec<RawConsent>) -> Result<(), Fault> {
        let log = self.log.borrow();
        let readable = log.records.len() - log.unread;
        let fresh = log.records.iter().take(readable).filter(|r| r.offset.0 >= self.next);
        into.extend(fresh.take(max).cloned());
        self.next = into.last().map_or(self.next, |record| record.offset.next().0);
        Ok(())
    }

    fn positions(&mut self) -> Result<Vec<(Topic, Partition, Offset)>, Fault> {
        let next = self.next + self.log.borrow().hidden;
        Ok(vec![(Topic::ConsentEvents, Partition(0), Offset(next))])
    }

    fn restart(&mut self) -> Result<(), Fault> {
        self.log.borrow_mut().restarts += 1;
        self.next = self.log.borrow().begin;
        Ok(())
    }

    fn reread(&mut self, _: Topic, _: Partition, offset: Offset) -> Result<Reread, Fault> {
        let log = self.log.borrow();
        let found = log.records.iter().find(|record| record.offset == offset);
        Ok(found.map_or(Reread::Gone, |record| Reread::Record(Box::new(record.clone()))))
    }
}

struct Stage {
    log: Rc<RefCell<Lying>>,
    clock: Arc<TestClock>,
    index: Arc<SharedIndex>,
    board: Arc<FenceBoard>,
    consent: ConsentLoop<Port, Arc<TestClock>>,
}

fn stage_with(begin: i64, poll_records: usize, on_undecodable: OnUndecodable) -> Stage {
    let log = Rc::new(RefCell::new(Lying { begin, ..Lying::default() }));
    let (clock, index) = (Arc::new(TestClock::default()), shared_index());
    let board = Arc::new(FenceBoard::new("home"));
    let_through(&board);
    let settings = ConsentSettings {
        poll_records,
        poll_wait: Duration::ZERO,
        recheck_every: Duration::from_secs(10),
        clock_skew_limit_s: 30,
        append_ahead_limit_s: 300,
        on_undecodable,
        formats: EventFormats::default(),
    };
    let (c, i, b) = (clock.clone(), index.clone(), board.clone());
    let port = Port::at_beginning(&log);
    let consent = ConsentLoop::new(port, c, i, b, Box::new(new_index), settings);
    Stage { log, clock, index, board, consent }
}

/// Ends the fence's own hold, which would hide the consent loop's.
fn let_through(board: &FenceBoard) {
    let fence = Fence { asked_at: Tick(0), ends: Positions::default() };
    board.publish(fence, board.generation());
}

fn stage() -> Stage {
    stage_with(0, 100, OnUndecodable::Quarantine)
}

impl Stage {
    fn write(&self, after_s: i64, key: &str, value: &[u8]) -> i64 {
        let mut log = self.log.borrow_mut();
        let offset = log.begin + i64::try_from(log.records.len()).unwrap();
        log.records.push(raw(offset, after_s, key, value));
        offset
    }

    fn write_event(&self, after_s: i64, event: ConsentEvent) -> i64 {
        let event = produce(event).unwrap();
        self.write(after_s, &event.key, &event.value)
    }

    fn void(&self, offset: i64) {
        let place = Place { topic: TopicRole::ConsentEvents.into(), partition: 0, offset };
        let void = VoidTarget { place: Some(place), drop_reason: "spam".into(), ..<_>::default() };
        let kind = Kind::Void.into();
        self.write_event(0, ConsentEvent { kind, void: Some(void), ..ConsentEvent::default() });
    }

    fn step(&mut self) -> Option<HoldCause> {
        self.consent.step().unwrap();
        self.board.cause()
    }

    fn stats(&self) -> IndexStats {
        self.index.read().unwrap().stats()
    }
}

#[test]
fn a_changed_tail_drops_the_index_and_reads_everything_again() {
    let mut stage = stage();
    stage.write_event(0, withdraw());
    assert_eq!(stage.consent.step(), Ok(ConsentStep::Applied(1)));
    assert_eq!(stage.stats().subjects, 1);
    let generation = stage.board.generation();
    stage.clock.advance_ms(9_999);
    assert_eq!(stage.consent.step(), Ok(ConsentStep::Applied(0)));
    stage.log.borrow_mut().records[0].value = Some(b"another".to_vec());
    stage.clock.advance_ms(1);
    assert_eq!(stage.consent.step(), Ok(ConsentStep::Rebuilding));
    assert_eq!((stage.log.borrow().restarts, stage.stats().subjects), (1, 0));
    assert_eq!(stage.board.cause(), Some(HoldCause::IndexLoading));
    assert_eq!(stage.board.generation(), generation + 1);
}

#[test]
fn a_tail_that_is_gone_drops_the_index() {
    let mut stage = stage();
    stage.write_event(0, withdraw());
    stage.step();
    stage.log.borrow_mut().records.clear();
    stage.clock.advance_ms(10_000);
    assert_eq!(stage.consent.step(), Ok(ConsentStep::Rebuilding));
}

#[test]
fn an_append_time_ahead_holds_until_it_is_voided() {
    for (ahead_s, cause) in [(31, HoldCause::ClockSkew), (301, HoldCause::AppendAheadOfClock)] {
        let mut stage = stage();
        let offset = stage.write_event(ahead_s, withdraw());
        assert_eq!(stage.step(), Some(cause));
        stage.void(offset);
        assert_eq!(stage.consent.step(), Ok(ConsentStep::Rebuilding));
        assert_eq!(stage.board.cause(), Some(HoldCause::IndexLoading));
        let_through(&stage.board);
        assert_eq!(stage.step(), None);
        assert_eq!(stage.stats().subjects, 1);
    }
}

#[test]
fn a_void_of_a_log_that_is_gone_says_nothing_of_the_record_that_lies_there_now() {
    let mut stage = stage();
    let offset = stage.write_event(401, withdraw());
    stage.void(offset);
    assert_eq!(stage.consent.step(), Ok(ConsentStep::Rebuilding));
    let_through(&stage.board);
    assert_eq!(stage.step(), None);
    stage.log.borrow_mut().records.clear();
    assert_eq!(stage.write_event(401, withdraw()), offset);
    stage.clock.advance_ms(10_000);
    assert_eq!(stage.consent.step(), Ok(ConsentStep::Rebuilding));
    let_through(&stage.board);
    assert_eq!(stage.step(), Some(HoldCause::AppendAheadOfClock));
}

#[test]
fn a_void_that_is_cut_off_during_its_own_rebuild_is_missed_and_counts_no_longer() {
    for refilled in [false, true] {
        let mut stage = stage();
        let offset = stage.write_event(401, withdraw());
        stage.void(offset);
        assert_eq!(stage.consent.step(), Ok(ConsentStep::Rebuilding));
        stage.log.borrow_mut().records.truncate(1);
        if refilled {
            stage.write_event(0, withdraw());
        }
        let_through(&stage.board);
        // As if the void were there, the time ahead is left out; but nothing is decided by that.
        assert_eq!(stage.step(), Some(HoldCause::IndexLoading), "{refilled}");
        stage.clock.advance_ms(10_000);
        assert_eq!(stage.consent.step(), Ok(ConsentStep::Rebuilding), "{refilled}");
        let_through(&stage.board);
        assert_eq!(stage.step(), Some(HoldCause::AppendAheadOfClock), "{refilled}");
    }
}

#[test]
fn a_void_that_is_still_to_be_read_holds_and_is_waited_for() {
    let mut stage = stage();
    let offset = stage.write_event(20, withdraw());
    stage.void(offset);
    assert_eq!(stage.consent.step(), Ok(ConsentStep::Rebuilding));
    let_through(&stage.board);
    stage.log.borrow_mut().unread = 1;
    stage.clock.advance_ms(10_000);
    assert_eq!(stage.step(), Some(HoldCause::IndexLoading), "the void has not come again");
    stage.log.borrow_mut().unread = 0;
    assert_eq!(stage.step(), None);
    assert_eq!(stage.log.borrow().restarts, 1);
}

#[test]
fn an_append_time_within_the_limit_does_not_hold() {
    let mut stage = stage();
    stage.write_event(30, withdraw());
    assert_eq!(stage.step(), None);
}

#[test]
fn a_void_holds_until_the_index_is_rebuilt_even_if_more_is_to_be_read() {
    let mut stage = stage_with(0, 2, OnUndecodable::Quarantine);
    let offset = stage.write_event(20, withdraw());
    stage.void(offset);
    stage.write_event(0, withdraw());
    // The poll was full, so the rebuild waits; positions already cover the void.
    assert_eq!(stage.consent.step(), Ok(ConsentStep::Applied(2)));
    assert_eq!(stage.board.cause(), Some(HoldCause::IndexLoading));
    assert_eq!(stage.consent.step(), Ok(ConsentStep::Rebuilding));
}

#[test]
fn a_record_that_names_nobody_holds_until_it_is_voided() {
    let mut stage = stage();
    let offset = stage.write(0, "", b"\xff");
    assert_eq!(stage.step(), Some(HoldCause::ConsentUnattributedRecord));
    stage.void(offset);
    stage.step();
    stage.step();
    assert_ne!(stage.board.cause(), Some(HoldCause::ConsentUnattributedRecord));
}

#[test]
fn a_pause_of_everything_holds_with_a_cause_of_its_own_until_it_is_resumed() {
    let mut stage = stage();
    let switch = |kind: Kind, after_s: i64| ConsentEvent {
        kind: kind.into(),
        occurred_at_ms: Some((super::START_S + after_s) * 1_000),
        ..ConsentEvent::default()
    };
    stage.write_event(0, switch(Kind::Pause, 0));
    assert_eq!(stage.step(), Some(HoldCause::PlatformPaused));
    stage.write_event(0, switch(Kind::Resume, 0));
    assert_eq!(stage.step(), Some(HoldCause::PlatformPaused), "in the same second");
    stage.write_event(1, switch(Kind::Resume, 1));
    assert_eq!(stage.step(), None);
}

#[test]
fn an_unreadable_record_of_a_business_holds_everything_only_where_that_is_asked_for() {
    for (choice, cause) in [
        (OnUndecodable::Quarantine, None),
        (OnUndecodable::Hold, Some(HoldCause::ConsentUnattributedRecord)),
    ] {
        let mut stage = stage_with(0, 100, choice);
        stage.write(0, "acme/", b"\xff");
        assert_eq!(stage.step(), cause, "{choice:?}");
        assert!(stage.index.read().unwrap().has_quarantine());
    }
}

#[test]
fn a_record_without_the_brokers_time_holds() {
    let mut stage = stage();
    stage.write_event(0, withdraw());
    stage.log.borrow_mut().records[0].appended = AppendTime::NotBroker;
    assert_eq!(stage.step(), Some(HoldCause::ConsentTopicChanged));
}

#[test]
fn a_log_of_record_whose_beginning_is_cut_off_holds() {
    let mut stage = stage_with(5, 100, OnUndecodable::Quarantine);
    stage.write_event(0, withdraw());
    assert_eq!(stage.step(), Some(HoldCause::ConsentTopicChanged));
}

#[test]
fn positions_run_past_what_is_never_delivered() {
    let mut stage = stage();
    stage.write_event(0, withdraw());
    stage.step();
    // A control record moves the reader's position and nothing else.
    stage.log.borrow_mut().hidden = 1;
    stage.step();
    let applied = stage.index.read().unwrap().positions().get(Topic::ConsentEvents, Partition(0));
    assert_eq!(applied, Some(Offset(2)));
}

#[test]
fn records_of_another_cluster_are_not_applied_and_hold_for_good() {
    let mut stage = stage();
    assert_eq!(stage.consent.step(), Ok(ConsentStep::Applied(0)));
    stage.log.borrow_mut().elsewhere = Some("elsewhere".to_string());
    stage.log.borrow_mut().records.push(raw(0, 0, "acme/+12025550101", b"?"));
    assert_eq!(stage.consent.step(), Ok(ConsentStep::Applied(0)));
    assert_eq!(stage.board.cause(), Some(HoldCause::ClusterIdChanged));
    stage.log.borrow_mut().elsewhere = None;
    assert_eq!(stage.consent.step(), Ok(ConsentStep::Applied(0)));
    assert_eq!(stage.board.cause(), Some(HoldCause::ClusterIdChanged));
}
