//! The topics that the gate needs: what they must be, what they are, what to do about it.
//!
//! A condition that cannot be read counts as broken.

mod admin;
mod conditions;
mod plan;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

pub use admin::{Cluster, TopicAdmin};
pub use conditions::{Finding, Roles, conditions, conditions_in_shadow};
pub use plan::{Planned, apply, plan};

use super::consent_source::ConsentTopic;
use crate::consent::Topic;

/// What a topic is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// The log of record of consent.
    ConsentEvents,
    /// Inbound messages, requests, heartbeats.
    ConsentActivity,
    /// What the platform says of templates. A platform may do without it.
    TemplateStates,
    /// Messages in.
    Outbound,
    /// Allowed messages out.
    Allowed,
    /// Audit entries out.
    Audit,
    /// Receipts out.
    Receipts,
    /// Who may be reached, for engines. A platform may do without it, and the gate does.
    ConsentState,
}

impl Role {
    /// All roles, in the order of the flow.
    pub const ALL: [Self; 8] = [
        Self::ConsentEvents,
        Self::ConsentActivity,
        Self::TemplateStates,
        Self::Outbound,
        Self::Allowed,
        Self::Audit,
        Self::Receipts,
        Self::ConsentState,
    ];

    /// Whether the gate needs the topic, if it is configured.
    pub fn is_the_gates(self) -> bool {
        self != Self::ConsentState
    }

    /// Whether each route has a topic of its own for it.
    pub fn is_a_routes(self) -> bool {
        matches!(self, Self::Outbound | Self::Allowed | Self::Audit | Self::Receipts)
    }

    /// The role of a consent topic.
    pub fn of_consent(topic: Topic) -> Self {
        match topic {
            Topic::ConsentEvents => Self::ConsentEvents,
            Topic::ConsentActivity => Self::ConsentActivity,
            Topic::TemplateStates => Self::TemplateStates,
        }
    }

    /// The role's name in the configuration.
    pub fn name(self) -> &'static str {
        match self {
            Self::ConsentEvents => "consent_events",
            Self::ConsentActivity => "consent_activity",
            Self::TemplateStates => "template_states",
            Self::Outbound => "outbound",
            Self::Allowed => "allowed",
            Self::Audit => "audit",
            Self::Receipts => "receipts",
            Self::ConsentState => "consent_state",
        }
    }
}

/// The consent topics among these, as far as they were found.
pub fn consent_topics(roles: &Roles) -> Vec<ConsentTopic> {
    let topic = |role| {
        let (name, facts) = roles.get(&Role::of_consent(role))?;
        let partitions = facts.as_ref()?.partitions;
        Some(ConsentTopic { role, name: name.clone(), partitions })
    };
    Topic::ALL.into_iter().filter_map(topic).collect()
}

/// A topic as it was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TopicFacts {
    /// How many partitions.
    pub partitions: i32,
    /// How many replicas its partitions have, the fewest.
    pub replicas: usize,
    /// Its settings as far as they could be read.
    pub settings: BTreeMap<String, String>,
}

impl TopicFacts {
    /// A setting as a number; `None` if it is not there or is none.
    pub fn number(&self, setting: &str) -> Option<i64> {
        self.settings.get(setting)?.parse().ok()
    }
}
