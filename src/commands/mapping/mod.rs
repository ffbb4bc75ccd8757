//! `mapping try`: what a sample record comes to under the configured format, field by field.
//!
//! Reads a value from a file or standard input and asks Kafka nothing. The recipient is shown masked
//! unless the operator asks to see it. It shows what the gate reads, not what it would decide.

mod event;
mod message;
mod people;

use std::io::Read as _;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};

use super::consent::VoidTopic;
use super::exit::{Exit, Failure};
use super::output::print;
use super::settings_args::RouteArgs;
use people::Faces;

const EXAMPLES: &str = "\
Examples:
  consentgate mapping try --config gate.toml body.json --header business=cafe-luna
  kcat -C -t outbound -o -1 -c 1 | consentgate mapping try --config gate.toml
  consentgate mapping try --config gate.toml body.json --headers headers.txt
  consentgate mapping try --config gate.toml --consent event.json";

/// Arguments of `mapping`.
#[derive(Clone, Debug, Args)]
#[command(before_help = EXAMPLES)]
pub struct MappingArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: MappingCommand,
}

/// What to do with the mapping.
#[derive(Clone, Debug, Subcommand)]
pub enum MappingCommand {
    /// Show what a sample record comes to, or why it comes to nothing (exit 65).
    Try(TryArgs),
}

/// Arguments of `mapping try`.
#[derive(Clone, Debug, Args)]
#[command(before_help = EXAMPLES)]
pub struct TryArgs {
    /// The configuration, and which route of it.
    #[command(flatten)]
    pub settings: RouteArgs,
    /// The record's value, byte for byte; - is standard input.
    #[arg(value_name = "FILE", default_value = "-")]
    pub file: PathBuf,
    /// A header of the record. Can be repeated, also with one name. A header with a person in it is
    /// better put into a file.
    #[arg(long, value_name = "NAME=VALUE", value_parser = header)]
    pub header: Vec<(String, String)>,
    /// More headers: a file with NAME=VALUE in each line.
    #[arg(long, value_name = "FILE")]
    pub headers: Option<PathBuf>,
    /// The record is of a consent topic: of consent_events, unless it says consent_activity.
    #[arg(
        long,
        value_enum,
        value_name = "TOPIC",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "consent_events",
        conflicts_with_all = ["header", "headers"]
    )]
    pub consent: Option<VoidTopic>,
    /// Show people as they are, not masked.
    #[arg(long)]
    pub show_people: bool,
}

impl MappingArgs {
    /// Shows the message on standard output.
    ///
    /// # Errors
    /// A file that cannot be read, a configuration that is no good, a record that is no message.
    pub fn run(self) -> Result<(), Failure> {
        let MappingCommand::Try(args) = self.command;
        args.run()
    }
}

impl TryArgs {
    fn run(self) -> Result<(), Failure> {
        let config = match self.consent {
            // All routes share the consent topics.
            Some(_) => self.settings.settings.load(&[])?.config,
            None => self.settings.load(&[])?,
        };
        let value = read(&self.file)?;
        let faces = if self.show_people { Faces::Shown } else { Faces::Masked };
        let told = match self.consent {
            Some(topic) => {
                event::tell(config.consent.of(topic.into()), topic.into(), &value, faces)
            }
            None => {
                let mut headers = self.header;
                if let Some(file) = &self.headers {
                    headers.extend(headers_in(file)?);
                }
                message::tell((&config.messages, &config.policy), &value, &headers, faces)
            }
        };
        match told {
            Ok(text) => print(&text),
            Err(why) => Err(Failure::new(Exit::Data, why)),
        }
    }
}

fn read(file: &Path) -> Result<Vec<u8>, Failure> {
    let read = if file == Path::new("-") {
        let mut bytes = Vec::new();
        std::io::stdin().read_to_end(&mut bytes).map(|_| bytes)
    } else {
        std::fs::read(file)
    };
    read.map_err(|error| unreadable(file, &error))
}

fn headers_in(file: &Path) -> Result<Vec<(String, String)>, Failure> {
    let text = std::fs::read_to_string(file).map_err(|error| unreadable(file, &error))?;
    let lines = text.lines().enumerate().filter(|(_, line)| !line.is_empty());
    let of = |(number, line): (usize, &str)| {
        header(line).map_err(|what| {
            let place = format!("{} line {}", file.display(), number + 1);
            Failure::new(Exit::Data, format!("{place}: {what}"))
        })
    };
    lines.map(of).collect()
}

fn unreadable(file: &Path, error: &std::io::Error) -> Failure {
    Failure::new(Exit::Io, format!("cannot read {}: {error}", file.display()))
}

fn header(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("expected NAME=VALUE, such as scope=offers")?;
    Ok((name.to_owned(), value.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_is_a_name_and_all_behind_the_first_equals_sign() {
        assert_eq!(header("a=b=c"), Ok(("a".to_owned(), "b=c".to_owned())));
        assert!(header("a").is_err());
    }
}
