//! Chains: for each input partition every receipt names the one before it by its hash.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::Book;
use crate::report::{Law, Report};

/// Checks that each chain has one beginning and no fork, and lies in its own order.
pub(super) fn check(book: &Book, report: &mut Report) {
    let by_hash: HashMap<[u8; 32], usize> =
        book.receipts.iter().enumerate().map(|(number, entry)| (entry.sha256, number)).collect();
    let mut begun: BTreeMap<i32, Vec<usize>> = BTreeMap::new();
    let mut followed: BTreeMap<(i32, usize), usize> = BTreeMap::new();
    for (number, entry) in book.receipts.iter().enumerate() {
        let said = &entry.said;
        let covered =
            said.batches.iter().flat_map(|batch| &batch.ranges).map(|range| range.partition);
        let covered: BTreeSet<i32> =
            covered.chain(said.gaps.iter().map(|gap| gap.partition)).collect();
        let chained: BTreeSet<i32> = said.previous.iter().map(|one| one.partition).collect();
        if !covered.is_subset(&chained) {
            let what = "a receipt that covers a partition and names none before it";
            report.violate(Law::ReceiptUnreadable, entry.at.clone(), what);
        }
        if covered.first().or(chained.first()).is_some_and(|low| *low != entry.at.partition) {
            let what = "a receipt that does not lie in the lowest partition that it covers";
            report.violate(Law::ReceiptMoved, entry.at.clone(), what);
        }
        for previous in &said.previous {
            let Ok(hash) = <[u8; 32]>::try_from(previous.sha256.as_slice()) else {
                begun.entry(previous.partition).or_default().push(number);
                continue;
            };
            let Some(before) = by_hash.get(&hash) else {
                if book.is_cut {
                    report.leave("a receipt before what is kept", 1);
                } else {
                    let what = format!(
                        "the receipt before it in partition {} is missing",
                        previous.partition
                    );
                    report.violate(Law::ReceiptMissing, entry.at.clone(), what);
                }
                continue;
            };
            if followed.insert((previous.partition, *before), number).is_some() {
                let what = "two receipts name the same one before them";
                report.violate(Law::ChainTorn, entry.at.clone(), what);
            }
            let earlier = book.receipts.get(*before).map(|entry| &entry.at);
            if earlier
                .is_some_and(|at| at.partition == entry.at.partition && at.offset > entry.at.offset)
            {
                let what = "a receipt lies before the one that it names";
                report.violate(Law::ReceiptOrder, entry.at.clone(), what);
            }
        }
    }
    for (partition, numbers) in begun {
        for number in numbers.into_iter().skip(1) {
            let Some(entry) = book.receipts.get(number) else { continue };
            let skips = entry.said.gaps.iter().any(|gap| gap.partition == partition);
            if skips {
                report.leave("a chain that begins anew behind a gap", 1);
            } else {
                let what = format!("a second chain begins in partition {partition}");
                report.violate(Law::ChainTorn, entry.at.clone(), what);
            }
        }
    }
}
