//! One consumer group of the classic protocol: members, generation, offsets.
//!
//! Knows no socket: a caller that has to wait asks again after each change.
//! A member that the group does not know, a stale generation or a replaced
//! static instance is refused, so a zombie never commits.

mod join;
mod member;
mod rebalance;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::hash::{BuildHasher, RandomState};
use std::time::Instant;

use bytes::Bytes;
use kafka_protocol::ResponseError;

pub(super) use join::{JoinRequest, JoinStep, Joined};
use member::Member;

use super::offsets::Offsets;

/// Where a group stands between two generations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// No members.
    Empty,
    /// Waits for its members to join again.
    Preparing,
    /// Waits for the leader's assignment.
    Completing,
    /// Every member has its assignment.
    Stable,
}

/// Who asks: the member, its static instance and its generation.
#[derive(Clone, Copy, Debug)]
pub(super) struct Caller<'a> {
    pub(super) member: &'a str,
    pub(super) instance: Option<&'a str>,
    pub(super) generation: i32,
}

/// A group.
#[derive(Debug)]
pub(super) struct Group {
    pub(super) offsets: Offsets,
    phase: Phase,
    generation: i32,
    leader: Option<String>,
    protocol: String,
    protocol_type: String,
    members: BTreeMap<String, Member>,
    /// Static instances with the member that stands for each now.
    instances: HashMap<String, String>,
    /// Member ids that were handed out and not used yet.
    promised: HashSet<String>,
    /// A rebalance ends between these two instants.
    earliest: Instant,
    deadline: Instant,
}

impl Group {
    pub(super) fn new(now: Instant) -> Self {
        Self {
            offsets: Offsets::default(),
            phase: Phase::Empty,
            generation: 0,
            leader: None,
            protocol: String::new(),
            protocol_type: String::new(),
            members: BTreeMap::new(),
            instances: HashMap::new(),
            promised: HashSet::new(),
            earliest: now,
            deadline: now,
        }
    }

    /// A heartbeat. Tells the member to join again while the group rebalances.
    pub(super) fn heartbeat(&mut self, caller: Caller, now: Instant) -> Result<(), ResponseError> {
        let phase = self.phase;
        self.current_member(caller)?.seen = now;
        match phase {
            Phase::Preparing => Err(ResponseError::RebalanceInProgress),
            _ => Ok(()),
        }
    }

    /// Whether the caller may commit offsets outside a transaction.
    pub(super) fn check_commit(
        &mut self,
        caller: Caller,
        now: Instant,
    ) -> Result<(), ResponseError> {
        if caller.generation < 0 && self.members.is_empty() {
            return Ok(());
        }
        let phase = self.phase;
        self.current_member(caller)?.seen = now;
        match phase {
            Phase::Completing => Err(ResponseError::RebalanceInProgress),
            _ => Ok(()),
        }
    }

    /// Whether the caller may commit offsets inside a transaction. A producer
    /// that names no member is not checked, as in Kafka.
    pub(super) fn check_txn_commit(&mut self, caller: Caller) -> Result<(), ResponseError> {
        let anonymous =
            caller.generation < 0 && caller.member.is_empty() && caller.instance.is_none();
        if anonymous {
            return Ok(());
        }
        self.current_member(caller).map(|_| ())
    }

    /// A member's turn in SyncGroup; the leader brings the assignments.
    /// None: the assignments are not there yet.
    pub(super) fn sync(
        &mut self,
        caller: Caller,
        assignments: &mut Vec<(String, Bytes)>,
        now: Instant,
    ) -> Result<Option<Bytes>, ResponseError> {
        self.current_member(caller)?.seen = now;
        if self.phase == Phase::Completing && self.leader.as_deref() == Some(caller.member) {
            for (id, assignment) in assignments.drain(..) {
                if let Some(member) = self.members.get_mut(&id) {
                    member.assignment = assignment;
                }
            }
            self.phase = Phase::Stable;
        }
        match self.phase {
            Phase::Stable => {
                Ok(self.members.get(caller.member).map(|member| member.assignment.clone()))
            }
            Phase::Completing => Ok(None),
            Phase::Preparing => Err(ResponseError::RebalanceInProgress),
            Phase::Empty => Err(ResponseError::UnknownMemberId),
        }
    }

    /// A member leaves.
    pub(super) fn leave(
        &mut self,
        member: &str,
        instance: Option<&str>,
        now: Instant,
    ) -> Result<(), ResponseError> {
        if self.promised.remove(member) {
            return Ok(());
        }
        let id = match instance {
            Some(instance) => self.instances.get(instance).cloned(),
            None => Some(member.to_owned()),
        };
        let id = id.filter(|id| self.members.contains_key(id));
        let id = id.ok_or(ResponseError::UnknownMemberId)?;
        if instance.is_some() && !member.is_empty() && id != member {
            return Err(ResponseError::FencedInstanceId);
        }
        self.remove(&id, now);
        Ok(())
    }

    /// The phase by Kafka's name.
    pub(super) fn state_name(&self) -> &'static str {
        match self.phase {
            Phase::Empty => "Empty",
            Phase::Preparing => "PreparingRebalance",
            Phase::Completing => "CompletingRebalance",
            Phase::Stable => "Stable",
        }
    }

    /// Each member: its id, its static instance and what its client calls itself.
    pub(super) fn members(&self) -> impl Iterator<Item = (&str, Option<&str>, &str)> {
        let members = self.members.iter();
        members
            .map(|(id, member)| (id.as_str(), member.instance.as_deref(), member.client.as_str()))
    }

    /// Protocol type and name of the current generation.
    pub(super) fn protocol(&self) -> (&str, &str) {
        (&self.protocol_type, &self.protocol)
    }

    fn current_member(&mut self, caller: Caller) -> Result<&mut Member, ResponseError> {
        self.check_instance(caller.member, caller.instance)?;
        let generation = self.generation;
        let member = self.members.get_mut(caller.member).ok_or(ResponseError::UnknownMemberId)?;
        if caller.generation != generation {
            return Err(ResponseError::IllegalGeneration);
        }
        Ok(member)
    }

    fn check_instance(&self, member: &str, instance: Option<&str>) -> Result<(), ResponseError> {
        match instance.map(|instance| self.instances.get(instance)) {
            None => Ok(()),
            Some(None) => Err(ResponseError::UnknownMemberId),
            Some(Some(current)) if current == member => Ok(()),
            Some(Some(_)) => Err(ResponseError::FencedInstanceId),
        }
    }
}

/// A member id that no earlier broker or member had.
fn new_member_id(prefix: &str) -> String {
    let draw = || RandomState::new().hash_one(0u8);
    format!("{prefix}-{:016x}{:016x}", draw(), draw())
}
