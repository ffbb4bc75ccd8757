//! The partitions that a lane owns: where each stands and which receipt covered it last.
//!
//! Knows where a partition may start: at the committed offset that bears our mark, else after the
//! last receipt, else only where an operator said. It never picks the beginning or the end by itself.

use std::collections::BTreeMap;

use crate::consent::{Offset, Partition};
use crate::stream::ports::{CommittedOffset, Extent};
use crate::telemetry::HoldCause;
use crate::wire::receipt::{CommitMetadata, Gap, ReceiptHash};

/// One owned partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Owned {
    /// The next offset to decide.
    pub next: Offset,
    /// The receipt that covered the partition before; `None` for the first.
    pub previous: Option<ReceiptHash>,
}

/// Where an operator lets a partition start that has no offset of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StartFrom {
    /// At the first record that is still kept.
    Beginning,
    /// At the end: everything before it is a gap.
    End,
    /// At the committed offset, although another hand put it there.
    Committed,
    /// At the first record of this instant or later, in milliseconds since 1970.
    Time(i64),
}

impl StartFrom {
    /// The instant to ask for, if any.
    pub(super) fn instant_ms(self) -> Option<i64> {
        match self {
            Self::Time(at_ms) => Some(at_ms),
            Self::Beginning | Self::End | Self::Committed => None,
        }
    }

    /// The offset meant in an extent; `None` where it needs a committed offset.
    fn offset_in(self, extent: Extent) -> Option<Offset> {
        match self {
            Self::Beginning => Some(extent.begin),
            Self::End => Some(extent.end),
            Self::Time(_) => Some(extent.at.unwrap_or(extent.end)),
            Self::Committed => None,
        }
    }
}

/// Where a partition starts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Start {
    /// The partition.
    pub partition: Partition,
    /// Where it stands.
    pub owned: Owned,
    /// What is skipped, to be written into a receipt.
    pub gap: Option<Gap>,
}

/// What the last receipts say about a partition.
pub(super) type LastReceipts = BTreeMap<Partition, (Offset, ReceiptHash)>;

/// Whether it takes the receipts to say where a partition starts.
pub(super) fn needs_receipts(committed: &CommittedOffset) -> bool {
    committed.next.is_none() || CommitMetadata::parse(&committed.metadata).is_none()
}

/// Where one partition starts.
///
/// # Errors
/// Why it cannot start without an operator; or at all, where it would decide messages twice.
pub(super) fn start_of(
    committed: &CommittedOffset,
    extent: Extent,
    receipts: &LastReceipts,
    start_from: Option<StartFrom>,
) -> Result<Start, HoldCause> {
    let is_kept = |next: Offset| extent.begin <= next && next <= extent.end;
    let receipt = receipts.get(&committed.partition).copied();
    // Up to where our receipts cover the partition, as far as we can tell.
    let marked = committed.next.zip(CommitMetadata::parse(&committed.metadata));
    let covered = marked.map(|(next, mark)| (next, mark.0)).or(receipt);
    let is_moved = committed.next.is_some() && marked.is_none();
    if let Some((next, hash)) = covered.filter(|(next, _)| is_kept(*next) && !is_moved) {
        let owned = Owned { next, previous: Some(hash) };
        return Ok(Start { partition: extent.partition, owned, gap: None });
    }
    let kept = committed.next.filter(|next| is_kept(*next));
    let (why, cause) = match (covered, committed.next) {
        (None, None) => ("a new group started here", HoldCause::NoStartPosition),
        _ if kept.is_some() => ("the offset was moved by another hand", HoldCause::OffsetMoved),
        _ => ("the offset is gone", HoldCause::OffsetMoved),
    };
    let start = start_from.ok_or(cause)?;
    let next = start.offset_in(extent).or(kept).ok_or(cause)?;
    if covered.is_some_and(|(end, _)| next < end) {
        return Err(HoldCause::OffsetMoved);
    }
    Ok(moved_to(next, extent, covered, why))
}

