//! The receipts of a run: read, verified, laid side by side with the ledger.

use std::collections::{BTreeMap, BTreeSet};

use consentgate::consent::{Partition, Topic};
use consentgate::wire::receipt::{
    Opened, PartitionRange, Receipt, ReceiptHash, SigningKey, VerifyingKeys, open,
};
use secrecy::SecretSlice;

use super::ledger::Ledger;
use super::producers::Place;
use super::reading::{Isolation, read_all};
use super::topics::GateTopics;

/// All receipts, in the order of the topic's partitions.
#[derive(Debug)]
pub struct Receipts {
    pub all: Vec<(ReceiptHash, Receipt)>,
}

impl Receipts {
    /// Reads the committed receipts; all must be signed with the tests' key.
    pub fn read(kafka: &str, topics: &GateTopics) -> Receipts {
        let keys = pinned();
        let mut all = Vec::new();
        for record in read_all(kafka, &topics.receipts, Isolation::Committed) {
            let opened = open(record.value.as_deref().unwrap_or_default(), &keys);
            if let Opened::Receipt { receipt, hash } = opened.expect("a signed record of ours") {
                assert_eq!(receipt.source_topic, topics.outbound);
                assert_eq!(
                    receipt.lowest_partition().map(|partition| partition.0),
                    Some(record.partition)
                );
                all.push((hash, *receipt));
            }
        }
        Receipts { all }
    }

    /// The causes of all holds that the receipts tell of.
    pub fn hold_causes(&self) -> BTreeSet<&str> {
        let holds = self.all.iter().flat_map(|(_, receipt)| &receipt.holds);
        holds.map(|hold| hold.cause.as_str()).collect()
    }

    /// The lowest position of a consent topic on which any batch was decided, by partition.
    pub fn lowest_positions(&self, topic: Topic) -> BTreeMap<i32, i64> {
        let mut lowest = BTreeMap::new();
        let batches = self.all.iter().flat_map(|(_, receipt)| &receipt.batches);
        for (of, partition, next) in batches.flat_map(|batch| batch.positions.iter()) {
            if of == topic {
                let entry = lowest.entry(partition.0).or_insert(next.0);
                *entry = (*entry).min(next.0);
            }
        }
        lowest
    }

    /// Asserts that the receipts tile the input, that each links to the one before, and that they
    /// say what the ledger says.
    pub fn assert_tell(&self, ledger: &Ledger) {
        let mut said = BTreeMap::new();
        for (partition, pieces) in self.pieces() {
            let mut next = 0;
            for piece in in_chain(partition, pieces) {
                for range in &piece.ranges {
                    let here = format!("partition {partition}, range of {}..", range.first.0);
                    assert_eq!(range.first.0, next, "{here} leaves a gap or an overlap");
                    next = range.next.0;
                    said.extend(
                        range
                            .allowed_offsets()
                            .map(|offset| (Place { partition, offset: offset.0 }, ())),
                    );
                }
            }
            let ends = ledger.fates.keys().filter(|place| place.partition == partition);
            // Of a partition without a message a receipt may tell nothing but a hold.
            assert_eq!(
                ends.map(|place| place.offset + 1).max().unwrap_or(0),
                next,
                "{partition} ends"
            );
        }
        let allowed = ledger.fates.iter().filter(|(_, fate)| !fate.allowed_at.is_empty());
        let allowed: BTreeSet<_> = allowed.map(|(place, _)| *place).collect();
        assert_eq!(said.into_keys().collect::<BTreeSet<_>>(), allowed, "what receipts allow");
        let sum = |count: fn(&Receipt) -> u64| -> u64 {
            self.all.iter().map(|(_, receipt)| count(receipt)).sum()
        };
        assert_eq!(sum(|receipt| receipt.allowed), ledger.allowed() as u64);
        assert_eq!(sum(|receipt| receipt.suppressed), ledger.suppressed() as u64);
    }

    /// What each receipt covers of each input partition.
    fn pieces(&self) -> BTreeMap<i32, Vec<Piece<'_>>> {
        let mut pieces: BTreeMap<i32, Vec<Piece<'_>>> = BTreeMap::new();
        for (hash, receipt) in &self.all {
            assert_eq!(receipt.gaps, [], "nothing was skipped");
            for link in &receipt.previous {
                let ranges = receipt.batches.iter().flat_map(|batch| &batch.ranges);
                let ranges: Vec<_> = ranges.filter(|r| r.partition == link.partition).collect();
                // A receipt of a long hold covers nothing; it is a link all the same.
                let Partition(partition) = link.partition;
                let piece = Piece { hash: *hash, previous: link.hash, ranges };
                pieces.entry(partition).or_default().push(piece);
            }
        }
        pieces
    }
}

/// One receipt's part in one partition.
struct Piece<'r> {
    hash: ReceiptHash,
    previous: Option<ReceiptHash>,
    ranges: Vec<&'r PartitionRange>,
}

/// A partition's pieces as their links order them: each but the first links to one other, and no two to
/// the same.
fn in_chain(partition: i32, pieces: Vec<Piece<'_>>) -> Vec<Piece<'_>> {
    let all = pieces.len();
    let mut by_previous = BTreeMap::new();
    for piece in pieces {
        let twin = by_previous.insert(piece.previous, piece);
        assert!(twin.is_none(), "partition {partition}: two receipts link to the same one");
    }
    let mut chain: Vec<Piece<'_>> = Vec::with_capacity(all);
    while let Some(next) = by_previous.remove(&chain.last().map(|piece| piece.hash)) {
        chain.push(next);
    }
    assert_eq!(chain.len(), all, "partition {partition}: receipts that link to none of it");
    chain
}

/// The keys that a stranger would pin who trusts the tests' gate.
fn pinned() -> VerifyingKeys {
    let seed = hex::decode("0a1b".repeat(16)).expect("digits");
    let key = SigningKey::from_seed(&SecretSlice::from(seed)).expect("32 bytes");
    let mut keys = VerifyingKeys::default();
    keys.pin(&key);
    keys
}
