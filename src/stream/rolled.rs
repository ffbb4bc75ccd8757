//! Reading a consent log that was rolled: original times, encrypted records, signed ends.
//!
//! A rolled partition begins with records that carry their original append time in a header, and right
//! behind them lies a signed end. Such a time counts only if that end vouches for every record before
//! it; until then, or if it does not, whoever reads must hold. Behind the end a header means nothing.
//! Either all partitions were rolled by one roll, or none.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::ports::{AppendTime, RawConsent};
use crate::consent::{Offset, Partition, Topic};
use crate::wire::receipt::VerifyingKeys;
use crate::wire::roll::{Locked, RollDigest, RollId, RollSeal, Vault};

/// Why a log must not be relied on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RollTrouble {
    /// A record of an erased person is encrypted under a key that is not held here.
    KeyMissing,
    /// Not all rolled partitions have a signed end, or not of one roll: the roll was not finished, or
    /// the log is not read to its end yet.
    Unsealed,
    /// Records are not those that were vouched for.
    Broken,
}

/// One consent topic, as far as it was read.
#[derive(Clone, Debug, Default)]
pub struct RolledLog {
    vault: Vault,
    trusted: VerifyingKeys,
    partitions: BTreeMap<Partition, Part>,
    /// Why an encrypted record could not be opened.
    locked: Option<RollTrouble>,
}

#[derive(Clone, Debug)]
enum Part {
    /// Its first record was no rolled one.
    Plain,
    /// Rolled, and no end yet.
    Open { next: Offset, digest: RollDigest },
    /// Vouched for.
    Sealed(RollSeal),
    /// Not what was vouched for.
    Broken,
}

impl RolledLog {
    /// Opens records with these keys and believes ends that these keys have signed.
    pub fn new(vault: Vault, trusted: VerifyingKeys) -> Self {
        Self { vault, trusted, ..Self::default() }
    }

    /// Starts again from the beginning of every partition.
    pub fn restart(&mut self) {
        self.partitions.clear();
        self.locked = None;
    }

    /// Takes over what another reader of the same topic has seen of other partitions.
    pub fn join(&mut self, other: Self) {
        self.partitions.extend(other.partitions);
        self.locked = self.locked.take().or(other.locked);
    }

    /// A record as it counts. Records of one partition come in order, from the first on.
    pub fn take<'r>(&mut self, raw: &'r RawConsent) -> Cow<'r, RawConsent> {
        let (broker_ms, original_ms) = match raw.appended {
            AppendTime::Rolled { broker_ms, original_ms } => (broker_ms, Some(original_ms)),
            AppendTime::Broker(at_ms) => (at_ms, None),
            AppendTime::NotBroker => return Cow::Borrowed(raw),
        };
        let part = match raw.topic {
            Topic::ConsentEvents => Some(self.part_of(raw)),
            Topic::ConsentActivity | Topic::TemplateStates => None,
        };
        match (part, original_ms) {
            (Some(Part::Open { next, digest }), Some(original_ms)) => {
                digest.add((raw.partition, raw.offset), original_ms, raw.key(), raw.value());
                let is_next = raw.offset == *next;
                *next = next.next();
                if !is_next {
                    self.partitions.insert(raw.partition, Part::Broken);
                }
                let mut taken = raw.clone();
                taken.appended = AppendTime::Broker(original_ms);
                self.open(&mut taken);
                Cow::Owned(taken)
            }
            (Some(Part::Open { next, digest }), None) => {
                let (next, digest) = (*next, digest.finish());
                let end = self.end(raw, next, digest);
                self.partitions.insert(raw.partition, end);
                Cow::Borrowed(raw)
            }
            // Behind the end a header means nothing.
            (_, Some(_)) => {
                Cow::Owned(RawConsent { appended: AppendTime::Broker(broker_ms), ..raw.clone() })
            }
            (_, None) => Cow::Borrowed(raw),
        }
    }

    fn part_of(&mut self, raw: &RawConsent) -> &mut Part {
        self.partitions.entry(raw.partition).or_insert_with(|| match raw.offset {
            Offset(0) => Part::Open { next: Offset(0), digest: RollDigest::default() },
            _ => Part::Plain,
        })
    }

    /// Puts the record within in the place of an encrypted one.
    fn open(&mut self, taken: &mut RawConsent) {
        let place = (taken.partition, taken.offset);
        match taken.value.as_deref().and_then(|value| self.vault.open(place, value)) {
            None => {}
            Some(Ok(opened)) => (taken.key, taken.value) = (opened.key, opened.value),
            Some(Err(Locked::KeyMissing(_))) => self.locked = Some(RollTrouble::KeyMissing),
            Some(Err(Locked::Broken)) => {
                self.locked.get_or_insert(RollTrouble::Broken);
            }
        }
    }

    /// The first record that is none of the rolled ones: their signed end, or there never were any.
    fn end(&self, raw: &RawConsent, next: Offset, digest: [u8; 32]) -> Part {
        match raw.value().and_then(|value| RollSeal::open(value, &self.trusted)) {
            Some(Ok(seal)) => {
                let fits = seal.partition == raw.partition
                    && (seal.end, raw.offset) == (next, next)
                    && seal.digest == digest;
                if fits { Part::Sealed(seal) } else { Part::Broken }
            }
            Some(Err(_)) => Part::Broken,
            None if next == Offset(0) => Part::Plain,
            None => Part::Broken,
        }
    }

    /// Why the log must not be relied on, as far as it was read. `partitions` is how many it has.
    pub fn trouble(&self, partitions: i32) -> Option<RollTrouble> {
        let parts = || self.partitions.values();
        if parts().any(|part| matches!(part, Part::Broken)) {
            return Some(RollTrouble::Broken);
        }
        if self.locked.is_some() {
            return self.locked.clone();
        }
        let first = parts().find_map(|part| match part {
            Part::Sealed(seal) => Some(seal),
            _ => None,
        });
        let is_rolled = parts().any(|part| matches!(part, Part::Open { .. } | Part::Sealed(_)));
        if !is_rolled {
            return None;
        }
        let belongs = |seal: &RollSeal| {
            first.is_some_and(|first| first.roll == seal.roll) && seal.partitions == partitions
        };
        let is_sealed = |part: &Part| matches!(part, Part::Sealed(seal) if belongs(seal));
        let all = usize::try_from(partitions).unwrap_or(usize::MAX);
        let whole = self.partitions.len() == all && parts().all(is_sealed);
        (!whole).then_some(RollTrouble::Unsealed)
    }

    /// Up to where each partition was rolled; empty if the log never was.
    pub fn ends(&self) -> BTreeMap<Partition, Offset> {
        let end = |(partition, part): (&Partition, &Part)| match part {
            Part::Sealed(seal) => Some((*partition, seal.end)),
            Part::Plain | Part::Open { .. } | Part::Broken => None,
        };
        self.partitions.iter().filter_map(end).collect()
    }

    /// Which roll made the log.
    pub fn roll(&self) -> Option<RollId> {
        self.partitions.values().find_map(|part| match part {
            Part::Sealed(seal) => Some(seal.roll),
            Part::Plain | Part::Open { .. } | Part::Broken => None,
        })
    }
}
