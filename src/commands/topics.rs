//! Arguments of `topics`: what the topics should be, and making them so.

use clap::{Args, Subcommand};

use super::settings_args::SettingsArgs;

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
