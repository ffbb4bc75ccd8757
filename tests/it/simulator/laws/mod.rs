//! What must be true of the topics when a run is over, and of the order in which they were filled.
//!
//! No law asks the code under test what it did. Consent is folded anew from the topics, receipts are
//! opened with the pinned key, and the true order is the model's.

mod conserved;
pub(crate) mod fenced;
mod holds;
mod receipts;
mod replay;

use std::collections::BTreeMap;

use consentgate::consent::{Offset, Partition};
use consentgate::wire::audit::{AuditEntry, decode_entry};

use super::log::{Log, Name, Seen};
use super::world::Outcome;

/// A law.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Law {
    /// P1: an opt-out that was appended before a message was fetched is honoured.
    Fenced,
    /// P2: every message is allowed or audited, once.
    Conserved,
    /// P3: nothing is decided while the gate must hold.
    FailsClosed,
    /// P4: in order.
    Ordered,
    /// P4: byte for byte.
    Untouched,
    /// P5: receipts tile the input.
    Tiled,
    /// P5: receipts chain.
    Chained,
    /// P5: each batch's decisions follow from its positions and its clock.
    Replay,
    /// P3: holds are in the receipts with their cause.
    HoldsTold,
    /// Everything is decided once nothing is wrong any longer.
    Live,
    /// The code under test finds itself in order.
    Sound,
}

/// A law that was broken.
#[derive(Clone, Debug)]
pub(crate) struct Broken {
    pub(crate) law: Law,
    #[allow(dead_code, reason = "shown when a law is broken")]
    pub(crate) what: String,
}

/// All laws that a run broke.
pub(crate) fn broken_by(outcome: &Outcome) -> Vec<Broken> {
    let mut found = Found::default();
    for what in &outcome.broken {
        found.note(Law::Sound, what.clone());
    }
    if !outcome.is_finished && outcome.broken.is_empty() {
        found.note(Law::Live, "messages are left undecided".to_string());
    }
    let fates = Fates::of(outcome);
    conserved::check(outcome, &fates, &mut found);
    fenced::check(outcome, &fates, &mut found);
    let receipts = receipts::check(outcome, &fates, &mut found);
    replay::check(outcome, &fates, &receipts, &mut found);
    holds::check(outcome, &receipts, &mut found);
    found.0
}

/// The instants of the true order at which the consent topics held something else, from `first` to
/// `last`.
pub(crate) fn instants(log: &Log, first: u64, last: u64) -> Vec<u64> {
    let between = log.cuts().filter(|cut| first < *cut && *cut <= last);
    std::iter::once(first).chain(between).collect()
}

/// What was found broken.
#[derive(Default)]
pub(crate) struct Found(Vec<Broken>);

impl Found {
    pub(crate) fn count(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn add(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    pub(crate) fn note(&mut self, law: Law, what: String) {
        self.0.push(Broken { law, what });
    }

    pub(crate) fn demand(&mut self, holds: bool, law: Law, what: impl FnOnce() -> String) {
        if !holds {
            self.note(law, what());
        }
    }
}

/// Where an input record lies.
pub(crate) type At = (Partition, Offset);

/// The input and what became of it, as a sender and an auditor see it.
pub(crate) struct Fates {
    pub(crate) input: BTreeMap<At, Seen>,
    /// By input record, what lies in the allowed topic.
    pub(crate) allowed: BTreeMap<At, Vec<Seen>>,
    /// By input record, what lies in the audit topic.
    pub(crate) audited: BTreeMap<At, Vec<(AuditEntry, Seen)>>,
    /// Allowed records that no input record has the value of.
    pub(crate) strangers: Vec<Seen>,
}

impl Fates {
    pub(crate) fn of(outcome: &Outcome) -> Self {
        let log = &outcome.shared.borrow().log;
        let input = log.all_committed(Name::Outbound).into_iter();
        let input: BTreeMap<At, Seen> =
            input.map(|seen| ((seen.partition, seen.offset), seen)).collect();
        // Every message has a number in it, so its value says which one it is.
        let by_value: BTreeMap<_, _> =
            input.iter().map(|(at, seen)| (seen.bytes.value.clone(), *at)).collect();
        let (mut allowed, mut audited) =
            (BTreeMap::<_, Vec<_>>::new(), BTreeMap::<_, Vec<_>>::new());
        let mut strangers = Vec::new();
        for seen in log.all_committed(Name::Allowed) {
            match by_value.get(&seen.bytes.value).filter(|_| seen.bytes.value.is_some()) {
                Some(at) => allowed.entry(*at).or_default().push(seen),
                None => strangers.push(seen),
            }
        }
        for seen in log.all_committed(Name::Audit) {
            let entry = decode_entry(seen.bytes.value.as_deref().unwrap()).unwrap();
            audited.entry((entry.partition, entry.offset)).or_default().push((entry, seen));
        }
        Self { input, allowed, audited, strangers }
    }

    /// Everything that was written about any input record.
    pub(crate) fn written(&self) -> impl Iterator<Item = (At, &Seen)> {
        let allowed = self.allowed.iter().flat_map(|(at, all)| all.iter().map(|seen| (*at, seen)));
        let audited =
            self.audited.iter().flat_map(|(at, all)| all.iter().map(|(_, seen)| (*at, seen)));
        allowed.chain(audited)
    }
}
