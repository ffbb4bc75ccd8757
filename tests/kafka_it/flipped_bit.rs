//! One bit of a consent record turns over on the broker's disk, and an opt-out becomes another person's.
//!
//! Kafka's checksum tells: the gate reads no further, and nothing leaves. The control is the same bit
//! with a checksum that fits it, which is what a reader sees who checks none: the opt-out slips.

use std::fs;
use std::path::PathBuf;
use std::thread;
use std::time::Duration;

use libtest_mimic::Trial;

use crate::support::kafka::{Cluster, ClusterSpec};
use crate::support::raw::checksum_at;
use crate::support::stage::Stage;
use crate::support::world::{grant, now_ms, phone, withdraw};
use crate::trial::on_own;

const PEOPLE: u32 = 10;
/// Whose opt-out it is; the next person down gets it. Their numbers differ in one bit.
const LEAVES: u32 = 3;
/// Longer than a gate needs to read its consent and decide.
const A_WHILE: Duration = Duration::from_secs(8);

pub fn trials() -> Vec<Trial> {
    vec![
        on_own("a_flipped_bit_of_consent_lets_nothing_leave", ClusterSpec::PLAIN, |cluster| {
            let stage = stage_with_a_flipped_bit(cluster, Checksum::Kept);
            let gate = stage.gate();
            thread::sleep(A_WHILE);
            let causes = gate.health.causes();
            assert_eq!(stage.ledger().decided(), 0, "holding for {causes:?}");
            assert!(!causes.is_empty(), "it says why it holds");
            gate.join(Duration::from_secs(20)).ok();
        }),
        on_own("a_flipped_bit_slips_where_no_checksum_tells", ClusterSpec::PLAIN, |cluster| {
            let stage = stage_with_a_flipped_bit(cluster, Checksum::MadeToFit);
            let gate = stage.gate();
            stage.await_drained(Duration::from_secs(60));
            gate.join(Duration::from_secs(20)).expect("an orderly end");
            let ledger = stage.ledger();
            let slipped = ledger.fates.keys().filter(|place| place.offset == i64::from(LEAVES));
            let slipped = slipped.filter(|place| ledger.is_allowed(**place)).count();
            assert_eq!(slipped, 1, "the opt-out would have to slip, or the flip proves nothing");
        }),
    ]
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Checksum {
    Kept,
    MadeToFit,
}

/// Everybody agreed, one has left; one bit of that record is turned over. The message of each person has
/// the person's number as its offset.
fn stage_with_a_flipped_bit(cluster: &Cluster, checksum: Checksum) -> Stage {
    let stage = Stage::new(&cluster.bootstrap(), "flipped", 1);
    let past = now_ms() - 60_000;
    let agreed: Vec<_> = (0..PEOPLE).map(|one| grant("cafe", one, &["offers"], past)).collect();
    stage.consent(&agreed);
    stage.consent(&[withdraw("cafe", LEAVES)]);
    let people: Vec<u32> = (0..PEOPLE).collect();
    stage.offers(&people, 0);
    let segment = segment_of(cluster, &stage.topics.consent_events);
    let mut log = fs::read(&segment).expect("the consent log");
    flip(&mut log, checksum);
    fs::write(&segment, log).expect("the consent log");
    stage
}

fn segment_of(cluster: &Cluster, topic: &str) -> PathBuf {
    let partition = cluster.node(1).folder().join("data").join(format!("{topic}-0"));
    partition.join("00000000000000000000.log")
}

/// Turns the last bit of the person's number over, wherever the last batch has it.
fn flip(log: &mut [u8], checksum: Checksum) {
    let start = last_batch(log);
    let batch = &mut log[start..];
    let number = phone(LEAVES);
    let places: Vec<usize> = batch
        .windows(number.len())
        .enumerate()
        .filter(|(_, window)| *window == number.as_bytes())
        .map(|(at, _)| at + number.len() - 1)
        .collect();
    assert!(!places.is_empty(), "the opt-out has a batch of its own");
    places.into_iter().for_each(|at| batch[at] ^= 1);
    if checksum == Checksum::MadeToFit {
        checksum_at(batch);
    }
}

/// Where the last batch of a log begins: each names its length behind its base offset.
fn last_batch(log: &[u8]) -> usize {
    let mut at = 0;
    loop {
        let length = log[at + 8..at + 12].try_into().expect("four bytes");
        let next = at + 12 + u32::from_be_bytes(length) as usize;
        if next >= log.len() {
            return at;
        }
        at = next;
    }
}
