//! `trial`: what the gate would have done with messages that were sent, and what happened without it.
//!
//! Reads a platform's own topics and writes none: no group, no transaction, no produce. Rules are the
//! gate's own. Past order between topics rests on timestamps, so what lies within the tolerance is
//! told apart and never counted as a slip. In doubt a slip is not one: a trial must not accuse.
//!
//! Read in this order: [`run`] (which topics, which range), [`walk`] (in the order of times),
//! [`sides`] (the state before a message and around it), [`outcome`], [`counts`], [`report`].

mod checkpoint;
mod counts;
mod message;
mod outcome;
mod progress;
mod report;
mod run;
mod sides;
mod slips;
mod text;
mod walk;

use std::ops::ControlFlow;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

pub use run::{TrialPlan, trial};

use super::exit::Failure;
use super::instant_arg::instant_ms;
use super::output::{note, print};
use super::settings_args::RouteArgs;

const EXAMPLES: &str = "\
Examples:
  consentgate trial --config gate.toml --out trial
  consentgate trial --config gate.toml --out trial --from 2026-05-01T00:00:00Z --to 2026-06-01T00:00:00Z
  consentgate trial --config gate.toml --out trial --topic whatsapp-sent --tolerance 30s
  consentgate trial --config gate.toml --out trial --start-over    forget how far the last one came";

const AFTER: &str = "\
It reads [topics] consent_events, consent_activity, template_states and outbound (or --topic), in the
formats of the configuration, and needs the pseudonym key. Into --out it writes report.html, summary.json,
decisions.csv, slips.csv and hours.csv. Stopped, it goes on where it was when it is called again with the
same arguments. It needs the memory of two indexes.";

/// Arguments of `trial`.
#[derive(Clone, Debug, Args)]
#[command(before_help = EXAMPLES, after_help = AFTER)]
pub struct TrialArgs {
    /// The configuration, and which route of it.
    #[command(flatten)]
    pub settings: RouteArgs,
    /// The folder for the report and its figures; made if it is not there.
    #[arg(long, value_name = "FOLDER")]
    pub out: PathBuf,
    /// The topic whose messages are tried, in the format of `[messages]`: topics.outbound if left out.
    #[arg(long, value_name = "NAME")]
    pub topic: Option<String>,
    /// Only messages from this time on, such as 2026-05-01T00:00:00Z.
    #[arg(long, value_name = "TIME", value_parser = instant_ms)]
    pub from: Option<i64>,
    /// Only messages before this time.
    #[arg(long = "to", value_name = "TIME", value_parser = instant_ms)]
    pub until: Option<i64>,
    /// How far clocks may be apart: what lies closer together has no order.
    #[arg(long, default_value = "5s", value_name = "DURATION", value_parser = humantime::parse_duration)]
    pub tolerance: Duration,
    /// Begin anew, wherever the last trial in this folder stopped.
    #[arg(long)]
    pub start_over: bool,
}

impl TrialArgs {
    /// Tries, and prints what came of it.
    ///
    /// # Errors
    /// Kafka not reached (69), files that cannot be written (74), a configuration or a key that is no
    /// good (78).
    pub fn run(self) -> Result<(), Failure> {
        let config = self.settings.load(&[])?;
        let plan = TrialPlan {
            topic: self.topic.unwrap_or_else(|| config.topics.outbound.to_string()),
            from_ms: self.from,
            to_ms: self.until,
            tolerance: self.tolerance,
            out: self.out,
            start_over: self.start_over,
        };
        let told = trial(&config, &plan, |_| ControlFlow::Continue(()))?;
        if let Some(told) = told {
            print(&told)?;
            note(&format!("the report is {}", plan.out.join(report::FILE).display()));
        }
        Ok(())
    }
}
