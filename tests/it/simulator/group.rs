//! A consumer group and the offsets that it keeps.
//!
//! It shares its partitions as a whole, or moves single ones. As a whole a generation ends only when
//! every member has given its partitions back. Piece by piece a partition goes to another member when
//! the one before has given back that one. Who is thrown out hears of it late, and may go on for a while
//! with partitions that are somebody else's.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use consentgate::consent::{Offset, Partition};
use consentgate::stream::ports::{LaneEvent, Revocation};

use super::log::Txn;

/// A member, by number; never used twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct MemberId(usize);

/// How partitions change hands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sharing {
    /// All are given back before any is given anew.
    Whole,
    /// One by one, while the others go on.
    Piecewise,
}

#[derive(Debug, Default)]
struct Member {
    news: VecDeque<LaneEvent>,
    /// What it was given and has not given back.
    given: BTreeSet<Partition>,
    /// Those of them that it was asked for.
    wanted: BTreeSet<Partition>,
    /// The generation under which it was given its partitions, where all are given at once.
    generation: Option<u64>,
    thrown_out: bool,
    /// Whether the news that it took last was a loss.
    hears_of_loss: bool,
}

/// The group.
#[derive(Debug)]
pub(crate) struct Group {
    sharing: Sharing,
    partitions: Vec<Partition>,
    members: BTreeMap<MemberId, Member>,
    born: usize,
    generation: u64,
    rebalancing: bool,
    /// Moves what each member should have.
    turn: usize,
    /// Partitions that members were asked for one by one.
    pub(crate) moved: usize,
    /// Those of them that were given back before the member had heard of it.
    pub(crate) unheard: usize,
    /// The next offset and its metadata.
    pub(crate) offsets: BTreeMap<Partition, (Offset, String)>,
    /// Offsets that belong to a transaction whose end is not known yet.
    pub(crate) pending: BTreeMap<Partition, (Txn, Offset, String)>,
}

impl Group {
    pub(crate) fn new(sharing: Sharing, partitions: Vec<Partition>) -> Self {
        let (members, offsets, pending) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        Self {
            sharing,
            partitions,
            members,
            born: 0,
            generation: 0,
            rebalancing: false,
            turn: 0,
            moved: 0,
            unheard: 0,
            offsets,
            pending,
        }
    }

    pub(crate) fn join(&mut self) -> MemberId {
        self.born += 1;
        let id = MemberId(self.born);
        self.members.insert(id, Member::default());
        self.share();
        id
    }

    pub(crate) fn leave(&mut self, id: MemberId) {
        if self.members.remove(&id).is_some() {
            self.share();
        }
    }

    /// Shares anew, for no reason that a member knows of.
    pub(crate) fn rebalance(&mut self) {
        self.turn += usize::from(self.sharing == Sharing::Piecewise);
        self.share();
    }

    fn share(&mut self) {
        match self.sharing {
            Sharing::Whole => self.ask_for_all(),
            Sharing::Piecewise => self.ask_for_what_moves(),
        }
    }

    /// Gives a member's partitions to others at once.
    pub(crate) fn throw_out(&mut self, id: MemberId) {
        if let Some(member) = self.members.get_mut(&id)
            && !member.given.is_empty()
            && !member.thrown_out
        {
            member.thrown_out = true;
            if self.sharing == Sharing::Whole {
                member.news.clear();
            }
            member.wanted.clear();
            let lost = std::mem::take(&mut member.given).into_iter().collect();
            member.news.push_back(LaneEvent::Revoked(lost, Revocation::Lost));
            self.share();
        }
    }

    /// Notes that a member has these partitions no longer.
    pub(crate) fn given_back(&mut self, id: MemberId, partitions: &[Partition]) {
        let Some(member) = self.members.get_mut(&id) else {
            return;
        };
        if std::mem::take(&mut member.hears_of_loss) {
            // They were taken before, and may have been given anew since.
            self.joins_again(id);
        } else {
            member.given.retain(|partition| !partitions.contains(partition));
            member.wanted.retain(|partition| !partitions.contains(partition));
            if member.given.is_empty() {
                member.generation = None;
            }
        }
        match self.sharing {
            Sharing::Whole => self.complete(),
            Sharing::Piecewise => self.give_what_is_free(),
        }
    }

    fn joins_again(&mut self, id: MemberId) {
        if let Some(member) = self.members.get_mut(&id)
            && std::mem::take(&mut member.thrown_out)
        {
            member.generation = None;
            self.share();
        }
    }

    /// Takes what a member does for the answer to a question that it has not heard yet: it has given
    /// back whatever it was asked for, and is in again if it was thrown out.
    pub(crate) fn answered_unheard(&mut self, id: MemberId) {
        let Some(member) = self.members.get_mut(&id) else {
            return;
        };
        let wanted: Vec<_> = std::mem::take(&mut member.wanted).into_iter().collect();
        member.given.retain(|partition| !wanted.contains(partition));
        self.unheard += wanted.len() + usize::from(member.thrown_out);
        self.joins_again(id);
        self.give_what_is_free();
    }

