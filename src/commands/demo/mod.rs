//! `demo`: the whole gate on an embedded broker, and what became of every message.
//!
//! Publishes a seeded world and a campaign, runs the real gate on it through Kafka's protocol, and
//! verifies from the topics alone. It binds loopback only and leaves nothing behind.

mod act;
mod gates;
mod pairs;
mod stage;
mod story;
mod summary;
mod watch;

use clap::Args;

use super::exit::Failure;

const EXAMPLES: &str = "\
Examples:
  consentgate demo                    a campaign of a million messages, and what became of it
  consentgate demo --without-fence    the control: opt-outs slip through
  consentgate demo --kill             gates are killed and restarted, and nothing is lost
  consentgate demo --serve            the broker stays up for your own client";

/// Arguments of `demo`.
#[derive(Clone, Debug, Args)]
#[command(before_help = EXAMPLES)]
pub struct DemoArgs {
    /// Messages of the campaign.
    #[arg(long, default_value_t = 1_000_000)]
    pub messages: u64,
    /// The same seed gives the same world.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Decide without waiting for the fence, to see what it is for.
    #[arg(long, conflicts_with = "kill")]
    pub without_fence: bool,
    /// Kill and restart gates while the campaign runs.
    #[arg(long)]
    pub kill: bool,
    /// Keep broker and gate up afterwards, until interrupted.
    #[arg(long)]
    pub serve: bool,
}

impl DemoArgs {
    /// Plays the demo.
    ///
    /// # Errors
    /// The machine refused something, or a promise was not kept.
    pub fn run(self) -> Result<(), Failure> {
        act::play(&self)
    }
}
