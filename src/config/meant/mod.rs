//! The configuration as meant: checked, with limits as durations and names as types.
//!
//! Knows no file and no environment. A `Config` exists only if every setting is sound and they make
//! sense together; there is none "with warnings".

mod admin;
mod check;
mod events;
mod gate;
mod kafka;
mod messages;
mod policy;
mod security;
mod start;
mod topics;
mod webhooks;

pub use admin::{AdminConfig, LogConfig};
pub use gate::{Fence, GateConfig};
pub use kafka::{Client, KafkaConfig};
pub use security::Property;
pub use start::StartFrom;
pub use topics::{TopicName, TopicNames};
pub use webhooks::WebhooksConfig;

use check::Check;

use super::assemble::Origins;
use super::keys::KeySources;
use super::problem::Problem;
use super::settings::{ModeKind, Settings};
use super::sources::Host;
use crate::policy::Policy;
use crate::wire::formats::{EventFormats, Format};

/// The configuration as meant.
#[derive(Clone, Debug)]
pub struct Config {
    /// How to reach Kafka.
    pub kafka: KafkaConfig,
    /// Which topics play which role.
    pub topics: TopicNames,
    /// How the gate works.
    pub gate: GateConfig,
    /// Where the keys are.
    pub keys: KeySources,
    /// How the records of the outbound topic are read.
    pub messages: Format,
    /// How the records of the consent topics are read.
    pub consent: EventFormats,
    /// What scopes there are and what they need.
    pub policy: Policy,
    /// How Meta's webhooks are read.
    pub webhooks: WebhooksConfig,
    /// The admin page.
    pub admin: AdminConfig,
    /// The log.
    pub log: LogConfig,
}

impl Config {
    /// Checks settings that were read.
    ///
    /// # Errors
    /// All that is wrong with them.
    pub(super) fn from_settings(
        settings: &Settings,
        origins: &Origins,
        host: &Host,
    ) -> Result<Self, Vec<Problem>> {
        let mut check = Check::new(origins);
        let kafka = KafkaConfig::check(settings, host.tls, &mut check);
        let topics = TopicNames::check(&settings.topics, &mut check);
        let gate = GateConfig::check(&settings.gate, &mut check);
        let topics = match settings.gate.mode {
            ModeKind::Gate => topics,
            ModeKind::Shadow => topics.and_then(|topics| topics.of_shadow(&mut check)),
        };
        let keys = KeySources::check(&settings.keys, |key, what, hint| {
            check.refuse(key, what, "", hint);
        });
        let messages = messages::check(&settings.messages, &mut check);
        let events = events::check("consent_events", &settings.consent_events, &mut check);
        let activity = events::check("consent_activity", &settings.consent_activity, &mut check);
        let policy = policy::check(&settings.policy, &mut check);
        let webhooks = WebhooksConfig::check(&settings.webhooks, policy.as_ref(), &mut check);
        if let (Some(topics), Some(webhooks)) = (&topics, &webhooks) {
            webhooks.check_distinct(topics, &mut check);
        }
        if let (Some(topics), Some(policy)) = (&topics, &policy) {
            policy::check_registry(policy, topics, &mut check);
        }
        let admin = AdminConfig::check(&settings.admin, &mut check);
        let log = LogConfig::from(&settings.log);
        let problems = check.into_problems();
        match (kafka, topics, gate, messages, events, activity, policy, webhooks, admin) {
            (
                Some(kafka),
                Some(topics),
                Some(gate),
                Some(messages),
                Some(events),
                Some(activity),
                Some(policy),
                Some(webhooks),
                Some(admin),
            ) if problems.is_empty() => {
                let consent = EventFormats { events, activity };
                Ok(Self {
                    kafka,
                    topics,
                    gate,
                    keys,
                    messages,
                    consent,
                    policy,
                    webhooks,
                    admin,
                    log,
                })
            }
            _ => Err(problems),
        }
    }
}
