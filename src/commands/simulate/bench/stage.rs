//! What is measured on: topics of its own, filled once, read by everybody from the beginning.

use std::sync::atomic::{AtomicU32, Ordering};

use super::super::load::Load;
use super::super::publish::{Campaign, write_consents};
use super::super::world::World;
use super::super::{Rate, SimulateArgs};
use crate::app::AppError;
use crate::commands::exit::Failure;
use crate::commands::output::note;
use crate::config::Config;
use crate::kafka::topics::{TopicAdmin, apply, conditions, plan};
use crate::kafka::{Clients, EventWriter};

/// The measurement's topics, filled.
pub(super) struct Stage<'a> {
    pub(super) args: &'a SimulateArgs,
    pub(super) world: World,
    /// The configuration with the measurement's topics.
    pub(super) config: Config,
    /// Where the bare loop writes.
    pub(super) bare_topic: String,
    name: String,
    /// Counts runs: each reads as a group of its own.
    runs: AtomicU32,
}

impl<'a> Stage<'a> {
    /// Makes the topics, writes what people said and the whole campaign.
    pub(super) fn set(args: &'a SimulateArgs) -> Result<Self, Failure> {
        let name = format!("bench-{}", hex::encode(rand::random::<[u8; 4]>()));
        let settings = settings(&name, 0);
        let config = args.settings.load(&flags(&settings))?.config;
        let bare_topic = format!("{name}-bare");
        let world = args.world();
        let runs = AtomicU32::new(0);
        let stage = Self { args, world, config, bare_topic, name, runs };
        if let Err(failure) = stage.make_topics().and_then(|()| stage.fill()) {
            stage.clear()?;
            return Err(failure);
        }
        Ok(stage)
    }

    /// Settings for one more run, with a group that has read nothing yet.
    pub(super) fn next_run(&self) -> Result<Run, Failure> {
        let number = self.runs.fetch_add(1, Ordering::Relaxed);
        let settings = settings(&self.name, number);
        let config = self.args.settings.load(&flags(&settings))?.config;
        Ok(Run { clients: clients(&config), settings })
    }

    pub(super) fn partitions(&self) -> i32 {
        self.args.bench.partitions.into()
    }

    fn make_topics(&self) -> Result<(), Failure> {
        let admin = TopicAdmin::open(&clients(&self.config)).map_err(AppError::Kafka)?;
        let roles = admin.roles(&self.config.topics).map_err(AppError::Kafka)?;
        let replicas = self.args.bench.replication.into();
        let mut planned = plan(&roles, self.partitions(), replicas);
        let like_allowed =
            planned.iter().find(|topic| topic.name == self.config.topics.allowed.as_str());
        let mut bare = like_allowed.cloned();
        if let Some(bare) = &mut bare {
            bare.name.clone_from(&self.bare_topic);
        }
        planned.extend(bare);
        apply(&admin, &planned).map_err(AppError::Kafka)?;
        let roles = admin.roles(&self.config.topics).map_err(AppError::Kafka)?;
        match conditions(&roles) {
            findings if findings.is_empty() => Ok(()),
            findings => Err(AppError::Topics(findings).into()),
        }
    }

    fn fill(&self) -> Result<(), Failure> {
        let topics = &self.config.topics;
        let writer = EventWriter::open(&clients(&self.config)).map_err(AppError::Kafka)?;
        let events = write_consents(&writer, topics.consent_events.as_str(), &self.world)?;
        let campaign = Campaign {
            writer: &writer,
            outbound: topics.outbound.as_str(),
            consent_events: topics.consent_events.as_str(),
            rate: Rate::FlatOut,
            withdrawals_per_second: 0,
            limit: None,
        };
        let written = campaign.write(&self.world, &Load::new(&self.world, self.args.spec()))?;
        note(&format!("{events} consent events and {} messages are written", written.messages));
        Ok(())
    }

    /// Deletes the topics.
    pub(super) fn clear(&self) -> Result<(), Failure> {
        let admin = TopicAdmin::open(&clients(&self.config)).map_err(AppError::Kafka)?;
        let mut names: Vec<&str> =
            self.config.topics.by_role().iter().map(|(_, name)| name.as_str()).collect();
        names.push(&self.bare_topic);
        admin.delete(&names).map_err(AppError::Kafka)?;
        Ok(())
    }
}

/// One run's settings.
pub(super) struct Run {
    /// Clients of the run's group.
    pub(super) clients: Clients,
    /// The settings as (key, value).
    pub(super) settings: Vec<(String, String)>,
}

/// What the measurement sets over any configuration.
fn settings(name: &str, run: u32) -> Vec<(String, String)> {
    let roles = ["consent_events", "consent_activity", "outbound", "allowed", "audit", "receipts"];
    let topics = roles.map(|role| (format!("topics.{role}"), format!("{name}-{role}")));
    let fixed = [
        ("gate.group", format!("{name}-{run}")),
        ("gate.instance", "bench".to_owned()),
        ("gate.lanes", "1".to_owned()),
        ("gate.commit_interval", "100ms".to_owned()),
        ("gate.start_from", "beginning".to_owned()),
        ("admin.listen", "127.0.0.1:0".to_owned()),
        ("log.level", "warn".to_owned()),
    ];
    let fixed = fixed.map(|(key, value)| (key.to_owned(), value));
    topics.into_iter().chain(fixed).collect()
}

fn flags(settings: &[(String, String)]) -> Vec<(&str, &str, &str)> {
    settings.iter().map(|(key, value)| ("--bench", key.as_str(), value.as_str())).collect()
}

fn clients(config: &Config) -> Clients {
    Clients::new(config.kafka.clone(), config.gate.clone())
}
