//! A grant in 16 bytes, and 4 more if it ends.
//!
//! Holds what a grant says but its other texts, which are rare (see `rare`). Knows no text: it holds
//! its number within the business.

use crate::consent::{EventId, Grant, Seconds, Strength};

use super::texts::TextIx;

/// Words of 4 bytes in a cell.
pub(super) const WORDS: usize = 4;

const DOUBLE: u32 = 1 << 31;

/// A grant without its texts' names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Cell {
    /// From when it counts.
    pub at: Seconds,
    /// How strong it says it is.
    pub strength: Strength,
    /// Until when it is valid; `None` = without end.
    pub valid_until: Option<Seconds>,
    /// The text's number.
    pub text: TextIx,
    /// Its event.
    pub event: EventId,
}

impl Cell {
    /// What of a grant fits a cell, its text having this number.
    pub(super) fn of(grant: &Grant, text: TextIx) -> Self {
        Self {
            at: grant.at,
            strength: grant.strength,
            valid_until: grant.valid_until,
            text,
            event: grant.event,
        }
    }

    /// The cell's words, but for its end.
    pub(super) fn pack(&self) -> [u32; WORDS] {
        let double = match self.strength {
            Strength::Double => DOUBLE,
            Strength::Single => 0,
        };
        let text = (self.text.0 & TextIx::MAX.0) | double;
        [self.at.0, text, (self.event.0 >> 32) as u32, self.event.0 as u32]
    }

    /// The cell of these words and this end.
    pub(super) fn unpack([at, text, high, low]: [u32; WORDS], end: Option<u32>) -> Self {
        Self {
            at: Seconds(at),
            strength: if text & DOUBLE == 0 { Strength::Single } else { Strength::Double },
            valid_until: end.map(Seconds),
            text: TextIx(text & TextIx::MAX.0),
            event: EventId((u64::from(high) << 32) | u64::from(low)),
        }
    }
}
