//! What the demo came to, in words that somebody new understands.

use std::time::Duration;

use super::gates::FenceUse;
use super::pairs::PairResult;
use super::watch::Seen;
use crate::commands::exit::{Exit, Failure};

/// The figures of one demo.
pub(super) struct Summary {
    /// What came out.
    pub(super) seen: Seen,
    /// How many messages went in.
    pub(super) written: u64,
    /// The causal pairs.
    pub(super) pairs: PairResult,
    /// How long deciding took.
    pub(super) took: Duration,
    /// Whether the gate kept its fence.
    pub(super) fence: FenceUse,
    /// How many differences the check of the topics found.
    pub(super) differences: u64,
}

impl Summary {
    /// The whole summary.
    pub(super) fn text(&self) -> String {
        let seen = &self.seen;
        let rate = self.written as f64 / self.took.as_secs_f64().max(0.001);
        let millis = |percent| self.pairs.effect(percent).map_or(0, |effect| effect.as_millis());
        format!(
            "{} messages went in. {} went on, untouched, because these people had agreed; {} did not:\n  \
             {}\n\
             Deciding took {:.1} s ({rate:.0} messages a second, broker and writers on the same cores).\n\n\
             opt-outs acknowledged first: {}, slipped: {}\n\
             From acknowledgement to a committed suppression: half within {} ms, 99 % within {} ms.\n\n\
             Checked from the topics alone (each message in exactly one place, order, bytes, receipts, every\n\
             decision made again from the consent log): {}.\n",
            self.written,
            seen.allowed,
            seen.suppressed_count(),
            reasons(seen, usize::MAX),
            self.took.as_secs_f64(),
            self.pairs.pairs,
            self.pairs.slipped,
            millis(50),
            millis(99),
            match self.differences {
                0 => "no difference found".to_owned(),
                found => format!("{found} differences found"),
            },
        )
    }

    /// Whether every promise was kept; without the fence, whether the control showed what it must.
    ///
    /// # Errors
    /// A promise that was not kept.
    pub(super) fn verdict(&self) -> Result<(), Failure> {
        let broken = |what: &str| Err(Failure::new(Exit::Invariant, what));
        let unseen = self.pairs.unseen > 0;
        match self.fence {
            FenceUse::Ignored if self.pairs.slipped == 0 => {
                broken("without its fence the gate let no opt-out slip: the control shows nothing")
            }
            FenceUse::Ignored => Ok(()),
            FenceUse::Kept if self.pairs.slipped > 0 => {
                broken("an opt-out that was acknowledged first was not honoured")
            }
            FenceUse::Kept if unseen => broken("the fate of a message was never seen"),
            FenceUse::Kept if self.differences > 0 => broken("the topics do not hold together"),
            FenceUse::Kept => Ok(()),
        }
    }
}

/// The most frequent reasons with their counts, so many at most.
pub(super) fn reasons(seen: &Seen, most: usize) -> String {
    let mut counts: Vec<_> = seen.suppressed.iter().collect();
    counts.sort_by_key(|(name, count)| (std::cmp::Reverse(**count), **name));
    let shown: Vec<_> =
        counts.iter().take(most).map(|(name, count)| format!("{name} {count}")).collect();
    match shown.is_empty() {
        true => "none".to_owned(),
        false => shown.join(", "),
    }
}
