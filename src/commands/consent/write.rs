//! One event to Kafka, acknowledged by all replicas.
//!
//! Says where the event lies, never whom it is about.

use super::{CommonArgs, EventArgs};
use crate::app::AppError;
use crate::commands::exit::{Exit, Failure};
use crate::commands::output::print;
use crate::commands::read_recipient;
use crate::commands::settings_args::SettingsArgs;
use crate::config::TopicName;
use crate::consent::Partition;
use crate::kafka::{Clients, EventWriter};
use crate::stream::wall_ms;
use crate::wire::WireError;
use crate::wire::consent::{Produced, name_person, produce, topic_for};
use crate::wire::proto::consent::{ConsentEvent, Kind};

/// The fields that every event has.
pub(in crate::commands) fn event_of(args: &EventArgs, kind: Kind) -> ConsentEvent {
    ConsentEvent {
        event_id: args.event_id.clone().unwrap_or_else(random_id),
        kind: kind.into(),
        occurred_at_ms: Some(args.occurred_at.unwrap_or_else(wall_ms)),
        recorder: args.recorder.clone(),
        reason: args.reason.clone(),
        source: "consentgate consent".to_owned(),
        ..ConsentEvent::default()
    }
}

/// The fields that every event about a person has; reads the recipient.
pub(super) fn event_about(common: &CommonArgs, kind: Kind) -> Result<ConsentEvent, Failure> {
    let business_id = common.business.clone();
    let mut event = ConsentEvent { business_id, ..event_of(&common.event, kind) };
    name_person(&mut event, &read_recipient()?);
    Ok(event)
}

/// Writes an event to the topic that its kind belongs to and says where it lies.
pub(super) fn write(settings: &SettingsArgs, event: ConsentEvent) -> Result<(), Failure> {
    let id = event.event_id.clone();
    let topic = topic_for(event.kind());
    let produced = produce(event).map_err(|error| bad_data(&error))?;
    let config = settings.load(&[])?.config;
    let produced = config.consent.of(topic).write(produced);
    let clients = Clients::new(config.kafka.clone(), config.gate.clone());
    let Some(name) = config.topics.consent(topic) else {
        let name = topic.name();
        let message = format!("topics.{name} is not set: name the topic in the configuration");
        return Err(Failure::new(Exit::Config, message));
    };
    write_to(&clients, name, None, &produced, &id)
}

/// Writes a record to a consent topic and says where it lies.
pub(in crate::commands) fn write_to(
    clients: &Clients,
    topic: &TopicName,
    partition: Option<Partition>,
    produced: &Produced,
    id: &str,
) -> Result<(), Failure> {
    let writer = EventWriter::open(clients).map_err(AppError::Kafka)?;
    writer
        .write(topic.as_str(), partition, produced.key.as_bytes(), &produced.value)
        .and_then(|()| writer.flush())
        .map_err(AppError::Kafka)?;
    let place = writer.last_place().map_or(String::new(), |(partition, offset)| {
        format!(" partition {partition} offset {offset}")
    });
    print(&format!("event {id}: {topic}{place}, acknowledged\n"))
}

pub(super) fn bad_data(error: &WireError) -> Failure {
    Failure::new(Exit::Data, error.to_string())
}

/// 16 random bytes in hex.
pub(super) fn random_id() -> String {
    hex::encode(rand::random::<[u8; 16]>())
}
