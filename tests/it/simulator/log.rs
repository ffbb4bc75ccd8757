//! Topics, partitions and transactions, as little of Kafka as the promises rest on.
//!
//! Every entry bears the model's own count of all that happens: the true order, which no port shows.
//! Control records take an offset, as in Kafka.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use consentgate::consent::{Offset, Partition};

/// Which topic.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Name {
    Events,
    Activity,
    Templates,
    Outbound,
    Allowed,
    Audit,
    Receipts,
}

impl Name {
    pub(crate) const CONSENT: [Self; 3] = [Self::Events, Self::Activity, Self::Templates];
    pub(crate) const ALL: [Self; 7] = [
        Self::Events,
        Self::Activity,
        Self::Templates,
        Self::Outbound,
        Self::Allowed,
        Self::Audit,
        Self::Receipts,
    ];
}

/// A record's bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Bytes {
    pub(crate) key: Option<Vec<u8>>,
    pub(crate) value: Option<Vec<u8>>,
    pub(crate) headers: Vec<(Vec<u8>, Option<Vec<u8>>)>,
    pub(crate) timestamp_ms: i64,
}

/// A transaction, by number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Txn(pub(crate) usize);

/// What becomes of a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TxnState {
    Open,
    Committed,
    Aborted,
}

/// What lies at an offset.
#[derive(Clone, Debug)]
pub(crate) enum Body {
    Record(Rc<Bytes>),
    Control,
}

/// One offset of a partition.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) body: Body,
    pub(crate) txn: Option<Txn>,
    /// When in the true order it was appended.
    pub(crate) seq: u64,
    /// Of what the lanes write: when in the true order the input record was fetched.
    pub(crate) fetched: Option<u64>,
    /// The latest time that the wall clock had shown when it was appended, in milliseconds.
    pub(crate) wall_ms: i64,
}

/// A record as a reader sees it.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) partition: Partition,
    pub(crate) offset: Offset,
    pub(crate) bytes: Rc<Bytes>,
    pub(crate) seq: u64,
    pub(crate) fetched: Option<u64>,
    pub(crate) wall_ms: i64,
}

/// What a reader may see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Isolation {
    Committed,
    Uncommitted,
}

/// What a partition held before it was cut.
#[derive(Debug)]
struct Past {
    name: Name,
    partition: Partition,
    /// When in the true order it was cut.
    until: u64,
    entries: Vec<Entry>,
}

/// All topics.
#[derive(Debug, Default)]
pub(crate) struct Log {
    topics: BTreeMap<Name, Vec<Vec<Entry>>>,
    /// Oldest first.
    past: Vec<Past>,
    txns: Vec<TxnState>,
    /// Where each open transaction has written.
    open: BTreeMap<Txn, BTreeSet<(Name, Partition)>>,
}

impl Log {
    pub(crate) fn create(&mut self, name: Name, partitions: i32) {
        let partitions = (0..partitions).map(|_| Vec::new()).collect();
        self.topics.insert(name, partitions);
    }

    pub(crate) fn width(&self, name: Name) -> i32 {
        i32::try_from(self.topics[&name].len()).unwrap()
    }

    pub(crate) fn partitions(&self, name: Name) -> impl Iterator<Item = Partition> + use<> {
        (0..self.width(name)).map(Partition)
    }

    fn entries(&self, name: Name, partition: Partition) -> &[Entry] {
        &self.topics[&name][usize::try_from(partition.0).unwrap()]
    }

    /// What a partition held at an instant of the true order.
    fn entries_at(&self, name: Name, partition: Partition, seq: u64) -> &[Entry] {
        let held =
            |past: &&Past| (past.name, past.partition) == (name, partition) && seq < past.until;
        match self.past.iter().find(held) {
            Some(past) => &past.entries,
            None => self.entries(name, partition),
        }
    }

    /// Cuts a partition off behind its first `keep` offsets, as a topic that was made again or a
    /// leader that had lost what it acknowledged.
    pub(crate) fn cut(&mut self, name: Name, partition: Partition, keep: usize, seq: u64) {
        let at = usize::try_from(partition.0).unwrap();
        let entries = &mut self.topics.get_mut(&name).unwrap()[at];
        let kept = entries[..keep].to_vec();
        let entries = std::mem::replace(entries, kept);
        self.past.push(Past { name, partition, until: seq, entries });
    }

