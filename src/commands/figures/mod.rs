//! `figures`: how people agree, how they leave, what was suppressed, what ends soon.
//!
//! Counts of people, never a person: no number, no pseudonym, no id of an event. A count of less than
//! five people is not told (`< 5`), nor is a rate that rests on one, for in a small cell a person can be
//! recognised; `--exact` tells them to who may know. It reads the topics whole, in no group, and writes
//! nothing to Kafka. Names that callers gave (campaigns, reasons) are told only if they can hold no
//! number.
//!
//! Read in this order: [`sheet`] (a table, and what is hidden), [`events`] (what was said), [`standing`]
//! (what stands), [`audit`], [`sent`] (what became of messages), [`report`].

mod audit;
mod events;
mod inputs;
mod label;
mod report;
mod sent;
mod sheet;
mod standing;

use std::path::PathBuf;

use clap::{Args, ValueEnum};

pub use report::{Report, figures};

use super::exit::{Exit, Failure};
use super::instant_arg::instant_ms;
use super::output::print;
use super::settings_args::RouteArgs;
use crate::consent::BusinessId;

const EXAMPLES: &str = "\
Examples:
  consentgate figures --config gate.toml
  consentgate figures --config gate.toml --business cafe-luna --from 2026-10-01T00:00:00Z --format html > figures.html
  consentgate figures --config gate.toml --conversions orders.csv --statuses webhooks --format csv

Counts of less than five people are told as < 5, and rates that rest on them are left out.";

/// Arguments of `figures`.
#[derive(Clone, Debug, Args)]
#[command(before_help = EXAMPLES)]
pub struct FiguresArgs {
    /// The configuration, and which route of it.
    #[command(flatten)]
    pub settings: RouteArgs,
    /// Only this business; all of them together, if not given.
    #[arg(long)]
    pub business: Option<String>,
    /// Count what was written from this time on, such as 2026-01-31T00:00:00Z.
    #[arg(long, value_name = "TIME", value_parser = instant_ms)]
    pub from: Option<i64>,
    /// Count what was written before this time.
    #[arg(long = "to", value_name = "TIME", value_parser = instant_ms)]
    pub until: Option<i64>,
    /// Agreements that end within this time are about to expire.
    #[arg(long, value_name = "TIME", default_value = "30d", value_parser = humantime::parse_duration)]
    pub soon: std::time::Duration,
    /// What became of messages: a CSV file with message_id and status (sent, delivered, read, failed), or
    /// the word webhooks for the bodies in webhooks.topic. The message's id is the caller's; in webhooks
    /// it is biz_opaque_callback_data.
    #[arg(long, value_name = "FILE")]
    pub statuses: Option<PathBuf>,
    /// Messages that led to what they were for: a CSV file with message_id.
    #[arg(long, value_name = "FILE")]
    pub conversions: Option<PathBuf>,
    /// How they are written.
    #[arg(long, value_enum, default_value = "text")]
    pub format: FiguresFormat,
    /// Tell small counts too. Only for who may recognise people in them.
    #[arg(long)]
    pub exact: bool,
}

/// How figures are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum FiguresFormat {
    /// Tables for people.
    Text,
    /// One row a value: table, row, column, value.
    Csv,
    /// Tables as JSON.
    Json,
    /// One page that needs nothing else.
    Html,
}

impl FiguresArgs {
    /// Reads the topics and prints the figures.
    ///
    /// # Errors
    /// Wrong arguments (2), a file that is none (65, 74), Kafka not reached (69), a configuration that is
    /// no good (78).
    pub fn run(self) -> Result<(), Failure> {
        let config = self.settings.load(&[])?;
        let report = figures(&config, &self)?;
        match self.format {
            FiguresFormat::Text => print(&report.text()),
            FiguresFormat::Csv => print(&report.csv()?),
            FiguresFormat::Json => print(&report.json()?),
            FiguresFormat::Html => print(&report.html()),
        }
    }

    fn business(&self) -> Result<Option<BusinessId>, Failure> {
        let parse = |name: &String| {
            BusinessId::parse(name).ok_or_else(|| {
                let message = "--business must be 1 to 128 bytes without white space, control \
                               characters or /";
                Failure::new(Exit::Usage, message)
            })
        };
        self.business.as_ref().map(parse).transpose()
    }

    /// Whether something of this time, in milliseconds since 1970, is to be counted.
    fn counts(&self, at_ms: i64) -> bool {
        self.from.is_none_or(|from| at_ms >= from) && self.until.is_none_or(|to| at_ms < to)
    }
}
