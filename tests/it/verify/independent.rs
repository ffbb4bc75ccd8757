//! The independent checker on what a real gate wrote, and on the copies that somebody tampered with: it
//! finds what `verify` finds, in the same places.

use consentgate::commands::verify::{Law as Verified, own_key, verify};
use consentgate_checker::{Law, Report};

use super::copies::copied;
use super::tampered::{Kind, kinds};
use super::world::WORLD;
use crate::support::checker::checked;
use crate::support::gate::{config, gate_toml};
use crate::support::raw::{RawHeader, RawRecord, produce_raw};
use crate::support::reading::{Headers, ReadRecord};
use crate::support::topics::GateTopics;

fn report_of(topics: &GateTopics) -> Report {
    checked(&WORLD.broker.bootstrap(), topics)
}

/// What the checker calls what `verify` names.
fn law_of(verified: Verified) -> Law {
    match verified {
        Verified::AllowedMissing => Law::AllowedMissing,
        Verified::AllowedAdded => Law::AllowedAdded,
        Verified::AllowedTwice => Law::AllowedTwice,
        Verified::AllowedChanged => Law::AllowedChanged,
        Verified::AllowedMoved => Law::AllowedMoved,
        Verified::AuditMissing => Law::AuditMissing,
        Verified::ReceiptMissing => Law::ReceiptMissing,
        Verified::Signature => Law::Signature,
        Verified::ReceiptOrder => Law::ReceiptOrder,
        Verified::Decision => Law::Decision,
        other => panic!("no kind of tampering is named by {other:?}"),
    }
}

#[test]
fn what_the_gate_wrote_is_right_by_the_checkers_own_rules() {
    let report = report_of(&WORLD.topics);
    assert!(report.is_clean(), "{}", report.to_text());
    assert!(report.not_judged.is_empty(), "{}", report.to_text());
    let counts = report.counts;
    assert_eq!(counts.messages, WORLD.outbound.len() as u64);
    assert_eq!((counts.decisions, counts.undecided), (counts.messages, 0));
    assert_eq!(counts.allowed + counts.audit, counts.messages);
    assert!(counts.allowed > 20 && counts.audit > 20 && counts.receipts >= 5);
}

#[test]
fn each_kind_of_tampering_is_found_by_the_checker_too() {
    let clean = report_of(&copied("untouched", |_| {}));
    assert!(clean.is_clean(), "{}", clean.to_text());
    for Kind { name, tamper, named, .. } in kinds() {
        let report = report_of(&copied(name, tamper));
        let (law, topic, partition, offset) = named;
        let law = law_of(law);
        let found = report.violations.iter().any(|found| {
            let at = &found.at;
            found.law == law
                && at.topic.starts_with(topic)
                && (at.partition, at.offset) == (partition, offset)
        });
        assert!(found, "{name}: {law:?} {partition} {offset} in\n{}", report.to_text());
    }
}

/// Names of headers that are no text stop the gate's own client from looking at them.
#[test]
fn headers_without_text_are_compared_by_the_checker_alone() {
    let mut own = Vec::new();
    let topics = copied("odd-headers", |left| {
        let of_it = |record: &ReadRecord| record.partition == ODD_PARTITION;
        (own, left.allowed) = left.allowed.drain(..).partition(of_it);
    });
    let odd = own.iter().filter(|record| record.headers == Headers::NotText).count() as u64;
    let records: Vec<_> = own.into_iter().map(with_another_odd_header).collect();
    let bootstrap = WORLD.broker.bootstrap();
    produce_raw(&bootstrap, &topics.allowed, ODD_PARTITION, &records).expect("written");
    let broken: Vec<_> = report_of(&topics).violations_by_law.into_iter().collect();
    assert_eq!(broken, [(Law::AllowedChanged, odd)]);
    let config = config(&gate_toml(&bootstrap, &topics, ""), "verifier");
    let keys = own_key(&config).expect("the test's key");
    let verified = verify(&config, keys, <_>::default()).expect("readable topics");
    assert_eq!(verified.difference_count(), 0, "{}", verified.to_text());
    assert!(odd > 0);
}

/// Where the world's records with such headers lie.
const ODD_PARTITION: i32 = 1;

fn with_another_odd_header(record: ReadRecord) -> RawRecord {
    let header = |(name, value): (String, _)| RawHeader { name: name.into_bytes(), value };
    let headers = match record.headers {
        Headers::Text(headers) => headers.into_iter().map(header).collect(),
        Headers::NotText => vec![RawHeader { name: vec![0xff, 0xfd], value: Some(b"v".to_vec()) }],
    };
    RawRecord {
        timestamp_ms: record.timestamp_ms.expect("a time"),
        key: record.key,
        value: record.value,
        headers,
        ..RawRecord::default()
    }
}