    /// When in the true order anything was cut.
    pub(crate) fn cuts(&self) -> impl Iterator<Item = u64> + '_ {
        self.past.iter().map(|past| past.until)
    }

    pub(crate) fn append(&mut self, name: Name, partition: Partition, entry: Entry) -> Offset {
        if let Some(places) = entry.txn.and_then(|txn| self.open.get_mut(&txn)) {
            places.insert((name, partition));
        }
        let at = usize::try_from(partition.0).unwrap();
        let entries = &mut self.topics.get_mut(&name).unwrap()[at];
        entries.push(entry);
        Offset(i64::try_from(entries.len()).unwrap() - 1)
    }

    pub(crate) fn begin(&mut self) -> Txn {
        self.txns.push(TxnState::Open);
        let txn = Txn(self.txns.len() - 1);
        self.open.insert(txn, BTreeSet::new());
        txn
    }

    pub(crate) fn state(&self, txn: Txn) -> TxnState {
        self.txns[txn.0]
    }

    /// Ends a transaction; its control records take an offset wherever it wrote.
    pub(crate) fn end(&mut self, txn: Txn, state: TxnState, seq: u64, wall_ms: i64) {
        assert_eq!(self.txns[txn.0], TxnState::Open, "a transaction ends once");
        self.txns[txn.0] = state;
        for (name, partition) in self.open.remove(&txn).unwrap_or_default() {
            let entry = Entry { body: Body::Control, txn: Some(txn), seq, fetched: None, wall_ms };
            self.append(name, partition, entry);
        }
    }

    /// The high watermark.
    pub(crate) fn high(&self, name: Name, partition: Partition) -> Offset {
        Offset(i64::try_from(self.entries(name, partition).len()).unwrap())
    }

    /// The last stable offset: the first offset of the first open transaction.
    pub(crate) fn stable(&self, name: Name, partition: Partition) -> Offset {
        if self.open.values().all(|places| !places.contains(&(name, partition))) {
            return self.high(name, partition);
        }
        let is_open = |entry: &Entry| entry.txn.is_some_and(|t| self.state(t) == TxnState::Open);
        let first = self.entries(name, partition).iter().position(is_open);
        first.map_or(self.high(name, partition), |at| Offset(i64::try_from(at).unwrap()))
    }

    /// What a reader at `offset` comes to: a record if one is to be seen there; `None` at the end.
    pub(crate) fn read(
        &self,
        name: Name,
        partition: Partition,
        offset: Offset,
        isolation: Isolation,
    ) -> Option<Option<Seen>> {
        let end = match isolation {
            Isolation::Committed => self.stable(name, partition),
            Isolation::Uncommitted => self.high(name, partition),
        };
        if offset >= end {
            return None;
        }
        let entry = &self.entries(name, partition)[usize::try_from(offset.0).unwrap()];
        Some(self.seen(partition, offset, entry, isolation))
    }

    fn seen(
        &self,
        partition: Partition,
        offset: Offset,
        entry: &Entry,
        isolation: Isolation,
    ) -> Option<Seen> {
        let is_aborted = entry.txn.is_some_and(|txn| self.state(txn) == TxnState::Aborted);
        let hidden = is_aborted && isolation == Isolation::Committed;
        match &entry.body {
            Body::Record(bytes) if !hidden => Some(Seen {
                partition,
                offset,
                bytes: bytes.clone(),
                seq: entry.seq,
                fetched: entry.fetched,
                wall_ms: entry.wall_ms,
            }),
            _ => None,
        }
    }

    /// All records that a partition held at an instant of the true order, or gets later, as far as
    /// they are committed by now.
    pub(crate) fn committed_at(&self, name: Name, partition: Partition, seq: u64) -> Vec<Seen> {
        let entries = self.entries_at(name, partition, seq).iter().zip(0..).map(|(e, at)| (at, e));
        let seen = |(at, entry)| self.seen(partition, Offset(at), entry, Isolation::Committed);
        entries.filter_map(seen).collect()
    }

    /// All records of a partition under `read_committed`.
    pub(crate) fn committed(&self, name: Name, partition: Partition) -> Vec<Seen> {
        let stable = usize::try_from(self.stable(name, partition).0).unwrap();
        let entries = self.entries(name, partition)[..stable].iter().zip(0..);
        let seen = |(entry, at)| self.seen(partition, Offset(at), entry, Isolation::Committed);
        entries.filter_map(seen).collect()
    }

    /// All records of a topic under `read_committed`, partition by partition.
    pub(crate) fn all_committed(&self, name: Name) -> Vec<Seen> {
        self.partitions(name).flat_map(|p| self.committed(name, p)).collect()
    }

    /// How many transactions were aborted.
    pub(crate) fn aborted_count(&self) -> usize {
        self.txns.iter().filter(|state| **state == TxnState::Aborted).count()
    }

    /// The partitions in which a transaction is open.
    pub(crate) fn open_in(&self, name: Name) -> Vec<Partition> {
        let lags = |p: &Partition| self.stable(name, *p) < self.high(name, *p);
        self.partitions(name).filter(lags).collect()
    }
}
