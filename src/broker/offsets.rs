//! The committed offsets of one group, with their metadata.
//!
//! Knows no member and no generation: who may commit is decided before. An
//! offset inside an open transaction is held aside until the transaction
//! ends, and makes the committed one unstable meanwhile.

use std::collections::BTreeMap;

/// Metadata longer than this, in bytes, is refused (Kafka's default).
pub(super) const METADATA_BYTES_MAX: usize = 4096;

/// A topic and partition.
pub(super) type Place = (String, i32);

/// A committed position.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Committed {
    pub(super) offset: i64,
    pub(super) leader_epoch: i32,
    pub(super) metadata: String,
}

/// Offsets by partition, and those that wait for their transaction.
#[derive(Debug, Default)]
pub(super) struct Offsets {
    committed: BTreeMap<Place, Committed>,
    /// By producer id.
    pending: BTreeMap<i64, BTreeMap<Place, Committed>>,
}

impl Offsets {
    pub(super) fn commit(&mut self, place: Place, committed: Committed) {
        self.committed.insert(place, committed);
    }

    /// Holds an offset until the producer's transaction ends.
    pub(super) fn hold(&mut self, producer: i64, place: Place, committed: Committed) {
        self.pending.entry(producer).or_default().insert(place, committed);
    }

    /// The producer's transaction was committed.
    pub(super) fn apply(&mut self, producer: i64) {
        let held = self.pending.remove(&producer).unwrap_or_default();
        self.committed.extend(held);
    }

    /// The producer's transaction was aborted.
    pub(super) fn discard(&mut self, producer: i64) {
        self.pending.remove(&producer);
    }

    pub(super) fn get(&self, place: &Place) -> Option<&Committed> {
        self.committed.get(place)
    }

    /// A transaction with an offset for this partition is open.
    pub(super) fn is_unstable(&self, place: &Place) -> bool {
        self.pending.values().any(|held| held.contains_key(place))
    }

    /// Partitions with a committed offset.
    pub(super) fn places(&self) -> impl Iterator<Item = &Place> {
        self.committed.keys()
    }

    /// Forgets a deleted topic.
    pub(super) fn forget_topic(&mut self, topic: &str) {
        self.committed.retain(|(name, _), _| name != topic);
        for held in self.pending.values_mut() {
            held.retain(|(name, _), _| name != topic);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(offset: i64) -> Committed {
        Committed { offset, leader_epoch: -1, metadata: "m".to_owned() }
    }

    #[test]
    fn an_offset_in_a_transaction_counts_when_it_is_committed() {
        let place = ("t".to_owned(), 0);
        let mut offsets = Offsets::default();
        offsets.commit(place.clone(), at(1));
        offsets.hold(7, place.clone(), at(5));
        assert!(offsets.is_unstable(&place));
        assert_eq!(offsets.get(&place), Some(&at(1)));
        offsets.discard(7);
        assert_eq!(offsets.get(&place), Some(&at(1)));
        offsets.hold(7, place.clone(), at(6));
        offsets.apply(7);
        assert!(!offsets.is_unstable(&place));
        assert_eq!(offsets.get(&place), Some(&at(6)));
    }
}
