//! Arguments of `story`: events from a file, folded and decided without Kafka.

use std::path::PathBuf;

use clap::Args;

const EXAMPLES: &str = "\
Examples:
  consentgate story stop.json      what each rule says, for teaching and support
  consentgate story -              from standard input";

/// Arguments of `story`.
#[derive(Clone, Debug, Args)]
#[command(before_help = EXAMPLES)]
pub struct StoryArgs {
    /// JSON with events, their partitions, offsets and append times, and a message to decide at a
    /// given time; - is standard input.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Print the answer as JSON.
    #[arg(long)]
    pub json: bool,
}
