//! The one cluster that everything in a run shares: log, group, producers, clock, chance, trouble.
//!
//! All chance comes from one seeded source, so a seed is a run.

use std::cell::{RefCell, RefMut};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use consentgate::consent::{Offset, Partition, Place, Topic};
use consentgate::stream::{Fault, FaultKind};
use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};

use super::clock::ModelClock;
use super::group::{Group, Sharing};
use super::log::{Body, Bytes, Entry, Log, Name, Txn, TxnState};
use super::producers::Producers;

/// What the brokers say that they are.
pub(crate) const CLUSTER_ID: &str = "model";

/// What is wrong with the answers of the log ends, for as long as it lasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum EndsTrouble {
    /// No answer at all.
    Silent,
    /// One partition is missing from the answer.
    Missing,
    /// One partition answers with an error.
    Error,
    /// One partition answers with a lower end than before.
    Regress,
}

/// A time in which nothing may be decided that was fetched in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Window {
    pub(crate) from: u64,
    pub(crate) to: Option<u64>,
    pub(crate) why: Why,
}

/// Why nothing may be decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Why {
    Ends,
    /// A consent partition has no leader.
    Leader(Name, Partition),
    OpenTransaction(Txn),
    Record(Place),
    /// A record whose append time is so many milliseconds past the limit.
    Ahead(Place, i64),
}

/// The cluster.
#[derive(Debug)]
pub(crate) struct Cluster {
    pub(crate) log: Log,
    pub(crate) group: Group,
    pub(crate) producers: Producers,
    /// The brokers' clock.
    pub(crate) clock: ModelClock,
    pub(crate) rng: SmallRng,
    /// Whether calls may fail.
    pub(crate) is_troubled: bool,
    pub(crate) ends: Option<EndsTrouble>,
    /// Partitions without a leader.
    pub(crate) leaderless: BTreeSet<(Name, Partition)>,
    pub(crate) windows: Vec<Window>,
    /// How often a consent reader has started anew.
    pub(crate) restarts: u64,
    /// Where each consent reader stands.
    pub(crate) readers: BTreeMap<u64, BTreeMap<(Name, Partition), Offset>>,
    /// What happened, if anybody wants to know.
    pub(crate) trace: Option<Vec<String>>,
    seq: u64,
    wall_max_ms: i64,
}

/// The cluster as its users hold it.
#[derive(Clone, Debug)]
pub(crate) struct Shared(Rc<RefCell<Cluster>>);

impl Shared {
    pub(crate) fn new(seed: u64, trace: Trace) -> Self {
        let mut log = Log::default();
        log.create(Name::Events, 2);
        log.create(Name::Activity, 1);
        log.create(Name::Templates, 1);
        for name in [Name::Outbound, Name::Allowed, Name::Audit, Name::Receipts] {
            log.create(name, 3);
        }
        let sharing = match seed % 5 {
            0 | 1 => Sharing::Piecewise,
            _ => Sharing::Whole,
        };
        let group = Group::new(sharing, log.partitions(Name::Outbound).collect());
        Self(Rc::new(RefCell::new(Cluster {
            log,
            group,
            producers: Producers::default(),
            clock: ModelClock::default(),
            rng: SmallRng::seed_from_u64(seed),
            is_troubled: true,
            ends: None,
            leaderless: BTreeSet::new(),
            windows: Vec::new(),
            restarts: 0,
            readers: BTreeMap::new(),
            trace: (trace == Trace::Kept).then(Vec::new),
            seq: 0,
            wall_max_ms: 0,
        })))
    }

    pub(crate) fn borrow(&self) -> RefMut<'_, Cluster> {
        self.0.borrow_mut()
    }

    pub(crate) fn chance(&self, percent: u32) -> bool {
        self.borrow().chance(percent)
    }

    pub(crate) fn below(&self, bound: usize) -> usize {
        self.borrow().rng.random_range(0..bound)
    }
}

/// Whether a run writes down what happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trace {
    Kept,
    None,
}

impl Cluster {
    pub(crate) fn next_seq(&mut self) -> u64 {
        self.seq += 1;
        self.seq
    }

    /// Writes down what happens, if anybody wants to know.
    pub(crate) fn note(&mut self, what: impl FnOnce() -> String) {
        let at_ms = self.clock.broker_ms() % 10_000_000;
        let seq = self.seq;
        if let Some(trace) = &mut self.trace {
            trace.push(format!("{seq:>6} {at_ms:>8} ms  {}", what()));
        }
    }

