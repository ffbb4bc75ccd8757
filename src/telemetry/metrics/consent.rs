//! What the consent loop and the fence report.

use std::sync::LazyLock;
use std::time::Duration;

use metrics::{Counter, Histogram};

use super::catalogue as all;
use super::registry::{counter, histogram, labels};
use crate::consent::{Coded, Content, EventKind, Note};
use crate::telemetry::health::HoldCause;

labels! {
    /// What a consent event does, for its time to effect.
    ConsentClass {
        /// It permits.
        OptIn = "opt_in",
        /// It objects.
        OptOut = "opt_out",
        /// The business blocks.
        Block = "block",
        /// The person is erased.
        Erase = "erase",
        /// Anything else.
        Other = "other",
    }
}

const NOTES: [Note; 8] = [
    Note::Undated,
    Note::ProofMissing,
    Note::TextRefused,
    Note::ImportGrants,
    Note::WrongPartition,
    Note::WrongTopic,
    Note::UnknownKind,
    Note::Quarantined,
];

pub(super) struct ConsentMeters {
    known: Vec<Counter>,
    unknown: Counter,
    undecodable: Counter,
    ignored: Counter,
    notes: Vec<(Note, Counter)>,
    applied: Vec<Histogram>,
    fence: Histogram,
    fence_errors: Vec<(HoldCause, Counter)>,
}

pub(super) static CONSENT: LazyLock<ConsentMeters> = LazyLock::new(|| ConsentMeters {
    known: EventKind::ALL
        .iter()
        .map(|kind| counter(&all::CONSENT_EVENTS_APPLIED, &[kind.name()]))
        .collect(),
    unknown: counter(&all::CONSENT_EVENTS_APPLIED, &["unknown"]),
    undecodable: counter(&all::CONSENT_EVENTS_APPLIED, &["undecodable"]),
    ignored: counter(&all::CONSENT_EVENTS_APPLIED, &["ignored"]),
    notes: NOTES
        .iter()
        .map(|note| (*note, counter(&all::CONSENT_EVENTS_REJECTED, &[note.name()])))
        .collect(),
    applied: ConsentClass::NAMES
        .iter()
        .map(|name| histogram(&all::CONSENT_APPLY_DURATION, &[name]))
        .collect(),
    fence: histogram(&all::FENCE_DURATION, &[]),
    fence_errors: HoldCause::ALL
        .iter()
        .map(|cause| (*cause, counter(&all::FENCE_ERRORS, &[cause.name()])))
        .collect(),
});

/// A consent record was folded: `consentgate_consent_events_applied_total`.
pub fn consent_event(content: &Content) {
    let counter = match content {
        Content::Undecodable => &CONSENT.undecodable,
        Content::Ignored => &CONSENT.ignored,
        Content::Event(event) => match event.kind {
            Coded::Known(kind) => {
                let index = EventKind::ALL.iter().position(|other| *other == kind);
                index.and_then(|index| CONSENT.known.get(index)).unwrap_or(&CONSENT.unknown)
            }
            Coded::Unspecified | Coded::Unknown(_) => &CONSENT.unknown,
        },
    };
    counter.increment(1);
}

/// A consent record was refused or taken with doubt: `consentgate_consent_events_rejected_total`.
pub fn consent_note(note: Note) {
    if let Some((_, counter)) = CONSENT.notes.iter().find(|(other, _)| *other == note) {
        counter.increment(1);
    }
}

/// From the append of a chunk's oldest record of this class to its being in the index:
/// `consentgate_consent_apply_duration_seconds`.
pub fn consent_applied(class: ConsentClass, oldest: Duration) {
    if let Some(histogram) = CONSENT.applied.get(class as usize) {
        histogram.record(oldest.as_secs_f64());
    }
}

/// A fence was published, this long after its question: `consentgate_fence_duration_seconds`.
pub fn fence_completed(took: Duration) {
    CONSENT.fence.record(took.as_secs_f64());
}

/// A fence failed: `consentgate_fence_errors_total`.
pub fn fence_failed(cause: HoldCause) {
    if let Some((_, counter)) = CONSENT.fence_errors.iter().find(|(other, _)| *other == cause) {
        counter.increment(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_note_has_a_counter() {
        // The match is here so that a new note cannot be forgotten above.
        for note in NOTES {
            match note {
                Note::Undated
                | Note::ProofMissing
                | Note::TextRefused
                | Note::ImportGrants
                | Note::WrongPartition
                | Note::WrongTopic
                | Note::UnknownKind
                | Note::Quarantined => {}
            }
        }
        let names: std::collections::BTreeSet<_> = NOTES.map(Note::name).into();
        assert_eq!(names.len(), NOTES.len());
    }
}
