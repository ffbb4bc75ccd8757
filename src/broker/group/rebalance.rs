//! From one generation to the next.
//!
//! Knows who has joined and how long to wait. A member that does not join in
//! time is dropped, so one that hangs cannot stop the others.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use super::member::{Member, Standing};
use super::{Group, Phase};

/// A member has at least this long to join again.
const REBALANCE_MIN: Duration = Duration::from_secs(1);

impl Group {
    /// Asks all members to join again. `delay` is for the first members of an
    /// empty group, so that one rebalance takes them all.
    pub(super) fn prepare(&mut self, delay: Duration, now: Instant) {
        if self.phase == Phase::Preparing {
            return;
        }
        self.earliest = match self.phase {
            Phase::Empty => now + delay,
            _ => now,
        };
        let longest = self.members.values().map(|m| m.rebalance_timeout).max();
        self.deadline = now + longest.unwrap_or(REBALANCE_MIN).max(REBALANCE_MIN);
        self.phase = Phase::Preparing;
    }

    /// Ends the rebalance if everybody has joined or the time is over.
    /// Returns whether it ended.
    pub(in super::super) fn try_complete(&mut self, now: Instant) -> bool {
        if self.phase != Phase::Preparing {
            return false;
        }
        let everybody = self.members.values().all(|member| member.standing == Standing::Waiting);
        if !(everybody && now >= self.earliest || now >= self.deadline) {
            return false;
        }
        self.members.retain(|_, member| member.standing == Standing::Waiting);
        self.forget_lost_instances();
        self.generation += 1;
        if self.members.is_empty() {
            self.phase = Phase::Empty;
            self.leader = None;
            return true;
        }
        let leader = self.leader.take();
        self.leader = leader
            .filter(|leader| self.members.contains_key(leader))
            .or_else(|| self.members.keys().next().cloned());
        self.protocol = self.select_protocol();
        for member in self.members.values_mut() {
            member.standing = Standing::Settled;
            member.assignment.clear();
            member.seen = now;
        }
        self.phase = Phase::Completing;
        true
    }

    /// The first strategy of the leader that every member supports.
    pub(super) fn select_protocol(&self) -> String {
        self.leader
            .as_ref()
            .and_then(|leader| self.members.get(leader))
            .into_iter()
            .flat_map(|leader| &leader.protocols)
            .map(|(name, _)| name)
            .find(|name| self.members.values().all(|member| member.supports(name)))
            .cloned()
            .unwrap_or_default()
    }

    /// Removes a member and rebalances the rest.
    pub(super) fn remove(&mut self, id: &str, now: Instant) {
        self.members.remove(id);
        self.forget_lost_instances();
        match self.phase {
            Phase::Empty => {}
            Phase::Stable | Phase::Completing => self.prepare(Duration::ZERO, now),
            Phase::Preparing => {}
        }
        self.try_complete(now);
    }

    /// Removes the members that were silent for a session, and ends a
    /// rebalance whose time is over. Returns whether anything changed.
    pub(in super::super) fn expire(&mut self, now: Instant) -> bool {
        let lost: Vec<String> = self
            .members
            .iter()
            .filter(|(_, member)| member.is_lost(now))
            .map(|(id, _)| id.clone())
            .collect();
        for id in &lost {
            self.remove(id, now);
        }
        let completed = self.try_complete(now);
        completed || !lost.is_empty()
    }

    fn forget_lost_instances(&mut self) {
        let present: HashSet<&str> = self
            .members
            .values()
            .filter_map(|member: &Member| member.instance.as_deref())
            .collect();
        self.instances.retain(|instance, _| present.contains(instance.as_str()));
    }
}
