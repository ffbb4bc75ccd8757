//! The grants of one scope by local id: 16 bytes each, and 4 more for those that end.
//!
//! Holds what a grant says but its other texts, which are rare (see `rare`). Knows no text: it holds
//! its number within the business.

use crate::consent::{EventId, Grant, Seconds, Strength};

use super::hot::LocalId;
use super::ranked::Ranked;
use super::texts::TextIx;

const DOUBLE: u32 = 1 << 31;
const ENDS: u32 = 1 << 30;

/// A grant, packed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Cell {
    event: EventId,
    at: Seconds,
    /// The text's number, and above it whether the grant is double and whether it ends.
    text: u32,
}

impl Cell {
    fn of(grant: &Grant, text: TextIx) -> Self {
        let double = match grant.strength {
            Strength::Double => DOUBLE,
            Strength::Single => 0,
        };
        let ends = grant.valid_until.map_or(0, |_| ENDS);
        Self { event: grant.event, at: grant.at, text: (text.0 & TextIx::MAX.0) | double | ends }
    }

    /// From when it counts.
    pub(super) fn at(&self) -> Seconds {
        self.at
    }

    /// How strong it says it is.
    pub(super) fn strength(&self) -> Strength {
        if self.text & DOUBLE == 0 { Strength::Single } else { Strength::Double }
    }

    /// Whether its validity ends.
    pub(super) fn ends(&self) -> bool {
        self.text & ENDS != 0
    }

    /// The text's number.
    pub(super) fn text(&self) -> TextIx {
        TextIx(self.text & TextIx::MAX.0)
    }

    /// Its event.
    pub(super) fn event(&self) -> EventId {
        self.event
    }
}

/// The grants of one scope.
pub(super) struct Grants {
    cells: Ranked<Cell>,
    /// Until when those are valid that end.
    ends: Ranked<Seconds>,
}

impl Grants {
    pub(super) fn new() -> Self {
        Self { cells: Ranked::new(), ends: Ranked::new() }
    }

    pub(super) fn len(&self) -> usize {
        self.cells.len()
    }

    /// Whether there is a grant.
    pub(super) fn has(&self, id: LocalId) -> bool {
        self.cells.has(id)
    }

    /// Brings near what says where the grant of a subject lies.
    pub(super) fn touch(&self, id: LocalId) -> u64 {
        self.cells.touch(id) ^ self.ends.touch(id)
    }

    /// The grant of a subject.
    pub(super) fn get(&self, id: LocalId) -> Option<&Cell> {
        self.cells.get(id)
    }

    /// Until when the grant of a subject is valid; `None` = without end.
    pub(super) fn valid_until(&self, id: LocalId) -> Option<&Seconds> {
        self.ends.get(id)
    }

    /// Sets the grant of a subject, whose text has this number.
    pub(super) fn set(&mut self, id: LocalId, grant: &Grant, text: TextIx) {
        self.cells.set(id, Cell::of(grant, text));
        match grant.valid_until {
            Some(until) => self.ends.set(id, until),
            None => drop(self.ends.remove(id)),
        }
    }

    /// Takes the grant of a subject away.
    pub(super) fn remove(&mut self, id: LocalId) {
        self.cells.remove(id);
        self.ends.remove(id);
    }

    /// All grants in the order of their subjects' ids.
    pub(super) fn iter(&self) -> impl Iterator<Item = (LocalId, &Cell)> {
        self.cells.iter()
    }

    /// Bytes of all grants.
    pub(super) fn bytes(&self) -> usize {
        self.cells.bytes() + self.ends.bytes()
    }
}

#[cfg(test)]
#[path = "tests/grants.rs"]
mod tests;
