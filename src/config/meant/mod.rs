//! The configuration as meant: checked, with limits as durations and names as types.
//!
//! Knows no file and no environment. A `Config` exists only if every setting is sound and they make
//! sense together; there is none "with warnings".

mod admin;
mod api;
mod breaker;
mod check;
mod downstream;
mod events;
mod gate;
mod kafka;
mod messages;
mod optout;
mod policy;
mod routes;
mod security;
mod start;
mod topics;
mod webhooks;

pub use admin::{AdminConfig, LogConfig};
pub use api::ApiConfig;
pub use breaker::BreakerConfig;
pub use downstream::Downstream;
pub use gate::GateConfig;
pub use kafka::{Client, KafkaConfig};
pub use optout::OptoutConfig;
pub use security::Property;
pub use start::StartFrom;
pub use topics::{TopicName, TopicNames};
pub use webhooks::WebhooksConfig;

use check::Check;

use super::assemble::{Assembled, Origins};
use super::keys::KeySources;
use super::problem::Problem;
use super::settings::{AllowedMessages, ModeKind, Settings};
use super::sources::Host;
use crate::consent::RouteName;
use crate::policy::Policy;
use crate::wire::formats::{EventFormats, Format};
use crate::wire::receipt::DecisionHeader;

/// The configuration as meant, of one route.
#[derive(Clone, Debug)]
pub struct Config {
    /// Which route this is.
    pub route: RouteName,
    /// The other routes, by name, each as the configuration of a gate that has it alone. None beside a
    /// route that is not the first.
    pub others: Vec<Self>,
    /// How to reach Kafka.
    pub kafka: KafkaConfig,
    /// Which topics play which role.
    pub topics: TopicNames,
    /// How the gate works.
    pub gate: GateConfig,
    /// When a lane stops because messages are faulty.
    pub breaker: BreakerConfig,
    /// The sender, if it is watched.
    pub downstream: Option<Downstream>,
    /// The header that is appended to allowed records, if one is.
    pub decision_header: Option<DecisionHeader>,
    /// Where the keys are.
    pub keys: KeySources,
    /// How the records of the outbound topic are read.
    pub messages: Format,
    /// How the records of the consent topics are read.
    pub consent: EventFormats,
    /// What scopes there are and what they need.
    pub policy: Policy,
    /// What receipts say of allowed messages.
    pub allowed_messages: AllowedMessages,
    /// How Meta's webhooks are read.
    pub webhooks: WebhooksConfig,
    /// Opt-out links and their page.
    pub optout: OptoutConfig,
    /// Questions over HTTP, if they are answered.
    pub api: Option<ApiConfig>,
    /// The admin page.
    pub admin: AdminConfig,
    /// The log.
    pub log: LogConfig,
}

impl Config {
    /// All routes, the first one first.
    pub fn routes(&self) -> impl Iterator<Item = &Self> {
        std::iter::once(self).chain(&self.others)
    }

    /// Checks settings that were read.
    ///
    /// # Errors
    /// All that is wrong with them.
    pub(super) fn from_settings(assembled: &Assembled, host: &Host) -> Result<Self, Vec<Problem>> {
        let Assembled { settings, routes, origins, .. } = assembled;
        let first = Self::of_route(RouteName::MAIN, settings, origins, host);
        routes::join(first, routes, origins, host)
    }

    /// One route by itself.
    fn of_route(
        route: RouteName,
        settings: &Settings,
        origins: &Origins,
        host: &Host,
    ) -> Result<Self, Vec<Problem>> {
        let mut check = Check::new(origins, route);
        let kafka = KafkaConfig::check(settings, host.tls, &mut check);
        let topics = TopicNames::check(&settings.topics, &mut check);
        let gate = GateConfig::check(&settings.gate, &mut check);
        let topics = match settings.gate.mode {
            ModeKind::Gate => topics,
            ModeKind::Shadow => topics.and_then(|topics| topics.of_shadow(&mut check)),
        };
        let breaker = BreakerConfig::check(&settings.breaker, &mut check);
        let downstream = Downstream::check(&settings.downstream, &settings.gate, &mut check);
        let decision_header = downstream::decision_header(&settings.downstream, &mut check);
        // Nobody reads what a shadow would have let out.
        let is_gate = settings.gate.mode == ModeKind::Gate;
        let downstream = downstream.map(|sender| sender.filter(|_| is_gate));
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
        let optout = OptoutConfig::check(&settings.optout, &mut check);
        let api = ApiConfig::check(&settings.api, &mut check);
        let admin = AdminConfig::check(&settings.admin, &mut check);
        let log = LogConfig::from(&settings.log);
        let problems = check.into_problems();
        match (
            kafka, topics, gate, downstream, messages, events, activity, policy, webhooks, optout,
            api, admin,
        ) {
            (
                Some(kafka),
                Some(topics),
                Some(gate),
                Some(downstream),
                Some(messages),
                Some(events),
                Some(activity),
                Some(policy),
                Some(webhooks),
                Some(optout),
                Some(api),
                Some(admin),
            ) if problems.is_empty() => {
                let consent = EventFormats { events, activity };
                Ok(Self {
                    route,
                    others: Vec::new(),
                    kafka,
                    topics,
                    gate,
                    breaker,
                    downstream,
                    decision_header,
                    keys,
                    messages,
                    consent,
                    policy,
                    allowed_messages: settings.receipts.allowed_messages,
                    webhooks,
                    optout,
                    api,
                    admin,
                    log,
                })
            }
            _ => Err(problems),
        }
    }
}
