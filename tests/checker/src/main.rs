//! `consentgate-checker`: checks the topics of a run, and ends with 1 if a promise was broken.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, ValueEnum};
use consentgate_checker::{CheckError, Messages, Options, Report, Run, Topics, check, public_key};

/// A promise was broken.
const BROKEN: u8 = 1;
/// The topics could not be checked.
const NOT_CHECKED: u8 = 2;

/// Checks the promises of a consentgate from the topics of a run, with rules of its own.
#[derive(Parser)]
#[command(version)]
struct Args {
    /// A broker, host:port; several with commas. Without TLS and passwords.
    #[arg(long)]
    bootstrap: String,
    /// The topic of consent events.
    #[arg(long, default_value = "consent-events")]
    consent_events: String,
    /// The topic of what people do just now.
    #[arg(long, default_value = "consent-activity")]
    consent_activity: String,
    /// The topic of what the platform says of templates, if there is one.
    #[arg(long)]
    template_states: Option<String>,
    /// The input.
    #[arg(long, default_value = "outbound-messages")]
    outbound: String,
    /// The topic of allowed messages.
    #[arg(long, default_value = "allowed-messages")]
    allowed: String,
    /// The topic of audit entries.
    #[arg(long, default_value = "message-audit")]
    audit: String,
    /// The topic of receipts.
    #[arg(long, default_value = "decision-receipts")]
    receipts: String,
    /// A public key that is believed: 64 hexadecimal digits, or a file with them. May be given again.
    #[arg(long, required = true)]
    public_key: Vec<String>,
    /// The gates still run: what is not decided yet is no violation.
    #[arg(long)]
    running: bool,
    /// How messages are to be read.
    #[arg(long, value_enum, default_value = "protobuf")]
    messages: Format,
    /// How to print the report.
    #[arg(long, value_enum, default_value = "text")]
    output: Output,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    /// As OutboundMessage.
    Protobuf,
    /// In another format: no decision is judged.
    Other,
}

#[derive(Clone, Copy, ValueEnum)]
enum Output {
    /// For people.
    Text,
    /// For programs.
    Json,
}

fn main() -> ExitCode {
    let args = Args::parse();
    match run(&args) {
        Ok(report) => {
            let text = match args.output {
                Output::Text => report.to_text(),
                Output::Json => report.to_json() + "\n",
            };
            match std::io::stdout().write_all(text.as_bytes()) {
                Err(_) => ExitCode::from(NOT_CHECKED),
                Ok(()) if report.is_clean() => ExitCode::SUCCESS,
                Ok(()) => ExitCode::from(BROKEN),
            }
        }
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "consentgate-checker: {error}");
            ExitCode::from(NOT_CHECKED)
        }
    }
}

fn run(args: &Args) -> Result<Report, CheckError> {
    let topics = Topics {
        bootstrap: args.bootstrap.clone(),
        consent_events: args.consent_events.clone(),
        consent_activity: args.consent_activity.clone(),
        template_states: args.template_states.clone(),
        outbound: args.outbound.clone(),
        allowed: args.allowed.clone(),
        audit: args.audit.clone(),
        receipts: args.receipts.clone(),
    };
    let public_keys = args.public_key.iter().map(|key| read_key(key)).collect::<Result<_, _>>()?;
    let run = if args.running { Run::Running } else { Run::Finished };
    let messages = match args.messages {
        Format::Protobuf => Messages::Protobuf,
        Format::Other => Messages::Other,
    };
    check(&topics, &Options { public_keys, run, messages })
}

/// The digits themselves, or a file that holds them.
fn read_key(text: &str) -> Result<[u8; 32], CheckError> {
    if let Ok(key) = public_key(text) {
        return Ok(key);
    }
    let path = PathBuf::from(text);
    let file = std::fs::read_to_string(&path);
    let read = file.map_err(|source| CheckError::File { path: text.to_owned(), source })?;
    public_key(&read)
}
