//! The receipts that tell of the messages that were found, whoever signed them, and what their
//! signatures are worth.
//!
//! A receipt whose signature is wrong tells nothing. One of a key that is not known here is shown as
//! what it is, and what it says is a claim.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::book::{Found, Input, Row, Wanted};
use crate::commands::subject::At;
use crate::consent::{Offset, Partition, Positions};
use crate::policy::Policy;
use crate::wire::receipt::{
    BatchReceipt, Claim, ColumnHash, Inspected, Mode, PolicyHash, Receipt, ReceiptHash, ReceiptId,
    SignatureState,
};

/// What a receipt says of one message.
#[derive(Clone, Debug)]
pub(super) struct Told {
    pub(super) at: At,
    pub(super) id: ReceiptId,
    pub(super) hash: ReceiptHash,
    pub(super) signature: SignatureState,
    pub(super) key_id: String,
    pub(super) gate_version: String,
    pub(super) rules_version: u32,
    pub(super) cluster_id: String,
    pub(super) instance: String,
    pub(super) lane: u32,
    pub(super) fence: &'static str,
    pub(super) mode: Mode,
    pub(super) said: Said,
}

/// What became of the message.
#[derive(Clone, Debug)]
pub(super) enum Said {
    Allowed(Batch),
    Suppressed(Batch),
    /// Left out, openly, and why.
    Skipped(String),
}

/// What a batch was decided on.
#[derive(Clone, Debug)]
pub(super) struct Batch {
    pub(super) positions: Positions,
    pub(super) now_ms: i64,
    pub(super) policy: PolicyHash,
}

/// All that the receipts topic says of what was found.
#[derive(Debug, Default)]
pub(super) struct Receipts {
    pub(super) told: BTreeMap<Input, Told>,
    pub(super) policies: HashMap<PolicyHash, Arc<Policy>>,
    /// Rows that may be answers, until the receipt comes that names their part.
    waiting: HashMap<ColumnHash, Vec<Row>>,
    /// Records that no key has signed that is known here, or that are unreadable.
    pub(super) unbelieved: u64,
    /// Parts that list what is asked about, and that no receipt names.
    pub(super) orphans: u64,
}

impl Receipts {
    /// Takes in one record of the receipts topic, about this input topic.
    pub(super) fn take(
        &mut self,
        at: At,
        inspected: Inspected,
        source_topic: &str,
        wanted: &Wanted,
        found: &mut BTreeMap<Input, Found>,
    ) {
        let Inspected { key_id, signature, claim } = inspected;
        if signature != SignatureState::Valid {
            self.unbelieved += 1;
        }
        if signature == SignatureState::Invalid {
            return;
        }
        match claim {
            Ok(Claim::Policy { policy, hash }) => {
                self.policies.insert(hash, Arc::new(policy));
            }
            Ok(Claim::Allowed { column, hash }) => {
                let (receipt, key_id) = (column.receipt, column.pseudonym_key_id);
                let wanted = column.rows.into_iter().filter(|row| wanted.has_row(row, &key_id));
                let row = |row| Row { row, key_id: key_id.clone(), receipt };
                let rows: Vec<_> = wanted.map(row).collect();
                if !rows.is_empty() {
                    self.waiting.insert(hash, rows);
                }
            }
            Ok(Claim::Receipt { receipt, hash }) if receipt.source_topic == source_topic => {
                self.list(&receipt, wanted, found);
                let seen = (at, hash, signature, key_id);
                self.tell(&receipt, seen, found);
            }
            Ok(Claim::Receipt { .. }) => {}
            Err(_) => self.unbelieved += u64::from(signature == SignatureState::Valid),
        }
    }

    /// Says how many parts no receipt has named.
    pub(super) fn end(&mut self) {
        self.orphans = self.waiting.len() as u64;
    }

    /// Takes the rows of the parts that a receipt names.
    fn list(&mut self, receipt: &Receipt, wanted: &Wanted, found: &mut BTreeMap<Input, Found>) {
        for part in &receipt.allowed_parts {
            for row in self.waiting.remove(&part.hash).unwrap_or_default() {
                let input = (row.row.partition, row.row.offset);
                let decided = batch_of(receipt, input).map(|(batch, _)| batch.now_ms);
                let is_outside =
                    wanted.person.as_ref().is_some_and(|(_, range)| !range.has(decided));
                if row.receipt == receipt.id && (found.contains_key(&input) || !is_outside) {
                    found.entry(input).or_default().row = Some(row);
                }
            }
        }
    }

    fn tell(
        &mut self,
        receipt: &Receipt,
        (at, hash, signature, key_id): (At, ReceiptHash, SignatureState, String),
        found: &BTreeMap<Input, Found>,
    ) {
        for input in found.keys() {
            let Some(said) = said_of(receipt, *input) else {
                continue;
            };
            // The first one that a known key has signed counts, else the first.
            let is_better = |known: &Told| {
                known.signature != SignatureState::Valid && signature == SignatureState::Valid
            };
            if self.told.get(input).is_some_and(|known| !is_better(known)) {
                continue;
            }
            let told = Told {
                at: at.clone(),
                id: receipt.id,
                hash,
                signature,
                key_id: key_id.clone(),
                gate_version: receipt.gate_version.clone(),
                rules_version: receipt.rules_version,
                cluster_id: receipt.cluster_id.clone(),
                instance: receipt.instance.clone(),
                lane: receipt.lane,
                fence: receipt.fence.name(),
                mode: receipt.mode,
                said,
            };
            self.told.insert(*input, told);
        }
    }
}

fn said_of(receipt: &Receipt, input: Input) -> Option<Said> {
    let (partition, offset) = input;
    if let Some((batch, is_allowed)) = batch_of(receipt, input) {
        let batch = Batch {
            positions: batch.positions.clone(),
            now_ms: batch.now_ms,
            policy: batch.policy.unwrap_or(receipt.policy),
        };
        return Some(if is_allowed { Said::Allowed(batch) } else { Said::Suppressed(batch) });
    }
    let covers = |first: Offset, next: Offset| first <= offset && offset < next;
    let mut gaps = receipt.gaps.iter();
    let gap = gaps.find(|gap| gap.partition == partition && covers(gap.first, gap.next));
    gap.map(|gap| Said::Skipped(gap.reason.clone()))
}

fn batch_of(
    receipt: &Receipt,
    (partition, offset): (Partition, Offset),
) -> Option<(&BatchReceipt, bool)> {
    receipt.batches.iter().find_map(|batch| {
        let mut ranges = batch.ranges.iter();
        let range = ranges.find(|range| {
            range.partition == partition && range.first <= offset && offset < range.next
        })?;
        Some((batch, range.is_allowed(offset)))
    })
}
