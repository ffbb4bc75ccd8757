//! Transactional producers as the coordinator knows them, and requests that arrive late.
//!
//! As Kafka behaves towards a client without KIP-890: an epoch fences, but within an epoch a late
//! EndTxn ends whatever transaction is open when it arrives.

use std::collections::BTreeMap;

use super::cluster::Cluster;
use super::log::{Txn, TxnState};

/// Whose transactional id: a lane of an instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ProducerId {
    pub(crate) gate: u32,
    pub(crate) lane: u32,
}

#[derive(Debug, Default)]
struct Producer {
    epoch: u64,
    txn: Option<Txn>,
    /// A commit was asked for and its answer was lost: it will still take effect.
    prepared: bool,
}

/// An EndTxn that is on its way still, although its sender believes that it is done.
#[derive(Clone, Copy, Debug)]
struct Late {
    id: ProducerId,
    epoch: u64,
    state: TxnState,
}

/// All transactional ids.
#[derive(Debug, Default)]
pub(crate) struct Producers {
    known: BTreeMap<ProducerId, Producer>,
    late: Vec<Late>,
    /// How many late requests ended a transaction that was not theirs.
    pub(crate) harmed: usize,
    /// How many were turned away by the epoch.
    pub(crate) fenced: usize,
}

impl Producers {
    fn of(&mut self, id: ProducerId) -> &mut Producer {
        self.known.entry(id).or_default()
    }

    pub(crate) fn epoch(&self, id: ProducerId) -> u64 {
        self.known.get(&id).map_or(0, |producer| producer.epoch)
    }

    pub(crate) fn open(&self, id: ProducerId) -> Option<Txn> {
        self.known.get(&id)?.txn
    }

    pub(crate) fn is_prepared(&self, id: ProducerId) -> bool {
        self.known.get(&id).is_some_and(|producer| producer.prepared)
    }

    pub(crate) fn prepare(&mut self, id: ProducerId) {
        self.of(id).prepared = true;
    }

    /// An EndTxn of this epoch was sent twice; the first one is still on its way.
    pub(crate) fn delay(&mut self, id: ProducerId, epoch: u64, state: TxnState) {
        self.late.push(Late { id, epoch, state });
    }
}

impl Cluster {
    /// A producer starts anew: what its id left open is ended, and everything older is fenced.
    pub(crate) fn init_producer(&mut self, id: ProducerId) -> u64 {
        self.finish(id);
        let producer = self.producers.of(id);
        producer.epoch += 1;
        producer.epoch
    }

    /// The broker begins a transaction with the first request of one.
    pub(crate) fn begin_for(&mut self, id: ProducerId) -> Txn {
        let txn = self.log.begin();
        self.producers.of(id).txn = Some(txn);
        txn
    }

    /// What the coordinator does about an id whose owner starts anew, is gone, or takes too long.
    pub(crate) fn finish(&mut self, id: ProducerId) {
        let producer = self.producers.of(id);
        let prepared = std::mem::take(&mut producer.prepared);
        if let Some(txn) = producer.txn.take() {
            let state = if prepared { TxnState::Committed } else { TxnState::Aborted };
            self.end(txn, state);
        }
    }

    /// Ends an id's open transaction.
    pub(crate) fn finish_as(&mut self, id: ProducerId, state: TxnState) {
        if let Some(txn) = self.producers.of(id).txn.take() {
            self.end(txn, state);
        }
    }

    /// A transaction is older than its timeout: the coordinator aborts it and fences its owner.
    pub(crate) fn time_out(&mut self) {
        let open = |(id, producer): (&ProducerId, &Producer)| producer.txn.map(|_| *id);
        let open: Vec<_> = self.producers.known.iter().filter_map(open).collect();
        if let Some(&id) = open.get(self.pick(open.len())) {
            self.note(|| format!("the transaction of {id:?} takes too long"));
            self.init_producer(id);
        }
    }

    /// Transactions of ids whose owners are gone come to their end.
    pub(crate) fn coordinate(&mut self, is_gone: impl Fn(ProducerId) -> bool) {
        let known: Vec<_> = self.producers.known.keys().copied().collect();
        known.into_iter().filter(|id| is_gone(*id)).for_each(|id| self.finish(id));
    }

    /// A request that was on its way for long arrives.
    pub(crate) fn arrive(&mut self) {
        let count = self.producers.late.len();
        if count == 0 {
            return;
        }
        let at = self.pick(count);
        let Late { id, epoch, state } = self.producers.late.swap_remove(at);
        self.note(|| format!("a late EndTxn of {id:?} arrives: {state:?}"));
        let producer = self.producers.of(id);
        if producer.epoch != epoch {
            self.producers.fenced += 1;
        } else if producer.txn.is_some() && !producer.prepared {
            self.producers.harmed += 1;
            self.finish_as(id, state);
        }
    }
}
