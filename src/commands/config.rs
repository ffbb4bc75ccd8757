//! `config default` and `config show`.

use clap::{Args, Subcommand};

use super::exit::Failure;
use super::output::print;
use super::settings_args::SettingsArgs;
use crate::config::{default_file, show};

const EXAMPLES: &str = "\
Examples:
  consentgate config default > gate.toml
  consentgate config show --config gate.toml
  CONSENTGATE__GATE__LANES=4 consentgate config show --set log.format=json";

/// Arguments of `config`.
#[derive(Clone, Debug, Args)]
#[command(before_help = EXAMPLES)]
pub struct ConfigArgs {
    /// Which of the two.
    #[command(subcommand)]
    pub command: ConfigCommand,
}

/// What to print.
#[derive(Clone, Debug, Subcommand)]
pub enum ConfigCommand {
    /// Print a configuration file with every key, its meaning and its default.
    Default,
    /// Print what is in effect, where each value comes from, secrets redacted.
    Show(SettingsArgs),
}

impl ConfigArgs {
    /// Prints it.
    ///
    /// # Errors
    /// A configuration that is no good.
    pub fn run(self) -> Result<(), Failure> {
        match self.command {
            ConfigCommand::Default => print(&default_file()),
            ConfigCommand::Show(settings) => {
                let loaded = settings.load(&[])?;
                print(&show(&loaded))
            }
        }
    }
}
