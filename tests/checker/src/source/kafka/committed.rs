//! `read_committed`: which batches of a fetch count.
//!
//! A broker lists with each fetch the aborted transactions whose records may lie in it. From a
//! transaction's first offset to the control record that ends it, what its producer wrote is left out.

use std::collections::BTreeSet;
use std::ops::Range;

use super::Aborted;
use super::batch::{Batch, Flaw};
use crate::source::Record;

/// What is known of aborted transactions so far.
#[derive(Default)]
pub(super) struct Committed {
    /// Producers in the midst of a transaction that was aborted.
    aborting: BTreeSet<i64>,
}

impl Committed {
    /// Shows the committed records of a fetch within these offsets; the offset to go on from.
    pub(super) fn show(
        &mut self,
        fetched: &[u8],
        mut aborted: Aborted,
        within: Range<i64>,
        each: &mut dyn FnMut(&Record<'_>),
    ) -> Result<i64, Flaw> {
        // The last one is the next to begin.
        aborted.sort_unstable_by_key(|&(_, first)| std::cmp::Reverse(first));
        let mut reached = within.start;
        let mut rest = fetched;
        while let Some(batch) = Batch::next(&mut rest)? {
            reached = reached.max(batch.last_offset + 1);
            while aborted.last().is_some_and(|&(_, first)| first <= batch.last_offset) {
                self.aborting.extend(aborted.pop().map(|(producer, _)| producer));
            }
            if batch.is_control() {
                if batch.is_abort()? {
                    self.aborting.remove(&batch.producer);
                }
                continue;
            }
            if batch.is_transactional() && self.aborting.contains(&batch.producer) {
                continue;
            }
            batch.each(&mut |record| {
                if within.contains(&record.offset) {
                    each(record);
                }
            })?;
        }
        Ok(reached)
    }
}
