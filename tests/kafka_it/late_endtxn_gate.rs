//! The whole gate against KAFKA-17754: an EndTxn of its producer is held on its way until the next
//! transaction is open. With the defence nothing is lost and nothing aborted is seen; without it both
//! happen, or these trials would prove nothing.

use std::thread;
use std::time::Duration;

use libtest_mimic::Trial;

use crate::bad_input::{digits, write_oversize};
use crate::harness::PROXIED;
use crate::late_endtxn::end_txn_error;
use crate::support::gate::{await_ready, await_that, gate_toml, start};
use crate::support::kafka::Cluster;
use crate::support::kafka_proxy::Proxy;
use crate::support::raw::Api;
use crate::support::receipts::Receipts;
use crate::support::stage::Stage;
use crate::support::world::{grant, now_ms};
use crate::trial::on_own;

const TIMEOUT: Duration = Duration::from_secs(30);
/// Messages in a burst; each burst falls into one transaction.
const BURST: u32 = 50;
const INVALID_PRODUCER_EPOCH: i16 = 47;

pub fn trials() -> Vec<Trial> {
    vec![
        on_own("late_endtxn_of_the_gate_is_harmless_with_the_defence", PROXIED, |cluster| {
            for end in [End::Commit, End::Abort] {
                let outcome = late_end(cluster, end, Defence::On);
                assert_eq!(outcome.late_error, INVALID_PRODUCER_EPOCH, "{end:?}");
                assert_eq!((outcome.doubled, outcome.lost), (0, 0), "{end:?}");
            }
        }),
        on_own("late_endtxn_of_the_gate_does_harm_without_the_defence", PROXIED, |cluster| {
            let commit = late_end(cluster, End::Commit, Defence::Off);
            assert_eq!(commit.late_error, 0, "the broker obeys the late commit");
            assert!(commit.doubled > 0, "records of an aborted transaction are seen");
            let abort = late_end(cluster, End::Abort, Defence::Off);
            assert_eq!(abort.late_error, 0, "the broker obeys the late abort");
            assert!(abort.lost > 0, "records are lost and their offsets committed");
            println!("without the defence: {} doubled, {} lost", commit.doubled, abort.lost);
        }),
    ]
}

/// Which end comes late.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Commit,
    Abort,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Defence {
    On,
    Off,
}

struct Outcome {
    late_error: i16,
    doubled: usize,
    lost: usize,
}

fn late_end(cluster: &Cluster, end: End, defence: Defence) -> Outcome {
    let proxy = cluster.node(1).proxy();
    let stage = Stage::new(&cluster.bootstrap(), "late", 1);
    stage.consent(&[grant("cafe", 1, &["offers"], now_ms() - 60_000)]);
    // The gate goes through the proxy, all others go past it. Transactions stay open for long.
    let toml = gate_toml(&cluster.proxied_bootstrap(), &stage.topics, "commit_interval = \"2s\"");
    let prepared = stage.prepare(&toml);
    let gate = start(match defence {
        Defence::On => prepared,
        Defence::Off => prepared.without_taint_defence(),
    });
    let gate = gate.expect("the gate starts");
    await_ready(&gate);
    burst(&stage, 0);
    stage.await_drained(TIMEOUT);

    let late_error = match end {
        End::Commit => late_commit(&stage, &proxy),
        End::Abort => late_abort(&stage, &proxy),
    };
    stage.await_drained(Duration::from_secs(60));
    gate.join(Duration::from_secs(20)).expect("an orderly end");
    let ledger = stage.ledger();
    if defence == Defence::On {
        ledger.assert_clean();
        Receipts::read(&stage.kafka, &stage.topics).assert_tell(&ledger);
    }
    Outcome { late_error, doubled: ledger.doubled().len(), lost: ledger.lost().len() }
}

/// The commit of one transaction arrives amidst the next, which then meets an error and is aborted:
/// what the late commit made visible comes twice.
fn late_commit(stage: &Stage, proxy: &Proxy) -> i16 {
    let held = proxy.hold_next(Api::END_TXN);
    burst(stage, 1);
    held.wait(TIMEOUT);
    held.drop_client();
    let before = proxy.requests(Api::ADD_PARTITIONS_TO_TXN);
    burst(stage, 2);
    await_open_transaction(proxy, before);
    held.release();
    let error = end_txn_error(&held.answer(TIMEOUT));
    burst(stage, 3);
    error
}

/// A transaction is aborted for a record in it that is too large; the abort arrives after the others
/// were sent anew, and before the offsets and the receipt are, which then open a transaction of their
/// own.
fn late_abort(stage: &Stage, proxy: &Proxy) -> i16 {
    digits(); // made in time: the transaction is not open for long
    let held = proxy.hold_next(Api::END_TXN);
    let before = proxy.requests(Api::ADD_PARTITIONS_TO_TXN);
    burst(stage, 1);
    await_open_transaction(proxy, before);
    write_oversize(stage);
    held.wait(TIMEOUT);
    let before = proxy.requests(Api::ADD_PARTITIONS_TO_TXN);
    held.drop_client();
    await_open_transaction(proxy, before);
    held.release();
    end_txn_error(&held.answer(TIMEOUT))
}

/// Waits until the gate's next transaction has records in it.
fn await_open_transaction(proxy: &Proxy, before: u64) {
    await_that("the next transaction is open", || {
        proxy.requests(Api::ADD_PARTITIONS_TO_TXN) > before
    });
    thread::sleep(Duration::from_millis(500));
}

fn burst(stage: &Stage, nth: u32) {
    let people = vec![1; BURST as usize];
    stage.offers(&people, u64::from(nth * BURST));
}
