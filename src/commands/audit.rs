//! `audit tail`: the audit topic as JSON, one suppressed message a line.
//!
//! Names nobody: the entries hold pseudonyms. What is no entry is a line of its own, whatever was asked
//! for, and ends the command with 65.

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Subcommand};
use serde::Serialize;

use super::exit::Failure;
use super::tail::{self, Shown, TailArgs, Verdict};
use crate::decision::Reason;
use crate::wire::audit::{AuditEntry, decode_entry};
use crate::wire::json::JsonAudit;

const EXAMPLES: &str = "\
Examples:
  consentgate audit tail --config gate.toml
  consentgate audit tail --config gate.toml --business cafe-luna --reason withdrawn --from -100
  consentgate audit tail --config gate.toml --from 2026-11-24T10:00:00Z | jq -r .reason
  consentgate audit tail --config gate.toml --from end --follow";

/// Arguments of `audit`.
#[derive(Clone, Debug, Args)]
#[command(before_help = EXAMPLES)]
pub struct AuditArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: AuditCommand,
}

/// What to do with the audit topic.
#[derive(Clone, Debug, Subcommand)]
pub enum AuditCommand {
    /// Print its entries as JSON, one a line.
    Tail(AuditTailArgs),
}

/// Arguments of `audit tail`.
#[derive(Clone, Debug, Args)]
#[command(before_help = EXAMPLES, after_help = tail::EXIT_CODES)]
pub struct AuditTailArgs {
    /// What to read.
    #[command(flatten)]
    pub tail: TailArgs,
    /// Only entries of this business. Can be repeated.
    #[arg(long, value_name = "ID")]
    pub business: Vec<String>,
    /// Only entries for which this reason holds, as the primary one or beside it. Can be repeated.
    #[arg(long, value_name = "REASON", value_parser = reason())]
    pub reason: Vec<Reason>,
}

impl AuditArgs {
    /// Prints the entries.
    ///
    /// # Errors
    /// A record that is no entry (65), Kafka not reached (69), a configuration that is no good (78).
    pub fn run(self) -> Result<(), Failure> {
        let AuditCommand::Tail(args) = self.command;
        let config = args.tail.settings.load(&[])?;
        tail::run(&args.tail, &config, &config.topics.audit, |value| args.show(value))
    }
}

/// A record of the audit topic.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Content {
    Entry(Box<JsonAudit>),
    Unreadable { unreadable: String },
}

impl AuditTailArgs {
    /// The record as JSON; `None` if nobody asked for it.
    fn show(&self, value: Option<&[u8]>) -> Option<Shown<Content>> {
        match decode_entry(value.unwrap_or_default()) {
            Ok(entry) if self.asks_for(&entry) => {
                let content = Content::Entry(Box::new(entry.into()));
                Some(Shown { content, verdict: Verdict::Sound })
            }
            Ok(_) => None,
            Err(error) => {
                let content = Content::Unreadable { unreadable: error.to_string() };
                Some(Shown { content, verdict: Verdict::Doubtful })
            }
        }
    }

    fn asks_for(&self, entry: &AuditEntry) -> bool {
        let holds = |reason: &Reason| entry.suppression.all.contains(*reason);
        (self.business.is_empty() || self.business.contains(&entry.business))
            && (self.reason.is_empty() || self.reason.iter().any(holds))
    }
}

fn reason() -> impl TypedValueParser<Value = Reason> {
    PossibleValuesParser::new(Reason::ALL.map(Reason::name)).try_map(|name| {
        let named = Reason::ALL.into_iter().find(|reason| reason.name() == name);
        named.ok_or("there is no such reason")
    })
}

#[cfg(test)]
mod tests {
    use clap::FromArgMatches as _;

    use super::*;
    use crate::consent::{Offset, Partition};
    use crate::decision::{ReasonMask, Suppression};
    use crate::wire::receipt::ReceiptId;

    fn entry() -> AuditEntry {
        let mut all = ReasonMask::from(Reason::Withdrawn);
        all.insert(Reason::NoGrant);
        AuditEntry {
            source_topic: "outbound".to_owned(),
            partition: Partition(0),
            offset: Offset(1),
            business: "cafe".to_owned(),
            pseudonym: None,
            pseudonym_key_id: String::new(),
            message_id: String::new(),
            campaign_id: String::new(),
            scope: String::new(),
            category: None,
            template: String::new(),
            suppression: Suppression { primary: Reason::Withdrawn, all, not_before: None },
            receipt: ReceiptId([7; 16]),
            decided_at_ms: 0,
        }
    }

    fn asks_for(flags: &[&str]) -> bool {
        let mut command = AuditTailArgs::augment_args(clap::Command::new("tail"));
        let arguments = std::iter::once("tail").chain(flags.iter().copied());
        let matches = command.try_get_matches_from_mut(arguments).expect("readable");
        AuditTailArgs::from_arg_matches(&matches).expect("readable").asks_for(&entry())
    }

    #[test]
    fn a_reason_beside_the_primary_one_is_asked_for_too() {
        assert!(asks_for(&[]));
        assert!(asks_for(&["--reason", "withdrawn"]));
        assert!(asks_for(&["--reason", "paused", "--reason", "no_grant"]));
        assert!(!asks_for(&["--reason", "paused"]));
        assert!(asks_for(&["--business", "bank", "--business", "cafe", "--reason", "no_grant"]));
        assert!(!asks_for(&["--business", "bank", "--reason", "no_grant"]));
    }
}
