//! P5: receipts can be opened, tile the input, chain, and say what the topics say.

use std::collections::BTreeMap;

use consentgate::consent::{Offset, Partition};
use consentgate::wire::receipt::{
    AllowedColumn, ColumnHash, CommitMetadata, Opened, PolicyHash, Receipt, ReceiptHash, open,
};

use super::{Fates, Found, Law};
use crate::model::log::Name;
use crate::model::run::Outcome;

/// All receipts, in the order in which they were written.
pub(super) type Receipts = Vec<(ReceiptHash, Receipt)>;

pub(super) fn check(outcome: &Outcome, fates: &Fates, found: &mut Found) -> Receipts {
    let receipts = read(outcome, found);
    let partitions = outcome.shared.borrow().log.partitions(Name::Outbound);
    for partition in partitions {
        let chain = chain_of(partition, &receipts, found);
        let (end, last) = check_tiles(partition, &chain, found);
        check_committed(outcome, partition, end, last, found);
    }
    for (_, receipt) in &receipts {
        check_counts(receipt, fates, found);
    }
    check_audit(&receipts, fates, found);
    receipts
}

fn read(outcome: &Outcome, found: &mut Found) -> Receipts {
    let records = outcome.shared.borrow().log.all_committed(Name::Receipts);
    let mut receipts = Vec::new();
    let mut policies = Vec::new();
    let mut columns = Vec::new();
    for record in &records {
        match open(record.bytes.value.as_deref().unwrap_or_default(), &outcome.keys.trusted) {
            Ok(Opened::Receipt { receipt, hash }) => receipts.push((record.seq, hash, *receipt)),
            Ok(Opened::Policy { hash, .. }) => policies.push(hash),
            Ok(Opened::Allowed { column, hash }) => columns.push((hash, *column)),
            Err(error) => found.note(Law::Chained, format!("a receipt cannot be read: {error}")),
        }
    }
    receipts.sort_by_key(|(seq, ..)| *seq);
    check_columns(&receipts, &columns, found);
    let policy = PolicyHash::of(&outcome.policy);
    for (_, _, receipt) in &receipts {
        let told = receipt.policy == policy && policies.contains(&policy);
        found.demand(told, Law::Replay, || "the policy is not beside its receipts".to_string());
    }
    receipts.into_iter().map(|(_, hash, receipt)| (hash, receipt)).collect()
}

/// What a receipt lists is what it allowed, in order; and nothing is listed that no receipt names.
fn check_columns(
    receipts: &[(u64, ReceiptHash, Receipt)],
    columns: &[(ColumnHash, AllowedColumn)],
    found: &mut Found,
) {
    let mut named = 0;
    for (_, _, receipt) in receipts {
        let mut listed = Vec::new();
        for part in &receipt.allowed_parts {
            let column = columns.iter().find(|(hash, _)| *hash == part.hash);
            let column = column.filter(|(_, column)| column.receipt == receipt.id);
            found.demand(column.is_some(), Law::Chained, || "a column is missing".to_string());
            named += usize::from(column.is_some());
            let rows = column.into_iter().flat_map(|(_, column)| &column.rows);
            listed.extend(rows.map(|row| (row.partition, row.offset)));
        }
        let ranges = receipt.batches.iter().flat_map(|batch| &batch.ranges);
        let allowed = ranges.flat_map(|range| {
            range.allowed_offsets().map(|offset| (range.partition, offset)).collect::<Vec<_>>()
        });
        let mut allowed: Vec<_> = allowed.collect();
        allowed.sort_unstable();
        listed.sort_unstable();
        found.demand(listed.is_empty() || listed == allowed, Law::Chained, || {
            format!("a column lists {listed:?}, and its receipt allowed {allowed:?}")
        });
    }
    found.demand(named == columns.len(), Law::Chained, || {
        format!("{} columns, and receipts name {named}", columns.len())
    });
}

