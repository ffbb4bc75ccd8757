//! Settings as written: one struct a section, every key documented, unknown keys refused.
//!
//! Knows how values are written and their defaults, not whether they make sense together: that is
//! [`crate::config::Config`]. There is no key that lets a message pass without consent.

mod admin;
mod api;
mod breaker;
mod downstream;
mod events;
mod gate;
mod kafka;
mod keys;
mod messages;
mod optout;
mod policy;
mod receipts;
pub(super) mod routes;
mod topics;
mod webhooks;

use serde::{Deserialize, Serialize};

pub use admin::{AdminSettings, LogFormat, LogLevel, LogSettings};
pub use api::ApiSettings;
pub use breaker::BreakerSettings;
pub use downstream::{DecisionHeaderSetting, DownstreamSettings};
pub use events::{EventForm, EventsSettings, TimeUnit};
pub use gate::{FenceKind, GateSettings, GroupProtocol, ModeKind, OnUndecodable};
pub use kafka::{KafkaSettings, SaslMechanism, SecurityProtocol};
pub use keys::KeysSettings;
pub use messages::{MessageFormat, MessageFraming, MessagesSettings};
pub use optout::OptoutSettings;
pub use policy::{
    BusinessScopeSettings, BusinessSettings, ConsentTexts, CountrySettings, MaxAgeSettings,
    PolicySettings, QuietHoursSettings, Reach, ScopeSettings, SendersSetting, Templates,
};
pub use receipts::{AllowedMessages, ReceiptsSettings};
pub use topics::TopicsSettings;
pub use webhooks::{LinkSetting, OptOutPayloadSettings, WebhooksSettings};

use super::section::SectionInfo;

/// Everything that can be configured.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// How to reach Kafka.
    pub kafka: KafkaSettings,
    /// Which topics play which role.
    pub topics: TopicsSettings,
    /// How the gate works.
    pub gate: GateSettings,
    /// When a lane stops because messages are faulty.
    pub breaker: BreakerSettings,
    /// The sender that reads the allowed topic.
    pub downstream: DownstreamSettings,
    /// Where the keys are.
    pub keys: KeysSettings,
    /// How the records of the outbound topic are read.
    pub messages: MessagesSettings,
    /// How the records of the log of record are read.
    pub consent_events: EventsSettings,
    /// How the records of consent activity are read.
    pub consent_activity: EventsSettings,
    /// What scopes there are and what they need.
    pub policy: PolicySettings,
    /// What receipts say.
    pub receipts: ReceiptsSettings,
    /// Meta's webhooks.
    pub webhooks: WebhooksSettings,
    /// Opt-out links.
    pub optout: OptoutSettings,
    /// Questions over HTTP.
    pub api: ApiSettings,
    /// The admin page.
    pub admin: AdminSettings,
    /// The log.
    pub log: LogSettings,
}

impl Settings {
    /// All sections, in the order of the manual.
    pub(super) const SECTIONS: [SectionInfo; 16] = [
        KafkaSettings::INFO,
        TopicsSettings::INFO,
        GateSettings::INFO,
        BreakerSettings::INFO,
        DownstreamSettings::INFO,
        KeysSettings::INFO,
        MessagesSettings::INFO,
        EventsSettings::INFO,
        EventsSettings::ACTIVITY,
        PolicySettings::INFO,
        ReceiptsSettings::INFO,
        WebhooksSettings::INFO,
        OptoutSettings::INFO,
        ApiSettings::INFO,
        AdminSettings::INFO,
        LogSettings::INFO,
    ];
}
