//! What the log says about consent records that are refused or in doubt.
//!
//! The start reads years of records, and a broken writer makes thousands: one line a note and ten
//! seconds, with the number of those left out. Records that need an operator have a line each.

use super::ports::RawConsent;
use crate::consent::Note;
use crate::index::Tick;

/// How long a note is quiet after a line, in nanoseconds.
const QUIET_NS: u64 = 10_000_000_000;

/// When each note was last told, and how many were left out since.
#[derive(Debug, Default)]
pub(super) struct NoteLog(Vec<(Note, Tick, u64)>);

impl NoteLog {
    /// Writes the line that is due, if one is.
    pub(super) fn tell(&mut self, note: Note, record: &RawConsent, now: Tick) {
        if let Some(left_out) = self.due(note, now) {
            let (topic, partition, offset) = (record.topic.name(), record.partition, record.offset);
            tracing::warn!(topic, %partition, %offset, note = note.name(), left_out, "consent.noted");
        }
    }

    /// How many were left out since the last line, if a line is due.
    fn due(&mut self, note: Note, now: Tick) -> Option<u64> {
        if note == Note::Quarantined {
            return Some(0);
        }
        let Some((_, told, left_out)) = self.0.iter_mut().find(|(other, ..)| *other == note) else {
            self.0.push((note, now, 0));
            return Some(0);
        };
        if now.0.saturating_sub(told.0) < QUIET_NS {
            *left_out += 1;
            return None;
        }
        *told = now;
        Some(std::mem::take(left_out))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: u64 = 1_000_000_000;

    #[test]
    fn a_note_is_told_every_ten_seconds_with_the_number_left_out() {
        let mut log = NoteLog::default();
        let told = [0, 1, 9, 10, 11, 25].map(|s| log.due(Note::ProofMissing, Tick(s * SECOND)));
        assert_eq!(told, [Some(0), None, None, Some(2), None, Some(1)]);
        assert_eq!(log.due(Note::Undated, Tick(26 * SECOND)), Some(0), "each note for itself");
    }

    #[test]
    fn every_quarantined_record_is_told() {
        let mut log = NoteLog::default();
        assert_eq!([0, 1, 2].map(|s| log.due(Note::Quarantined, Tick(s))), [Some(0); 3]);
    }
}
