//! The configuration: what was written ([`Settings`]) and what it means ([`Config`]).
//!
//! Knows no Kafka client, no loop and no clock. Reads a TOML file, then the environment
//! (`CONSENTGATE__SECTION__KEY`), then flags; the later wins. Anything unknown, unreadable or
//! contradictory stops the start, with all problems at once, each with its place, what is allowed
//! and a hint. No setting lets a message pass without consent.

mod assemble;
mod default_file;
mod file;
pub mod keys;
mod leaf;
mod librdkafka;
mod mapped;
mod meant;
mod problem;
mod section;
mod settings;
mod show;
mod sources;
mod text_layers;
mod value;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use assemble::Assembled;
pub use assemble::Origins;
pub use default_file::default_file;
pub use mapped::MappedPlaces;
pub use meant::{
    AdminConfig, ApiConfig, BreakerConfig, Client, Config, Downstream, GateConfig, KafkaConfig,
    LogConfig, OptoutConfig, Property, StartFrom, TopicName, TopicNames, WebhooksConfig,
};
pub use problem::{Origin, Problem, Problems, did_you_mean};
pub use settings::{
    AdminSettings, AllowedMessages, ApiSettings, BreakerSettings, BusinessScopeSettings,
    BusinessSettings, ConsentTexts, CountrySettings, DecisionHeaderSetting, DownstreamSettings,
    EventForm, EventsSettings, FenceKind, GateSettings, GroupProtocol, KafkaSettings, KeysSettings,
    LinkSetting, LogFormat, LogLevel, LogSettings, MaxAgeSettings, MessageFormat, MessageFraming,
    MessagesSettings, ModeKind, OnUndecodable, OptOutPayloadSettings, OptoutSettings,
    PolicySettings, QuietHoursSettings, Reach, ReceiptsSettings, SaslMechanism, ScopeSettings,
    SecurityProtocol, SendersSetting, Settings, Templates, TimeUnit, TopicsSettings,
    WebhooksSettings,
};
pub use show::show;
pub use sources::{FileText, Flag, Host, Sources, Tls};
pub use text_layers::ENVIRONMENT_PREFIX;
pub use value::{PassThrough, Places, Scalar, Secret, SecretHex, Size, Span};

use crate::consent::RouteName;

/// A configuration that is sound.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// What it means.
    pub config: Config,
    /// What was written, defaults filled in.
    pub settings: Settings,
    /// The same of each further route: what it says for itself, over what it shares.
    pub routes: BTreeMap<RouteName, Settings>,
    /// Where each value came from.
    pub origins: Origins,
}

/// Reads and checks a configuration.
///
/// # Errors
/// All that is wrong with it.
pub fn load(sources: &Sources, host: &Host) -> Result<Loaded, Problems> {
    let assembled = assemble::assemble(sources, host);
    let config = Config::from_settings(&assembled, host);
    let Assembled { settings, routes, origins, mut problems } = assembled;
    match config {
        Ok(config) if problems.is_empty() => Ok(Loaded { config, settings, routes, origins }),
        Ok(_) => Err(Problems(problems)),
        Err(more) => {
            problems.extend(more);
            Err(Problems(problems))
        }
    }
}
