//! Only a part of the decisions is verified: what lies in it is found, what does not is counted.

use std::collections::BTreeSet;

use consentgate::commands::verify::{Bound, Law, Range, Report, Unchecked, own_key, verify_range};
use consentgate::wire::receipt::Receipt;

use super::copies::{copied, offset_in_copy, verify_topics};
use super::receipts::receipts;
use super::world::WORLD;
use crate::support::gate::{config, gate_toml};
use crate::support::topics::GateTopics;

fn verified(topics: &GateTopics, range: Range) -> Report {
    let config = config(&gate_toml(&WORLD.broker.bootstrap(), topics, ""), "verifier");
    let keys = own_key(&config).expect("the test's key");
    verify_range(&config, keys, BTreeSet::new(), range).expect("readable topics")
}

/// All receipts with decisions, in the order in which they were made.
fn in_order() -> Vec<Receipt> {
    let all = receipts().into_iter().map(|(_, receipt)| receipt);
    let mut all: Vec<_> = all.filter(|receipt| !receipt.batches.is_empty()).collect();
    all.sort_by_key(|receipt| receipt.batches[0].now_ms);
    all
}

/// From the first batch of one receipt to the last one of another, as instants.
fn between(first: &Receipt, last: &Receipt) -> (i64, i64) {
    let to = last.batches.iter().map(|batch| batch.now_ms).max();
    (first.batches[0].now_ms, to.expect("a batch"))
}

/// How many messages were decided in these instants.
fn decided(from: i64, to: i64) -> u64 {
    let receipts = in_order();
    let batches = receipts.iter().flat_map(|receipt| &receipt.batches);
    let inside = batches.filter(|batch| (from..=to).contains(&batch.now_ms));
    inside.flat_map(|batch| &batch.ranges).map(|range| u64::from(range.received)).sum()
}

#[test]
fn a_range_by_receipts_and_the_same_by_time_verify_what_was_decided_in_it() {
    let receipts = in_order();
    let (first, last) = (&receipts[receipts.len() / 3], &receipts[receipts.len() * 2 / 3]);
    let (from, to) = between(first, last);
    let (inside, all) = (decided(from, to), WORLD.outbound.len() as u64);
    assert!(inside > 0 && inside < all);
    let by_receipt =
        Range { from: Some(Bound::Receipt(first.id)), to: Some(Bound::Receipt(last.id)) };
    let by_time = Range { from: Some(Bound::Time(from)), to: Some(Bound::Time(to)) };
    for range in [by_receipt, by_time] {
        let report = verified(&WORLD.topics, range);
        assert_eq!(report.difference_count(), 0, "{}", report.to_text());
        assert_eq!((report.counts.input, report.counts.decided_again), (inside, inside));
        assert_eq!(report.unchecked()[&Unchecked::OutsideRange], all - inside);
        assert!(report.to_text().contains("outside the range"));
    }
}

#[test]
fn what_somebody_did_outside_a_range_is_not_told_and_what_they_did_in_it_is() {
    // The records of one partition in the order of the input; one in the midst is removed.
    let partition = WORLD.left.allowed[0].partition;
    let ours: Vec<usize> = (0..WORLD.left.allowed.len())
        .filter(|index| WORLD.left.allowed[*index].partition == partition)
        .collect();
    let removed = ours[ours.len() / 2];
    let source = WORLD.source_of(&WORLD.left.allowed[removed]);
    let receipts = in_order();
    let covers = |receipt: &&Receipt| {
        receipt.batches.iter().flat_map(|batch| &batch.ranges).any(|range| {
            range.partition.0 == source.partition
                && (range.first.0..range.next.0).contains(&source.offset)
        })
    };
    let receipt = receipts.iter().find(covers).expect("its receipt");
    let topics = copied("range", |left| drop(left.allowed.remove(removed)));
    let (from, to) = between(receipt, receipt);
    let time = |from: Option<i64>, to: Option<i64>| Range {
        from: from.map(Bound::Time),
        to: to.map(Bound::Time),
    };
    let report = verified(&topics, time(Some(from), Some(to)));
    let found: Vec<_> = report.differences().iter().collect();
    let [found] = found.as_slice() else { panic!("{}", report.to_text()) };
    assert_eq!(found.law, Law::AllowedMissing);
    assert_eq!((found.at.partition, found.at.offset), (source.partition, source.offset));
    for outside in [time(Some(to + 1), None), time(None, Some(from - 1))] {
        let report = verified(&topics, outside);
        assert_eq!(report.difference_count(), 0, "{}", report.to_text());
    }
    assert_eq!(offset_in_copy(&WORLD.left.allowed, removed), (ours.len() / 2) as i64);
}

#[test]
fn a_record_that_was_added_in_a_range_is_named() {
    let receipts = in_order();
    let (from, to) = between(&receipts[0], receipts.last().expect("one"));
    let index = WORLD.left.allowed.len() / 2;
    let record = &WORLD.left.allowed[index];
    let offset = offset_in_copy(&WORLD.left.allowed, index);
    assert!(offset > 0, "one of its partition lies before it");
    let topics = copied("range-added", |left| {
        let mut stranger = left.allowed[index].clone();
        stranger.value = Some(b"a stranger's message".to_vec());
        left.allowed.insert(index, stranger);
    });
    let range = Range { from: Some(Bound::Time(from)), to: Some(Bound::Time(to)) };
    let report = verified(&topics, range);
    let [found] = report.differences() else { panic!("{}", report.to_text()) };
    assert_eq!(
        (found.law, found.at.partition, found.at.offset),
        (Law::AllowedAdded, record.partition, offset)
    );
    assert_eq!(verify_topics(&topics).difference_count(), 1);
}

#[test]
fn a_receipt_that_is_not_there_is_refused() {
    let config = config(&gate_toml(&WORLD.broker.bootstrap(), &WORLD.topics, ""), "verifier");
    let keys = own_key(&config).expect("the test's key");
    let nobody = consentgate::wire::receipt::ReceiptId([7; 16]);
    let range = Range { from: Some(Bound::Receipt(nobody)), to: None };
    let failure = verify_range(&config, keys, BTreeSet::new(), range).expect_err("no such receipt");
    assert_eq!(failure.exit().code(), 65);
    assert!(failure.to_string().contains(&nobody.to_string()));
}
