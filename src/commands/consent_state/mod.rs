//! `consent-state`: who may be reached, for which scope, until when, for those who choose whom to write
//! to.
//!
//! Advice, and no more: the gate decides every message all the same, on what stands then. So a list that
//! is old sends nobody anything, it only wastes messages. What stands is asked of the gate's own fold,
//! index and rules. In doubt a person is not on the list. Numbers stand in it in clear, because that is
//! its purpose.
//!
//! Read in this order: [`reach`] (what stands for a person), [`roster`] (whom to ask about),
//! [`log`](mod@log) (the consent topics, followed), [`export`] and [`publish`].

mod export;
mod log;
mod publish;
mod reach;
mod roster;
mod row;
mod table;

use clap::{Args, Subcommand};

pub(in crate::commands) use log::{StateLog, Watch};
pub(in crate::commands) use reach::why_not;

pub use export::{ExportArgs, ExportFormat};
pub use publish::{PublishArgs, Published, Publisher};

use super::exit::Failure;

const EXAMPLES: &str = "\
Examples:
  consentgate consent-state export --config gate.toml --business cafe-luna --out reachable.csv
  consentgate consent-state export --config gate.toml --format jsonl | load-into-engine
  consentgate topics apply --config gate.toml             makes topics.consent_state, compacted
  consentgate consent-state publish --config gate.toml    keeps that topic up to date
  consentgate consent-state publish --config gate.toml --once

It is advice for targeting: the gate still decides each message. People stand in it in clear.";

/// Arguments of `consent-state`.
#[derive(Clone, Debug, Args)]
#[command(before_help = EXAMPLES)]
pub struct ConsentStateArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: ConsentStateCommand,
}

/// What to do with who may be reached.
#[derive(Clone, Debug, Subcommand)]
pub enum ConsentStateCommand {
    /// Write a list, people in clear, as it stands now.
    Export(ExportArgs),
    /// Keep the topic topics.consent_state up to date, until told to end.
    Publish(PublishArgs),
}

impl ConsentStateArgs {
    /// Does it.
    ///
    /// # Errors
    /// A configuration that is no good, Kafka not reached, a consent log that must not be relied on, an
    /// output that cannot be written.
    pub fn run(self) -> Result<(), Failure> {
        match self.command {
            ConsentStateCommand::Export(args) => args.run(),
            ConsentStateCommand::Publish(args) => args.run(),
        }
    }
}
