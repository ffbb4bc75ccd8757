//! Which decisions are looked at: all, or those of a time.
//!
//! Receipts are always read whole and their chains walked whole. What lies outside a range is neither
//! decided again nor compared with the outputs, and how much that is stands in the report.

use std::collections::BTreeMap;

use super::receipts::{Receipts, Tile, TileContent};
use super::report::{Report, Unchecked};
use crate::consent::Partition;
use crate::wire::receipt::ReceiptId;

/// One end of a range.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bound {
    /// Decided at this instant, in milliseconds since 1970.
    Time(i64),
    /// Decided when the first, or the last, batch of this receipt was.
    Receipt(ReceiptId),
}

/// From where to where, both included; `None` = no bound.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Range {
    /// Its beginning.
    pub from: Option<Bound>,
    /// Its end.
    pub to: Option<Bound>,
}

/// Instants in milliseconds since 1970, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Instants {
    from_ms: i64,
    to_ms: i64,
}

impl Range {
    /// Whether it has no bound.
    pub fn is_everything(&self) -> bool {
        self.from.is_none() && self.to.is_none()
    }

    /// The instants that it names.
    ///
    /// # Errors
    /// A receipt that is not in the topic.
    pub(super) fn instants(&self, receipts: &Receipts) -> Result<Instants, ReceiptId> {
        let resolve = |bound, of: fn(&[i64]) -> Option<i64>, open| match bound {
            None => Ok(open),
            Some(Bound::Time(ms)) => Ok(ms),
            Some(Bound::Receipt(id)) => of(&instants_of(receipts, id)?).ok_or(id),
        };
        let from_ms = resolve(self.from, |instants| instants.iter().min().copied(), i64::MIN)?;
        let to_ms = resolve(self.to, |instants| instants.iter().max().copied(), i64::MAX)?;
        Ok(Instants { from_ms, to_ms })
    }
}

/// When a receipt's batches were decided; nothing if it only tells of a hold.
fn instants_of(receipts: &Receipts, id: ReceiptId) -> Result<Vec<i64>, ReceiptId> {
    let receipt = receipts.infos.iter().position(|info| info.id == id).ok_or(id)?;
    let batches = receipts.batches.iter().filter(|batch| batch.receipt == receipt);
    Ok(batches.map(|batch| batch.now_ms).collect())
}

impl Instants {
    fn contain(self, now_ms: i64) -> bool {
        (self.from_ms..=self.to_ms).contains(&now_ms)
    }

    /// Leaves out the tiles before the first and behind the last one of this time, and says how many
    /// messages they are.
    pub(super) fn select(
        self,
        tiles: &mut BTreeMap<Partition, Vec<Tile>>,
        receipts: &Receipts,
        report: &mut Report,
    ) {
        let is_in = |tile: &Tile| match &tile.content {
            TileContent::Decided { batch, .. } => {
                let batch = receipts.batches.get(*batch);
                batch.is_some_and(|batch| self.contain(batch.now_ms))
            }
            TileContent::Gap => false,
        };
        let mut outside = 0;
        for tiles in tiles.values_mut() {
            let first = tiles.iter().position(is_in).unwrap_or(tiles.len());
            let next = tiles.iter().rposition(is_in).map_or(first, |last| last + 1);
            outside += tiles.drain(next..).map(|tile| received(&tile)).sum::<u64>();
            outside += tiles.drain(..first).map(|tile| received(&tile)).sum::<u64>();
        }
        report.leave(Unchecked::OutsideRange, outside);
    }
}

fn received(tile: &Tile) -> u64 {
    match tile.content {
        TileContent::Decided { received, .. } => received.into(),
        TileContent::Gap => 0,
    }
}

/// Reads a receipt's id as `receipts tail` and the audit show it.
///
/// # Errors
/// Anything but 32 hexadecimal digits.
pub(in crate::commands) fn parse_receipt(text: &str) -> Result<ReceiptId, String> {
    let bytes = hex::decode(text).unwrap_or_default();
    ReceiptId::from_bytes(&bytes)
        .map_err(|_| "expected a receipt's id: 32 hexadecimal digits".to_owned())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use roaring::RoaringTreemap;

    use super::super::receipts::{Batch, ReceiptInfo};
    use super::*;
    use crate::consent::{Offset, Positions};
    use crate::wire::receipt::{PolicyHash, ReceiptHash};

    /// Receipts of one batch each, at these instants, ten records a tile.
    fn made(instants: &[i64]) -> (Receipts, BTreeMap<Partition, Vec<Tile>>) {
        let mut receipts = Receipts::default();
        let mut tiles = Vec::new();
        for (number, now_ms) in instants.iter().enumerate() {
            receipts.infos.push(ReceiptInfo {
                at: (Partition(0), Offset(number as i64)),
                hash: ReceiptHash([number as u8; 32]),
                id: ReceiptId([number as u8; 16]),
                rules_version: 1,
                decision_header: None,
            });
            receipts.batches.push(Batch {
                receipt: number,
                now_ms: *now_ms,
                positions: Arc::new(Positions::default()),
                policy: PolicyHash([0; 32]),
            });
            let (first, next) = (Offset(number as i64 * 10), Offset(number as i64 * 10 + 10));
            let allowed = RoaringTreemap::new();
            let content = TileContent::Decided { batch: number, allowed, received: 10 };
            tiles.push(Tile { first, next, content });
        }
        (receipts, BTreeMap::from([(Partition(0), tiles)]))
    }

    fn selected(range: Range) -> (Vec<i64>, u64) {
        let (receipts, mut tiles) = made(&[100, 200, 300, 400]);
        let mut report = Report::default();
        range.instants(&receipts).unwrap().select(&mut tiles, &receipts, &mut report);
        let firsts = tiles[&Partition(0)].iter().map(|tile| tile.first.0).collect();
        let outside = report.unchecked().get(&Unchecked::OutsideRange);
        (firsts, outside.copied().unwrap_or_default())
    }

    #[test]
    fn a_range_holds_what_was_decided_in_it_and_counts_the_rest() {
        let time = |ms| Some(Bound::Time(ms));
        assert_eq!(selected(Range { from: time(200), to: time(300) }), (vec![10, 20], 20));
        assert_eq!(selected(Range { from: time(201), to: None }), (vec![20, 30], 20));
        assert_eq!(selected(Range { from: None, to: time(99) }), (vec![], 40));
        let receipt = |number| Some(Bound::Receipt(ReceiptId([number; 16])));
        assert_eq!(selected(Range { from: receipt(1), to: receipt(1) }), (vec![10], 30));
    }

    #[test]
    fn a_receipt_that_is_not_there_is_named() {
        let (receipts, _) = made(&[100]);
        let id = ReceiptId([9; 16]);
        let range = Range { from: Some(Bound::Receipt(id)), to: None };
        assert_eq!(range.instants(&receipts), Err(id));
    }

    #[test]
    fn ids_are_read_in_one_form() {
        assert_eq!(parse_receipt(&"0a".repeat(16)), Ok(ReceiptId([10; 16])));
        assert!(parse_receipt("0a").is_err() && parse_receipt("x").is_err());
    }
}
