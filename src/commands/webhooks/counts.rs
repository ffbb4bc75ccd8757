//! What became of the bodies so far, in numbers.

use std::collections::BTreeMap;
use std::fmt;

use crate::telemetry::metrics::Webhooks;
use crate::wire::consent::kind_name;
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

/// The kinds of events that webhooks make.
const KINDS: [Kind; 8] = [
    Kind::Withdraw,
    Kind::PlatformStop,
    Kind::PlatformResume,
    Kind::Cooldown,
    Kind::IdentityLink,
    Kind::IdentityChanged,
    Kind::Inbound,
    Kind::TemplateState,
];

/// The counters on the adapter's page.
pub(super) fn meters() -> Webhooks {
    let events = KINDS.map(kind_name);
    let notes: Vec<_> = Note::ALL.iter().map(|note| note.name()).collect();
    let librdkafka = crate::kafka::library_version();
    Webhooks::begin(&events, &notes, env!("CARGO_PKG_VERSION"), &librdkafka)
}

impl Counts {
    pub(super) fn publish(&mut self, kind: Kind) {
        *self.published.entry(kind_name(kind)).or_default() += 1;
    }

    /// Adds what a batch came to.
    pub(super) fn add(&mut self, batch: &Self) {
        self.bodies += batch.bodies;
        self.repeated += batch.repeated;
        for (name, count) in &batch.published {
            *self.published.entry(name).or_default() += count;
        }
        for (name, count) in &batch.notes {
            *self.notes.entry(name).or_default() += count;
        }
    }

    /// Shows what a batch came to on the page.
    pub(super) fn report(&self, meters: &Webhooks) {
        meters.add(self.bodies, self.repeated);
        self.published.iter().for_each(|(kind, count)| meters.published(kind, *count));
        self.notes.iter().for_each(|(note, count)| meters.noted(note, *count));
    }

    pub(super) fn note(&mut self, note: Note) {
        *self.notes.entry(note.name()).or_default() += 1;
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "bodies {}, repeated {}", self.bodies, self.repeated)?;
        for (name, count) in self.published.iter().chain(&self.notes) {
            write!(f, ", {name} {count}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_that_is_counted_has_a_name_of_its_own() {
        for kind in KINDS {
            let name = kind.as_str_name().trim_start_matches("KIND_").to_lowercase();
            assert_eq!(kind_name(kind), name);
        }
    }
}
