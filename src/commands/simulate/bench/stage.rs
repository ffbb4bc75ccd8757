//! What is measured on: an input of its own, filled once, read by every run from the beginning.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use super::super::load::Load;
use super::super::publish::{Campaign, write_consents};
use super::super::world::World;
use super::super::{Rate, SimulateArgs};
use crate::app::AppError;
use crate::commands::exit::Failure;
use crate::commands::output::note;
use crate::config::{Config, TopicName, TopicNames};
use crate::kafka::topics::{TopicAdmin, apply, conditions, plan};
use crate::kafka::{Clients, EventWriter};

/// How long new topics may take until all brokers know them.
const SETTLE_LIMIT: Duration = Duration::from_secs(30);

/// The measurement's input, filled.
pub(super) struct Stage<'a> {
    pub(super) args: &'a SimulateArgs,
    pub(super) world: World,
    /// The configuration with the measurement's topics.
    config: Config,
    name: String,
    /// Counts runs: each reads as a group of its own and writes to topics of its own, for a gate goes
    /// on after the receipts that it finds.
    runs: AtomicU32,
}

/// One run: who reads, and where it writes.
pub(super) struct Run {
    /// The configuration.
    pub(super) config: Config,
    /// Clients of the run's group.
    pub(super) clients: Clients,
    /// What differs from the user's configuration, as (key, value).
    pub(super) settings: Vec<(String, String)>,
}

impl<'a> Stage<'a> {
    /// Makes the input topics, writes what people said and the whole campaign.
    pub(super) fn set(args: &'a SimulateArgs) -> Result<Self, Failure> {
        let name = format!("bench-{}", hex::encode(rand::random::<[u8; 4]>()));
        let config = args.settings.settings.load(&flags(&settings(&name, 0)))?.config;
        let (world, runs) = (args.world(), AtomicU32::new(0));
        let stage = Self { args, world, config, name, runs };
        if let Err(failure) = stage.next_run().and_then(|_| stage.fill()) {
            stage.clear()?;
            return Err(failure);
        }
        Ok(stage)
    }

    /// One more run, with a group that has read nothing yet and outputs that are empty.
    pub(super) fn next_run(&self) -> Result<Run, Failure> {
        let number = self.runs.fetch_add(1, Ordering::Relaxed);
        let settings = settings(&self.name, number);
        let config = self.args.settings.settings.load(&flags(&settings))?.config;
        self.make_topics(&config.topics)?;
        Ok(Run { clients: clients(&config), config, settings })
    }

    pub(super) fn partitions(&self) -> i32 {
        self.args.bench.partitions.into()
    }

    /// Whether the user named keys; if not, the gate gets throw-away ones.
    pub(super) fn has_keys(&self) -> bool {
        self.config.keys.signing.is_some()
    }

    fn make_topics(&self, topics: &TopicNames) -> Result<(), Failure> {
        let admin = self.admin()?;
        let roles = admin.roles(topics).map_err(AppError::Kafka)?;
        let planned = plan(&roles, self.partitions(), self.args.bench.replication.into());
        apply(&admin, &planned).map_err(AppError::Kafka)?;
        let began = Instant::now();
        loop {
            let findings = conditions(&admin.roles(topics).map_err(AppError::Kafka)?);
            if findings.is_empty() {
                return Ok(());
            }
            if began.elapsed() > SETTLE_LIMIT {
                return Err(AppError::Topics(findings).into());
            }
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    /// Deletes a run's outputs.
    pub(super) fn end_run(&self, run: &Run) -> Result<(), Failure> {
        let topics = &run.config.topics;
        let outputs = [&topics.allowed, &topics.audit, &topics.receipts];
        let names = outputs.map(TopicName::as_str);
        Ok(self.admin()?.delete(&names).map_err(AppError::Kafka)?)
    }

    /// Deletes all topics.
    pub(super) fn clear(&self) -> Result<(), Failure> {
        let admin = self.admin()?;
        for number in 0..self.runs.load(Ordering::Relaxed) {
            let settings = settings(&self.name, number);
            let is_topic = |key: &str| key.starts_with("topics.");
            let topics = settings.iter().filter(|(key, _)| is_topic(key));
            let names: Vec<&str> = topics.map(|(_, name)| name.as_str()).collect();
            admin.delete(&names).map_err(AppError::Kafka)?;
        }
        Ok(())
    }

    fn admin(&self) -> Result<TopicAdmin, Failure> {
        Ok(TopicAdmin::open(&clients(&self.config)).map_err(AppError::Kafka)?)
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
}

/// What the measurement sets over any configuration.
fn settings(name: &str, run: u32) -> Vec<(String, String)> {
    let inputs = ["consent_events", "consent_activity", "template_states", "outbound"];
    let outputs = ["allowed", "audit", "receipts"];
    let inputs = inputs.map(|role| (format!("topics.{role}"), format!("{name}-{role}")));
    let outputs = outputs.map(|role| (format!("topics.{role}"), format!("{name}-{role}-{run}")));
    let fixed = [
        ("gate.group", format!("{name}-{run}")),
        ("gate.instance", "bench".to_owned()),
        ("gate.lanes", "1".to_owned()),
        ("gate.commit_interval", "100ms".to_owned()),
        ("gate.start_from", "beginning".to_owned()),
        ("admin.listen", "127.0.0.1:0".to_owned()),
        ("log.level", "error".to_owned()),
    ];
    let fixed = fixed.map(|(key, value)| (key.to_owned(), value));
    inputs.into_iter().chain(outputs).chain(fixed).collect()
}

fn flags(settings: &[(String, String)]) -> Vec<(&str, &str, &str)> {
    settings.iter().map(|(key, value)| ("--bench", key.as_str(), value.as_str())).collect()
}

fn clients(config: &Config) -> Clients {
    Clients::new(config.kafka.clone(), config.gate.clone())
}
