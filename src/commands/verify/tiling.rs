//! The chain of one input partition: every receipt follows the one before, and together they cover
//! the input without hole and overlap.
//!
//! Knows no record of the input. What comes of it is the list of tiles in order of offsets.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::difference::{Law, Spot};
use super::receipts::{Link, Receipts, Tile, TileContent};
use super::report::{Report, Unchecked};
use crate::consent::{Offset, Partition, Positions};
use crate::wire::receipt::ReceiptHash;

/// What is known about the topics around one chain.
#[derive(Clone, Copy, Debug)]
pub(super) struct Surroundings<'a> {
    pub(super) source_topic: &'a str,
    pub(super) receipts_topic: &'a str,
    pub(super) partition: Partition,
    /// The first input record that is still kept.
    pub(super) input_begin: Offset,
    /// Whether the receipts topic has lost records.
    pub(super) receipts_trimmed: bool,
    /// Where the chain was left, if it was walked before.
    pub(super) before: Option<&'a ChainEnd>,
}

/// Where a chain was left.
#[derive(Clone, Debug)]
pub(super) struct ChainEnd {
    /// Its last receipt.
    hash: ReceiptHash,
    /// Up to where it covers the input.
    pub(super) next: Offset,
    pub(super) positions: Option<Arc<Positions>>,
    /// The instant of its last decision, in milliseconds since 1970.
    pub(super) now_ms: Option<i64>,
}

/// Checks one chain and puts its tiles in order. The links are used up.
pub(super) fn walk(
    links: Vec<Link>,
    receipts: &Receipts,
    around: Surroundings<'_>,
    report: &mut Report,
) -> (Vec<Tile>, Option<ChainEnd>) {
    let end = around.before.map(|before| before.next);
    let positions = around.before.and_then(|before| before.positions.clone());
    let now_ms = around.before.and_then(|before| before.now_ms);
    let mut walk = Walk { receipts, around, report, end, positions, now_ms };
    let segments = walk.segments(links);
    let last = segments.last().and_then(|segment| walk.hash_of(segment.last()?));
    let mut tiles = Vec::new();
    for segment in segments {
        walk.check_order(&segment);
        for tile in segment.into_iter().flat_map(|link| link.tiles) {
            walk.check_tile(&tile);
            tiles.push(tile);
        }
    }
    tiles.sort_by_key(|tile| (tile.first, tile.next));
    let chain = last.map(|hash| ChainEnd {
        hash,
        next: walk.end.unwrap_or_default(),
        positions: walk.positions.clone(),
        now_ms: walk.now_ms,
    });
    (tiles, chain.or_else(|| around.before.cloned()))
}

struct Walk<'w> {
    receipts: &'w Receipts,
    around: Surroundings<'w>,
    report: &'w mut Report,
    /// Up to where the tiles seen so far reach.
    end: Option<Offset>,
    positions: Option<Arc<Positions>>,
    now_ms: Option<i64>,
}

