//! The stretches of one input partition: edge to edge, with consent positions that never go back.

use super::{Batch, Entry, Tile};
use crate::report::{Law, Report};

pub(super) fn check(
    partition: i32,
    tiles: &[Tile],
    receipts: &[Entry],
    batches: &[Batch],
    report: &mut Report,
) {
    let mut before: Option<&Batch> = None;
    let mut reached: Option<i64> = None;
    for tile in tiles {
        let Some(entry) = receipts.get(tile.receipt) else { continue };
        match reached {
            Some(end) if tile.first > end => {
                let what =
                    format!("no receipt covers {end} to {} of partition {partition}", tile.first);
                report.violate(Law::Hole, entry.at.clone(), what);
            }
            Some(end) if tile.first < end => {
                let what = format!("{} of partition {partition} is covered twice", tile.first);
                report.violate(Law::Overlap, entry.at.clone(), what);
            }
            _ => {}
        }
        reached = reached.max(Some(tile.next));
        let batch = tile.decided.as_ref().and_then(|decided| batches.get(decided.batch));
        let Some(batch) = batch else { continue };
        let back =
            |(topic, number, next): &(_, i32, i64)| batch.positions.of(*topic, *number) < *next;
        if before.is_some_and(|before| before.positions.each().any(|one| back(&one))) {
            let what =
                format!("consent positions go back at {} of partition {partition}", tile.first);
            report.violate(Law::PositionsBack, entry.at.clone(), what);
        }
        before = Some(batch);
    }
}
