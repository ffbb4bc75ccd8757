//! `replay`: what another policy would have decided.
//!
//! Decides the retained input again, at the consent positions and instants of its receipts: once under
//! the policy that decided, once under the other one. Writes nothing to Kafka. People appear as
//! pseudonyms only. That a policy is looser is no reason to fail: the command tells, and exits with 0.

mod change;
mod tally;

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::{Args, ValueEnum};

use self::tally::Tally;
use super::exit::{Exit, Failure};
use super::output::{note, print};
use super::settings_args::RouteArgs;
use super::verify::{DecidedArgs, Report, Wanted, decide_again};
use crate::app::pseudonym_keys;
use crate::config::keys::{KeyError, KeyKind};
use crate::config::{Config, FileText, Host, Sources, load};
use crate::policy::Policy;
use crate::wire::pseudonym::PseudonymKey;

const EXAMPLES: &str = "\
Examples:
  consentgate replay --config gate.toml --policy new.toml
  consentgate replay --config gate.toml --policy new.toml --from 2026-01-31T00:00:00Z
  consentgate replay --config gate.toml --policy new.toml --output csv --max 100000 > changes.csv";

/// Arguments of `replay`.
#[derive(Clone, Debug, Args)]
#[command(before_help = EXAMPLES)]
pub struct ReplayArgs {
    /// The configuration, and which route of it.
    #[command(flatten)]
    pub settings: RouteArgs,
    /// A file with the other policy: the `[policy]` of a configuration. Other sections in it do
    /// not matter.
    #[arg(long, value_name = "FILE")]
    pub policy: PathBuf,
    /// Which decisions, and whose receipts.
    #[command(flatten)]
    pub decided: DecidedArgs,
    /// What to print.
    #[arg(long, value_enum, default_value_t = Output::Text)]
    pub output: Output,
    /// How many of the messages that would change are listed; all are counted.
    #[arg(long, value_name = "COUNT", default_value = "20")]
    pub max: NonZeroUsize,
}

/// The form of what is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Output {
    /// Counts, then the list.
    Text,
    /// One change a line, then the counts.
    Json,
    /// The list alone; counts go to standard error.
    Csv,
}

impl ReplayArgs {
    /// Decides again, and prints what would change.
    ///
    /// # Errors
    /// Kafka not reached (69), a public key or a receipt that is none (65), a configuration or a policy
    /// that is no good (78).
    pub fn run(self) -> Result<(), Failure> {
        let config = self.settings.load(&[])?;
        let policy = policy_of(&self.policy)?;
        let (keys, only) = (self.decided.keys(&config)?, self.decided.only());
        let wanted = Wanted { keys, only, range: self.decided.range() };
        let max = self.max.get();
        let key = pseudonym_key(&config)?;
        let work = || Tally::new(key.clone(), max);
        let (tallies, report) = decide_again(&config, wanted, &policy, work, Tally::take)?;
        if report.difference_count() > 0 {
            note("receipts are not what they should be: `consentgate verify` says where");
        }
        let mut tally = Tally::new(key.clone(), max);
        tallies.into_iter().for_each(|other| tally.join(other));
        match self.output {
            Output::Text => print(&tally.to_text(&left_out(&report))),
            Output::Json => print(&tally.to_json(&report)),
            Output::Csv => {
                note(tally.counts(&left_out(&report)).trim_end());
                print(&tally.to_csv())
            }
        }
    }
}

/// The policy of a file.
///
/// # Errors
/// A file that cannot be read, or whose policy is no good (78).
fn policy_of(path: &Path) -> Result<Policy, Failure> {
    let text = std::fs::read_to_string(path).map_err(|error| {
        let what = format!("--policy {}: cannot be read: {error}", path.display());
        Failure::new(Exit::Config, what)
    })?;
    let file = Some(FileText { path: path.to_owned(), text });
    let sources = Sources { file, environment: Vec::new(), flags: Vec::new() };
    Ok(load(&sources, &Host::detect())?.config.policy)
}

/// The key that makes the audit's pseudonyms; without it people are not told apart in the list.
fn pseudonym_key(config: &Config) -> Result<Option<Arc<PseudonymKey>>, Failure> {
    let mut warnings = Vec::new();
    let key = config.keys.load_one(KeyKind::Pseudonym, &mut warnings);
    warnings.iter().for_each(|warning| note(&warning.to_string()));
    match key {
        Ok(key) => Ok(pseudonym_keys(&[key])?.into_iter().next()),
        Err(KeyError::Missing(_)) => {
            note("no pseudonym key is configured: the list names nobody");
            Ok(None)
        }
        Err(error) => Err(error.into()),
    }
}

/// What could not be decided again, a line for each cause.
fn left_out(report: &Report) -> String {
    let unchecked = report.unchecked().iter();
    let lines = unchecked.map(|(why, count)| format!("not replayed: {count} {}\n", why.text()));
    lines.collect()
}