impl Walk<'_> {
    fn place_of(&self, receipt: usize) -> (Partition, Offset) {
        self.receipts.infos.get(receipt).map(|info| info.at).unwrap_or_default()
    }

    fn spot_of(&self, receipt: usize) -> Spot {
        let (partition, offset) = self.place_of(receipt);
        Spot::new(self.around.receipts_topic, partition, offset)
    }

    fn spot_at(&self, offset: Offset) -> Spot {
        Spot::new(self.around.source_topic, self.around.partition, offset)
    }

    fn hash_of(&self, link: &Link) -> Option<ReceiptHash> {
        self.receipts.infos.get(link.receipt).map(|info| info.hash)
    }

    /// The links in order, in one piece if the chain is whole; by where their first tile lies.
    fn segments(&mut self, links: Vec<Link>) -> Vec<Vec<Link>> {
        let ours: HashMap<ReceiptHash, usize> =
            links.iter().filter_map(|link| Some((self.hash_of(link)?, link.receipt))).collect();
        let (mut heads, mut followers) = (Vec::new(), BTreeMap::new());
        for link in links {
            let before = link.previous.and_then(|hash| ours.get(&hash).copied());
            match before {
                None => heads.push(link),
                Some(before) => followers.entry(before).or_insert_with(Vec::new).push(link),
            }
        }
        let mut segments: Vec<Vec<Link>> = Vec::new();
        for head in heads {
            let mut segment = vec![head];
            while let Some(last) = segment.last().map(|link| link.receipt) {
                let mut next = followers.remove(&last).unwrap_or_default().into_iter();
                let Some(link) = next.next() else { break };
                for fork in next {
                    self.report.differ(
                        Law::ChainFork,
                        self.spot_of(fork.receipt),
                        "one receipt after each",
                        format!("a second one after that of {}", self.spot_of(last)),
                    );
                    segments.push(vec![fork]);
                }
                segment.push(link);
            }
            segments.push(segment);
        }
        segments.sort_by_key(|segment| {
            let first = segment.iter().flat_map(|link| &link.tiles).map(|tile| tile.first).next();
            (first, segment.first().map(|link| self.place_of(link.receipt)))
        });
        self.check_heads(&segments, &ours);
        segments
    }

    /// Only the first piece may begin without a receipt before it.
    fn check_heads(&mut self, segments: &[Vec<Link>], ours: &HashMap<ReceiptHash, usize>) {
        let partition = self.around.partition;
        let heads = segments.iter().filter_map(|segment| segment.first()).enumerate();
        let before = self.around.before.map(|before| before.hash);
        let mut goes_on = false;
        for (nth, head) in heads {
            let spot = self.spot_of(head.receipt);
            match head.previous {
                None if nth == 0 && before.is_none() => {}
                None => self.report.differ(
                    Law::ChainTwice,
                    spot,
                    format!("the receipt before it for input partition {partition}"),
                    "a second chain that begins here",
                ),
                // A fork; that is said already.
                Some(hash) if ours.contains_key(&hash) => {}
                Some(_) if head.previous == before && !goes_on => goes_on = true,
                Some(_) if head.previous == before => self.report.differ(
                    Law::ChainFork,
                    spot,
                    "one receipt after each",
                    "a second one after that where the chain was left",
                ),
                Some(_) if nth == 0 && before.is_none() && self.around.receipts_trimmed => {
                    self.report.leave(Unchecked::ReceiptsTrimmed, 1);
                }
                Some(hash) => {
                    let expected =
                        format!("receipt {hash} before it for input partition {partition}");
                    self.report.differ(Law::ReceiptMissing, spot, expected, "none");
                }
            }
        }
    }

    /// Within one partition of the receipts topic each receipt lies behind the one before.
    fn check_order(&mut self, segment: &[Link]) {
        for (before, link) in segment.iter().zip(segment.iter().skip(1)) {
            let (earlier, later) = (self.place_of(before.receipt), self.place_of(link.receipt));
            if earlier.0 == later.0 && earlier.1 > later.1 {
                let found = format!("that receipt behind it at offset {}", earlier.1);
                let expected = "the receipt before it to lie before it";
                self.report.differ(Law::ReceiptOrder, self.spot_of(link.receipt), expected, found);
            }
        }
    }

    fn check_tile(&mut self, tile: &Tile) {
        let begin = self.around.input_begin;
        match self.end {
            // A chain that begins behind the first record has left records out.
            None if tile.first > begin && !self.around.receipts_trimmed => {
                self.differ_hole(begin, tile.first);
            }
            Some(end) if tile.first > end => self.differ_hole(end, tile.first),
            Some(end) if tile.first < end => {
                let found = format!("{} to {} a second time", tile.first, end.min(tile.next));
                let spot = self.spot_at(tile.first);
                self.report.differ(Law::Overlap, spot, "one receipt for each record", found);
            }
            _ => {}
        }
        self.end = self.end.max(Some(tile.next));
        if let TileContent::Decided { batch, .. } = &tile.content
            && let Some(batch) = self.receipts.batches.get(*batch)
        {
            self.now_ms = Some(batch.now_ms);
            let positions = batch.positions.clone();
            if self.positions.as_ref().is_some_and(|before| !positions.cover(before)) {
                let spot = self.spot_at(tile.first);
                let expected = "consent positions at or past those of the batch before";
                self.report.differ(Law::PositionsBack, spot, expected, "earlier ones");
            }
            self.positions = Some(positions);
        }
    }

    fn differ_hole(&mut self, first: Offset, next: Offset) {
        let found = format!("none up to offset {next}");
        self.report.differ(Law::Hole, self.spot_at(first), "a receipt that covers it", found);
    }
}

#[cfg(test)]
mod tests;
