//! The whole check, on topics in memory: a small world whose right answers are written down, and the same
//! tampered with.

mod tampered;
mod world;

use world::{World, laws, report_of};

#[test]
fn an_honest_run_is_clean_and_every_decision_is_judged() {
    let world = World::honest();
    let report = report_of(&world);
    assert_eq!(report.violations, [], "{}", report.to_text());
    assert_eq!(report.not_judged, [].into(), "{}", report.to_text());
    let counts = report.counts;
    assert_eq!(counts.messages, world.messages as u64);
    assert_eq!(counts.decisions, counts.messages);
    assert_eq!(counts.allowed + counts.audit, counts.messages);
    assert!(counts.allowed >= 6 && counts.audit >= 6);
    assert_eq!((counts.receipts, counts.policies), (4, 1));
    assert!(report.is_clean());
    assert!(report.to_text().ends_with("no violation\n"));
}

#[test]
fn nobodys_number_is_in_a_report() {
    let mut world = World::honest();
    world.memory.partition("allowed", 0).remove(0);
    world.memory.partition("audit", 1).remove(0);
    world.memory.partition("events", 0).remove(0);
    let report = report_of(&world);
    assert!(!report.is_clean());
    for text in [report.to_text(), report.to_json()] {
        assert!(!text.contains("999100") && text.lines().count() > 5, "{text}");
    }
}

#[test]
fn another_key_vouches_for_nothing() {
    let world = World::honest();
    let options = crate::Options { public_keys: vec![world::public_key(9)], ..Default::default() };
    let report = crate::check_in(&world.memory, &world.topics, &options).unwrap();
    assert_eq!(report.counts.receipts, 0);
    assert_eq!(report.violations_by_law[&crate::Law::Signature], 5);
}

#[test]
fn what_no_receipt_covers_is_open_while_the_gates_run_and_a_violation_after() {
    let mut world = World::honest();
    world.undecided(0, 3);
    assert_eq!(laws(&report_of(&world)), [crate::Law::Undecided]);
    let options = crate::Options { run: crate::Run::Running, ..world.options() };
    let report = crate::check_in(&world.memory, &world.topics, &options).unwrap();
    assert!(report.is_clean(), "{}", report.to_text());
    assert_eq!(report.counts.undecided, 3);
}

#[test]
fn messages_of_another_format_are_counted_as_not_judged() {
    let world = World::honest();
    let options = crate::Options { messages: crate::Messages::Other, ..world.options() };
    let report = crate::check_in(&world.memory, &world.topics, &options).unwrap();
    assert!(report.is_clean(), "{}", report.to_text());
    assert_eq!(report.counts.decisions, 0);
    let left = report.not_judged["a decision on a message of another format"];
    assert_eq!(left, report.counts.messages);
}

#[test]
fn pairs_are_read_from_receipts_and_audit() {
    use crate::{Acknowledged, CausalPair};
    let world = World::honest();
    let pair = |acknowledged, (partition, offset): (i32, i64)| CausalPair {
        acknowledged,
        partition,
        offset,
    };
    let right = [
        pair(Acknowledged::Grant, world.an_allowed()),
        pair(Acknowledged::OptOut, world.a_withdrawn()),
    ];
    let check = |pairs: &[CausalPair], world: &World| {
        crate::pairs::check(&world.memory, &world.topics, pairs, &world.options()).unwrap()
    };
    let report = check(&right, &world);
    assert!(report.is_clean() && report.counts.decisions == 2, "{}", report.to_text());
    let wrong = [
        pair(Acknowledged::OptOut, world.an_allowed()),
        pair(Acknowledged::Grant, world.a_withdrawn()),
    ];
    assert_eq!(check(&wrong, &world).violation_count, 2);
    let nowhere = [pair(Acknowledged::OptOut, (0, 10_000))];
    let report = check(&nowhere, &world);
    assert_eq!((report.violation_count, report.not_judged.len()), (0, 1));
    // A receipt alone is not enough: the entry must be there.
    let mut world = World::honest();
    world.memory.partition("audit", world.a_withdrawn().0 as usize).clear();
    assert_eq!(check(&right, &world).violation_count, 1);
}
