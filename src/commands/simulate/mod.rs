//! `simulate`: a seeded world and its campaign, against any Kafka.
//!
//! Writes what people said to the log of record, then the campaign to the outbound topic, and goes on
//! with withdrawals while it runs. All people are made up. Knows no gate, except with `--bench`, which
//! runs one as a process of its own and measures it.

mod bench;
mod business;
mod customer;
mod draw;
mod history;
mod load;
mod message;
mod pace;
mod publish;
#[cfg(test)]
mod tests;
mod world;

use std::time::Duration;

use clap::Args;

pub use bench::BenchArgs;
pub use business::{Business, Trade};
pub use customer::{Address, Customer, Expected, Story};
pub use load::{Load, LoadSpec};
pub use message::SimulatedMessage;
#[cfg(feature = "demo")]
pub(in crate::commands) use message::number_of;
pub use pace::{Pace, Rate};
pub use publish::{Campaign, Written, write_consents};
pub use world::{World, WorldSize};

use super::exit::Failure;
use super::settings_args::RouteArgs;

const EXAMPLES: &str = "\
Examples:
  consentgate simulate --config gate.toml --messages 100000 --rate 5000
  consentgate simulate --config gate.toml --messages 5000000 --rate flat-out --seed 7
  consentgate simulate --config gate.toml --bench    measure a gate beside a loop without decisions";

/// Arguments of `simulate`.
#[derive(Clone, Debug, Args)]
#[command(before_help = EXAMPLES)]
pub struct SimulateArgs {
    /// The configuration, and which route of it.
    #[command(flatten)]
    pub settings: RouteArgs,
    /// The same seed gives the same world and the same campaign.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Businesses in the world; their sizes follow Zipf's law.
    #[arg(long, default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub businesses: u32,
    /// People in the world; a quarter of them are customers of two businesses.
    #[arg(long, default_value_t = 100_000, value_parser = clap::value_parser!(u64).range(1..=100_000_000))]
    pub people: u64,
    /// Messages of the campaign.
    #[arg(long, default_value_t = 1_000_000)]
    pub messages: u64,
    /// Messages a second, or flat-out: as fast as Kafka takes them.
    #[arg(long, default_value = "flat-out", value_name = "PER_SECOND")]
    pub rate: Rate,
    /// Share of messages to people who agreed, in percent.
    #[arg(long, default_value_t = 90, value_parser = clap::value_parser!(u8).range(0..=100))]
    pub allowed_percent: u8,
    /// How long each message is, in bytes.
    #[arg(long, default_value_t = 300, value_name = "BYTES")]
    pub message_bytes: usize,
    /// Withdrawals a second while the campaign runs.
    #[arg(long, default_value_t = 50, value_name = "PER_SECOND")]
    pub withdrawals_per_second: u32,
    /// Stop after this time, such as 60s.
    #[arg(long, value_parser = humantime::parse_duration, value_name = "DURATION")]
    pub limit: Option<Duration>,
    /// Measure instead.
    #[command(flatten)]
    pub bench: BenchArgs,
}

impl SimulateArgs {
    /// Writes the world and the campaign, or measures.
    ///
    /// # Errors
    /// Kafka was not reached, or refused a record.
    pub fn run(self) -> Result<(), Failure> {
        match &self.bench.bare_loop {
            Some(to) => bench::move_bare(&self, to),
            None if self.bench.bench => bench::run(&self),
            None => publish::run(&self),
        }
    }

    /// The world that these arguments describe.
    pub fn world(&self) -> World {
        World::seeded(self.seed, WorldSize { businesses: self.businesses, people: self.people })
    }

    /// The campaign that these arguments describe.
    pub fn spec(&self) -> LoadSpec {
        LoadSpec {
            messages: self.messages,
            allowed_percent: self.allowed_percent,
            message_bytes: self.message_bytes,
        }
    }
}