    /// Whether a member has lost something that it has not heard of.
    pub(crate) fn has_lost_unheard(&self, id: MemberId) -> bool {
        let is_loss = |event: &LaneEvent| matches!(event, LaneEvent::Revoked(_, Revocation::Lost));
        self.members.get(&id).is_some_and(|member| member.news.iter().any(is_loss))
    }

    /// Takes every loss that a member has not heard of for one that came without asking.
    pub(crate) fn lose_what_is_unheard(&mut self, id: MemberId) {
        for event in self.members.get_mut(&id).into_iter().flat_map(|member| &mut member.news) {
            if let LaneEvent::Revoked(_, how) = event {
                *how = Revocation::Lost;
            }
        }
    }

    fn ask_for_all(&mut self) {
        self.rebalancing = true;
        for member in self.members.values_mut().filter(|member| !member.thrown_out) {
            let asked = member.news.iter().any(|event| matches!(event, LaneEvent::Revoked(..)));
            if member.generation.is_some() && !asked {
                let all = member.given.iter().copied().collect();
                member.news.push_back(LaneEvent::Revoked(all, Revocation::Orderly));
            }
        }
        self.complete();
    }

    fn complete(&mut self) {
        let waits = |member: &Member| member.generation.is_some() && !member.thrown_out;
        if !self.rebalancing || self.members.values().any(waits) {
            return;
        }
        self.rebalancing = false;
        self.generation += 1;
        for (id, mine) in self.plan() {
            let member = self.members.get_mut(&id).expect("it is planned for");
            member.news.clear();
            member.given = mine.iter().copied().collect();
            // Who is given nothing has nothing to give back.
            member.generation = Some(self.generation).filter(|_| !mine.is_empty());
            member.news.push_back(LaneEvent::Assigned(mine));
        }
    }

    fn ask_for_what_moves(&mut self) {
        for (id, mine) in self.plan() {
            let member = self.members.get_mut(&id).expect("it is planned for");
            let is_new = |p: &&Partition| !mine.contains(p) && !member.wanted.contains(p);
            let asked: Vec<_> = member.given.iter().filter(is_new).copied().collect();
            member.wanted.extend(&asked);
            self.moved += asked.len();
            member.news.push_back(match asked.is_empty() {
                // It hears of the change all the same.
                true => LaneEvent::Assigned(Vec::new()),
                false => LaneEvent::Revoked(asked, Revocation::Orderly),
            });
        }
        self.give_what_is_free();
    }

    fn give_what_is_free(&mut self) {
        let taken: BTreeSet<_> = self.members.values().flat_map(|m| &m.given).copied().collect();
        for (id, mine) in self.plan() {
            let new: Vec<_> = mine.into_iter().filter(|p| !taken.contains(p)).collect();
            let member = self.members.get_mut(&id).expect("it is planned for");
            if !new.is_empty() {
                member.given.extend(&new);
                member.news.push_back(LaneEvent::Assigned(new));
            }
        }
    }

    /// What each member should have.
    fn plan(&self) -> Vec<(MemberId, Vec<Partition>)> {
        let takers: Vec<_> =
            self.members.iter().filter(|(_, m)| !m.thrown_out).map(|(id, _)| *id).collect();
        let count = takers.len();
        let of = |number: usize| {
            let all = self.partitions.iter().enumerate();
            all.filter(|(at, _)| (at + self.turn) % count == number).map(|(_, p)| *p).collect()
        };
        takers.iter().enumerate().map(|(number, id)| (*id, of(number))).collect()
    }

    pub(crate) fn next_event(&mut self, id: MemberId) -> Option<LaneEvent> {
        let member = self.members.get_mut(&id)?;
        let event = member.news.pop_front();
        member.hears_of_loss = matches!(event, Some(LaneEvent::Revoked(_, Revocation::Lost)));
        event
    }

    /// Whether the group has given a member up; it hears of that late.
    pub(crate) fn has_given_up(&self, id: MemberId) -> bool {
        self.members.get(&id).is_some_and(|member| member.thrown_out)
    }

    /// Whether the group takes offsets from this member. It knows members, not what is theirs.
    pub(crate) fn takes_from(&self, id: MemberId) -> bool {
        self.members.get(&id).is_some_and(|member| match self.sharing {
            Sharing::Whole => !member.thrown_out && member.generation == Some(self.generation),
            Sharing::Piecewise => !member.thrown_out,
        })
    }

    /// How it shares.
    pub(crate) fn sharing(&self) -> Sharing {
        self.sharing
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
