//! `check`: the configuration, then Kafka.

use clap::Args;

use super::exit::{Exit, Failure};
use super::output::print;
use super::settings_args::SettingsArgs;
use crate::app::{AppError, Keyring, broken_conditions};
use crate::config::Config;
use crate::kafka::Clients;
use crate::kafka::topics::{Finding, Role, Roles, TopicAdmin};

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
        0 => Ok(()),
        1 => Err(Failure::new(Exit::Config, "one condition is not kept; the gate would not start")),
        n => Err(Failure::new(
            Exit::Config,
            format!("{n} conditions are not kept; the gate would not start"),
        )),
    }
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
