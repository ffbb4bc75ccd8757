//! Arguments of `check`: the configuration, then Kafka.

use clap::Args;

use super::settings_args::SettingsArgs;

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
