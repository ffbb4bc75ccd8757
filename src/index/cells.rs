//! A grant in 20 bytes.
//!
//! Holds what a grant says but its other texts, which are rare (see `rare`). Knows no text: it holds
//! its number within the business.

use crate::consent::{EventId, Grant, Seconds, Strength};

use super::texts::TextIx;

const DOUBLE: u32 = 1 << 31;
const LIMITED: u32 = 1 << 30;

/// A grant, packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Cell {
    at: u32,
    valid_until: u32,
    /// The text's number, and above it whether the grant is double and whether it ends.
    text: u32,
    /// In two halves, so that a cell takes 20 bytes and not 24.
    event: [u32; 2],
}

impl Cell {
    /// Packs a grant whose text has this number.
    pub(super) fn of(grant: &Grant, text: TextIx) -> Self {
        let double = match grant.strength {
            Strength::Double => DOUBLE,
            Strength::Single => 0,
        };
        let limited = grant.valid_until.map_or(0, |_| LIMITED);
        let event = grant.event.0;
        Self {
            at: grant.at.0,
            valid_until: grant.valid_until.map_or(0, |until| until.0),
            text: (text.0 & TextIx::MAX.0) | double | limited,
            event: [(event >> 32) as u32, event as u32],
        }
    }

    /// From when it counts.
    pub(super) fn at(&self) -> Seconds {
        Seconds(self.at)
    }

    /// How strong it says it is.
    pub(super) fn strength(&self) -> Strength {
        if self.text & DOUBLE == 0 {
            Strength::Single
        } else {
            Strength::Double
        }
    }

    /// Until when it is valid.
    pub(super) fn valid_until(&self) -> Option<Seconds> {
        (self.text & LIMITED != 0).then_some(Seconds(self.valid_until))
    }

    /// The text's number.
    pub(super) fn text(&self) -> TextIx {
        TextIx(self.text & TextIx::MAX.0)
    }

    /// Its event.
    pub(super) fn event(&self) -> EventId {
        let [high, low] = self.event;
        EventId((u64::from(high) << 32) | u64::from(low))
    }
}

#[cfg(test)]
#[path = "tests/cells.rs"]
mod tests;
