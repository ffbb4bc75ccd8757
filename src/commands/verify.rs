//! Arguments of `verify`: the promises, checked from the topics alone.

use std::path::PathBuf;

use clap::Args;

use super::settings_args::SettingsArgs;

const EXAMPLES: &str = "\
Examples:
  consentgate verify --config gate.toml --public-key signing.pub
  consentgate verify --config gate.toml --public-key old.pub --public-key new.pub --json";

/// Arguments of `verify`.
#[derive(Clone, Debug, Args)]
#[command(before_help = EXAMPLES)]
pub struct VerifyArgs {
    /// The configuration.
    #[command(flatten)]
    pub settings: SettingsArgs,
    /// A file with a public key that receipts may be signed with, as `keys generate` prints it. Can
    /// be repeated. Keys are pinned here and never read from the topic.
    #[arg(long, value_name = "FILE", required = true)]
    pub public_key: Vec<PathBuf>,
    /// Only these partitions of the outbound topic.
    #[arg(long, value_name = "NUMBER")]
    pub partition: Vec<i32>,
    /// Print differences and the summary as JSON.
    #[arg(long)]
    pub json: bool,
}
