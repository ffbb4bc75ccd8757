//! `shadow report`: why each business would lose messages, and what would give them back.
//!
//! From what a shadow wrote: its audit topic and its receipts. Only what a pinned key has signed
//! counts. Names nobody; a page for one business tells nothing of another.

mod counts;
mod page;
mod reading;

use std::path::PathBuf;

use clap::{Args, Subcommand};

pub use reading::{ShadowPlan, report};

use super::exit::Failure;
use super::instant_arg::instant_ms;
use super::output::{note, print};
use super::settings_args::RouteArgs;
use super::verify::pinned_or_own;
use crate::wire::receipt::Mode;

const EXAMPLES: &str = "\
Examples:
  consentgate topics apply --config gate.toml --set gate.mode=shadow    its audit and receipts topics
  consentgate run --config gate.toml --shadow --start-from end          the shadow itself
  consentgate shadow report --config gate.toml --out shadow
  consentgate shadow report --config gate.toml --out cafe --business cafe-luna    a page for one business
  consentgate verify --config gate.toml --set gate.mode=shadow          were its decisions right?";

/// Arguments of `shadow`.
#[derive(Clone, Debug, Args)]
#[command(before_help = EXAMPLES)]
pub struct ShadowArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: ShadowCommand,
}

/// What to do with what a shadow wrote.
#[derive(Clone, Debug, Subcommand)]
pub enum ShadowCommand {
    /// Tell why each business would lose messages, as a page and as CSV.
    Report(ShadowReportArgs),
}

/// Arguments of `shadow report`.
#[derive(Clone, Debug, Args)]
#[command(before_help = EXAMPLES)]
pub struct ShadowReportArgs {
    /// The configuration, as the gate's; its audit and receipts topics are read with ".shadow" behind
    /// their names.
    #[command(flatten)]
    pub settings: RouteArgs,
    /// The folder for report.html and reasons.csv; made if it is not there.
    #[arg(long, value_name = "FOLDER")]
    pub out: PathBuf,
    /// Only this business.
    #[arg(long, value_name = "ID")]
    pub business: Option<String>,
    /// Only what was decided from this time on, such as 2026-05-01T00:00:00Z.
    #[arg(long, value_name = "TIME", value_parser = instant_ms)]
    pub from: Option<i64>,
    /// Only what was decided before this time.
    #[arg(long = "to", value_name = "TIME", value_parser = instant_ms)]
    pub until: Option<i64>,
    /// A public key that receipts may be signed with, as for `verify`. Can be repeated. Without it: that
    /// of the configured signing key.
    #[arg(long, value_name = "HEX|FILE")]
    pub public_key: Vec<String>,
}

impl ShadowArgs {
    /// Reads what the shadow wrote and tells.
    ///
    /// # Errors
    /// Kafka not reached (69), files that cannot be written (74), a configuration or a key that is no
    /// good (78).
    pub fn run(self) -> Result<(), Failure> {
        let ShadowCommand::Report(args) = self.command;
        let shadow = [("shadow report", "gate.mode", Mode::Shadow.name())];
        let config = args.settings.load(&shadow)?;
        let keys = pinned_or_own(&config, &args.public_key)?;
        let plan = ShadowPlan {
            business: args.business,
            from_ms: args.from,
            to_ms: args.until,
            out: args.out,
        };
        print(&report(&config, keys, &plan)?)?;
        note(&format!("the report is {}", plan.out.join(page::FILE).display()));
        Ok(())
    }
}
