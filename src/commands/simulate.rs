//! Arguments of `simulate`: a seeded world and its load, against any Kafka.

use std::time::Duration;

use clap::Args;

use super::settings_args::SettingsArgs;

const EXAMPLES: &str = "\
Examples:
  consentgate simulate --config gate.toml --messages 100000 --rate 5000
  consentgate simulate --config gate.toml --messages 5000000 --bench    flat out, with figures";

/// Arguments of `simulate`.
#[derive(Clone, Debug, Args)]
#[command(before_help = EXAMPLES)]
pub struct SimulateArgs {
    /// The configuration.
    #[command(flatten)]
    pub settings: SettingsArgs,
    /// The same seed gives the same world and the same load.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// People in the world.
    #[arg(long, default_value_t = 100_000)]
    pub people: u32,
    /// Messages to write.
    #[arg(long, default_value_t = 1_000_000)]
    pub messages: u64,
    /// Messages a second; without it: as fast as Kafka takes them.
    #[arg(long, value_name = "PER_SECOND")]
    pub rate: Option<u32>,
    /// Share of messages to people who agreed, in percent.
    #[arg(long, default_value_t = 90, value_parser = clap::value_parser!(u8).range(0..=100))]
    pub allowed_percent: u8,
    /// Withdrawals a second while the messages run.
    #[arg(long, default_value_t = 50, value_name = "PER_SECOND")]
    pub withdrawals: u32,
    /// Stop after this time, such as 60s.
    #[arg(long, value_parser = humantime::parse_duration, value_name = "DURATION")]
    pub limit: Option<Duration>,
    /// Run a gate on it and measure: messages a second, processor time, added latency, memory.
    #[arg(long)]
    pub bench: bool,
}
