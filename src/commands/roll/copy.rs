//! The new records, one for each offset of the old log.
//!
//! Knows no Kafka: whoever calls writes what it is given, in the order in which it is given.

use std::collections::BTreeMap;

use super::folding::Folding;
use super::plan::{Plan, Treatment};
use crate::consent::{Offset, Partition};
use crate::stream::ports::{AppendTime, RawConsent};
use crate::wire::WireError;
use crate::wire::roll::{OpenedRecord, RollDigest, STAND_IN_KEY, Vault, filler};

/// A record of the new log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct NewRecord {
    pub(super) partition: Partition,
    pub(super) offset: Offset,
    /// When the record in whose place it stands was appended, in milliseconds since 1970.
    pub(super) original_ms: i64,
    pub(super) key: Option<Vec<u8>>,
    pub(super) value: Option<Vec<u8>>,
}

/// What was made of a partition so far.
#[derive(Clone, Debug, Default)]
pub(super) struct Copied {
    pub(super) next: Offset,
    pub(super) digest: RollDigest,
    pub(super) left_out: u64,
    pub(super) sealed: u64,
}

/// Makes the records of a new log.
pub(super) struct Copier<'a> {
    plan: &'a Plan,
    vault: &'a Vault,
    folding: Folding,
    pub(super) partitions: BTreeMap<Partition, Copied>,
}

impl<'a> Copier<'a> {
    /// By this plan; `folding` knows the voids and has read nothing.
    pub(super) fn new(plan: &'a Plan, vault: &'a Vault, folding: Folding) -> Self {
        Self { plan, vault, folding, partitions: BTreeMap::new() }
    }

    /// The records that stand in the place of one, and of the offsets before it that hold none.
    ///
    /// # Errors
    /// A record that cannot be encrypted.
    pub(super) fn take(&mut self, raw: &RawConsent) -> Result<Vec<NewRecord>, WireError> {
        let AppendTime::Broker(original_ms) = raw.appended else { return Ok(Vec::new()) };
        let Some((record, folded)) = self.folding.look(raw) else { return Ok(Vec::new()) };
        let mut new = self.fill(raw.partition, raw.offset);
        let copied = self.partitions.entry(raw.partition).or_default();
        let treatment = self.plan.treat(&record, &folded);
        let (key, value) = match treatment {
            Treatment::Keep => (raw.key.clone(), raw.value.clone()),
            Treatment::LeaveOut => (Some(STAND_IN_KEY.to_vec()), Some(filler())),
            Treatment::Seal => {
                let record = OpenedRecord { key: raw.key.clone(), value: raw.value.clone() };
                let place = (raw.partition, raw.offset);
                let value = self.vault.seal(place, &record, rand::random())?;
                (Some(STAND_IN_KEY.to_vec()), Some(value))
            }
        };
        copied.left_out += u64::from(treatment == Treatment::LeaveOut);
        copied.sealed += u64::from(treatment == Treatment::Seal);
        let (partition, offset) = (raw.partition, raw.offset);
        new.push(copied.add(NewRecord { partition, offset, original_ms, key, value }));
        Ok(new)
    }

    /// Records for the offsets up to `end` that hold none: control records, or aborted ones.
    pub(super) fn fill(&mut self, partition: Partition, end: Offset) -> Vec<NewRecord> {
        let copied = self.partitions.entry(partition).or_default();
        let mut fillers = Vec::new();
        while copied.next < end {
            // The time of 1970 never counts. That of the record before might: it may be voided there.
            let (offset, original_ms) = (copied.next, 0);
            let (key, value) = (Some(STAND_IN_KEY.to_vec()), Some(filler()));
            fillers.push(copied.add(NewRecord { partition, offset, original_ms, key, value }));
        }
        fillers
    }
}

impl Copied {
    fn add(&mut self, new: NewRecord) -> NewRecord {
        let place = (new.partition, new.offset);
        self.digest.add(place, new.original_ms, new.key.as_deref(), new.value.as_deref());
        self.next = new.offset.next();
        new
    }
}
