//! Copies of the world's topics, tampered with.

use std::collections::BTreeSet;

use consentgate::commands::verify::{Difference, Law, Report, own_key, verify};
use consentgate_checker::{Run, check};

use super::world::{Left, PARTITIONS, WORLD, odd_header};
use crate::support::checker::{checker_options, checker_topics};
use crate::support::gate::{config, gate_toml};
use crate::support::producers::{NewRecord, Writer};
use crate::support::raw::{RawRecord, produce_raw};
use crate::support::reading::{Headers, ReadRecord};
use crate::support::topics::GateTopics;

/// Writes copies that `tamper` has changed, and verifies them.
pub(super) fn verify_tampered(test: &str, tamper: impl FnOnce(&mut Left)) -> Report {
    verify_topics(&copied(test, tamper))
}

/// Writes copies that `tamper` has changed.
pub(super) fn copied(test: &str, tamper: impl FnOnce(&mut Left)) -> GateTopics {
    let mut left = WORLD.left.clone();
    tamper(&mut left);
    let mut topics = GateTopics::named(test);
    let bootstrap = WORLD.broker.bootstrap();
    topics.create(&bootstrap, PARTITIONS);
    let writer = Writer::new(&bootstrap);
    copy(&writer, &topics.consent_events, &left.consent_events);
    copy(&writer, &topics.allowed, &left.allowed);
    copy(&writer, &topics.audit, &left.audit);
    copy(&writer, &topics.receipts, &left.receipts);
    // Receipts name the input topic.
    topics.outbound.clone_from(&WORLD.topics.outbound);
    topics
}

/// Verifies topics with the test's own key. The independent checker must find something just where
/// `verify` does.
pub(super) fn verify_topics(topics: &GateTopics) -> Report {
    let config = config(&gate_toml(&WORLD.broker.bootstrap(), topics, ""), "verifier");
    let keys = own_key(&config).expect("the test's key");
    let report = verify(&config, keys, BTreeSet::new()).expect("readable topics");
    // The gate may still be at work, so it is asked for what it has done so far.
    let topics = checker_topics(&WORLD.broker.bootstrap(), topics);
    let checked = check(&topics, &checker_options(Run::Running)).expect("readable topics");
    let (differences, violations) = (report.difference_count(), checked.violation_count);
    assert_eq!(differences == 0, violations == 0, "{}{}", report.to_text(), checked.to_text());
    report
}

/// Checks that a report holds exactly these differences: law, topic's first word, partition, offset.
pub(super) fn assert_differences(report: &Report, expected: &[(Law, &str, i32, i64)]) {
    let mut found: Vec<_> = report.differences().iter().map(line).collect();
    let mut wanted: Vec<_> = expected
        .iter()
        .map(|(law, topic, partition, offset)| format!("{law:?} {topic} {partition} {offset}"))
        .collect();
    found.sort();
    wanted.sort();
    assert_eq!(found, wanted, "{}", report.to_text());
}

fn line(difference: &Difference) -> String {
    let at = &difference.at;
    let topic = at.topic.split('-').next().unwrap_or_default();
    format!("{:?} {topic} {} {}", difference.law, at.partition, at.offset)
}

/// Where the record at `index` comes to lie in a copy: offsets are counted anew in each partition.
pub(super) fn offset_in_copy(records: &[ReadRecord], index: usize) -> i64 {
    let partition = records[index].partition;
    let before = records[..index].iter().filter(|record| record.partition == partition);
    before.count() as i64
}

fn copy(writer: &Writer, topic: &str, records: &[ReadRecord]) {
    for run in records.chunk_by(|one, next| is_text(one) == is_text(next)) {
        if is_text(&run[0]) {
            let headers: Vec<Vec<_>> = run.iter().map(text_headers).collect();
            let run = run.iter().zip(&headers);
            let run: Vec<_> = run.map(|(record, headers)| new_record(record, headers)).collect();
            writer.write(topic, &run);
            continue;
        }
        for record in run {
            let raw = RawRecord {
                timestamp_ms: record.timestamp_ms.unwrap(),
                key: record.key.clone(),
                value: record.value.clone(),
                headers: vec![odd_header()],
                ..RawRecord::default()
            };
            let bootstrap = WORLD.broker.bootstrap();
            produce_raw(&bootstrap, topic, record.partition, &[raw]).expect("written");
        }
    }
}

fn is_text(record: &ReadRecord) -> bool {
    record.headers != Headers::NotText
}

fn text_headers(record: &ReadRecord) -> Vec<(&str, Option<&[u8]>)> {
    let Headers::Text(headers) = &record.headers else {
        return Vec::new();
    };
    headers.iter().map(|(name, value)| (name.as_str(), value.as_deref())).collect()
}

fn new_record<'r>(
    record: &'r ReadRecord,
    headers: &'r [(&'r str, Option<&'r [u8]>)],
) -> NewRecord<'r> {
    NewRecord {
        partition: Some(record.partition),
        key: record.key.as_deref(),
        value: record.value.as_deref(),
        timestamp_ms: record.timestamp_ms,
        headers,
    }
}