/// A start that leaves out what lies between the last receipt (or the first record) and `next`.
fn moved_to(
    next: Offset,
    extent: Extent,
    receipt: Option<(Offset, ReceiptHash)>,
    reason: &str,
) -> Start {
    let covered = receipt.map_or(extent.begin, |(covered, _)| covered);
    let gap = (covered != next).then(|| Gap {
        partition: extent.partition,
        first: covered,
        next,
        reason: reason.to_string(),
    });
    let owned = Owned { next, previous: receipt.map(|(_, hash)| hash) };
    Start { partition: extent.partition, owned, gap }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXTENT: Extent =
        Extent { partition: Partition(3), begin: Offset(10), end: Offset(90), at: None };

    fn committed(next: Option<i64>, metadata: &str) -> CommittedOffset {
        let metadata = metadata.to_string();
        CommittedOffset { partition: Partition(3), next: next.map(Offset), metadata }
    }

    fn our_mark() -> String {
        CommitMetadata(ReceiptHash([7; 32])).to_string()
    }

    #[test]
    fn a_committed_offset_with_our_mark_goes_on_where_it_stands() {
        let start = start_of(&committed(Some(40), &our_mark()), EXTENT, &LastReceipts::new(), None);
        let owned = Owned { next: Offset(40), previous: Some(ReceiptHash([7; 32])) };
        assert_eq!(start, Ok(Start { partition: Partition(3), owned, gap: None }));
    }

    #[test]
    fn an_offset_moved_by_another_hand_holds_until_an_operator_says_where_to_start() {
        let moved = committed(Some(40), "");
        let receipts = LastReceipts::from([(Partition(3), (Offset(30), ReceiptHash([7; 32])))]);
        assert_eq!(start_of(&moved, EXTENT, &receipts, None), Err(HoldCause::OffsetMoved));
        let start = start_of(&moved, EXTENT, &receipts, Some(StartFrom::Committed)).unwrap();
        assert_eq!(start.owned.next, Offset(40));
        let gap = start.gap.unwrap();
        assert_eq!((gap.first, gap.next), (Offset(30), Offset(40)));
    }

    #[test]
    fn an_offset_that_is_no_longer_kept_holds_although_it_bears_our_mark() {
        let none = LastReceipts::new();
        for next in [9, 91] {
            let gone = committed(Some(next), &our_mark());
            assert_eq!(start_of(&gone, EXTENT, &none, None), Err(HoldCause::OffsetMoved));
            let kept = start_of(&gone, EXTENT, &none, Some(StartFrom::Committed));
            assert_eq!(kept, Err(HoldCause::OffsetMoved));
        }
        let gone = committed(Some(9), &our_mark());
        let start = start_of(&gone, EXTENT, &none, Some(StartFrom::Beginning)).unwrap();
        assert_eq!(start.owned.next, Offset(10));
        assert_eq!(start.gap.map(|gap| (gap.first, gap.next)), Some((Offset(9), Offset(10))));
    }

    #[test]
    fn nobody_starts_before_the_end_of_the_last_receipt() {
        let receipts = LastReceipts::from([(Partition(3), (Offset(30), ReceiptHash([7; 32])))]);
        let moved = committed(Some(20), "");
        for start_from in [StartFrom::Committed, StartFrom::Beginning] {
            let start = start_of(&moved, EXTENT, &receipts, Some(start_from));
            assert_eq!(start, Err(HoldCause::OffsetMoved), "{start_from:?}");
        }
        let end = start_of(&moved, EXTENT, &receipts, Some(StartFrom::End)).unwrap();
        assert_eq!(end.gap.map(|gap| (gap.first, gap.next)), Some((Offset(30), Offset(90))));
    }

    #[test]
    fn a_last_receipt_that_is_trimmed_away_holds_until_an_operator_says_where_to_start() {
        let receipts = LastReceipts::from([(Partition(3), (Offset(5), ReceiptHash([7; 32])))]);
        let none = committed(None, "");
        assert_eq!(start_of(&none, EXTENT, &receipts, None), Err(HoldCause::OffsetMoved));
        let start = start_of(&none, EXTENT, &receipts, Some(StartFrom::Beginning)).unwrap();
        assert_eq!(start.gap.map(|gap| (gap.first, gap.next)), Some((Offset(5), Offset(10))));
    }

    #[test]
    fn a_group_without_offsets_goes_on_after_its_last_receipt() {
        let receipts = LastReceipts::from([(Partition(3), (Offset(30), ReceiptHash([7; 32])))]);
        let start = start_of(&committed(None, ""), EXTENT, &receipts, None).unwrap();
        assert_eq!(start.owned.next, Offset(30));
        assert_eq!(start.gap, None);
    }

    #[test]
    fn a_new_group_never_picks_a_start_by_itself() {
        let (none, new) = (LastReceipts::new(), committed(None, ""));
        assert_eq!(start_of(&new, EXTENT, &none, None), Err(HoldCause::NoStartPosition));
        let first = start_of(&new, EXTENT, &none, Some(StartFrom::Beginning)).unwrap();
        assert_eq!((first.owned.next, first.gap), (Offset(10), None));
        let last = start_of(&new, EXTENT, &none, Some(StartFrom::End)).unwrap();
        assert_eq!(last.owned.next, Offset(90));
        assert_eq!(last.gap.map(|gap| (gap.first, gap.next)), Some((Offset(10), Offset(90))));
    }
}
