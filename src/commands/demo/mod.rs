//! Arguments of `demo`: broker, world, campaign and gate in one process, then the proof.

use clap::Args;

const EXAMPLES: &str = "\
Examples:
  consentgate demo                    a campaign of a million messages, and what became of it
  consentgate demo --without-fence    the control: opt-outs slip through
  consentgate demo --kill             gates are killed and restarted, and nothing is lost
  consentgate demo --serve            broker and admin page stay up for your own client";

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
    #[arg(long)]
    pub without_fence: bool,
    /// Kill and restart gates while the campaign runs.
    #[arg(long)]
    pub kill: bool,
    /// Keep broker and admin page up afterwards.
    #[arg(long)]
    pub serve: bool,
}
