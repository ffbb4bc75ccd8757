//! A consumer group with eager rebalancing, and the offsets that it keeps.
//!
//! A generation ends only when every member has given its partitions back. Who is thrown out hears of
//! it late, and may go on for a while with partitions that are somebody else's.

use std::collections::{BTreeMap, VecDeque};

use consentgate::consent::{Offset, Partition};
use consentgate::stream::ports::{LaneEvent, Revocation};

use super::log::Txn;

/// A member, by number; never used twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct MemberId(usize);

#[derive(Debug, Default)]
struct Member {
    news: VecDeque<LaneEvent>,
    /// The generation under which it was given its partitions.
    generation: Option<u64>,
    thrown_out: bool,
}

/// The group.
#[derive(Debug)]
pub(crate) struct Group {
    partitions: Vec<Partition>,
    members: BTreeMap<MemberId, Member>,
    born: usize,
    generation: u64,
    rebalancing: bool,
    /// The next offset and its metadata.
    pub(crate) offsets: BTreeMap<Partition, (Offset, String)>,
    /// Offsets that belong to a transaction whose end is not known yet.
    pub(crate) pending: BTreeMap<Partition, (Txn, Offset, String)>,
}

impl Group {
    pub(crate) fn new(partitions: Vec<Partition>) -> Self {
        let (members, offsets, pending) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        let (born, generation, rebalancing) = (0, 0, false);
        Self { partitions, members, born, generation, rebalancing, offsets, pending }
    }

    pub(crate) fn join(&mut self) -> MemberId {
        self.born += 1;
        let id = MemberId(self.born);
        self.members.insert(id, Member::default());
        self.rebalance();
        id
    }

    pub(crate) fn leave(&mut self, id: MemberId) {
        if self.members.remove(&id).is_some() {
            self.rebalance();
        }
    }

    /// Asks everybody to give back what they have.
    pub(crate) fn rebalance(&mut self) {
        self.rebalancing = true;
        for member in self.members.values_mut().filter(|member| !member.thrown_out) {
            let asked = member.news.iter().any(|event| matches!(event, LaneEvent::Revoked(_)));
            if member.generation.is_some() && !asked {
                member.news.push_back(LaneEvent::Revoked(Revocation::Orderly));
            }
        }
        self.complete();
    }

    /// Gives a member's partitions to others at once.
    pub(crate) fn throw_out(&mut self, id: MemberId) {
        if let Some(member) = self.members.get_mut(&id)
            && member.generation.is_some()
            && !member.thrown_out
        {
            member.thrown_out = true;
            member.news.clear();
            member.news.push_back(LaneEvent::Revoked(Revocation::Lost));
            self.rebalance();
        }
    }

    /// Notes that a member has nothing any longer.
    pub(crate) fn given_back(&mut self, id: MemberId) {
        if let Some(member) = self.members.get_mut(&id) {
            member.generation = None;
            if std::mem::take(&mut member.thrown_out) {
                self.rebalance();
            }
            self.complete();
        }
    }

    fn complete(&mut self) {
        let waits = |member: &Member| member.generation.is_some() && !member.thrown_out;
        if !self.rebalancing || self.members.values().any(waits) {
            return;
        }
        self.rebalancing = false;
        self.generation += 1;
        let count = self.members.values().filter(|member| !member.thrown_out).count();
        let takers = self.members.values_mut().filter(|member| !member.thrown_out);
        for (number, member) in takers.enumerate() {
            let mine = self.partitions.iter().enumerate().filter(|(at, _)| at % count == number);
            member.news.clear();
            member.news.push_back(LaneEvent::Assigned(mine.map(|(_, p)| *p).collect()));
            member.generation = Some(self.generation);
        }
    }

    pub(crate) fn next_event(&mut self, id: MemberId) -> Option<LaneEvent> {
        self.members.get_mut(&id)?.news.pop_front()
    }

    /// Whether the group has given a member up; it hears of that late.
    pub(crate) fn has_given_up(&self, id: MemberId) -> bool {
        self.members.get(&id).is_some_and(|member| member.thrown_out)
    }

    /// Whether the group takes offsets from this member.
    pub(crate) fn takes_from(&self, id: MemberId) -> bool {
        self.members
            .get(&id)
            .is_some_and(|member| !member.thrown_out && member.generation == Some(self.generation))
    }

    /// Ends a transaction's offsets: kept if it is committed, dropped if not.
    pub(crate) fn settle(&mut self, txn: Txn, committed: bool) {
        let pending = std::mem::take(&mut self.pending);
        for (partition, (of, next, metadata)) in pending {
            if of != txn {
                self.pending.insert(partition, (of, next, metadata));
            } else if committed {
                self.offsets.insert(partition, (next, metadata));
            }
        }
    }
}
