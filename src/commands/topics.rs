//! Arguments of `topics`: what the topics should be, and making them so.

use clap::{Args, Subcommand};

use super::check::report;
use super::exit::Failure;
use super::output::print;
use super::settings_args::SettingsArgs;
use crate::app::{AppError, broken_conditions};
use crate::config::Config;
use crate::consent::RouteName;
use crate::kafka::Clients;
use crate::kafka::topics::{Planned, Role, TopicAdmin, apply, plan};
use crate::wire::receipt::Mode;

const EXAMPLES: &str = "\
Examples:
  consentgate topics plan --config gate.toml --partitions 12 --replication 3
  consentgate topics apply --config gate.toml --partitions 12 --replication 3";

/// Arguments of `topics`.
#[derive(Clone, Debug, Args)]
#[command(before_help = EXAMPLES)]
pub struct TopicsArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: TopicsCommand,
}

/// What to do with topics.
#[derive(Clone, Debug, Subcommand)]
pub enum TopicsCommand {
    /// Print what would be created, and what is not as it should be. Changes nothing.
    Plan(LayoutArgs),
    /// Create the topics that are missing. Changes none that is there.
    Apply(LayoutArgs),
}

/// How new topics are laid out.
#[derive(Clone, Debug, Args)]
pub struct LayoutArgs {
    /// The configuration.
    #[command(flatten)]
    pub settings: SettingsArgs,
    /// Partitions of each new topic.
    #[arg(long, default_value_t = 8, value_parser = clap::value_parser!(u32).range(1..=4096))]
    pub partitions: u32,
    /// Replicas of each partition.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u16).range(1..=15))]
    pub replication: u16,
}

impl TopicsArgs {
    /// Plans, or creates what is missing.
    ///
    /// # Errors
    /// Kafka was not reached, or refused a topic.
    pub fn run(self) -> Result<(), Failure> {
        match self.command {
            TopicsCommand::Plan(layout) => layout.plan().map(drop),
            TopicsCommand::Apply(layout) => {
                let (admin, planned) = layout.plan()?;
                apply(&admin, &planned).map_err(AppError::Kafka)?;
                print(&format!("created: {}\n", planned.len()))
            }
        }
    }
}

impl LayoutArgs {
    /// Prints what is there, what is wrong with it, and what is missing.
    fn plan(&self) -> Result<(TopicAdmin, Vec<Planned>), Failure> {
        let config = self.settings.load(&[])?.config;
        let clients = Clients::new(config.kafka.clone(), config.gate.clone());
        let admin = TopicAdmin::open(&clients).map_err(AppError::Kafka)?;
        let mut all = Vec::new();
        for route in config.routes() {
            if route.route != RouteName::MAIN {
                print(&format!("route {}\n", route.route))?;
            }
            all.extend(self.plan_route(&admin, route)?);
        }
        Ok((admin, all))
    }

    /// The same of one route; topics that all share are the first one's matter.
    fn plan_route(&self, admin: &TopicAdmin, config: &Config) -> Result<Vec<Planned>, Failure> {
        let is_ours = |role: Role| config.route == RouteName::MAIN || role.is_a_routes();
        let roles = admin.roles(&config.topics).map_err(AppError::Kafka)?;
        let partitions = i32::try_from(self.partitions).unwrap_or(i32::MAX);
        let mut planned = plan(&roles, partitions, self.replication.into());
        planned.retain(|topic| is_ours(topic.role));
        if config.gate.mode == Mode::Shadow {
            planned.retain(|topic| topic.role != Role::Allowed);
        }
        let is_missing = |role| planned.iter().any(|topic| topic.role == role);
        let mut findings = broken_conditions(config.gate.mode, &roles);
        findings.retain(|finding| is_ours(finding.role) && !is_missing(finding.role));
        let mut there = roles.clone();
        there.retain(|role, _| is_ours(*role) && !is_missing(*role));
        print(&report(&there, &findings))?;
        print(&planned.iter().map(line_of).collect::<String>())?;
        Ok(planned)
    }
}

fn line_of(topic: &Planned) -> String {
    let (role, name) = (topic.role.name(), &topic.name);
    let (partitions, replicas) = (topic.partitions, topic.replicas);
    let mut line =
        format!("new   {role}: {name}, partitions: {partitions}, replicas: {replicas}\n");
    for (setting, value) in &topic.settings {
        line.push_str(&format!("        {setting}={value}\n"));
    }
    line
}
