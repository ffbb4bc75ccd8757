//! Is the topic still the one that was read?
//!
//! A consent topic that is deleted and made again looks the same to a client, and may even hold
//! higher offsets. So the last record that was applied is read again from time to time and compared.
//! A record that is gone or another one means: everything learnt from this topic is in doubt.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use super::fault::Fault;
use super::ports::{ConsentPort, RawConsent, Reread};
use crate::consent::{Offset, Partition, Topic};

/// The last delivered record of every partition.
#[derive(Debug, Default)]
pub(super) struct TailCheck {
    last: BTreeMap<(Topic, Partition), (Offset, u64)>,
}

impl TailCheck {
    /// Notes a record that was delivered and applied.
    pub(super) fn deliver(&mut self, record: &RawConsent) {
        self.last.insert((record.topic, record.partition), (record.offset, digest(record)));
    }

    /// Reads every partition's last record again. Says what is wrong, if anything is.
    ///
    /// A partition that does not answer is no proof of anything: the fence notices it.
    ///
    /// # Errors
    /// A fault of the port.
    pub(super) fn recheck(
        &self,
        port: &mut impl ConsentPort,
    ) -> Result<Option<&'static str>, Fault> {
        for (&(topic, partition), &(offset, seen)) in &self.last {
            match port.reread(topic, partition, offset)? {
                Reread::Unanswered => {}
                Reread::Gone => return Ok(Some("the last applied record is gone")),
                Reread::Record(record) if digest(&record) != seen => {
                    return Ok(Some("the last applied record is another one"));
                }
                Reread::Record(_) => {}
            }
        }
        Ok(None)
    }
}

/// Compares records of one process only, so the standard hasher serves.
pub(super) fn digest(record: &RawConsent) -> u64 {
    let mut hasher = DefaultHasher::new();
    record.key.hash(&mut hasher);
    record.value.hash(&mut hasher);
    hasher.finish()
}
