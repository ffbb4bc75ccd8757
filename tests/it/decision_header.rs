//! The one appended header: everything else stays as it was, and `verify` demands exactly this one.

use std::process::Command;
use std::time::Duration;

use consentgate::broker::{Broker, BrokerConfig};

use crate::support::gate::{await_ready, start, test_keys};
use crate::support::reading::{Headers, Isolation, ReadRecord, read_all};
use crate::support::receipts::Receipts;
use crate::support::stage::Stage;
use crate::support::world::{grant, now_ms, withdraw};

const LONG: Duration = Duration::from_secs(60);
const ON: &str = "[downstream]\ndecision_header = \"append\"\ndecision_valid_for = \"30s\"\n";

/// A stage on which a gate decided three messages with the header and two without.
fn decided(broker: &Broker) -> Stage {
    let stage = Stage::new(&broker.bootstrap(), "header", 1);
    stage.consent(&[grant("cafe", 1, &["offers"], now_ms() - 60_000), withdraw("cafe", 2)]);
    for (more, people, first) in [(ON, vec![1, 2, 1], 0), ("", vec![1, 1], 3)] {
        let gate = start(stage.prepared(more)).expect("the gate starts");
        await_ready(&gate);
        stage.offers(&people, first);
        stage.await_drained(LONG);
        gate.join(LONG).expect("an orderly end");
    }
    stage
}

fn read(stage: &Stage, topic: &str) -> Vec<ReadRecord> {
    read_all(&stage.kafka, topic, Isolation::Committed)
}

fn texts(record: &ReadRecord) -> Vec<(String, Option<Vec<u8>>)> {
    match &record.headers {
        Headers::Text(headers) => headers.clone(),
        Headers::NotText => panic!("headers are text here"),
    }
}

fn verify(stage: &Stage) -> (Option<i32>, String) {
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join("gate.toml");
    std::fs::write(&path, stage.toml("")).expect("written");
    let mut command = Command::new(env!("CARGO_BIN_EXE_consentgate"));
    command.args(["verify", "--config"]).arg(&path).env_clear().envs(test_keys());
    let output = command.env("CONSENTGATE__GATE__INSTANCE", "verifier").output().expect("it runs");
    (output.status.code(), String::from_utf8_lossy(&output.stdout).into_owned())
}

#[test]
fn the_header_comes_behind_the_others_and_only_while_it_is_on() {
    let broker = Broker::start(BrokerConfig::default()).expect("a broker");
    let stage = decided(&broker);
    let input = read(&stage, &stage.topics.outbound);
    let allowed = read(&stage, &stage.topics.allowed);
    assert_eq!(allowed.len(), 4);
    let receipts = Receipts::read(&stage.kafka, &stage.topics);
    for (out, source) in allowed.iter().zip([0, 2, 3, 4]) {
        let source = &input[source];
        assert_eq!((&out.key, &out.value), (&source.key, &source.value));
        assert_eq!(out.timestamp_ms, source.timestamp_ms);
        let (own, out) = (texts(source), texts(out));
        assert_eq!(out[..own.len()], own, "the record's own headers are as they were");
        let appended = &out[own.len()..];
        match source.offset {
            0..3 => {
                let [(name, Some(value))] = appended else {
                    panic!("one header, not {appended:?}")
                };
                assert_eq!(name, "consentgate-decision");
                let value = std::str::from_utf8(value).expect("text");
                let (_, receipt) = value.split_once("receipt=").expect("a receipt");
                let (_, receipt) = receipts
                    .all
                    .iter()
                    .find(|(_, known)| known.id.to_string() == receipt)
                    .expect("a receipt of ours");
                let now_ms = receipt.batches.iter().find(|batch| {
                    batch
                        .ranges
                        .iter()
                        .any(|range| range.allowed_offsets().any(|o| o.0 == source.offset))
                });
                let now_ms = now_ms.expect("its batch").now_ms;
                let header = receipt.decision_header.expect("the receipt says so");
                assert_eq!(header.valid_for_ms, 30_000);
                assert_eq!(header.value(receipt.id, now_ms), value);
            }
            _ => assert_eq!(appended, [], "it was off"),
        }
    }
    let (code, out) = verify(&stage);
    assert_eq!(code, Some(0), "{out}");
}

#[test]
fn verify_finds_a_header_that_no_receipt_tells_of_and_one_that_is_missing() {
    let broker = Broker::start(BrokerConfig::default()).expect("a broker");
    let mut stage = decided(&broker);
    let allowed = read(&stage, &stage.topics.allowed);
    // The same allowed topic, but the header moved from the first record to the last.
    let mut copies: Vec<_> = allowed.iter().map(|record| (record.clone(), texts(record))).collect();
    let header = copies[0].1.pop().expect("a header");
    copies[3].1.push(header);
    let tampered = crate::support::topics::GateTopics::named("header-tampered");
    tampered.create(&stage.kafka, 1);
    for (record, headers) in &copies {
        let headers: Vec<(&str, Option<&[u8]>)> =
            headers.iter().map(|(name, value)| (name.as_str(), value.as_deref())).collect();
        let copy = crate::support::producers::NewRecord {
            partition: Some(0),
            key: record.key.as_deref(),
            value: record.value.as_deref(),
            timestamp_ms: record.timestamp_ms,
            headers: &headers,
        };
        stage.writer().write_one(&tampered.allowed, &copy);
    }
    stage.topics.allowed = tampered.allowed;
    let (code, out) = verify(&stage);
    assert_eq!(code, Some(70), "{out}");
    assert_eq!(out.lines().filter(|line| line.ends_with("[allowed_changed]")).count(), 2, "{out}");
}
