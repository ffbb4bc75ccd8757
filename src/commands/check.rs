//! `check`: the configuration, then Kafka.

use clap::Args;

use super::exit::{Exit, Failure};
use super::output::print;
use super::settings_args::SettingsArgs;
use crate::app::{AppError, Keyring, broken_conditions};
use crate::config::{Config, FenceKind};
use crate::kafka::topics::{Finding, Role, Roles, TopicAdmin, consent_topics};
use crate::kafka::{Clients, LogEnds, QuorumEnds};
use crate::stream::ports::EndsPort;

const EXAMPLES: &str = "\
Examples:
  consentgate check --config gate.toml                   configuration, keys, Kafka, topics
  consentgate check --config gate.toml --no-environment  configuration and keys only";

/// Arguments of `check`.
#[derive(Clone, Debug, Args)]
#[command(before_help = EXAMPLES)]
pub struct CheckArgs {
    /// The configuration.
    #[command(flatten)]
    pub settings: SettingsArgs,
    /// Do not ask Kafka.
    #[arg(long)]
    pub no_environment: bool,
}

impl CheckArgs {
    /// Checks in the order in which a gate would fail: configuration, keys, Kafka, topics.
    ///
    /// # Errors
    /// What is not as it should be.
    pub fn run(self) -> Result<(), Failure> {
        let config = self.settings.load(&[])?.config;
        print("ok    configuration\n")?;
        let (keys, warnings) = config.keys.load().map_err(AppError::Keys)?;
        Keyring::new(&keys)?;
        print("ok    keys\n")?;
        for warning in warnings {
            let path = warning.path.display();
            print(&format!("warn  {path} can be read by others; chmod 600 it\n"))?;
        }
        if self.no_environment {
            return Ok(());
        }
        check_kafka(&config)
    }
}

fn check_kafka(config: &Config) -> Result<(), Failure> {
    let clients = Clients::new(config.kafka.clone(), config.gate.clone());
    let admin = TopicAdmin::open(&clients).map_err(AppError::Kafka)?;
    let cluster = admin.cluster().map_err(AppError::Kafka)?;
    print(&format!("ok    kafka: cluster {}, brokers: {}\n", cluster.id, cluster.brokers))?;
    let roles = admin.roles(&config.topics).map_err(AppError::Kafka)?;
    let findings = broken_conditions(config.gate.mode, &roles);
    print(&report(&roles, &findings))?;
    match findings.iter().filter(|finding| finding.role.is_the_gates()).count() {
        0 => check_fence(config, &clients, &roles),
        1 => Err(Failure::new(Exit::Config, "one condition is not kept; the gate would not start")),
        n => Err(Failure::new(
            Exit::Config,
            format!("{n} conditions are not kept; the gate would not start"),
        )),
    }
}

/// Asks the question that the gate will ask all the time. A fence that writes is not tried.
fn check_fence(config: &Config, clients: &Clients, roles: &Roles) -> Result<(), Failure> {
    let name = config.gate.fence.name();
    let topics = consent_topics(roles);
    let told = match config.gate.fence {
        FenceKind::Leader => LogEnds::open(clients, topics).and_then(|mut ends| ends.ends()),
        FenceKind::Quorum => QuorumEnds::open(clients, topics).and_then(|mut ends| ends.ends()),
        FenceKind::Beat => {
            return print("warn  fence: beat, not tried, for it writes to the consent topics\n");
        }
    };
    let told = told.map_err(AppError::Kafka)?;
    for answer in &told.answers {
        if let Err(error) = &answer.end {
            let place = format!("{} partition {}", answer.topic.name(), answer.partition);
            let hint = match config.gate.fence {
                FenceKind::Quorum => {
                    "; if these brokers never answer for replicas, take gate.fence \"beat\""
                }
                FenceKind::Leader | FenceKind::Beat => "",
            };
            let what = format!("the fence \"{name}\" has no end for {place}: {error}{hint}");
            return Err(Failure::new(Exit::Unavailable, what));
        }
    }
    print(&format!("ok    fence: {name}, answered for {} partitions\n", told.answers.len()))
}

/// One line a topic, and under it what is wrong and what to do.
pub(super) fn report(roles: &Roles, findings: &[Finding]) -> String {
    let mut text = String::new();
    for role in Role::ALL {
        let Some((name, facts)) = roles.get(&role) else {
            continue;
        };
        let mine: Vec<_> = findings.iter().filter(|finding| finding.role == role).collect();
        let mark = if mine.is_empty() { "ok   " } else { "FAIL " };
        let size = facts.as_ref().map_or(String::new(), |facts| {
            format!(", partitions: {}, replicas: {}", facts.partitions, facts.replicas)
        });
        text.push_str(&format!("{mark} {}: {name}{size}\n", role.name()));
        for finding in mine {
            text.push_str(&format!("        {}; {}\n", finding.what, finding.advice));
        }
    }
    text
}
