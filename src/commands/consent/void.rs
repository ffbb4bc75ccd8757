//! Arguments of `consent void`: the record by its place, and what stands in its stead.

use clap::{Args, ValueEnum};

use super::write::{bad_data, random_id, write_to};
use crate::commands::exit::Failure;
use crate::commands::settings_args::SettingsArgs;
use crate::consent::{Partition, Topic};
use crate::kafka::Clients;
use crate::wire::consent::produce;
use crate::wire::proto::consent::{ConsentEvent, Kind, Place, TopicRole, VoidTarget};

/// The topic that the record lies in, by its role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
pub enum VoidTopic {
    /// The log of record.
    ConsentEvents,
    /// Inbound messages, requests, heartbeats.
    ConsentActivity,
    /// What the platform says of templates.
    TemplateStates,
}

impl From<VoidTopic> for Topic {
    fn from(topic: VoidTopic) -> Self {
        match topic {
            VoidTopic::ConsentEvents => Self::ConsentEvents,
            VoidTopic::ConsentActivity => Self::ConsentActivity,
            VoidTopic::TemplateStates => Self::TemplateStates,
        }
    }
}

/// Arguments of `consent void`.
#[derive(Clone, Debug, Args)]
pub struct VoidArgs {
    /// The configuration.
    #[command(flatten)]
    pub settings: SettingsArgs,
    /// The topic, by its role.
    #[arg(long, value_enum)]
    pub topic: VoidTopic,
    /// The partition.
    #[arg(long)]
    pub partition: i32,
    /// The offset.
    #[arg(long)]
    pub offset: i64,
    /// An event that was written in its place, by id. Can be repeated.
    #[arg(long, value_name = "EVENT_ID", conflicts_with = "drop")]
    pub replaced_by: Vec<String>,
    /// Nothing stands in its place, for this reason. Only needed if its key names no person.
    #[arg(long, value_name = "REASON")]
    pub drop: Option<String>,
    /// Who types this in.
    #[arg(long, default_value = "operator")]
    pub recorder: String,
}

impl VoidArgs {
    /// Writes the void into the log of record, beside the record's own partition number.
    pub(super) fn run(self) -> Result<(), Failure> {
        let config = self.settings.load(&[])?.config;
        let topic = match self.topic {
            VoidTopic::ConsentEvents => TopicRole::ConsentEvents,
            VoidTopic::ConsentActivity => TopicRole::ConsentActivity,
            VoidTopic::TemplateStates => TopicRole::TemplateStates,
        };
        let place = Place { topic: topic.into(), partition: self.partition, offset: self.offset };
        let event = ConsentEvent {
            event_id: random_id(),
            kind: Kind::Void.into(),
            recorder: self.recorder,
            source: "consentgate consent".to_owned(),
            void: Some(VoidTarget {
                place: Some(place),
                replaced_by_event_ids: self.replaced_by,
                drop_reason: self.drop.unwrap_or_default(),
            }),
            ..ConsentEvent::default()
        };
        let id = event.event_id.clone();
        let produced = produce(event).map_err(|error| bad_data(&error))?;
        let produced = config.consent.events.write(produced);
        let clients = Clients::new(config.kafka.clone(), config.gate.clone());
        let beside = match self.topic {
            VoidTopic::ConsentEvents => Some(Partition(self.partition)),
            VoidTopic::ConsentActivity | VoidTopic::TemplateStates => None,
        };
        write_to(&clients, &config.topics.consent_events, beside, &produced, &id)
    }
}