    pub(crate) fn chance(&mut self, percent: u32) -> bool {
        self.rng.random_range(0..100) < percent
    }

    /// Trouble of so many per thousand, as long as there is trouble at all.
    pub(crate) fn is_hit(&mut self, per_mille: u32) -> bool {
        self.is_troubled && self.rng.random_range(0..1_000) < per_mille
    }

    /// One of so many; 0 of none.
    pub(crate) fn pick(&mut self, count: usize) -> usize {
        if count == 0 { 0 } else { self.rng.random_range(0..count) }
    }

    /// The latest that a wall clock has shown.
    pub(crate) fn wall_max_ms(&mut self) -> i64 {
        self.wall_max_ms = self.wall_max_ms.max(self.clock.broker_ms());
        self.wall_max_ms
    }

    /// A fault of one of these kinds, now and then.
    pub(crate) fn trouble(&mut self, per_mille: u32, kinds: &[FaultKind]) -> Result<(), Fault> {
        if self.is_hit(per_mille) {
            let kind = kinds[self.rng.random_range(0..kinds.len())];
            self.note(|| format!("  a call fails: {}", kind.name()));
            return Err(Fault::new(kind, "the model's own trouble"));
        }
        Ok(())
    }

    pub(crate) fn has_leader(&self, name: Name, partition: Partition) -> bool {
        !self.leaderless.contains(&(name, partition))
    }

    /// A partition loses its leader, or gets one.
    pub(crate) fn change_leader(&mut self, name: Name, partition: Partition) {
        let is_lost = self.leaderless.insert((name, partition));
        self.note(|| format!("{name:?} {partition} loses or gets a leader: lost {is_lost}"));
        if !is_lost {
            self.leaderless.remove(&(name, partition));
            self.close_windows(|why| why == Why::Leader(name, partition));
        } else if Name::CONSENT.contains(&name) {
            self.open_window(Why::Leader(name, partition));
        }
    }

    /// Whether a reader stands behind the end of this partition: it was cut, and the reader does not
    /// know yet.
    pub(crate) fn is_cut_unseen(&self, name: Name, partition: Partition) -> bool {
        let high = self.log.high(name, partition);
        self.readers.values().any(|next| next.get(&(name, partition)).is_some_and(|n| *n > high))
    }

    pub(crate) fn append(
        &mut self,
        name: Name,
        partition: Partition,
        bytes: Bytes,
        txn: Option<Txn>,
        fetched: Option<u64>,
    ) -> Offset {
        let (seq, wall_ms) = (self.next_seq(), self.wall_max_ms());
        let body = Body::Record(Rc::new(bytes));
        self.log.append(name, partition, Entry { body, txn, seq, fetched, wall_ms })
    }

    /// Ends a transaction of any kind, its offsets and its window.
    pub(crate) fn end(&mut self, txn: Txn, state: TxnState) {
        self.note(|| format!("  {txn:?} ends: {state:?}"));
        let (seq, wall_ms) = (self.next_seq(), self.wall_max_ms());
        self.log.end(txn, state, seq, wall_ms);
        self.group.settle(txn, state == TxnState::Committed);
        self.close_windows(|why| why == Why::OpenTransaction(txn));
    }

    pub(crate) fn open_window(&mut self, why: Why) {
        self.note(|| format!("nothing may be decided: {why:?}"));
        let from = self.next_seq();
        if !self.windows.iter().any(|window| window.why == why && window.to.is_none()) {
            self.windows.push(Window { from, to: None, why });
        }
    }

    pub(crate) fn close_windows(&mut self, of: impl Fn(Why) -> bool) {
        let seq = self.next_seq();
        for window in &mut self.windows {
            if window.to.is_none() && of(window.why) {
                window.to = Some(seq);
            }
        }
    }
}

pub(crate) fn name_of(topic: Topic) -> Name {
    match topic {
        Topic::ConsentEvents => Name::Events,
        Topic::ConsentActivity => Name::Activity,
        Topic::TemplateStates => Name::Templates,
    }
}

pub(crate) fn topic_of(name: Name) -> Topic {
    match name {
        Name::Events => Topic::ConsentEvents,
        Name::Activity => Topic::ConsentActivity,
        Name::Templates => Topic::TemplateStates,
        other => panic!("{other:?} is no consent topic"),
    }
}
