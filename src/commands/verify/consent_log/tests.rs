//! What a consent log lets a verifier check.

use super::*;
use crate::consent::Offset;
use crate::stream::ports::AppendTime;
use crate::wire::receipt::PolicyHash;

const NOW_S: i64 = 1_700_000_000;

fn at(topic: Topic, begin: i64) -> ((Topic, Partition), Extent) {
    let partition = Partition(0);
    let (begin, end) = (Offset(begin), Offset(10));
    let extent = Extent { partition, begin, end, at: None };
    ((topic, partition), extent)
}

/// A log whose topics begin at these offsets.
fn log(events_begin: i64, activity_begin: i64) -> ConsentLog {
    let extents =
        [at(Topic::ConsentEvents, events_begin), at(Topic::ConsentActivity, activity_begin)];
    let floor = Positions::default();
    ConsentLog::new(extents.into_iter().collect(), floor, Clocks::plain())
}

fn batch(positions: &[(Topic, i64)]) -> Batch {
    let positions = positions.iter().map(|(topic, next)| (*topic, Partition(0), Offset(*next)));
    Batch {
        receipt: 0,
        now_ms: NOW_S * 1_000,
        positions: Arc::new(positions.collect()),
        policy: PolicyHash([0; 32]),
    }
}

fn take(log: &mut ConsentLog, raw: &RawConsent) {
    let mut folder = log.folder(&EventFormats::default());
    folder.fold(raw, |said| log.take(said));
    log.note(folder.take_noted());
}

fn both() -> Batch {
    batch(&[(Topic::ConsentEvents, 8), (Topic::ConsentActivity, 8)])
}

fn activity(offset: i64, age_s: i64) -> RawConsent {
    RawConsent {
        topic: Topic::ConsentActivity,
        partition: Partition(0),
        offset: Offset(offset),
        appended: AppendTime::Broker((NOW_S - age_s) * 1_000),
        key: Some(b"/".to_vec()),
        value: None,
    }
}

#[test]
fn what_is_all_there_is_checkable() {
    let basis = log(0, 0).basis(&both()).expect("checkable");
    assert_eq!(basis.old_activity, Kept::Yes);
}

#[test]
fn trimmed_consent_events_are_not_checkable() {
    let left = log(1, 0).basis(&both()).expect_err("trimmed");
    assert_eq!(left, Unchecked::ConsentTrimmed);
}

#[test]
fn trimmed_activity_is_checkable_only_if_the_last_day_is_kept() {
    let mut all_gone = log(0, 5);
    assert_eq!(all_gone.basis(&both()).expect_err("gone"), Unchecked::ActivityTrimmed);
    let mut hours_kept = log(0, 5);
    take(&mut hours_kept, &activity(5, 3_600));
    assert_eq!(hours_kept.basis(&both()).expect_err("too young"), Unchecked::ActivityTrimmed);
    let mut days_kept = log(0, 5);
    take(&mut days_kept, &activity(5, 2 * 24 * 3_600));
    let basis = days_kept.basis(&both()).expect("checkable");
    assert_eq!(basis.old_activity, Kept::No);
}

#[test]
fn a_batch_that_knew_fewer_partitions_is_not_checkable() {
    let left = log(0, 0).basis(&batch(&[(Topic::ConsentEvents, 8)]));
    assert_eq!(left.expect_err("narrow"), Unchecked::PartitionsChanged);
}

/// A log with a registry of templates that begins at this offset.
fn with_registry(begin: i64) -> ConsentLog {
    let topics = [Topic::ConsentEvents, Topic::ConsentActivity];
    let extents = topics.map(|topic| at(topic, 0)).into_iter();
    let extents = extents.chain([at(Topic::TemplateStates, begin)]).collect();
    ConsentLog::new(extents, Positions::default(), Clocks::plain())
}

#[test]
fn a_batch_from_before_the_registry_is_checkable_and_one_that_knew_it_needs_it_whole() {
    let all = || {
        let topics = [Topic::ConsentEvents, Topic::ConsentActivity, Topic::TemplateStates];
        batch(&topics.map(|topic| (topic, 8)))
    };
    assert!(with_registry(0).basis(&both()).is_ok());
    assert!(with_registry(0).basis(&all()).is_ok());
    // What was trimmed since matters only to who had read it.
    assert!(with_registry(1).basis(&both()).is_ok());
    let left = with_registry(1).basis(&all()).expect_err("trimmed");
    assert_eq!(left, Unchecked::ConsentTrimmed);
    let left = log(0, 0).basis(&all()).expect_err("no registry");
    assert_eq!(left, Unchecked::PartitionsChanged);
    // The other two are never left out.
    let left = with_registry(0).basis(&batch(&[(Topic::TemplateStates, 8)]));
    assert_eq!(left.expect_err("narrow"), Unchecked::PartitionsChanged);
}

#[test]
fn positions_past_the_end_are_found() {
    let beyond = batch(&[(Topic::ConsentEvents, 11)]);
    assert!(log(0, 0).beyond_end(&beyond.positions).is_some());
    assert!(log(0, 0).beyond_end(&both().positions).is_none());
}

#[test]
fn the_floor_is_what_every_batch_has_reached() {
    let other = batch(&[(Topic::ConsentEvents, 3)]);
    let floor = floor_of(&[both(), other]);
    assert_eq!(floor, *batch(&[(Topic::ConsentEvents, 3)]).positions);
    assert!(floor_of(&[]).is_empty());
}
