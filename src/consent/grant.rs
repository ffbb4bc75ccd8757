//! A grant, and which of two wins.
//!
//! Knows no validity at an instant and no text registry: the winner is chosen first and tested when
//! deciding. At equal times the weaker wins, so doubt narrows.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use super::event::Strength;
use super::ids::EventId;
use super::text::TextRef;
use super::time::Seconds;

/// The newest grant of a subject for a scope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// From when it counts: the earlier of occurrence and append.
    pub at: Seconds,
    /// How strong its event says it is, before any confirm.
    pub strength: Strength,
    /// Until when it is valid; `None` = without end.
    pub valid_until: Option<Seconds>,
    /// The text agreed to.
    pub text: TextRef,
    /// The event.
    pub event: EventId,
    /// Other texts of grants at the very same time: all must be valid.
    pub other_texts: BTreeSet<TextRef>,
}

impl Grant {
    /// Weakest first among grants of one time: strength, validity, text, event.
    fn weakness(&self) -> (Strength, u64, &TextRef, EventId) {
        let until = self.valid_until.map_or(u64::MAX, |until| u64::from(until.0));
        (self.strength, until, &self.text, self.event)
    }

    /// Joins another grant of the same subject and scope.
    ///
    /// The later wins. At equal times the weakest wins and keeps the texts of all.
    pub fn join(&mut self, other: Self) {
        match self.at.cmp(&other.at) {
            Ordering::Greater => {}
            Ordering::Less => *self = other,
            Ordering::Equal => {
                let (mut winner, loser) = if other.weakness() < self.weakness() {
                    (other, self.clone())
                } else {
                    (self.clone(), other)
                };
                winner.other_texts.extend(loser.other_texts);
                winner.other_texts.insert(loser.text);
                winner.other_texts.remove(&winner.text);
                *self = winner;
            }
        }
    }

    /// All texts that must be valid for this grant to stand.
    pub fn texts(&self) -> impl Iterator<Item = &TextRef> {
        std::iter::once(&self.text).chain(&self.other_texts)
    }
}
