//! `subject`: the rights of a person, as a business must grant them (GDPR Art. 15 and 17).
//!
//! `report` reads and writes nothing; `erase` writes one event. The person comes from standard input
//! or `CONSENTGATE_RECIPIENT`, never from an argument. What is about somebody else, or told by another
//! business, is never shown: a record in doubt is named by its place alone.
//!
//! Read in this order: [`held`] (one record), [`gather`] (all of them, folded), [`standing`] (what they
//! come to), [`decisions`] (what was decided on them), [`reading`] (the topics), [`mod@report`].

mod at;
mod decisions;
mod erase;
mod gather;
mod held;
mod reading;
mod report;
mod sentences;
mod standing;
#[cfg(test)]
mod tests;
mod text;

use clap::{Args, Subcommand};

pub use at::{At, ReadTo};
pub use decisions::{
    AllowedMessage, Decided, ListedMessage, MessageFields, OutboundMessage, Suppressed,
};
pub use erase::EraseArgs;
pub(in crate::commands) use gather::{Asked, Gathering, gather_all};
pub use held::{About, HeldRecord};
pub use report::{ReportArgs, SubjectReport, report};
pub use standing::{GrantNow, LinkedIdentity, ObjectionNow, ScopeAnswer, Standing};

use super::exit::{Exit, Failure};
use crate::consent::{BusinessId, Identity, Subject};

const EXAMPLES: &str = "\
Examples:
  consentgate subject report --business cafe-luna --config gate.toml < person.txt > report.txt
  consentgate subject report --business cafe-luna --config gate.toml --json < person.txt
  consentgate subject erase --business cafe-luna --config gate.toml < person.txt";

/// Arguments of `subject`.
#[derive(Clone, Debug, Args)]
#[command(before_help = EXAMPLES)]
pub struct SubjectArgs {
    /// What the person asks for.
    #[command(subcommand)]
    pub command: SubjectCommand,
}

/// What the person asks for.
#[derive(Clone, Debug, Subcommand)]
pub enum SubjectCommand {
    /// All that is held about the person for a business: events, state, decisions.
    Report(ReportArgs),
    /// Erase the person for a business.
    Erase(EraseArgs),
}

impl SubjectArgs {
    /// Does it.
    ///
    /// # Errors
    /// Bad input, Kafka not reached, a configuration or a key that is no good.
    pub fn run(self) -> Result<(), Failure> {
        match self.command {
            SubjectCommand::Report(args) => args.run(),
            SubjectCommand::Erase(args) => args.run(),
        }
    }
}

/// The person as this business knows them.
pub(in crate::commands) fn subject(business: &str, identity: Identity) -> Result<Subject, Failure> {
    let business = BusinessId::parse(business).ok_or_else(|| {
        let message =
            "--business must be 1 to 128 bytes without white space, control characters or /";
        Failure::new(Exit::Usage, message)
    })?;
    Ok(Subject { business, identity })
}

/// The forms in which the person's number may be written, the given one first: they are one person's.
pub(in crate::commands) fn forms(subject: &Subject) -> Vec<Subject> {
    let given = subject.identity.as_ref();
    let all = std::iter::once(given).chain(given.variant());
    let business = &subject.business;
    all.map(|form| Subject { business: business.clone(), identity: form.to_owned() }).collect()
}