/// The receipts of one partition, each naming the one before.
fn chain_of<'r>(
    partition: Partition,
    receipts: &'r Receipts,
    found: &mut Found,
) -> Vec<&'r (ReceiptHash, Receipt)> {
    let previous = |receipt: &Receipt| {
        receipt.previous.iter().find(|link| link.partition == partition).map(|link| link.hash)
    };
    let mut by_previous = BTreeMap::new();
    let mut count = 0;
    for entry in receipts {
        if let Some(previous) = previous(&entry.1) {
            count += 1;
            by_previous.insert(previous, entry);
        }
    }
    let mut chain: Vec<&(ReceiptHash, Receipt)> = Vec::new();
    while let Some(next) = by_previous.remove(&chain.last().map(|(hash, _)| *hash)) {
        chain.push(next);
    }
    found.demand(chain.len() == count, Law::Chained, || {
        format!("of {count} receipts of partition {partition} {} chain", chain.len())
    });
    chain
}

/// Ranges and gaps follow each other from the first offset on.
fn check_tiles(
    partition: Partition,
    chain: &[&(ReceiptHash, Receipt)],
    found: &mut Found,
) -> (Offset, Option<ReceiptHash>) {
    let mut end = Offset(0);
    for (_, receipt) in chain {
        let ranges = receipt.batches.iter().flat_map(|batch| &batch.ranges);
        let ranges = ranges.filter(|range| range.partition == partition);
        let gaps = receipt.gaps.iter().filter(|gap| gap.partition == partition);
        let mut tiles: Vec<_> = ranges
            .map(|range| (range.first, range.next))
            .chain(gaps.map(|gap| (gap.first, gap.next)))
            .collect();
        tiles.sort_unstable();
        for (first, next) in tiles {
            found.demand(first == end, Law::Tiled, || {
                format!("partition {partition} is covered to {end}, then from {first}")
            });
            end = next;
        }
    }
    (end, chain.last().map(|(hash, _)| *hash))
}

/// The group's offset is where the last receipt ends, and names it.
fn check_committed(
    outcome: &Outcome,
    partition: Partition,
    end: Offset,
    last: Option<ReceiptHash>,
    found: &mut Found,
) {
    let committed = outcome.shared.borrow().group.offsets.get(&partition).cloned();
    let Some((next, metadata)) = committed else {
        found.demand(last.is_none(), Law::Tiled, || "a receipt without an offset".to_string());
        return;
    };
    found.demand(next == end, Law::Tiled, || {
        format!("partition {partition} is committed to {next}, its receipts end at {end}")
    });
    let named = CommitMetadata::parse(&metadata).map(|mark| mark.0);
    found.demand(named == last, Law::Chained, || {
        format!("the offset of partition {partition} names another receipt than the last")
    });
}

/// A range says what lies in the topics.
fn check_counts(receipt: &Receipt, fates: &Fates, found: &mut Found) {
    for range in receipt.batches.iter().flat_map(|batch| &batch.ranges) {
        let partition = range.partition;
        let span = (partition, range.first)..(partition, range.next);
        let inputs = fates.input.range(span.clone()).count();
        found.demand(inputs == range.received as usize, Law::Tiled, || {
            format!("{span:?} holds {inputs} records, {} were received", range.received)
        });
        let told: Vec<_> = range.allowed_offsets().collect();
        let lie: Vec<_> = fates.allowed.range(span.clone()).map(|(at, _)| at.1).collect();
        found.demand(told == lie, Law::Tiled, || {
            format!("{span:?}: the receipt allowed {told:?}, the topic holds {lie:?}")
        });
    }
}

/// Every audit entry names the receipt that covers it.
fn check_audit(receipts: &Receipts, fates: &Fates, found: &mut Found) {
    for (at, entries) in &fates.audited {
        for (entry, _) in entries {
            let covers = receipts.iter().any(|(_, receipt)| {
                let mut ranges = receipt.batches.iter().flat_map(|batch| &batch.ranges);
                receipt.id == entry.receipt
                    && ranges.any(|range| {
                        range.partition == at.0 && range.first <= at.1 && at.1 < range.next
                    })
            });
            found.demand(covers, Law::Tiled, || format!("{at:?} names no receipt that covers it"));
        }
    }
}
