//! Chains that are whole, and chains that are not.

use super::*;
use crate::commands::verify::receipts::ReceiptInfo;
use crate::wire::receipt::ReceiptId;

fn hash(number: u8) -> ReceiptHash {
    ReceiptHash([number; 32])
}

/// One receipt: the one before it, and the parts it leaves out or covers.
type Written = (Option<u8>, &'static [(i64, i64)]);

/// Walks a chain whose receipts lie one behind the other and are numbered from 0.
fn walked(written: &[Written], input_begin: i64, receipts_trimmed: bool) -> Vec<(Law, i64)> {
    let mut receipts = Receipts::default();
    let mut links = Vec::new();
    for (number, (previous, tiles)) in written.iter().enumerate() {
        receipts.infos.push(ReceiptInfo {
            at: (Partition(0), Offset(number as i64)),
            hash: hash(number as u8),
            id: ReceiptId([0; 16]),
            rules_version: 1,
        });
        let tile = |&(first, next): &(i64, i64)| Tile {
            first: Offset(first),
            next: Offset(next),
            content: TileContent::Gap,
        };
        links.push(Link {
            receipt: number,
            previous: previous.map(hash),
            tiles: tiles.iter().map(tile).collect(),
        });
    }
    let around = Surroundings {
        source_topic: "outbound",
        receipts_topic: "receipts",
        partition: Partition(0),
        input_begin: Offset(input_begin),
        receipts_trimmed,
        before: None,
    };
    let mut report = Report::default();
    walk(links, &receipts, around, &mut report);
    let found = report.differences().iter();
    found.map(|found| (found.law, found.at.offset)).collect()
}

#[test]
fn a_chain_that_tiles_the_input_is_whole() {
    let chain: [Written; 3] = [(None, &[(0, 4)]), (Some(0), &[]), (Some(1), &[(4, 9)])];
    assert_eq!(walked(&chain, 0, false), []);
}

#[test]
fn a_hole_and_an_overlap_are_named_by_their_first_offset() {
    let hole: [Written; 2] = [(None, &[(0, 4)]), (Some(0), &[(5, 9)])];
    assert_eq!(walked(&hole, 0, false), [(Law::Hole, 4)]);
    let overlap: [Written; 2] = [(None, &[(0, 4)]), (Some(0), &[(3, 9)])];
    assert_eq!(walked(&overlap, 0, false), [(Law::Overlap, 3)]);
    let late: [Written; 1] = [(None, &[(2, 4)])];
    assert_eq!(walked(&late, 0, false), [(Law::Hole, 0)]);
    assert_eq!(walked(&late, 2, false), []);
}

#[test]
fn two_receipts_after_one_are_a_fork() {
    let fork: [Written; 3] = [(None, &[(0, 4)]), (Some(0), &[(4, 6)]), (Some(0), &[(6, 9)])];
    assert_eq!(walked(&fork, 0, false), [(Law::ChainFork, 2)]);
}

#[test]
fn a_second_beginning_is_named_where_it_lies() {
    let twice: [Written; 2] = [(None, &[(0, 4)]), (None, &[(4, 9)])];
    assert_eq!(walked(&twice, 0, false), [(Law::ChainTwice, 1)]);
}

#[test]
fn a_first_receipt_that_is_no_longer_kept_is_no_difference_but_one_in_the_midst_is() {
    let headless: [Written; 2] = [(Some(9), &[(40, 50)]), (Some(0), &[(50, 60)])];
    assert_eq!(walked(&headless, 0, true), []);
    let expected = [(Law::ReceiptMissing, 0), (Law::Hole, 0)];
    assert_eq!(walked(&headless, 0, false), expected);
    let torn: [Written; 2] = [(Some(9), &[(40, 50)]), (Some(8), &[(50, 60)])];
    assert_eq!(walked(&torn, 0, true), [(Law::ReceiptMissing, 1)]);
}
