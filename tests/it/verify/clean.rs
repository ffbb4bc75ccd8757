//! What a gate wrote verifies, and so does a faithful copy.

use std::time::Duration;

use consentgate::commands::verify::{Report, Unchecked};
use consentgate::decision::Reason;
use consentgate::wire::audit::decode_entry;

use super::copies::{assert_differences, verify_tampered, verify_topics};
use super::world::{PARTITIONS, WORLD};
use crate::support::gate::{await_ready, await_that, gate_toml, try_start};
use crate::support::producers::{NewRecord, Writer};
use crate::support::reading::{Isolation, read_all};
use crate::support::topics::GateTopics;
use crate::support::world::{grant, now_ms, offer, phone};

fn assert_whole(report: &Report) {
    assert_differences(report, &[]);
    let counts = &report.counts;
    let all = WORLD.outbound.len() as u64;
    assert_eq!(counts.input, all);
    assert_eq!(counts.decided_again, all);
    assert_eq!(counts.allowed + counts.audit, all);
    assert_eq!((counts.partitions, counts.undecided), (3, 0));
}

#[test]
fn what_the_gate_wrote_verifies() {
    let report = verify_topics(&WORLD.topics);
    assert_whole(&report);
    assert!(report.counts.allowed > 20 && report.counts.audit > 20);
    assert!(report.counts.receipts >= 5);
    assert_eq!(report.counts.policies, 1);
}

#[test]
fn what_lay_too_long_is_suppressed_and_verifies() {
    let entries = WORLD.left.audit.iter().filter_map(|record| record.value.as_deref());
    let reasons = entries.map(|entry| decode_entry(entry).expect("an entry").suppression.primary);
    assert_eq!(reasons.filter(|reason| *reason == Reason::Expired).count(), 5);
}

#[test]
fn a_faithful_copy_verifies() {
    assert_whole(&verify_tampered("faithful", |_| {}));
}

#[test]
fn headers_without_text_are_said_not_to_be_compared() {
    let report = verify_topics(&WORLD.topics);
    let unchecked: Vec<_> = report.unchecked().iter().collect();
    assert_eq!(unchecked, [(&Unchecked::Headers, &5)]);
    assert!(report.to_text().contains("headers not comparable"));
}

#[test]
fn nobodys_number_is_in_the_output() {
    let report = verify_tampered("quiet", |left| {
        left.allowed.remove(0);
        left.audit.remove(0);
        left.consent_events.remove(0);
    });
    for output in [report.to_text(), report.to_json()] {
        assert!(output.lines().count() > 3);
        assert!(!output.contains("9991"), "{output}");
    }
}

/// Messages go on while the verifier reads: what is still on its way is no difference.
#[test]
fn a_running_gate_verifies() {
    let bootstrap = WORLD.broker.bootstrap();
    let topics = GateTopics::named("running");
    topics.create(&bootstrap, PARTITIONS);
    let writer = Writer::new(&bootstrap);
    for person in 0..10 {
        let event = grant("cafe", person, &["offers"], now_ms() - 5_000);
        let record = NewRecord {
            key: Some(event.key.as_bytes()),
            value: Some(&event.value),
            ..NewRecord::default()
        };
        writer.write_one(&topics.consent_events, &record);
    }
    let gate = try_start(&gate_toml(&bootstrap, &topics, ""), "gate-0").expect("a gate");
    await_ready(&gate);
    let decided = || read_all(&bootstrap, &topics.allowed, Isolation::Committed).len();
    std::thread::scope(|scope| {
        let (bootstrap, topics) = (&bootstrap, &topics);
        let load = scope.spawn(move || {
            let writer = Writer::new(bootstrap);
            for number in 0..1_500 {
                let person = number % 12;
                let (key, value) = (phone(person), offer("cafe", person, number.into()));
                let record = NewRecord {
                    key: Some(key.as_bytes()),
                    value: Some(&value),
                    ..NewRecord::default()
                };
                writer.write_one(&topics.outbound, &record);
            }
        });
        await_that("something is decided", || decided() > 0);
        let mut looks = 0;
        while !load.is_finished() || looks == 0 {
            assert_differences(&verify_topics(topics), &[]);
            looks += 1;
        }
    });
    gate.join(Duration::from_secs(20)).expect("an orderly end");
}
