//! Receipts as they are read: opened, and kept in a form that holds much of the input.
//!
//! Only what a pinned key has signed is believed. What belongs to another input topic is left alone.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use roaring::RoaringTreemap;

use super::difference::{Law, Spot};
use super::report::{DeclaredGap, Report, Unchecked};
use crate::consent::{Offset, Partition, Positions};
use crate::policy::Policy;
use crate::wire::WireError;
use crate::wire::receipt::{
    Mode, Opened, PolicyHash, Receipt, ReceiptHash, ReceiptId, VerifyingKeys, open,
};

/// What a verifier believes beforehand.
#[derive(Clone, Debug)]
pub(super) struct Beliefs {
    /// Keys that receipts may be signed with.
    pub(super) keys: VerifyingKeys,
    /// The cluster that was asked.
    pub(super) cluster_id: String,
    /// The input topic.
    pub(super) source_topic: String,
    /// The receipts topic.
    pub(super) receipts_topic: String,
    /// Whether they are a gate's or a shadow's.
    pub(super) mode: Mode,
}

/// One receipt, without its batches.
#[derive(Clone, Debug)]
pub(super) struct ReceiptInfo {
    /// Where it lies in the receipts topic.
    pub(super) at: (Partition, Offset),
    pub(super) hash: ReceiptHash,
    pub(super) id: ReceiptId,
    pub(super) rules_version: u32,
}

/// One batch, without its ranges.
#[derive(Clone, Debug)]
pub(super) struct Batch {
    /// Which receipt it is of.
    pub(super) receipt: usize,
    pub(super) now_ms: i64,
    /// Neighbouring batches mostly share them.
    pub(super) positions: Arc<Positions>,
    pub(super) policy: PolicyHash,
}

/// What a receipt says about a part of one input partition.
#[derive(Clone, Debug)]
pub(super) struct Tile {
    pub(super) first: Offset,
    pub(super) next: Offset,
    pub(super) content: TileContent,
}

/// Whether the part was decided.
#[derive(Clone, Debug)]
pub(super) enum TileContent {
    /// By this batch.
    Decided { batch: usize, allowed: RoaringTreemap, received: u32 },
    /// Left out, openly.
    Gap,
}

/// One receipt's part in the chain of one input partition.
#[derive(Clone, Debug)]
pub(super) struct Link {
    pub(super) receipt: usize,
    pub(super) previous: Option<ReceiptHash>,
    /// In order; none in a receipt that only tells of a hold.
    pub(super) tiles: Vec<Tile>,
}

/// All receipts.
#[derive(Debug, Default)]
pub(super) struct Receipts {
    pub(super) infos: Vec<ReceiptInfo>,
    pub(super) batches: Vec<Batch>,
    pub(super) links: BTreeMap<Partition, Vec<Link>>,
    pub(super) by_hash: HashMap<ReceiptHash, usize>,
    pub(super) policies: HashMap<PolicyHash, Arc<Policy>>,
    last_positions: Arc<Positions>,
}

impl Receipts {
    /// Takes in one record of the receipts topic.
    pub(super) fn take(
        &mut self,
        at: (Partition, Offset),
        value: Option<&[u8]>,
        beliefs: &Beliefs,
        report: &mut Report,
    ) {
        let spot = || Spot::new(&beliefs.receipts_topic, at.0, at.1);
        match open(value.unwrap_or_default(), &beliefs.keys) {
            Ok(Opened::Policy { policy, hash }) => {
                report.counts.policies += u64::from(!self.policies.contains_key(&hash));
                self.policies.insert(hash, Arc::new(policy));
            }
            Ok(Opened::Receipt { receipt, hash }) => {
                if receipt.source_topic == beliefs.source_topic {
                    self.take_receipt(at, *receipt, hash, beliefs, report);
                }
            }
            Err(error) if is_foreign(&error) => {
                report.differ(
                    Law::Signature,
                    spot(),
                    "a record signed by a pinned key",
                    error.to_string(),
                );
            }
            // A pinned key has signed it, so it says something; but not to this version.
            Err(_) => report.leave(Unchecked::ReceiptUnreadable, 1),
        }
    }

