//! What each fence asks the brokers, asked of the embedded one.

use std::time::Duration;

use consentgate::broker::{Broker, BrokerConfig, NodeId};
use consentgate::consent::{Offset, Partition, Topic};
use consentgate::kafka::{Beat, BeatEnds, ConsentTopic, LogEnds, QuorumEnds};
use consentgate::stream::ports::{EndsPort, OpenTransaction};

use crate::support::gate::{await_ready, await_that, start};
use crate::support::producers::Transaction;
use crate::support::reading::{Isolation, read_all};
use crate::support::receipts::Receipts;
use crate::support::stage::{Stage, event_record};
use crate::support::topics::{Change, GateTopics};
use crate::support::world::{grant, now_ms, withdraw};

const PARTITIONS: i32 = 3;

#[test]
fn an_open_transaction_is_named_by_topic_partition_and_last_stable_offset() {
    let broker = Broker::start(BrokerConfig::default()).expect("a broker");
    let stage = Stage::new(&broker.bootstrap(), "log-ends", 1);
    stage.consent(&[1, 2].map(|person| grant("cafe", person, &["offers"], now_ms())));
    let mut ends = LogEnds::open(&stage.clients(""), vec![topic(&stage, 1)]).expect("open");
    assert_eq!(ends.open_transaction(), Ok(None));

    let transaction = Transaction::begin(&stage.kafka, &stage.topics.consent_events);
    transaction.write(&stage.topics.consent_events, &[event_record(&withdraw("cafe", 1))]);
    let (topic, partition) = (Topic::ConsentEvents, Partition(0));
    let open = OpenTransaction { topic, partition, stable: Offset(2) };
    await_that("it is open", || ends.open_transaction() == Ok(Some(open)));
    transaction.commit();
    await_that("it has ended", || ends.open_transaction() == Ok(None));
}

#[test]
fn a_quorum_proves_ends_while_enough_replicas_answer_and_none_beyond() {
    let broker = three_nodes();
    let topics = GateTopics::named("quorum");
    let least_two = Change::Setting("min.insync.replicas", "2");
    topics.create_but(&broker.bootstrap(), PARTITIONS, &[(&topics.consent_events, least_two)]);
    let stage = Stage::on(&broker.bootstrap(), topics.clone(), PARTITIONS);
    let people: Vec<_> =
        (0..60).map(|person| grant("cafe", person, &["offers"], now_ms())).collect();
    stage.consent(&people);
    let mut ends =
        QuorumEnds::open(&stage.clients(""), vec![topic(&stage, PARTITIONS)]).expect("open");
    assert_eq!(proven(&mut ends).len(), 3, "every partition has an end");
    assert_eq!(proven(&mut ends).iter().sum::<i64>(), 60);

    // Two of three are left: still enough for a minimum of two in sync.
    broker.stop_node(NodeId(3));
    await_that("two of three prove all ends", || proven(&mut ends).len() == 3);
    stage.consent(&[withdraw("cafe", 1)]);
    assert_eq!(proven(&mut ends).iter().sum::<i64>(), 61, "what was acknowledged before counts");
    broker.stop_node(NodeId(2));
    assert_eq!(proven(&mut ends).len(), 0, "one of three proves nothing");
    broker.start_node(NodeId(2));
    await_that("two of three prove all ends again", || proven(&mut ends).len() == 3);
}

#[test]
fn a_heartbeat_is_an_end_once_it_is_acknowledged() {
    let broker = Broker::start(BrokerConfig::default()).expect("a broker");
    let stage = Stage::new(&broker.bootstrap(), "beat", 1);
    stage.consent(&[grant("cafe", 1, &["offers"], now_ms())]);
    let beat = Beat { key: b"/".to_vec(), value: b"beat".to_vec() };
    let mut ends =
        BeatEnds::open(&stage.clients(""), vec![(topic(&stage, 1), beat)]).expect("open");
    assert_eq!(proven(&mut ends), [2], "the end lies behind the heartbeat");
    assert_eq!(proven(&mut ends), [3]);
    let written = read_all(&stage.kafka, &stage.topics.consent_events, Isolation::Committed);
    assert_eq!(written[1].value.as_deref(), Some(&b"beat"[..]));
    broker.stop_node(NodeId(1));
    assert!(ends.ends().map_or(true, |told| told.answers[0].end.is_err()), "nobody acknowledged");
}

#[test]
fn whatever_the_fence_an_opt_out_that_is_acknowledged_before_the_message_counts() {
    for fence in ["leader", "quorum", "beat"] {
        let broker = Broker::start(BrokerConfig::default()).expect("a broker");
        let stage = Stage::new(&broker.bootstrap(), &format!("fence-{fence}"), PARTITIONS);
        let people: Vec<u32> = (0..20).collect();
        let agreed: Vec<_> = people
            .iter()
            .map(|person| grant("cafe", *person, &["offers"], now_ms() - 60_000))
            .collect();
        stage.consent(&agreed);
        let prepared = stage.prepared(&format!("fence = \"{fence}\""));
        let gate = start(prepared).expect("a gate");
        await_ready(&gate);
        for person in &people {
            if person % 2 == 0 {
                stage.consent(&[withdraw("cafe", *person)]);
            }
            stage.offers(&[*person], u64::from(*person));
        }
        stage.await_drained(Duration::from_secs(60));
        gate.join(Duration::from_secs(20)).expect("an orderly end");
        let ledger = stage.ledger();
        ledger.assert_clean();
        assert_eq!((ledger.allowed(), ledger.suppressed()), (10, 10), "{fence}");
        let receipts = Receipts::read(&stage.kafka, &stage.topics);
        assert!(receipts.all.iter().all(|(_, receipt)| receipt.fence.name() == fence), "{fence}");
    }
}

fn three_nodes() -> Broker {
    Broker::start(BrokerConfig { nodes: 3, ..BrokerConfig::default() }).expect("a broker")
}

fn topic(stage: &Stage, partitions: i32) -> ConsentTopic {
    let name = stage.topics.consent_events.clone();
    ConsentTopic { role: Topic::ConsentEvents, name, partitions }
}

/// The ends that are proven.
fn proven(ends: &mut impl EndsPort) -> Vec<i64> {
    let told = ends.ends().map(|told| told.answers).unwrap_or_default();
    told.into_iter().filter_map(|answer| Some(answer.end.ok()?.0)).collect()
}
