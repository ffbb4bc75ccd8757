//! Receipts as they are read: opened, and kept in a form that holds much of the input.
//!
//! Only what a pinned key has signed is believed. What belongs to another input topic is left alone.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use roaring::RoaringTreemap;

use super::difference::{Law, Spot};
use super::report::{DeclaredGap, Report, Unchecked};
use crate::consent::{Offset, Partition, Positions};
use crate::policy::Policy;
use crate::wire::WireError;
use crate::wire::receipt::{
    DecisionHeader, Mode, Opened, PolicyHash, Receipt, ReceiptHash, ReceiptId, VerifyingKeys, open,
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
    /// What was appended to each allowed record, if anything.
    pub(super) decision_header: Option<DecisionHeader>,
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

/// A receipt that was opened and is not looked at yet.
#[derive(Debug)]
pub(super) struct Waiting {
    at: (Partition, Offset),
    receipt: Box<Receipt>,
    hash: ReceiptHash,
}

impl Waiting {
    /// The input partitions that it says something about.
    fn partitions(&self) -> impl Iterator<Item = Partition> {
        self.receipt.previous.iter().map(|previous| previous.partition)
    }
}

/// All receipts.
#[derive(Debug, Default)]
pub(super) struct Receipts {
    pub(super) infos: Vec<ReceiptInfo>,
    pub(super) batches: Vec<Batch>,
    pub(super) links: BTreeMap<Partition, Vec<Link>>,
    pub(super) by_hash: HashMap<ReceiptHash, usize>,
    pub(super) policies: HashMap<PolicyHash, Arc<Policy>>,
    /// Those that came while the outputs were read, in the order in which they were read.
    waiting: Vec<Waiting>,
    last_positions: Arc<Positions>,
}

impl Receipts {
    /// The value of the header that this batch's receipt says was appended to what it allows.
    pub(super) fn appended(&self, batch: usize) -> Option<String> {
        let batch = self.batches.get(batch)?;
        let receipt = self.infos.get(batch.receipt)?;
        receipt.decision_header.map(|header| header.value(receipt.id, batch.now_ms))
    }

    /// Takes in one record of the receipts topic.
    pub(super) fn take(
        &mut self,
        at: (Partition, Offset),
        value: Option<&[u8]>,
        beliefs: &Beliefs,
        report: &mut Report,
    ) {
        if let Some(waiting) = self.open(at, value, beliefs, report) {
            self.look_at(waiting, beliefs, report);
        }
    }

    /// Takes in one record of the receipts topic, and looks at a receipt later.
    pub(super) fn take_later(
        &mut self,
        at: (Partition, Offset),
        value: Option<&[u8]>,
        beliefs: &Beliefs,
        report: &mut Report,
    ) {
        let waiting = self.open(at, value, beliefs, report);
        self.waiting.extend(waiting);
    }

    /// Looks at those that came meanwhile and that a receipt follows that was there before: where a
    /// topic ends is asked for one partition after the other.
    pub(super) fn look_at_followed(&mut self, beliefs: &Beliefs, report: &mut Report) {
        while !self.waiting.is_empty() {
            let links = self.links.values().flatten();
            let named: HashSet<ReceiptHash> = links.filter_map(|link| link.previous).collect();
            let (followed, rest): (Vec<_>, Vec<_>) = std::mem::take(&mut self.waiting)
                .into_iter()
                .partition(|waiting| named.contains(&waiting.hash));
            self.waiting = rest;
            if followed.is_empty() {
                return;
            }
            for waiting in followed {
                self.look_at(waiting, beliefs, report);
            }
        }
    }

    /// Looks at all that came meanwhile.
    pub(super) fn look_at_waiting(&mut self, beliefs: &Beliefs, report: &mut Report) {
        for waiting in std::mem::take(&mut self.waiting) {
            self.look_at(waiting, beliefs, report);
        }
    }

    /// The input partitions that receipts wait for.
    pub(super) fn unsettled(&self) -> BTreeSet<Partition> {
        self.waiting.iter().flat_map(Waiting::partitions).collect()
    }

    /// Forgets all receipts but those that wait. Policies stay.
    pub(super) fn forget(&mut self) {
        self.infos.clear();
        self.by_hash.clear();
        self.batches.clear();
        self.links.clear();
    }

    fn open(
        &mut self,
        at: (Partition, Offset),
        value: Option<&[u8]>,
        beliefs: &Beliefs,
        report: &mut Report,
    ) -> Option<Waiting> {
        match open(value.unwrap_or_default(), &beliefs.keys) {
            Ok(Opened::Policy { policy, hash }) => {
                report.counts.policies += u64::from(!self.policies.contains_key(&hash));
                self.policies.insert(hash, Arc::new(policy));
            }
            Ok(Opened::Receipt { receipt, hash }) => {
                let is_ours = receipt.source_topic == beliefs.source_topic;
                return is_ours.then_some(Waiting { at, receipt, hash });
            }
            // It proves nothing by itself: its receipt names it.
            Ok(Opened::Allowed { .. }) => {}
            Err(error) if is_foreign(&error) => {
                let spot = Spot::new(&beliefs.receipts_topic, at.0, at.1);
                let expected = "a record signed by a pinned key";
                report.differ(Law::Signature, spot, expected, error.to_string());
            }
            // A pinned key has signed it, so it says something; but not to this version.
            Err(_) => report.leave(Unchecked::ReceiptUnreadable, 1),
        }
        None
    }

    fn look_at(&mut self, waiting: Waiting, beliefs: &Beliefs, report: &mut Report) {
        let Waiting { at, receipt, hash } = waiting;
        self.take_receipt(at, *receipt, hash, beliefs, report);
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
            decision_header: receipt.decision_header,
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
