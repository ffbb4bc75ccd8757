//! Whether a receipt holds together.
//!
//! The same laws when it is sealed and when it is opened: a gate that broke one must not commit, a
//! verifier that meets one must not believe. It knows nothing of other receipts.

use std::collections::{BTreeMap, BTreeSet};

use super::model::{BatchReceipt, Gap, Hold, Receipt};
use super::range::PartitionRange;
use crate::consent::{Offset, Partition};
use crate::wire::WireError;

/// Checks everything that one receipt can be checked for.
pub(super) fn check(receipt: &Receipt) -> Result<(), WireError> {
    require(!receipt.source_topic.is_empty(), "source_topic", "is missing")?;
    receipt.batches.iter().try_for_each(check_batch)?;
    receipt.holds.iter().try_for_each(check_hold)?;
    receipt.gaps.iter().try_for_each(check_gap)?;
    check_tiling(receipt)?;
    check_previous(receipt)?;
    check_counts(receipt)?;
    check_parts(receipt)
}

fn require(holds: bool, field: &'static str, problem: &'static str) -> Result<(), WireError> {
    if holds { Ok(()) } else { Err(WireError::field(field, problem)) }
}

fn check_batch(batch: &BatchReceipt) -> Result<(), WireError> {
    let partitions: BTreeSet<_> = batch.ranges.iter().map(|range| range.partition).collect();
    require(batch.now_ms >= 0, "now_ms", "must not be negative")?;
    require(!batch.ranges.is_empty(), "ranges", "is empty, a batch covers input")?;
    require(partitions.len() == batch.ranges.len(), "ranges", "names a partition twice")?;
    require(!batch.positions.is_empty(), "positions", "is empty, so nothing is proven")?;
    for (_, partition, next) in batch.positions.iter() {
        let sound = partition.0 >= 0 && next.0 >= 0;
        require(sound, "positions", "must not be negative")?;
    }
    batch.ranges.iter().try_for_each(check_range)
}

fn check_range(range: &PartitionRange) -> Result<(), WireError> {
    check_span(range.partition, range.first, range.next)?;
    // Both are positive, so the difference does not overflow.
    let len = (range.next.0 - range.first.0).cast_unsigned();
    let received = u64::from(range.received);
    let inside = range.allowed.max().is_none_or(|last| last < len);
    require(inside, "allowed", "lies outside its range")?;
    require(range.allowed.len() <= received, "received", "is less than was allowed")?;
    require(received <= len, "received", "is more than the range holds")
}

fn check_span(partition: Partition, first: Offset, next: Offset) -> Result<(), WireError> {
    require(partition.0 >= 0, "partition", "must not be negative")?;
    require(first.0 >= 0, "first", "must not be negative")?;
    require(first <= next, "next", "must not be before first")
}

fn check_hold(hold: &Hold) -> Result<(), WireError> {
    require(!hold.cause.is_empty(), "cause", "is missing")?;
    require(hold.began_ms >= 0, "began_ms", "must not be negative")?;
    // Zero means that the hold lasts.
    let ordered = hold.ended_ms.is_none_or(|ended| ended > 0 && ended >= hold.began_ms);
    require(ordered, "ended_ms", "must not be before began_ms")
}

fn check_gap(gap: &Gap) -> Result<(), WireError> {
    check_span(gap.partition, gap.first, gap.next)?;
    require(gap.first < gap.next, "next", "must be after first, a gap skips something")?;
    require(!gap.reason.trim().is_empty(), "reason", "is missing, a gap says why")
}

/// Ranges and gaps of a partition follow each other without holes and overlaps, batch by batch.
fn check_tiling(receipt: &Receipt) -> Result<(), WireError> {
    let mut ends = BTreeMap::new();
    for range in receipt.batches.iter().flat_map(|batch| &batch.ranges) {
        let end = ends.insert(range.partition, range.next);
        let ascends = end.is_none_or(|end| range.first >= end);
        require(ascends, "ranges", "goes back in a partition")?;
    }
    let mut tiles: BTreeMap<Partition, Vec<(Offset, Offset)>> = BTreeMap::new();
    let ranges = receipt.batches.iter().flat_map(|batch| &batch.ranges);
    for range in ranges {
        tiles.entry(range.partition).or_default().push((range.first, range.next));
    }
    for gap in &receipt.gaps {
        tiles.entry(gap.partition).or_default().push((gap.first, gap.next));
    }
    for tiles in tiles.values_mut() {
        tiles.sort_unstable();
        let mut end = None;
        for (first, next) in tiles {
            let follows = end.is_none_or(|end| end == *first);
            require(follows, "ranges", "and gaps leave a hole or overlap")?;
            end = Some(*next);
        }
    }
    Ok(())
}

/// Every input partition is linked to its receipt before, once.
fn check_previous(receipt: &Receipt) -> Result<(), WireError> {
    let linked: BTreeSet<_> = receipt.previous.iter().map(|link| link.partition).collect();
    require(!linked.is_empty(), "previous", "is empty, a receipt belongs to a partition")?;
    require(linked.len() == receipt.previous.len(), "previous", "names a partition twice")?;
    let sound = linked.iter().all(|partition| partition.0 >= 0);
    require(sound, "previous", "must not be negative")?;
    let ranges = receipt.batches.iter().flat_map(|batch| &batch.ranges);
    let covered =
        ranges.map(|range| range.partition).chain(receipt.gaps.iter().map(|gap| gap.partition));
    for partition in covered {
        require(linked.contains(&partition), "previous", "lacks a partition that is covered")?;
    }
    Ok(())
}

/// Allowed and suppressed are all that was received.
fn check_counts(receipt: &Receipt) -> Result<(), WireError> {
    let ranges = || receipt.batches.iter().flat_map(|batch| &batch.ranges);
    let allowed: u64 = ranges().map(|range| range.allowed.len()).sum();
    let received: u64 = ranges().map(|range| u64::from(range.received)).sum();
    require(allowed == receipt.allowed, "allowed", "is not what the ranges allowed")?;
    // Each range allowed at most what it received.
    let suppressed = received - allowed;
    require(suppressed == receipt.suppressed, "suppressed", "is not what the ranges suppressed")
}

/// A column lists all that was allowed, or there is none.
fn check_parts(receipt: &Receipt) -> Result<(), WireError> {
    let parts = || receipt.allowed_parts.iter();
    let distinct: BTreeSet<_> = parts().map(|part| part.hash.0).collect();
    let rows: u64 = parts().map(|part| u64::from(part.rows)).sum();
    let field = "allowed_parts";
    require(parts().all(|part| part.rows > 0), field, "name a part without rows")?;
    require(distinct.len() == receipt.allowed_parts.len(), field, "name a part twice")?;
    let is_whole = rows == receipt.allowed || receipt.allowed_parts.is_empty();
    require(is_whole, field, "do not list all that was allowed")
}
