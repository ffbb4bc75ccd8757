//! `import`: consent from another system, as CSV.
//!
//! Dry run by default. Suppressions are taken, as widely as they can be read; grants only with all of
//! their evidence, and only where nothing stands against them: an import never lifts a suppression.
//! The log itself remembers what was imported, so a run that was stopped is run again, and what is
//! there is not written twice.
//!
//! One import at a time: what another one writes meanwhile is seen, but only afterwards.
//!
//! Read in this order: [`crate::wire::import`] (what a row says), `known` (what the file and the log
//! hold), `conflict` (what stands against a grant), `verdict` (what becomes of a row), `run` (the passes).

mod conflict;
mod consent_topics;
mod input;
mod known;
#[cfg(test)]
mod laws;
mod line_file;
mod marks;
mod publish;
mod report;
mod run;
#[cfg(test)]
mod tests;
mod verdict;

use std::path::PathBuf;

use clap::Args;

use super::exit::Failure;
use super::settings_args::SettingsArgs;
use super::simulate::Rate;

const EXAMPLES: &str = "\
Examples:
  consentgate import consents.csv --offline             look at the file alone
  consentgate import consents.csv --config gate.toml    dry run: what would be taken, and why not
  consentgate import consents.csv --config gate.toml --rejects rejects.csv
  consentgate import consents.csv --config gate.toml --write --rate 2000

  business_id,phone,kind,scopes,occurred_at,method,expression,text_id,text_version,evidence
  cafe-luna,+12025550101,withdraw,offers,2023-04-05T06:07:08Z,,,,,
  cafe-luna,+12025550102,grant,offers,2024-05-06T07:08:09+02:00,website_form,box_ticked,offers-en,3,form/77";

/// Arguments of `import`.
#[derive(Clone, Debug, Args)]
#[command(before_help = EXAMPLES)]
pub struct ImportArgs {
    /// The file: CSV in UTF-8, its first row names the columns.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// The configuration.
    #[command(flatten)]
    pub settings: SettingsArgs,
    /// Write. Suppressions go first, grants once all of those are acknowledged. One import at a time.
    #[arg(long, conflicts_with = "offline")]
    pub write: bool,
    /// Look at the file alone, without Kafka: conflicts with the log are not seen.
    #[arg(long)]
    pub offline: bool,
    /// Events a second, or flat-out: as fast as Kafka takes them.
    #[arg(long, default_value = "5000", value_name = "PER_SECOND")]
    pub rate: Rate,
    /// Write line and reason of every row that is not taken to this file, which only its owner can
    /// read.
    #[arg(long, value_name = "FILE")]
    pub rejects: Option<PathBuf>,
    /// Write the rows themselves too. They are personal data.
    #[arg(long, requires = "rejects")]
    pub rejects_with_rows: bool,
    /// Write line and reason of every suppression that is taken otherwise than written to this file.
    #[arg(long, value_name = "FILE")]
    pub notes: Option<PathBuf>,
    /// Exit with 65 if any row is not taken.
    #[arg(long)]
    pub strict: bool,
    /// Let grants go although so many refused rows may be opt-outs. The count must be the very one
    /// that the dry run says.
    #[arg(long, value_name = "COUNT")]
    pub accept_unreadable: Option<u64>,
    /// Who imports; stands in every event.
    #[arg(long, default_value = "importer", value_name = "NAME")]
    pub recorder: String,
    /// What separates the fields.
    #[arg(long, default_value = ",", value_parser = delimiter, value_name = "CHARACTER")]
    pub delimiter: u8,
}

impl ImportArgs {
    /// Looks at the file, and writes if told to.
    ///
    /// # Errors
    /// A file or a row that is no good, or Kafka that was not reached.
    pub fn run(self) -> Result<(), Failure> {
        run::run(&self)
    }
}

fn delimiter(text: &str) -> Result<u8, String> {
    match text.as_bytes() {
        _ if matches!(text, "tab" | "\\t") => Ok(b'\t'),
        [byte @ (b',' | b';' | b'|' | b'\t')] => Ok(*byte),
        _ => Err("expected , or ; or | or tab".to_owned()),
    }
}
