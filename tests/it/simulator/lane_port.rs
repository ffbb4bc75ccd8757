//! A lane's window on the model: one member of the group, one transactional producer.
//!
//! Its faults are those that the real adapter can give, and no others.

mod calls;

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use consentgate::consent::{Offset, Partition};
use consentgate::stream::ports::CommitOffset;
use consentgate::stream::{Fault, FaultKind};

use super::cluster::{Cluster, Shared};
use super::fetched::Fetched;
use super::group::{MemberId, Sharing};
use super::log::{Bytes, Isolation, Name, Txn, TxnState};
use super::producers::ProducerId;
use super::writers::Writers;

/// Whether a process lives. All of its clients know.
pub(crate) type Life = Rc<Cell<bool>>;

/// Which doubt of a producer does not lead to its replacement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Defence {
    /// None.
    Whole,
    /// An EndTxn that may arrive late.
    NotOfLateEnds,
    /// A record that was given up and may be written.
    NotOfGivenUp,
}

/// The port.
#[derive(Debug)]
pub(crate) struct ModelLane {
    pub(crate) shared: Shared,
    pub(crate) member: MemberId,
    /// Whether brokers tell an older producer of its id that it is fenced. A bug may say no.
    pub(crate) is_fenced: bool,
    writers: Rc<RefCell<Writers>>,
    life: Life,
    id: ProducerId,
    epoch: Cell<u64>,
    defence: Defence,
    /// Whether the client had to send an EndTxn twice: the first may arrive at any time.
    has_late_end: Cell<bool>,
    /// Records that lie in the log and were given up, for no answer came. The client gives their sequence
    /// numbers to the next ones, which the broker takes for repetitions.
    given_up: RefCell<BTreeMap<(Name, Partition), u32>>,
    replacements: Cell<u64>,
    /// Where fetching stands.
    pub(crate) fetch: RefCell<BTreeMap<Partition, Offset>>,
    /// When each record was fetched last.
    fetched: RefCell<BTreeMap<(Partition, Offset), u64>>,
    /// Whether a transaction was begun and has not ended, as this client sees it.
    in_transaction: Cell<bool>,
}

const SUDDEN: [FaultKind; 2] = [FaultKind::Fatal, FaultKind::Fenced];
const SENDING: [FaultKind; 3] = [FaultKind::Abortable, FaultKind::Abortable, FaultKind::Fatal];

/// A process that is killed gets no answer to anything any more.
pub(crate) fn pulse(cluster: &mut Cluster, life: &Life) -> Result<(), Fault> {
    if life.get() && cluster.is_hit(1) {
        cluster.note(|| "  the process is killed in the middle of a call".to_string());
        life.set(false);
    }
    match life.get() {
        true => Ok(()),
        false => Err(Fault::new(FaultKind::Fatal, "the process is dead")),
    }
}

impl ModelLane {
    /// Joins the group; ends whatever an earlier owner of the transactional id left open.
    pub(crate) fn open(
        shared: &Shared,
        writers: &Rc<RefCell<Writers>>,
        life: &Life,
        id: ProducerId,
        defence: Defence,
    ) -> Self {
        let mut cluster = shared.borrow();
        let epoch = Cell::new(cluster.init_producer(id));
        let member = cluster.group.join();
        cluster.note(|| format!("{id:?} opens as {member:?}, epoch {}", epoch.get()));
        drop(cluster);
        Self {
            shared: shared.clone(),
            member,
            is_fenced: true,
            writers: writers.clone(),
            life: life.clone(),
            id,
            epoch,
            defence,
            has_late_end: Cell::new(false),
            given_up: RefCell::default(),
            replacements: Cell::new(0),
            fetch: RefCell::default(),
            fetched: RefCell::default(),
            in_transaction: Cell::new(false),
        }
    }

    /// The open transaction; the broker begins one with the first request of it.
    fn txn(&self, cluster: &mut Cluster) -> Result<Txn, Fault> {
        if self.is_fenced && cluster.producers.epoch(self.id) != self.epoch.get() {
            return Err(Fault::new(FaultKind::Fenced, "another producer has this id"));
        }
        if !self.in_transaction.get() {
            return Err(Fault::new(FaultKind::Fatal, "no transaction is open"));
        }
        let open = cluster.producers.open(self.id);
        Ok(open.unwrap_or_else(|| cluster.begin_for(self.id)))
    }

    pub(crate) fn write(
        &self,
        name: Name,
        partition: Partition,
        bytes: Bytes,
        fetched: Option<u64>,
    ) -> Result<(), Fault> {
        let cluster = &mut *self.shared.borrow();
        pulse(cluster, &self.life)?;
        let txn = self.txn(cluster)?;
        cluster.trouble(4, &SENDING)?;
        if !cluster.has_leader(name, partition) {
            return Err(Fault::new(FaultKind::Abortable, "not acknowledged in time"));
        }
        if self.is_taken_for_another(cluster, name, partition) {
            return Ok(());
        }
        cluster.append(name, partition, bytes, Some(txn), fetched);
        // Refused, but it lies there all the same.
        cluster.trouble(2, &SENDING).inspect_err(|_| {
            *self.given_up.borrow_mut().entry((name, partition)).or_default() += 1;
        })
    }

