//! `consent-state export`: the list as it stands now, people in clear.
//!
//! A file is readable by its owner only and is replaced whole or not at all. A terminal is refused, for
//! what is printed there stays in its history.

use std::fs::{File, OpenOptions};
use std::io::{BufWriter, IsTerminal as _, Write};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use super::log::StateLog;
use super::reach::reach;
use super::row;
use crate::commands::exit::{Exit, Failure};
use crate::commands::output::note;
use crate::commands::settings_args::SettingsArgs;
use crate::commands::verify::Progress;
use crate::config::Config;
use crate::consent::{BusinessId, Seconds, Subject};
use crate::stream::{Fault, wall_ms};

/// How many people are asked about at once.
pub(super) const AT_ONCE: usize = 64;

/// Arguments of `consent-state export`.
#[derive(Clone, Debug, Args)]
pub struct ExportArgs {
    /// The configuration.
    #[command(flatten)]
    pub settings: SettingsArgs,
    /// Only this business; all of them, if not given.
    #[arg(long)]
    pub business: Option<String>,
    /// A row for each person and scope, or a line of JSON for each person.
    #[arg(long, value_enum, default_value = "csv")]
    pub format: ExportFormat,
    /// The file to write, readable by its owner only; one that is there is replaced. Without it:
    /// standard output.
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Write people's numbers to a terminal all the same.
    #[arg(long)]
    pub to_terminal: bool,
}

/// How a list is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ExportFormat {
    /// Comma-separated values with a header (RFC 4180).
    Csv,
    /// JSON lines.
    Jsonl,
}

impl ExportArgs {
    /// Writes the list.
    ///
    /// # Errors
    /// A terminal (2), an output that cannot be written (74), Kafka not reached or a log that must not
    /// be relied on (69), a configuration that is no good (78).
    pub(super) fn run(self) -> Result<(), Failure> {
        let business = self.business.as_deref().map(business).transpose()?;
        let config = self.settings.load(&[])?.config;
        match &self.out {
            Some(path) => self.to_file(&config, business.as_ref(), path),
            None if std::io::stdout().is_terminal() && !self.to_terminal => {
                let message = "the list holds people's numbers in clear: name a file with --out, or \
                               say --to-terminal";
                Err(Failure::new(Exit::Usage, message))
            }
            None => {
                let mut out = BufWriter::new(std::io::stdout().lock());
                self.write(&config, business.as_ref(), &mut out)?;
                out.flush().map_err(|error| unwritable(Path::new("standard output"), &error))
            }
        }
    }

    fn to_file(
        &self,
        config: &Config,
        business: Option<&BusinessId>,
        path: &Path,
    ) -> Result<(), Failure> {
        let failed = |error: std::io::Error| unwritable(path, &error);
        let mut part = path.as_os_str().to_owned();
        part.push(".part");
        let part = PathBuf::from(part);
        // What a stopped export left is of no use, and may have been made readable since.
        let _ = std::fs::remove_file(&part);
        let mut options = OpenOptions::new();
        let file: File =
            options.write(true).create_new(true).mode(0o600).open(&part).map_err(failed)?;
        let mut out = BufWriter::new(file);
        let written = self.write(config, business, &mut out).and_then(|()| {
            let file = out.into_inner().map_err(|error| failed(error.into_error()))?;
            file.sync_all().map_err(failed)?;
            std::fs::rename(&part, path).map_err(failed)
        });
        if written.is_err() {
            let _ = std::fs::remove_file(&part);
        }
        written
    }

    fn write(
        &self,
        config: &Config,
        business: Option<&BusinessId>,
        out: &mut impl Write,
    ) -> Result<(), Failure> {
        let failed = |error: std::io::Error| {
            let path = self.out.as_deref().unwrap_or(Path::new("standard output"));
            unwritable(path, &error)
        };
        let mut log = StateLog::new(config)?;
        let progress = Progress::new();
        let unavailable = |fault: Fault| Failure::unavailable(&fault);
        let read = log.catch_up(&progress, &mut ());
        progress.end();
        read.map_err(unavailable)?;
        let now = Seconds::nearest_to_millis(wall_ms());
        if self.format == ExportFormat::Csv {
            out.write_all(row::HEADER.as_bytes()).map_err(failed)?;
        }
        let mut people = 0_u64;
        let (view, roster) = log.parts().map_err(unavailable)?;
        for (name, customers) in roster.businesses() {
            if business.is_some_and(|business| business != name) {
                continue;
            }
            for identities in customers.take_due(now).chunks(AT_ONCE) {
                let reached = reach(&config.policy, &view, now, name, identities);
                for (identity, reach) in identities.iter().zip(reached) {
                    let (business, identity) = (name.clone(), identity.clone());
                    let subject = Subject { business, identity };
                    let text = self.text(&subject, &reach.reachable)?;
                    out.write_all(text.as_bytes()).map_err(failed)?;
                    people += u64::from(!reach.reachable.is_empty());
                }
            }
        }
        let what = "it is advice for targeting: the gate still decides each message";
        note(&format!("people who may be reached: {people}; {what}"));
        Ok(())
    }

    fn text(
        &self,
        subject: &Subject,
        reachable: &[crate::wire::consent_state::Reachable],
    ) -> Result<String, Failure> {
        match self.format {
            ExportFormat::Csv => Ok(row::csv(subject, reachable)),
            ExportFormat::Jsonl => row::json(subject, reachable)
                .map_err(|error| Failure::new(Exit::Io, format!("cannot write json: {error}"))),
        }
    }
}

fn business(text: &str) -> Result<BusinessId, Failure> {
    BusinessId::parse(text).ok_or_else(|| {
        let message =
            "--business must be 1 to 128 bytes without white space, control characters or /";
        Failure::new(Exit::Usage, message)
    })
}

fn unwritable(path: &Path, error: &std::io::Error) -> Failure {
    Failure::new(Exit::Io, format!("cannot write {}: {error}", path.display()))
}
