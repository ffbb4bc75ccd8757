//! What to do so that the topics are what they must be.
//!
//! Creates what is missing. It never changes a topic that is there: that is for the operator to do,
//! with the findings' advice.

use super::admin::TopicAdmin;
use super::conditions::{ACTIVITY_RETENTION_MS, Roles};
use super::{Role, TopicFacts};
use crate::stream::Fault;

/// A topic to create.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Planned {
    /// What it is for.
    pub role: Role,
    /// Its name.
    pub name: String,
    /// How many partitions.
    pub partitions: i32,
    /// How many replicas.
    pub replicas: i32,
    /// Its settings.
    pub settings: Vec<(&'static str, String)>,
}

/// The topics that are missing, as they should be.
///
/// Outputs get at least the input's partitions; `partitions` is for topics that follow no other.
pub fn plan(roles: &Roles, partitions: i32, replicas: i32) -> Vec<Planned> {
    let found = |role: Role| -> Option<&TopicFacts> { roles.get(&role)?.1.as_ref() };
    let input = found(Role::Outbound).map_or(partitions, |facts| facts.partitions);
    let missing = |role: &Role| found(*role).is_none();
    Role::ALL
        .into_iter()
        .filter(missing)
        .filter_map(|role| {
            let (name, _) = roles.get(&role)?;
            let partitions = match role {
                Role::Allowed | Role::Audit | Role::Receipts => input,
                // The keys are the same, so with as many partitions so is the partition.
                Role::ConsentState => {
                    found(Role::ConsentEvents).map_or(partitions, |facts| facts.partitions)
                }
                Role::ConsentEvents
                | Role::ConsentActivity
                | Role::TemplateStates
                | Role::Outbound => partitions,
            };
            let settings = settings_of(role, replicas);
            Some(Planned { role, name: name.clone(), partitions, replicas, settings })
        })
        .collect()
}

/// Creates planned topics.
///
/// # Errors
/// Kafka was not reached or refused one.
pub fn apply(admin: &TopicAdmin, planned: &[Planned]) -> Result<(), Fault> {
    planned.iter().try_for_each(|topic| admin.create(topic))
}

fn settings_of(role: Role, replicas: i32) -> Vec<(&'static str, String)> {
    let cleanup = if role == Role::ConsentState { "compact" } else { "delete" };
    let mut settings = vec![("cleanup.policy", cleanup.to_string())];
    let mut set = |setting, value: &str| settings.push((setting, value.to_string()));
    match role {
        Role::ConsentEvents | Role::ConsentActivity | Role::TemplateStates => {
            set("message.timestamp.type", "LogAppendTime");
            set("unclean.leader.election.enable", "false");
            set("min.insync.replicas", if replicas > 1 { "2" } else { "1" });
            let activity_ms = ACTIVITY_RETENTION_MS.to_string();
            let is_trimmed = role == Role::ConsentActivity;
            set("retention.ms", if is_trimmed { &activity_ms } else { "-1" });
            set("retention.bytes", "-1");
        }
        Role::Allowed => {
            set("compression.type", "producer");
            set("message.timestamp.type", "CreateTime");
            set("message.timestamp.before.max.ms", &i64::MAX.to_string());
            set("message.timestamp.after.max.ms", &i64::MAX.to_string());
        }
        Role::Receipts | Role::Audit => set("retention.ms", "-1"),
        Role::ConsentState => {
            set("min.insync.replicas", if replicas > 1 { "2" } else { "1" });
        }
        Role::Outbound => {}
    }
    settings
}
