//! Records of an aborted transaction that are in the log although nobody was told so.
//!
//! librdkafka gives their sequence numbers to the records of the next transaction, and a broker takes
//! those for repetitions: it says yes and writes nothing. So such a producer is never used again.

use consentgate::broker::{ApiKey, Broker, BrokerConfig, Fault, ResponseError};
use consentgate::consent::{Offset, Partition};
use consentgate::kafka::{LaneClients, TaintDefence};
use consentgate::stream::FaultKind;
use consentgate::stream::ports::{CommitOffset, LanePort};

use crate::support::lane::{await_assigned, lane};
use crate::support::reading::{Isolation, read_all};
use crate::support::stage::Stage;

#[test]
fn a_record_behind_an_aborted_one_is_written() {
    assert_eq!(written_behind_an_aborted_record(TaintDefence::Replace), [b"second"]);
}

#[test]
fn without_the_defence_a_record_behind_an_aborted_one_is_lost() {
    assert!(written_behind_an_aborted_record(TaintDefence::Ignore).is_empty());
}

/// What is committed of two records, of which the first was written, its answer lost, and its transaction
/// aborted before it could be asked for again.
fn written_behind_an_aborted_record(defence: TaintDefence) -> Vec<Vec<u8>> {
    let broker = Broker::start(BrokerConfig::default()).expect("a broker");
    let stage = Stage::new(&broker.bootstrap(), "aborted", 1);
    let clients = stage.clients("");
    let lane = lane(&clients, &stage, defence);
    await_assigned(&lane);
    lane.assign(&[(Partition(0), Offset(0))]).expect("assigned");
    broker.faults().next(ApiKey::Produce, 1, Fault::LoseAnswer);
    let away = Fault::Error(ResponseError::NotLeaderOrFollower);
    broker.faults().next(ApiKey::Produce, u32::MAX, away);
    let fault = write(&lane, b"first").expect_err("nobody says that it is written");
    assert_eq!(fault.kind, FaultKind::Abortable, "{fault}");
    lane.abort().expect("aborted");
    broker.faults().clear();
    write(&lane, b"second").expect("committed");
    let all = read_all(&stage.kafka, &stage.topics.receipts, Isolation::Committed);
    all.into_iter().filter_map(|record| record.value).collect()
}

/// A transaction with this receipt and an offset.
fn write(lane: &LaneClients, receipt: &[u8]) -> Result<(), consentgate::stream::Fault> {
    lane.begin()?;
    lane.receipt(Partition(0), receipt)?;
    let (partition, next, metadata) = (Partition(0), Offset(0), String::new());
    lane.commit(&[CommitOffset { partition, next, metadata }])
}
