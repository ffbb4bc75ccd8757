//! The transaction coordinator: producer ids, epochs and open transactions.
//!
//! Knows names of partitions and groups, not their contents: whoever ends a
//! transaction here writes the markers and the offsets. An older epoch is
//! fenced, and an ended transaction answers a repeated request alike.

use std::collections::{BTreeSet, HashMap};
use std::time::{Duration, Instant};

use kafka_protocol::ResponseError;

use super::batch::Outcome;
use super::offsets::Place;

/// The longest transaction time-out that a producer may ask for (Kafka's
/// default), in milliseconds.
const TIMEOUT_MAX_MS: i32 = 900_000;
const NO_EPOCH: i16 = -1;

/// A producer id with its epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Producer {
    pub(super) id: i64,
    pub(super) epoch: i16,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Empty,
    Ongoing(Instant),
    Ended(Outcome),
}

#[derive(Debug)]
struct Txn {
    producer: Producer,
    /// The epoch before the last bump that its own producer asked for, so
    /// that a repeated request can be told from a zombie's.
    last_epoch: i16,
    timeout: Duration,
    phase: Phase,
    partitions: BTreeSet<Place>,
    groups: BTreeSet<String>,
}

/// What has to be written when a transaction ends.
#[derive(Debug)]
pub(super) struct Ended {
    pub(super) producer: Producer,
    pub(super) outcome: Outcome,
    pub(super) partitions: BTreeSet<Place>,
    pub(super) groups: BTreeSet<String>,
}

/// All transactional ids.
#[derive(Debug)]
pub(super) struct Transactions {
    by_id: HashMap<String, Txn>,
    next_producer: i64,
}

impl Default for Transactions {
    fn default() -> Self {
        Self { by_id: HashMap::new(), next_producer: 1_000 }
    }
}

impl Transactions {
    /// A producer id for an idempotent producer without transactions.
    pub(super) fn new_producer(&mut self) -> Producer {
        self.next_producer += 1;
        Producer { id: self.next_producer, epoch: 0 }
    }

    /// Gives a transactional id a new epoch, which fences the older ones. An
    /// open transaction is aborted; the caller writes what is returned.
    pub(super) fn init(
        &mut self,
        id: &str,
        timeout_ms: i32,
        expected: Option<Producer>,
    ) -> Result<(Producer, Option<Ended>), ResponseError> {
        if id.is_empty() {
            return Err(ResponseError::InvalidRequest);
        }
        let timeout = u64::try_from(timeout_ms)
            .ok()
            .filter(|ms| *ms > 0 && timeout_ms <= TIMEOUT_MAX_MS)
            .map(Duration::from_millis)
            .ok_or(ResponseError::InvalidTransactionTimeout)?;
        let fresh = self.new_producer();
        let Some(txn) = self.by_id.get_mut(id) else {
            self.by_id.insert(id.to_owned(), Txn::new(fresh, timeout));
            return Ok((fresh, None));
        };
        if let Some(expected) = expected
            && expected != txn.producer
        {
            let repeated = expected.id == txn.producer.id && expected.epoch == txn.last_epoch;
            return match repeated {
                true => Ok((txn.producer, None)),
                false => Err(ResponseError::ProducerFenced),
            };
        }
        txn.timeout = timeout;
        txn.last_epoch = expected.map_or(NO_EPOCH, |producer| producer.epoch);
        let ended = txn.fence(fresh);
        txn.phase = Phase::Empty;
        Ok((txn.producer, ended))
    }

    /// Adds partitions to the open transaction, or opens one.
    pub(super) fn add_partitions(
        &mut self,
        id: &str,
        producer: Producer,
        places: impl Iterator<Item = Place>,
    ) -> Result<(), ResponseError> {
        let txn = self.current(id, producer)?;
        txn.open();
        txn.partitions.extend(places);
        Ok(())
    }

    /// Adds a group whose offsets will be part of the transaction.
    pub(super) fn add_group(
        &mut self,
        id: &str,
        producer: Producer,
        group: &str,
    ) -> Result<(), ResponseError> {
        let txn = self.current(id, producer)?;
        txn.open();
        txn.groups.insert(group.to_owned());
        Ok(())
    }