    fn take_receipt(
        &mut self,
        at: (Partition, Offset),
        receipt: Receipt,
        hash: ReceiptHash,
        beliefs: &Beliefs,
        report: &mut Report,
    ) {
        let spot = || Spot::new(&beliefs.receipts_topic, at.0, at.1);
        if let Some(info) = self.by_hash.get(&hash).and_then(|index| self.infos.get(*index)) {
            let first = Spot::new(&beliefs.receipts_topic, info.at.0, info.at.1);
            let found = format!("the receipt of {first} again");
            return report.differ(Law::ReceiptTwice, spot(), "each receipt once", found);
        }
        if receipt.lowest_partition() != Some(at.0) {
            let expected = "a receipt whose lowest input partition is this one";
            report.differ(Law::ReceiptPlace, spot(), expected, "another");
        }
        if receipt.cluster_id != beliefs.cluster_id {
            let expected = format!("cluster {}", beliefs.cluster_id);
            report.differ(Law::Cluster, spot(), expected, format!("{:?}", receipt.cluster_id));
        }
        if receipt.mode != beliefs.mode {
            let expected = format!("a receipt of mode {}", beliefs.mode.name());
            report.differ(Law::ReceiptMode, spot(), expected, receipt.mode.name());
        }
        let index = self.infos.len();
        report.counts.receipts += 1;
        report.counts.batches += receipt.batches.len() as u64;
        report.counts.holds += receipt.holds.len() as u64;
        self.by_hash.insert(hash, index);
        self.infos.push(ReceiptInfo {
            at,
            hash,
            id: receipt.id,
            rules_version: receipt.rules_version,
        });
        self.add_links(index, receipt, beliefs, report);
    }

    fn add_links(
        &mut self,
        index: usize,
        receipt: Receipt,
        beliefs: &Beliefs,
        report: &mut Report,
    ) {
        let mut tiles: BTreeMap<Partition, Vec<Tile>> = BTreeMap::new();
        for gap in receipt.gaps {
            let at = Spot::new(&beliefs.source_topic, gap.partition, gap.first);
            report.gaps.push(DeclaredGap { at, next: gap.next.0, reason: gap.reason });
            let (first, next, content) = (gap.first, gap.next, TileContent::Gap);
            tiles.entry(gap.partition).or_default().push(Tile { first, next, content });
        }
        for batch in receipt.batches {
            let number = self.batches.len();
            if *self.last_positions != batch.positions {
                self.last_positions = Arc::new(batch.positions);
            }
            self.batches.push(Batch {
                receipt: index,
                now_ms: batch.now_ms,
                positions: self.last_positions.clone(),
                policy: batch.policy.unwrap_or(receipt.policy),
            });
            for range in batch.ranges {
                let (allowed, received) = (range.allowed, range.received);
                let content = TileContent::Decided { batch: number, allowed, received };
                let (first, next) = (range.first, range.next);
                tiles.entry(range.partition).or_default().push(Tile { first, next, content });
            }
        }
        for link in receipt.previous {
            let mut tiles = tiles.remove(&link.partition).unwrap_or_default();
            tiles.sort_by_key(|tile| (tile.first, tile.next));
            let link = (link.partition, Link { receipt: index, previous: link.hash, tiles });
            self.links.entry(link.0).or_default().push(link.1);
        }
    }

    /// Up to where receipts cover each input partition.
    pub(super) fn ends(&self) -> BTreeMap<Partition, Offset> {
        let end_of = |links: &Vec<Link>| {
            links.iter().flat_map(|link| &link.tiles).map(|tile| tile.next).max()
        };
        let ends = self.links.iter();
        ends.filter_map(|(partition, links)| Some((*partition, end_of(links)?))).collect()
    }
}

/// Whether the record was not signed by a pinned key, as opposed to signed and not understood.
fn is_foreign(error: &WireError) -> bool {
    matches!(
        error,
        WireError::UnknownKey { .. }
            | WireError::BadSignature
            | WireError::NotProtobuf { what: "signed record" }
            | WireError::Field { field: "body", .. }
    )
}
