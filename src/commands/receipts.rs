//! `receipts tail`: the receipts topic as JSON, one receipt or policy a line.
//!
//! Beside each stands what its signature is worth; it is shown whoever signed it. Whether the receipts
//! are true is [`super::verify`]'s question.

use clap::{Args, Subcommand};
use serde::Serialize;

use super::exit::Failure;
use super::output::note;
use super::tail::{self, Shown, TailArgs, Verdict};
use super::verify::{own_key, pinned};
use crate::config::Config;
use crate::wire::json::JsonSigned;
use crate::wire::receipt::{Inspected, SignatureState, VerifyingKeys, inspect};

const EXAMPLES: &str = "\
Examples:
  consentgate receipts tail --config gate.toml
  consentgate receipts tail --config gate.toml --partition 3 --from beginning --max 100
  consentgate receipts tail --config gate.toml --public-key signing.pub | jq .signature
  consentgate receipts tail --config gate.toml --from -1000 | jq -c '.receipt.holds[]?'
  consentgate receipts tail --config gate.toml --from end --follow";

/// Arguments of `receipts`.
#[derive(Clone, Debug, Args)]
#[command(before_help = EXAMPLES)]
pub struct ReceiptsArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: ReceiptsCommand,
}

/// What to do with the receipts topic.
#[derive(Clone, Debug, Subcommand)]
pub enum ReceiptsCommand {
    /// Print its receipts and policies as JSON, one a line. Ranges and runs of offsets go from the
    /// first to before the next.
    Tail(ReceiptsTailArgs),
}

/// Arguments of `receipts tail`.
#[derive(Clone, Debug, Args)]
#[command(before_help = EXAMPLES, after_help = tail::EXIT_CODES)]
pub struct ReceiptsTailArgs {
    /// What to read.
    #[command(flatten)]
    pub tail: TailArgs,
    /// A public key that receipts may be signed with: 64 hexadecimal digits, or a file that holds
    /// them, as `keys generate` prints it. Can be repeated. Without it: that of the configured
    /// signing key, if there is one.
    #[arg(long, value_name = "HEX|FILE")]
    pub public_key: Vec<String>,
}

impl ReceiptsArgs {
    /// Prints the records.
    ///
    /// # Errors
    /// A record that cannot be read or whose signature is wrong (65), Kafka not reached (69), a
    /// configuration that is no good (78).
    pub fn run(self) -> Result<(), Failure> {
        let ReceiptsCommand::Tail(args) = self.command;
        let config = args.tail.settings.load(&[])?;
        let keys = trusted(&config, &args.public_key)?;
        tail::run(&args.tail, &config, &config.topics.receipts, |value| Some(show(value, &keys)))
    }
}

pub(super) fn trusted(config: &Config, written: &[String]) -> Result<VerifyingKeys, Failure> {
    if !written.is_empty() {
        return pinned(written);
    }
    if config.keys.signing.is_none() {
        note("no key to check signatures with: give --public-key, or configure the signing key");
        return Ok(VerifyingKeys::default());
    }
    own_key(config)
}

/// A record of the receipts topic.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Content {
    Signed(Box<JsonSigned>),
    Unreadable { unreadable: String },
}

fn show(value: Option<&[u8]>, keys: &VerifyingKeys) -> Shown<Content> {
    match inspect(value.unwrap_or_default(), keys) {
        Ok(inspected) => {
            let verdict = verdict(&inspected);
            Shown { content: Content::Signed(Box::new(inspected.into())), verdict }
        }
        Err(error) => {
            let content = Content::Unreadable { unreadable: error.to_string() };
            Shown { content, verdict: Verdict::Doubtful }
        }
    }
}

/// A key that is not known here may be known elsewhere; a wrong signature is wrong everywhere.
fn verdict(inspected: &Inspected) -> Verdict {
    match (&inspected.claim, inspected.signature) {
        (Err(_), _) | (_, SignatureState::Invalid) => Verdict::Doubtful,
        (Ok(_), SignatureState::Valid | SignatureState::UnknownKey) => Verdict::Sound,
    }
}
