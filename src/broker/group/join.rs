//! How a member joins a group, and how a static one comes back.
//!
//! Knows the rules of the classic protocol. A restarted static instance takes
//! its old place without a rebalance, and the member it replaces is fenced.

use std::time::{Duration, Instant};

use bytes::Bytes;
use kafka_protocol::ResponseError;

use super::member::{Member, Standing};
use super::{Group, Phase, new_member_id};

/// What a member asks when it joins.
#[derive(Debug)]
pub(in super::super) struct JoinRequest {
    /// Empty for a new member.
    pub(in super::super) member: String,
    pub(in super::super) instance: Option<String>,
    /// What the client calls itself: the start of a new member's id.
    pub(in super::super) prefix: String,
    pub(in super::super) session_timeout: Duration,
    pub(in super::super) rebalance_timeout: Duration,
    pub(in super::super) protocol_type: String,
    pub(in super::super) protocols: Vec<(String, Bytes)>,
    /// A new member must come back with the id it is given (version 4 on).
    pub(in super::super) id_first: bool,
}

/// The answer to a member that has joined.
#[derive(Debug)]
pub(in super::super) struct Joined {
    pub(in super::super) generation: i32,
    pub(in super::super) leader: String,
    /// Id, instance and subscription of everyone; for the leader only.
    pub(in super::super) members: Vec<(String, Option<String>, Bytes)>,
}

/// What comes of a request to join.
#[derive(Debug)]
pub(in super::super) enum JoinStep {
    /// Refused; the id is the one to use next time.
    Refused(ResponseError, String),
    /// The member waits for the rebalance: ask `joined` after each change.
    Wait(String),
    /// The member is in, without a rebalance.
    In(String, Joined),
}

impl Group {
    /// Takes a request to join. `delay` is the first rebalance's.
    pub(in super::super) fn join(
        &mut self,
        request: JoinRequest,
        delay: Duration,
        now: Instant,
    ) -> JoinStep {
        if let Err(refused) = self.check_join(&request) {
            return JoinStep::Refused(refused, request.member);
        }
        if request.member.is_empty() {
            return self.join_new(request, delay, now);
        }
        let id = request.member.clone();
        self.promised.remove(&id);
        let standing = self.members.get(&id).map(|member| member.standing);
        let same =
            self.members.get(&id).is_some_and(|member| member.protocols == request.protocols);
        let leads = self.leader.as_deref() == Some(id.as_str());
        // Settled members that ask again with nothing new get the same answer.
        let settled = standing == Some(Standing::Settled)
            && match self.phase {
                Phase::Stable => same && !leads,
                Phase::Completing => same,
                Phase::Preparing | Phase::Empty => false,
            };
        if settled {
            let joined = self.view(&id);
            return JoinStep::In(id, joined);
        }
        self.enter(id, request, delay, now)
    }

    fn check_join(&self, request: &JoinRequest) -> Result<(), ResponseError> {
        if !request.member.is_empty() {
            self.check_instance(&request.member, request.instance.as_deref())?;
            let known = self.members.contains_key(&request.member)
                || self.promised.contains(&request.member);
            if !known {
                return Err(ResponseError::UnknownMemberId);
            }
        }
        let others = || {
            self.members.iter().filter(|(id, _)| **id != request.member).map(|(_, member)| member)
        };
        let mut protocols = request.protocols.iter();
        let common = protocols.any(|(name, _)| others().all(|member| member.supports(name)));
        let same_type = others().next().is_none() || self.protocol_type == request.protocol_type;
        if !common || !same_type || request.protocol_type.is_empty() {
            return Err(ResponseError::InconsistentGroupProtocol);
        }
        Ok(())
    }

    fn join_new(&mut self, request: JoinRequest, delay: Duration, now: Instant) -> JoinStep {
        let prefix = request.instance.as_deref().unwrap_or(&request.prefix);
        let id = new_member_id(prefix);
        let Some(instance) = &request.instance else {
            if request.id_first {
                self.promised.insert(id.clone());
                return JoinStep::Refused(ResponseError::MemberIdRequired, id);
            }
            return self.enter(id, request, delay, now);
        };
        match self.instances.get(instance).cloned() {
            Some(old) => self.replace(&old, id, request, delay, now),
            None => self.enter(id, request, delay, now),
        }
    }

    /// A static instance came back under a new member id.
    fn replace(
        &mut self,
        old: &str,
        id: String,
        request: JoinRequest,
        delay: Duration,
        now: Instant,
    ) -> JoinStep {
        let leader_before = self.leader.clone().unwrap_or_default();
        if let Some(mut member) = self.members.remove(old) {
            member.protocols = request.protocols.clone();
            member.seen = now;
            self.members.insert(id.clone(), member);
        }
        if let Some(instance) = &request.instance {
            self.instances.insert(instance.clone(), id.clone());
        }
        if leader_before == old {
            self.leader = Some(id.clone());
        }
        if self.phase == Phase::Stable && self.select_protocol() == self.protocol {
            // The old leader's id is named, so that this member does not take
            // itself for the leader of a generation that is settled.
            let joined =
                Joined { generation: self.generation, leader: leader_before, members: Vec::new() };
            return JoinStep::In(id, joined);
        }
        self.enter(id, request, delay, now)
    }

    fn enter(
        &mut self,
        id: String,
        request: JoinRequest,
        delay: Duration,
        now: Instant,
    ) -> JoinStep {
        self.protocol_type = request.protocol_type;
        if let Some(instance) = &request.instance {
            self.instances.insert(instance.clone(), id.clone());
        }
        let assignment = self.members.remove(&id).map(|member| member.assignment);
        let member = Member {
            client: request.prefix,
            instance: request.instance,
            session_timeout: request.session_timeout,
            rebalance_timeout: request.rebalance_timeout,
            protocols: request.protocols,
            standing: Standing::Waiting,
            assignment: assignment.unwrap_or_default(),
            seen: now,
        };
        self.members.insert(id.clone(), member);
        self.leader.get_or_insert_with(|| id.clone());
        self.prepare(delay, now);
        self.try_complete(now);
        JoinStep::Wait(id)
    }

    /// The answer for a member that waits, once the rebalance has ended. A
    /// member that was dropped meanwhile is refused.
    pub(in super::super) fn joined(&self, id: &str) -> Result<Option<Joined>, ResponseError> {
        let member = self.members.get(id);
        let member = member.ok_or(ResponseError::UnknownMemberId)?;
        Ok((member.standing == Standing::Settled).then(|| self.view(id)))
    }

    fn view(&self, id: &str) -> Joined {
        let leader = self.leader.clone().unwrap_or_default();
        let members = match leader == id {
            false => Vec::new(),
            true => self
                .members
                .iter()
                .map(|(id, member)| {
                    let metadata = member.metadata(&self.protocol);
                    (id.clone(), member.instance.clone(), metadata)
                })
                .collect(),
        };
        Joined { generation: self.generation, leader, members }
    }
}
