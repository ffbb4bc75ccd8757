//! Somebody tampered with receipts: the place is named.

use consentgate::commands::verify::{Law, Report, own_key};
use consentgate::wire::receipt::{Opened, Receipt, open};

use super::copies::{offset_in_copy, verify_tampered};
use super::world::WORLD;
use crate::support::gate::{config, gate_toml};

/// The receipts of the world with their index, in the order of the topic's first partition.
pub(super) fn receipts() -> Vec<(usize, Receipt)> {
    let config = config(&gate_toml("127.0.0.1:1", &WORLD.topics, ""), "reader");
    let keys = own_key(&config).expect("the test's key");
    let records = WORLD.left.receipts.iter().enumerate();
    let opened = records.map(|(index, record)| {
        let value = record.value.as_deref().expect("a record");
        (index, open(value, &keys).expect("signed"))
    });
    opened
        .filter_map(|(index, opened)| match opened {
            Opened::Receipt { receipt, .. } => Some((index, *receipt)),
            Opened::Policy { .. } | Opened::Allowed { .. } => None,
        })
        .collect()
}

/// A receipt in the midst of the chain of its lowest partition, and the one after it.
fn two_in_the_midst() -> [(usize, Receipt); 2] {
    let all = receipts();
    let partition = all[0].1.lowest_partition();
    let chain = all.into_iter().filter(|(_, receipt)| receipt.lowest_partition() == partition);
    let chain: Vec<_> = chain.collect();
    assert!(chain.len() >= 4, "too few receipts: {}", chain.len());
    let middle = chain.len() / 2;
    [chain[middle - 1].clone(), chain[middle].clone()]
}

/// Whether there is a difference of this law at this offset of a partition of a topic.
fn has(report: &Report, law: Law, topic: &str, partition: i32, offset: i64) -> bool {
    report.differences().iter().any(|found| {
        let at = &found.at;
        found.law == law
            && at.topic.starts_with(topic)
            && (at.partition, at.offset) == (partition, offset)
    })
}

#[test]
fn a_receipt_that_was_removed_leaves_a_hole_and_is_missed_by_the_next() {
    let [(index, removed), (next, _)] = two_in_the_midst();
    let report = verify_tampered("receipt-removed", |left| drop(left.receipts.remove(index)));
    let next = next - 1;
    let mut records = WORLD.left.receipts.clone();
    records.remove(index);
    let (partition, offset) = (records[next].partition, offset_in_copy(&records, next));
    let text = report.to_text();
    assert!(has(&report, Law::ReceiptMissing, "decision", partition, offset), "{text}");
    for range in removed.batches.iter().flat_map(|batch| &batch.ranges).take(1) {
        let (partition, first) = (range.partition.0, range.first.0);
        assert!(has(&report, Law::Hole, "outbound", partition, first), "{text}");
    }
}

#[test]
fn a_receipt_that_was_changed_is_signed_by_nobody() {
    let [(index, _), _] = two_in_the_midst();
    let (partition, offset) = {
        let records = &WORLD.left.receipts;
        (records[index].partition, offset_in_copy(records, index))
    };
    let length = WORLD.left.receipts[index].value.as_ref().map_or(0, Vec::len);
    // In the body, and in the signature at the end.
    for byte in [length / 2, length - 1] {
        let report = verify_tampered("receipt-changed", |left| {
            left.receipts[index].value.as_mut().expect("a value")[byte] ^= 1;
        });
        let text = report.to_text();
        assert!(has(&report, Law::Signature, "decision", partition, offset), "{text}");
    }
}

#[test]
fn receipts_that_changed_places_are_out_of_order() {
    let [(first, _), (second, _)] = two_in_the_midst();
    let report = verify_tampered("receipts-swapped", |left| left.receipts.swap(first, second));
    let records = &WORLD.left.receipts;
    let (partition, offset) = (records[first].partition, offset_in_copy(records, first));
    let text = report.to_text();
    assert!(has(&report, Law::ReceiptOrder, "decision", partition, offset), "{text}");
}

#[test]
fn a_receipt_that_is_there_twice_is_named() {
    let [(index, _), _] = two_in_the_midst();
    let records = &WORLD.left.receipts;
    let (partition, offset) = (records[index].partition, offset_in_copy(records, index));
    let report = verify_tampered("receipt-twice", |left| {
        left.receipts.insert(index, left.receipts[index].clone());
    });
    let text = report.to_text();
    assert_eq!(report.difference_count(), 1, "{text}");
    assert!(has(&report, Law::ReceiptTwice, "decision", partition, offset + 1), "{text}");
}

#[test]
fn a_policy_that_nobody_published_is_missed() {
    let receipts: Vec<usize> = receipts().into_iter().map(|(index, _)| index).collect();
    let report = verify_tampered("policy-removed", |left| {
        let mut index = 0;
        left.receipts.retain(|_| {
            index += 1;
            receipts.contains(&(index - 1))
        });
    });
    assert_eq!(report.difference_count(), 1, "{}", report.to_text());
    assert_eq!(report.differences()[0].law, Law::PolicyMissing);
}

#[test]
fn receipts_signed_by_a_key_that_is_not_pinned_prove_nothing() {
    use std::collections::BTreeSet;
    let stranger = consentgate::wire::receipt::SigningKey::from_seed(&vec![9; 32].into());
    let mut keys = consentgate::wire::receipt::VerifyingKeys::default();
    keys.pin(&stranger.expect("a key"));
    let config = config(&gate_toml(&WORLD.broker.bootstrap(), &WORLD.topics, ""), "verifier");
    let report = consentgate::commands::verify::verify(&config, keys, BTreeSet::new());
    let report = report.expect("readable topics");
    let laws: BTreeSet<Law> = report.differences().iter().map(|found| found.law).collect();
    let all = [Law::Signature, Law::AllowedAdded, Law::AuditAdded];
    assert_eq!(laws, all.into_iter().collect());
}
