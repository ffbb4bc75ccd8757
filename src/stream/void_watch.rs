//! Are the voids that outlive a rebuild still in the log?
//!
//! A rebuild keeps what was voided, for a void stands behind the record that it names. If the log is cut
//! while it is read anew, such a void may be gone, and would go on counting. So each record that voided
//! something has to come again; until all have, everything is held. One that is found gone, or another,
//! means that the log is not the one that was read.

use std::collections::BTreeMap;

use super::fault::Fault;
use super::ports::{ConsentPort, RawConsent, Reread};
use super::tail_check::digest;
use crate::consent::Place;

/// The records that voided something.
#[derive(Debug, Default)]
pub(super) struct VoidWatch {
    read: BTreeMap<Place, u64>,
    /// Those that were read before the reading began anew, and not since.
    missing: BTreeMap<Place, u64>,
}

impl VoidWatch {
    /// Notes a record that voids something.
    pub(super) fn read(&mut self, record: &RawConsent) {
        let (place, seen) = (record.place(), digest(record));
        if self.missing.get(&place) == Some(&seen) {
            self.missing.remove(&place);
        }
        self.read.insert(place, seen);
    }

    /// The log is read from its beginning, and what was voided stays voided.
    pub(super) fn restart(&mut self) {
        self.missing.append(&mut self.read);
    }

    /// Whether something counts as voided that was not read again.
    pub(super) fn is_missing(&self) -> bool {
        !self.missing.is_empty()
    }

    /// Looks for the first one that is missing. Says what is wrong, if anything is.
    ///
    /// # Errors
    /// A fault of the port.
    pub(super) fn recheck(
        &self,
        port: &mut impl ConsentPort,
    ) -> Result<Option<&'static str>, Fault> {
        let Some((place, seen)) = self.missing.first_key_value() else {
            return Ok(None);
        };
        Ok(match port.reread(place.topic, place.partition, place.offset)? {
            // It is still to be read, or nobody can say.
            Reread::Unanswered => None,
            Reread::Record(record) if digest(&record) == *seen => None,
            Reread::Record(_) => Some("a record that voided another is now another one"),
            Reread::Gone => Some("a record that voided another is gone"),
        })
    }
}