    /// Whether the broker says yes to a record and writes nothing, for it has that number already.
    fn is_taken_for_another(
        &self,
        cluster: &mut Cluster,
        name: Name,
        partition: Partition,
    ) -> bool {
        let mut given_up = self.given_up.borrow_mut();
        let Some(left) = given_up.get_mut(&(name, partition)).filter(|left| **left > 0) else {
            return false;
        };
        *left -= 1;
        cluster.note(|| format!("  {:?}: a record is taken for a repetition", self.id));
        true
    }

    /// Another producer of the same id, whose sequence numbers begin anew.
    fn replace_producer(&self, cluster: &mut Cluster) {
        self.epoch.set(cluster.init_producer(self.id));
        self.has_late_end.set(false);
        self.given_up.borrow_mut().clear();
    }

    pub(crate) fn is_alive(&self) -> bool {
        self.life.get()
    }

    /// A new producer of the same id, whatever the old one had open.
    pub(crate) fn start_anew(&self) {
        let cluster = &mut *self.shared.borrow();
        self.replace_producer(cluster);
        self.in_transaction.set(false);
    }

    /// Writes outside any transaction.
    pub(crate) fn write_plain(
        &self,
        name: Name,
        partition: Partition,
        bytes: Bytes,
        fetched: Option<u64>,
    ) -> Result<(), Fault> {
        let cluster = &mut *self.shared.borrow();
        pulse(cluster, &self.life)?;
        cluster.append(name, partition, bytes, None, fetched);
        Ok(())
    }

    pub(crate) fn fetched_at(&self, partition: Partition, offset: Offset) -> Option<u64> {
        self.fetched.borrow().get(&(partition, offset)).copied()
    }

    fn fetch_one(&self, cluster: &mut Cluster, isolation: Isolation) -> Option<Fetched> {
        let mut fetch = self.fetch.borrow_mut();
        let skip = cluster.next_seq() as usize;
        let count = fetch.len().max(1);
        for at in 0..fetch.len() {
            let (partition, next) = fetch.iter_mut().nth((at + skip) % count)?;
            if !cluster.has_leader(Name::Outbound, *partition) {
                continue;
            }
            while let Some(found) = cluster.log.read(Name::Outbound, *partition, *next, isolation) {
                *next = next.next();
                let Some(seen) = found else { continue };
                let seq = cluster.next_seq();
                self.fetched.borrow_mut().insert((*partition, seen.offset), seq);
                let (partition, offset) = (*partition, seen.offset);
                return Some(Fetched { partition, offset, bytes: seen.bytes, seq });
            }
        }
        None
    }

    /// Commits offsets and outputs together, whoever asks.
    pub(crate) fn commit_unchecked(&self, offsets: &[CommitOffset]) -> Result<(), Fault> {
        let cluster = &mut *self.shared.borrow();
        pulse(cluster, &self.life)?;
        let txn = self.txn(cluster)?;
        for offset in offsets {
            let pending = (txn, offset.next, offset.metadata.clone());
            cluster.group.pending.insert(offset.partition, pending);
        }
        cluster.trouble(80, &[FaultKind::Abortable])?;
        if let Err(fault) = cluster.trouble(80, &SUDDEN) {
            // The answer was lost. What is committed may show at once, later, or never.
            match cluster.next_seq() % 4 {
                0 => cluster.finish_as(self.id, TxnState::Committed),
                1 => cluster.producers.prepare(self.id),
                _ => {}
            }
            return Err(fault);
        }
        self.end_transaction(cluster, TxnState::Committed, 200)
    }

    /// Ends the transaction. So many times in a thousand the request is late, the client sends it
    /// again without a word, and only its log says so.
    fn end_transaction(
        &self,
        cluster: &mut Cluster,
        state: TxnState,
        late_per_mille: u32,
    ) -> Result<(), Fault> {
        if cluster.is_hit(late_per_mille) {
            cluster.note(|| format!("  {:?}: an EndTxn is late and sent again", self.id));
            cluster.producers.delay(self.id, self.epoch.get(), state);
            self.has_late_end.set(true);
        }
        self.in_transaction.set(false);
        cluster.finish_as(self.id, state);
        pulse(cluster, &self.life)
    }

    /// The client takes a call for the answer to whatever it is asked, heard or not. So what waits is
    /// distrusted.
    fn answer_unheard(&self, cluster: &mut Cluster) {
        if cluster.group.sharing() == Sharing::Piecewise {
            cluster.group.answered_unheard(self.member);
            cluster.group.lose_what_is_unheard(self.member);
        }
    }

    /// Whether the group still takes offsets from this member.
    fn check_membership(&self) -> Result<(), Fault> {
        let cluster = &mut *self.shared.borrow();
        let has_lost = cluster.group.sharing() == Sharing::Piecewise
            && cluster.group.has_lost_unheard(self.member);
        if !has_lost && cluster.group.takes_from(self.member) {
            return Ok(());
        }
        let kinds = [FaultKind::Abortable, FaultKind::Fenced];
        let kind = kinds[usize::from(cluster.chance(50))];
        Err(Fault::new(kind, "the membership ended before the commit"))
    }
}

pub(crate) fn of_value(value: &[u8]) -> Bytes {
    Bytes { value: Some(value.to_vec()), ..Bytes::default() }
}
