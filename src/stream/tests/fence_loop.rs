//! The fence is published when the index has got there, and held back where it cannot be trusted.

use std::sync::Arc;
use std::time::Duration;

use super::{TestClock, new_index, shared_index};
use crate::consent::{Offset, Partition, Topic};
use crate::index::Tick;
use crate::stream::ports::{EndAnswer, Ends, EndsPort, OpenTransaction, TopicWidth};
use crate::stream::{
    Fault, FenceBoard, FenceLoop, FenceSettings, FenceSource, FenceStep, SharedIndex,
};
use crate::telemetry::HoldCause;

const LIMIT: Duration = Duration::from_millis(100);

/// Answers with one end of one cluster, until told another.
struct OneEnd {
    cluster: Arc<std::sync::Mutex<&'static str>>,
    end: Arc<std::sync::Mutex<i64>>,
    is_open: bool,
}

impl EndsPort for OneEnd {
    fn ends(&mut self) -> Result<Ends, Fault> {
        let end = Ok(Offset(*self.end.lock().unwrap()));
        let answer = EndAnswer { topic: Topic::ConsentEvents, partition: Partition(0), end };
        let cluster_id = self.cluster.lock().unwrap().to_string();
        Ok(Ends { cluster_id, answers: vec![answer] })
    }

    fn open_transaction(&mut self) -> Result<Option<OpenTransaction>, Fault> {
        let (topic, partition) = (Topic::ConsentEvents, Partition(0));
        Ok(self.is_open.then_some(OpenTransaction { topic, partition, stable: Offset(0) }))
    }
}

struct Stage {
    cluster: Arc<std::sync::Mutex<&'static str>>,
    end: Arc<std::sync::Mutex<i64>>,
    clock: Arc<TestClock>,
    index: Arc<SharedIndex>,
    board: Arc<FenceBoard>,
    fence: FenceLoop<OneEnd, Arc<TestClock>>,
}

fn stage(end: i64, is_open: bool) -> Stage {
    let end = Arc::new(std::sync::Mutex::new(end));
    let cluster = Arc::new(std::sync::Mutex::new("home"));
    let (clock, index) = (Arc::new(TestClock::default()), shared_index());
    let board = Arc::new(FenceBoard::new("home"));
    let widths = [TopicWidth { topic: Topic::ConsentEvents, partitions: 1 }];
    let settings = FenceSettings { limit: LIMIT, idle_every: LIMIT / 4 };
    let port = OneEnd { cluster: cluster.clone(), end: end.clone(), is_open };
    let (c, i, b) = (clock.clone(), index.clone(), board.clone());
    let fence = FenceLoop::new(port, c, i, b, &widths, settings);
    Stage { cluster, end, clock, index, board, fence }
}

impl Stage {
    fn apply_to(&self, next: i64) {
        let (topic, partition) = (Topic::ConsentEvents, Partition(0));
        self.index.write(|index| index.advance(topic, partition, Offset(next))).unwrap();
    }

    fn get(&self) -> Result<Tick, HoldCause> {
        self.board.fence_for(Tick(0), Duration::ZERO).map(|fence| fence.asked_at)
    }
}

#[test]
fn a_fence_waits_for_the_index() {
    let mut stage = stage(3, false);
    stage.apply_to(2);
    assert_eq!(stage.fence.step(), Ok(FenceStep::Waiting));
    assert_eq!(stage.get(), Err(HoldCause::IndexLoading));
    stage.apply_to(3);
    assert_eq!(stage.fence.step(), Ok(FenceStep::Published));
    assert!(stage.get().is_ok());
}

#[test]
fn an_index_that_cannot_get_there_holds_and_the_open_transaction_is_named() {
    for (is_open, cause) in
        [(true, HoldCause::ConsentTransactionOpen), (false, HoldCause::FenceStale)]
    {
        let mut stage = stage(0, is_open);
        stage.apply_to(0);
        assert_eq!(stage.fence.step(), Ok(FenceStep::Published));
        *stage.end.lock().unwrap() = 3;
        stage.clock.advance_ms(101);
        assert_eq!(stage.fence.step(), Ok(FenceStep::Waiting));
        assert_eq!(stage.get(), Err(cause));
    }
}

#[test]
fn after_a_rebuild_lower_ends_are_those_of_other_topics() {
    let mut stage = stage(9, false);
    stage.apply_to(9);
    assert_eq!(stage.fence.step(), Ok(FenceStep::Published));
    *stage.end.lock().unwrap() = 2;
    stage.clock.advance_ms(30);
    assert_eq!(stage.fence.step(), Ok(FenceStep::Unanswered));
    stage.board.reset();
    stage.index.write(|index| *index = new_index()).unwrap();
    stage.apply_to(2);
    assert_eq!(stage.fence.step(), Ok(FenceStep::Published));
}

#[test]
fn an_end_before_what_is_applied_counts_for_nothing() {
    let mut stage = stage(8, false);
    stage.apply_to(9);
    assert_eq!(stage.fence.step(), Ok(FenceStep::Unanswered));
    *stage.end.lock().unwrap() = 9;
    assert_eq!(stage.fence.step(), Ok(FenceStep::Published));
}

#[test]
fn a_log_cut_while_the_index_is_behind_the_cut_is_believed_in_the_end() {
    let mut stage = stage(9, false);
    stage.apply_to(2);
    assert_eq!(stage.fence.step(), Ok(FenceStep::Waiting));
    *stage.end.lock().unwrap() = 5;
    stage.apply_to(5);
    stage.clock.advance_ms(60_000);
    assert_eq!(stage.fence.step(), Ok(FenceStep::Waiting), "the old end is given up");
    assert_eq!(stage.fence.step(), Ok(FenceStep::Unanswered), "shorter than it was");
    stage.clock.advance_ms(59_999);
    assert_eq!(stage.fence.step(), Ok(FenceStep::Unanswered));
    stage.clock.advance_ms(1);
    assert_eq!(stage.fence.step(), Ok(FenceStep::Published));
    assert!(stage.get().is_ok());
}

#[test]
fn an_end_that_was_reached_once_is_never_forgotten() {
    let mut stage = stage(9, false);
    stage.apply_to(9);
    assert_eq!(stage.fence.step(), Ok(FenceStep::Published));
    *stage.end.lock().unwrap() = 5;
    for _ in 0..3 {
        stage.clock.advance_ms(60_000);
        assert_eq!(stage.fence.step(), Ok(FenceStep::Unanswered));
    }
}

#[test]
fn an_answer_of_another_cluster_holds_for_good() {
    let mut stage = stage(0, false);
    stage.apply_to(0);
    assert_eq!(stage.fence.step(), Ok(FenceStep::Published));
    *stage.cluster.lock().unwrap() = "elsewhere";
    stage.clock.advance_ms(30);
    assert_eq!(stage.fence.step(), Ok(FenceStep::Unanswered));
    assert_eq!(stage.get(), Err(HoldCause::ClusterIdChanged));
    *stage.cluster.lock().unwrap() = "home";
    stage.board.reset();
    stage.clock.advance_ms(30);
    assert_eq!(stage.fence.step(), Ok(FenceStep::Unanswered));
    assert_eq!(stage.get(), Err(HoldCause::ClusterIdChanged));
}
