//! Arguments of `audit tail` and `receipts tail`: what the gate wrote, as JSON for people.

use clap::{Args, Subcommand};

use super::settings_args::SettingsArgs;

const EXAMPLES: &str = "\
Examples:
  consentgate audit tail --config gate.toml --last 20
  consentgate receipts tail --config gate.toml --follow";

/// Arguments of `audit`, and of `receipts`.
#[derive(Clone, Debug, Args)]
#[command(before_help = EXAMPLES)]
pub struct TailArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: TailCommand,
}

/// What to do with a topic that the gate writes.
#[derive(Clone, Debug, Subcommand)]
pub enum TailCommand {
    /// Print the last records, one JSON object a line.
    Tail {
        /// The configuration.
        #[command(flatten)]
        settings: SettingsArgs,
        /// How many records of each partition.
        #[arg(long, default_value_t = 10)]
        last: u32,
        /// Go on with new records as they come.
        #[arg(long)]
        follow: bool,
    },
}
