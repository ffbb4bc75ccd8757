//! What the receipts tell of each input partition, from its last decision back to the first hole.
//!
//! The allowed topic has the allowed messages of a partition in the order of the input, so the last record
//! there is the last allowed message of the receipts, and so on backwards. Knows no topic. What lies
//! before a hole is not known, and nothing is counted over it.

use std::collections::BTreeMap;

use roaring::RoaringTreemap;

use crate::consent::{Offset, Partition};
use crate::wire::receipt::Receipt;

/// What is known of one input partition without a hole.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Decided {
    /// From here on all is known.
    pub(super) from: Offset,
    /// Up to here it is decided.
    pub(super) to: Offset,
    /// The offsets that were allowed.
    allowed: RoaringTreemap,
}

impl Decided {
    /// How many messages were allowed in all that is known.
    pub(super) fn allowed(&self) -> u64 {
        self.allowed.len()
    }

    /// How many messages were allowed at this offset or behind it.
    pub(super) fn allowed_from(&self, offset: Offset) -> u64 {
        let before = number(offset).checked_sub(1).map_or(0, |last| self.allowed.rank(last));
        self.allowed.len() - before
    }

    /// The allowed message that has so many behind it, itself counted: 1 is the last.
    pub(super) fn last_but(&self, count: u64) -> Option<Offset> {
        let nth = self.allowed.len().checked_sub(count)?;
        let offset = self.allowed.select(nth)?;
        i64::try_from(offset).ok().map(Offset)
    }
}

/// Receipts in pieces, in whatever order they were read.
#[derive(Debug, Default)]
pub(super) struct Pieces(BTreeMap<Partition, Vec<Piece>>);

#[derive(Debug)]
struct Piece {
    first: Offset,
    next: Offset,
    allowed: RoaringTreemap,
}

impl Pieces {
    /// A receipt of a gate.
    pub(super) fn take(&mut self, receipt: &Receipt) {
        for range in receipt.batches.iter().flat_map(|batch| &batch.ranges) {
            let allowed = range.allowed_offsets().map(number).collect();
            self.add(range.partition, Piece { first: range.first, next: range.next, allowed });
        }
        for gap in &receipt.gaps {
            let allowed = RoaringTreemap::new();
            self.add(gap.partition, Piece { first: gap.first, next: gap.next, allowed });
        }
    }

    fn add(&mut self, partition: Partition, piece: Piece) {
        if piece.first < piece.next {
            self.0.entry(partition).or_default().push(piece);
        }
    }

    /// Lays the pieces edge to edge, from the last one backwards.
    pub(super) fn laid(self) -> BTreeMap<Partition, Decided> {
        let laid = self.0.into_iter().map(|(partition, pieces)| (partition, lay(pieces)));
        laid.collect()
    }
}

fn lay(mut pieces: Vec<Piece>) -> Decided {
    pieces.sort_by_key(|piece| piece.next);
    let to = pieces.last().map_or(Offset(0), |last| last.next);
    let mut decided = Decided { from: to, to, allowed: RoaringTreemap::new() };
    while let Some(piece) = pieces.pop() {
        if piece.next != decided.from {
            break;
        }
        decided.from = piece.first;
        decided.allowed |= piece.allowed;
    }
    decided
}

fn number(offset: Offset) -> u64 {
    u64::try_from(offset.0).unwrap_or(0)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// What is known of a partition when these pieces were decided: first, next, what was allowed.
    pub(in crate::commands::cutover) fn decided(pieces: &[(i64, i64, &[u64])]) -> Decided {
        let piece = |(first, next, allowed): &(i64, i64, &[u64])| Piece {
            first: Offset(*first),
            next: Offset(*next),
            allowed: allowed.iter().copied().collect(),
        };
        lay(pieces.iter().map(piece).collect())
    }

    #[test]
    fn pieces_are_laid_edge_to_edge_in_whatever_order_they_come() {
        let known = decided(&[(20, 30, &[21, 29]), (10, 20, &[10]), (30, 35, &[])]);
        assert_eq!((known.from, known.to, known.allowed()), (Offset(10), Offset(35), 3));
    }

    #[test]
    fn nothing_is_counted_over_a_hole_or_an_overlap() {
        let hole = decided(&[(0, 10, &[1]), (11, 20, &[15])]);
        assert_eq!((hole.from, hole.allowed()), (Offset(11), 1));
        let overlap = decided(&[(0, 12, &[1]), (11, 20, &[15])]);
        assert_eq!((overlap.from, overlap.allowed()), (Offset(11), 1));
    }

    #[test]
    fn allowed_messages_are_counted_from_the_end() {
        let known = decided(&[(0, 10, &[2, 4, 9])]);
        assert_eq!(
            [1, 2, 3].map(|count| known.last_but(count)),
            [9, 4, 2].map(|at| Some(Offset(at)))
        );
        assert_eq!((known.last_but(0), known.last_but(4)), (None, None));
        assert_eq!([0, 2, 3, 9, 10].map(|at| known.allowed_from(Offset(at))), [3, 3, 2, 1, 0]);
    }
}
