//! KAFKA-17754 as this broker and this client have it: why the gate replaces a tainted producer.
//!
//! librdkafka ends transactions with EndTxn before version 5, which carries nothing that tells one
//! transaction of a producer from its next. An EndTxn that arrives late ends the wrong one.

use std::time::Duration;

use libtest_mimic::Trial;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::producer::Producer;
use rdkafka::{Offset, TopicPartitionList};

use crate::harness::PROXIED;
use crate::support::kafka::Cluster;
use crate::support::producers::{NewRecord, Transaction, settings};
use crate::support::raw::{Api, Coordinates, coordinator};
use crate::support::reading::{Isolation, committed, read_all, texts};
use crate::support::topics::create_topic;
use crate::trial::on_own;

const TIMEOUT: Duration = Duration::from_secs(20);

pub fn trials() -> Vec<Trial> {
    vec![
        on_own("a_late_endtxn_loses_records_without_the_defence", PROXIED, |cluster| {
            let outcome = late_abort(cluster, Defence::None);
            assert_eq!(outcome.late_error, 0, "the broker obeys the late abort");
            assert_eq!(outcome.visible, ["first"], "the record is lost");
            assert_eq!(outcome.committed, Some(777), "its offset is committed");
        }),
        on_own("a_late_endtxn_is_refused_after_the_defence", PROXIED, |cluster| {
            let outcome = late_abort(cluster, Defence::ReplaceProducer);
            assert_eq!(outcome.late_error, 47, "invalid producer epoch");
            assert_eq!(outcome.visible, ["first", "after the abort"]);
            assert_eq!(outcome.committed, Some(777));
        }),
    ]
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Defence {
    None,
    /// The same transactional id, `init_transactions` again: the broker raises the epoch.
    ReplaceProducer,
}

struct Outcome {
    late_error: i16,
    visible: Vec<String>,
    committed: Option<i64>,
}

/// An abort is held on its way, the client repeats it on a new connection and goes on; the held one
/// arrives in the middle of the next transaction. Every call of the client returns Ok.
fn late_abort(cluster: &Cluster, defence: Defence) -> Outcome {
    let (direct, proxied) = (cluster.bootstrap(), cluster.proxied_bootstrap());
    let proxy = cluster.node(1).proxy();
    create_topic(&direct, "out", 1, &[]);
    // A client that asks three times in vain for a group's coordinator hangs (librdkafka 2.12).
    coordinator(&direct, Coordinates::Group, "a-group");
    let mut config = settings(&proxied);
    config.set("socket.timeout.ms", "1000");
    let mut lane = Transaction::begin_with(&config, "a-lane");
    lane.write("out", &[value("first")]);
    lane.producer().commit_transaction(TIMEOUT).expect("the first transaction commits");

    lane.producer().begin_transaction().expect("begin");
    lane.write("out", &[value("aborted")]);
    let held = proxy.hold_next(Api::END_TXN);
    lane.producer().abort_transaction(TIMEOUT).expect("aborted, by the repeated request");
    held.wait(TIMEOUT);

    match defence {
        Defence::None => lane.producer().begin_transaction().expect("begin"),
        Defence::ReplaceProducer => {
            drop(lane);
            lane = Transaction::begin_with(&config, "a-lane");
        }
    }
    lane.write("out", &[value("after the abort")]);
    held.release();
    let late_error = end_txn_error(&held.answer(TIMEOUT));
    send_offset_777(&lane, &direct);
    lane.producer().commit_transaction(TIMEOUT).expect("the client believes in its commit");

    let visible = texts(&read_all(&direct, "out", Isolation::Committed));
    Outcome { late_error, visible, committed: committed(&direct, "a-group", "out", 0) }
}

fn send_offset_777(lane: &Transaction, bootstrap: &str) {
    let consumer: BaseConsumer =
        settings(bootstrap).set("group.id", "a-group").create().expect("a consumer");
    let group = consumer.group_metadata().expect("a group");
    let mut offsets = TopicPartitionList::new();
    offsets.add_partition_offset("out", 0, Offset::Offset(777)).expect("a valid offset");
    let sent = lane.producer().send_offsets_to_transaction(&offsets, &group, TIMEOUT);
    sent.expect("the offsets join the transaction");
}

/// Correlation id, throttle time, error.
pub fn end_txn_error(answer: &[u8]) -> i16 {
    i16::from_be_bytes([answer[8], answer[9]])
}

fn value(text: &str) -> NewRecord<'_> {
    NewRecord { value: Some(text.as_bytes()), ..NewRecord::default() }
}
