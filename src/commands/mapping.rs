//! `mapping try`: what a sample record comes to under the configured format, field by field.
//!
//! Reads a value from a file or standard input and asks Kafka nothing. The recipient is shown masked
//! unless the operator asks to see it. It shows what the gate reads, not what it would decide.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};

use super::exit::{Exit, Failure};
use super::output::print;
use super::settings_args::SettingsArgs;
use crate::consent::IdentityRef;
use crate::decision::{Message, OptOutPath};
use crate::wire::formats::{Format, Header, Refusal, Texts};

const EXAMPLES: &str = "\
Examples:
  consentgate mapping try --config gate.toml body.json --header business=cafe-luna
  kcat -C -t outbound -o -1 -c 1 | consentgate mapping try --config gate.toml
  consentgate mapping try --config gate.toml body.json --headers headers.txt";

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
    /// The configuration.
    #[command(flatten)]
    pub settings: SettingsArgs,
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
        let format = self.settings.load(&[])?.config.messages;
        let value = read(&self.file)?;
        let mut headers = self.header;
        if let Some(file) = &self.headers {
            headers.extend(headers_in(file)?);
        }
        let faces = if self.show_people { Faces::Shown } else { Faces::Masked };
        let texts = Texts::default();
        match message(&format, &value, &headers, &texts) {
            Ok(message) => print(&shown(&message, faces)),
            Err(refusal) => Err(Failure::new(Exit::Data, refused(refusal))),
        }
    }
}

/// Whether people can be recognised in what is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Faces {
    Shown,
    Masked,
}

fn message<'r>(
    format: &Format,
    value: &'r [u8],
    headers: &'r [(String, String)],
    texts: &'r Texts,
) -> Result<Message<'r>, Refusal> {
    let each = |show: &mut dyn FnMut(Header<'r>)| {
        for (name, value) in headers {
            show(Header { name, value: Some(value.as_bytes()) });
        }
    };
    format.read(Some(value), each, texts)
}

fn refused(refusal: Refusal) -> String {
    let reason = refusal.reason().name();
    format!("no message; the gate would suppress the record as {reason}:\n  {refusal}")
}

fn shown(message: &Message<'_>, faces: Faces) -> String {
    let [first, second] = message.also;
    let people = [message.to, first, second];
    let person = |identity: IdentityRef<'_>| match faces {
        Faces::Shown => identity.canonical(),
        Faces::Masked => masked(&identity.canonical()),
    };
    let text = |text: &str| match text {
        "" => "-".to_owned(),
        // An id may be, or hold, the recipient.
        text if faces == Faces::Masked => without(people, text),
        text => text.to_owned(),
    };
    let to = message.to.map_or("no phone number and no user id".to_owned(), person);
    let also: Vec<String> = message.also.into_iter().flatten().map(person).collect();
    let deadline = message.deadline.map_or("-".to_owned(), |second| {
        let since = std::time::Duration::from_secs(second.0.into());
        humantime::format_rfc3339_seconds(std::time::UNIX_EPOCH + since).to_string()
    });
    let way_out = match message.opt_out_path {
        OptOutPath::Offered => "offered",
        OptOutPath::Missing => "-",
    };
    let lines = [
        ("business", text(message.business)),
        ("recipient", to),
        ("also_known_as", text(&also.join(", "))),
        ("scope", text(message.scope)),
        ("category", message.category.name().to_owned()),
        ("template", text(message.template)),
        ("template_language", text(message.template_language)),
        ("deadline", deadline),
        ("opt_out_path", way_out.to_owned()),
        ("answers", if message.answers.is_some() { "an objection" } else { "-" }.to_owned()),
        ("message_id", text(message.message_id)),
        ("campaign_id", text(message.campaign_id)),
    ];
    lines.iter().map(|(name, value)| format!("{name:<17} {value}\n")).collect()
}

/// The first and last signs of an identity.
fn masked(identity: &str) -> String {
    let chars: Vec<char> = identity.chars().collect();
    // A short user id is all but given away by its ends.
    let ends = if chars.len() >= 10 { (4, 2) } else { (2, 0) };
    let head: String = chars.iter().take(ends.0).collect();
    let tail: String = chars.iter().skip(chars.len() - ends.1).collect();
    format!("{head}***{tail}")
}

fn without(people: [Option<IdentityRef<'_>>; 3], text: &str) -> String {
    let mut text = text.to_owned();
    for identity in people.into_iter().flatten() {
        let canonical = identity.canonical();
        let digits = canonical.trim_start_matches('+');
        text = text.replace(digits, &masked(digits));
    }
    text
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
    use crate::wire::formats::{Field, Framing, Kind, Source};

    fn format() -> Format {
        let places = [
            (Field::Business, "header:business"),
            (Field::Recipient, "/to"),
            (Field::AlsoKnownAs, "/user"),
            (Field::MessageId, "/id"),
        ];
        let source = |(field, text)| (field, Source::parse(text).expect("a place"));
        Format::new(Kind::Json, Framing::Plain, &places.map(source)).expect("a format")
    }

    const VALUE: &str =
        r#"{"to": "+12025550101", "user": "IN.Abc123456", "id": "wa-12025550101-7"}"#;

    fn headers() -> Vec<(String, String)> {
        vec![("business".to_owned(), "cafe".to_owned())]
    }

    #[test]
    fn people_are_masked_wherever_they_stand_unless_asked_for() {
        let (headers, texts) = (headers(), Texts::default());
        let message = message(&format(), VALUE.as_bytes(), &headers, &texts).expect("a message");
        let masked = shown(&message, Faces::Masked);
        for part in ["2025550", "5550101", "Abc123"] {
            assert!(!masked.contains(part), "{masked}");
        }
        for line in ["business          cafe\n", "recipient         +120***01\n", "wa-1202***01-7"]
        {
            assert!(masked.contains(line), "{masked}");
        }
        let open = shown(&message, Faces::Shown);
        assert!(open.contains("recipient         +12025550101\n"), "{open}");
        assert!(open.contains("IN.Abc123456\n"), "{open}");
    }

    #[test]
    fn a_refusal_names_reason_and_field_but_no_value() {
        let value = VALUE.replace("IN.Abc123456", "nobody at all");
        let (headers, texts) = (headers(), Texts::default());
        let refusal = message(&format(), value.as_bytes(), &headers, &texts).expect_err("refused");
        let text = refused(refusal);
        assert!(text.contains("malformed") && text.contains("also_known_as"), "{text}");
        assert!(!text.contains("nobody"), "{text}");
    }

    #[test]
    fn a_header_is_a_name_and_all_behind_the_first_equals_sign() {
        assert_eq!(header("a=b=c"), Ok(("a".to_owned(), "b=c".to_owned())));
        assert!(header("a").is_err());
    }
}
