//! Without a full, fresh fence that was reached there is no view.

use super::support::*;
use crate::consent::{Fact, Holding, Offset, Partition, Positions, Seconds, Topic};
use crate::index::{CaughtUp, ConsentIndex, Fence, NotCaughtUp, Tick};

const EVENTS: Topic = Topic::ConsentEvents;

fn fence(ends: &[(Partition, Offset)]) -> Fence {
    let ends = ends.iter().map(|(partition, end)| (EVENTS, *partition, *end));
    Fence { asked_at: Tick(10), ends: ends.collect() }
}

fn index_at(next: i64) -> ConsentIndex {
    let mut index = ConsentIndex::new(keys());
    index.advance(EVENTS, Partition(0), Offset(next));
    index
}

#[test]
fn a_fence_asked_at_the_poll_or_later_proves() {
    let index = index_at(5);
    let fence = fence(&[(Partition(0), Offset(5))]);
    for polled_at in [Tick(9), Tick(10)] {
        let view = CaughtUp::prove(&index, &fence, polled_at).unwrap().view();
        assert_eq!(view.positions(), index.positions());
    }
}

#[test]
fn a_fence_asked_before_the_poll_proves_nothing() {
    let fence = fence(&[(Partition(0), Offset(5))]);
    let refused = CaughtUp::prove(&index_at(5), &fence, Tick(11)).unwrap_err();
    assert_eq!(refused, NotCaughtUp::FenceTooOld);
}

#[test]
fn a_partition_behind_its_end_proves_nothing() {
    let fence = fence(&[(Partition(0), Offset(6))]);
    let refused = CaughtUp::prove(&index_at(5), &fence, Tick(1)).unwrap_err();
    let behind = NotCaughtUp::Behind {
        topic: EVENTS,
        partition: Partition(0),
        applied: Some(Offset(5)),
        end: Offset(6),
    };
    assert_eq!(refused, behind);
}

#[test]
fn a_partition_never_applied_proves_nothing_even_if_it_is_empty() {
    let fence = fence(&[(Partition(0), Offset(5)), (Partition(1), Offset(0))]);
    let refused = CaughtUp::prove(&index_at(5), &fence, Tick(1)).unwrap_err();
    assert!(matches!(refused, NotCaughtUp::Behind { applied: None, .. }));
}

#[test]
fn a_fence_without_a_known_partition_proves_nothing() {
    let mut index = index_at(5);
    index.advance(EVENTS, Partition(1), Offset(1));
    let fence = fence(&[(Partition(0), Offset(5))]);
    let refused = CaughtUp::prove(&index, &fence, Tick(1)).unwrap_err();
    let missing = NotCaughtUp::FenceIncomplete(Some((EVENTS, Partition(1))));
    assert_eq!(refused, missing);
}

#[test]
fn an_empty_fence_proves_nothing() {
    let fence = Fence { asked_at: Tick(10), ends: Positions::default() };
    let refused = CaughtUp::prove(&ConsentIndex::new(keys()), &fence, Tick(1)).unwrap_err();
    assert_eq!(refused, NotCaughtUp::FenceIncomplete(None));
}

#[test]
fn an_unreadable_record_of_nobody_holds_until_it_is_voided() {
    let mut index = index_at(5);
    let fence = fence(&[(Partition(0), Offset(5))]);
    index.apply(Fact::Undecodable { place: place(3), business: None, subject_named: false });
    let refused = CaughtUp::prove(&index, &fence, Tick(1)).unwrap_err();
    assert_eq!(refused, NotCaughtUp::Held(Holding::Record(place(3))));
    index.apply(Fact::Void { place: place(3), remedied: true });
    assert!(CaughtUp::prove(&index, &fence, Tick(1)).is_ok());
}

#[test]
fn a_pause_of_everything_holds_until_a_later_resume() {
    let mut index = index_at(5);
    let fence = fence(&[(Partition(0), Offset(5))]);
    index.apply(Fact::PauseAll { place: place(3), at: Seconds(7) });
    for early in [6, 7] {
        index.apply(Fact::ResumeAll(Seconds(early)));
        let refused = CaughtUp::prove(&index, &fence, Tick(1)).unwrap_err();
        assert_eq!(refused, NotCaughtUp::Held(Holding::Pause(place(3))));
    }
    index.apply(Fact::ResumeAll(Seconds(8)));
    assert!(CaughtUp::prove(&index, &fence, Tick(1)).is_ok());
}