    /// Whether this producer may write to this partition now.
    pub(super) fn check_write(
        &mut self,
        id: &str,
        producer: Producer,
        place: &Place,
    ) -> Result<(), ResponseError> {
        let txn = self.current(id, producer)?;
        match txn.phase {
            Phase::Ongoing(_) if txn.partitions.contains(place) => Ok(()),
            _ => Err(ResponseError::InvalidTxnState),
        }
    }

    /// Whether this producer may commit offsets of this group now.
    pub(super) fn check_group(
        &mut self,
        id: &str,
        producer: Producer,
        group: &str,
    ) -> Result<(), ResponseError> {
        let txn = self.current(id, producer)?;
        match txn.phase {
            Phase::Ongoing(_) if txn.groups.contains(group) => Ok(()),
            _ => Err(ResponseError::InvalidTxnState),
        }
    }

    /// Ends the open transaction. None: it was ended so before.
    pub(super) fn end(
        &mut self,
        id: &str,
        producer: Producer,
        outcome: Outcome,
    ) -> Result<Option<Ended>, ResponseError> {
        let txn = self.current(id, producer)?;
        match txn.phase {
            Phase::Ongoing(_) => Ok(Some(txn.end(outcome))),
            Phase::Ended(before) if before == outcome => Ok(None),
            Phase::Ended(_) | Phase::Empty => Err(ResponseError::InvalidTxnState),
        }
    }

    /// Aborts every transaction that is older than its time-out, and fences
    /// its producer.
    pub(super) fn expire(&mut self, now: Instant) -> Vec<Ended> {
        let mut ended = Vec::new();
        for txn in self.by_id.values_mut() {
            let Phase::Ongoing(since) = txn.phase else {
                continue;
            };
            if now.duration_since(since) > txn.timeout {
                self.next_producer += 1;
                let fresh = Producer { id: self.next_producer, epoch: 0 };
                txn.last_epoch = NO_EPOCH;
                ended.extend(txn.fence(fresh));
            }
        }
        ended
    }

    fn current(&mut self, id: &str, producer: Producer) -> Result<&mut Txn, ResponseError> {
        let txn = self.by_id.get_mut(id);
        let txn = txn.ok_or(ResponseError::InvalidProducerIdMapping)?;
        if txn.producer.id != producer.id {
            return Err(ResponseError::InvalidProducerIdMapping);
        }
        if txn.producer.epoch != producer.epoch {
            return Err(ResponseError::ProducerFenced);
        }
        Ok(txn)
    }
}

impl Txn {
    fn new(producer: Producer, timeout: Duration) -> Self {
        Self {
            producer,
            last_epoch: NO_EPOCH,
            timeout,
            phase: Phase::Empty,
            partitions: BTreeSet::new(),
            groups: BTreeSet::new(),
        }
    }

    fn open(&mut self) {
        if !matches!(self.phase, Phase::Ongoing(_)) {
            self.phase = Phase::Ongoing(Instant::now());
        }
    }

    /// Takes the next epoch, and aborts what is open. The markers carry the
    /// new epoch, so that partitions fence the old one too.
    fn fence(&mut self, fresh: Producer) -> Option<Ended> {
        let before = self.producer;
        self.producer = next_epoch(before, fresh);
        if !matches!(self.phase, Phase::Ongoing(_)) {
            return None;
        }
        let mut ended = self.end(Outcome::Abort);
        if ended.producer.id != before.id {
            ended.producer = before;
        }
        Some(ended)
    }

    fn end(&mut self, outcome: Outcome) -> Ended {
        self.phase = Phase::Ended(outcome);
        Ended {
            producer: self.producer,
            outcome,
            partitions: std::mem::take(&mut self.partitions),
            groups: std::mem::take(&mut self.groups),
        }
    }
}

/// The next epoch; a new producer id when the epochs are used up.
fn next_epoch(producer: Producer, fresh: Producer) -> Producer {
    match producer.epoch.checked_add(1) {
        Some(epoch) if epoch < i16::MAX => Producer { epoch, ..producer },
        _ => fresh,
    }
}
