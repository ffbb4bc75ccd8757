//! What became of the bodies so far, in numbers.

use std::collections::BTreeMap;
use std::fmt;

use crate::wire::proto::consent::Kind;
use crate::wire::webhooks::Note;

/// Numbers for the log; no label is a business or a person.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Bodies read.
    pub bodies: u64,
    /// Events that were published, by kind.
    pub published: BTreeMap<&'static str, u64>,
    /// Events that had been published before.
    pub repeated: u64,
    /// What else was to be said, by note.
    pub notes: BTreeMap<&'static str, u64>,
}

impl Counts {
    pub(super) fn publish(&mut self, kind: Kind) {
        *self.published.entry(kind.as_str_name()).or_default() += 1;
    }

    pub(super) fn note(&mut self, note: Note) {
        *self.notes.entry(note.name()).or_default() += 1;
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "bodies {}, repeated {}", self.bodies, self.repeated)?;
        for (name, count) in self.published.iter().chain(&self.notes) {
            write!(f, ", {} {count}", name.trim_start_matches("KIND_").to_lowercase())?;
        }
        Ok(())
    }
}
