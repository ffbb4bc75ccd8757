//! The command line: one file a subcommand.
//!
//! Data goes to standard output, messages to standard error. A recipient is never an argument, for
//! arguments can be read by every process of the machine and stay in the shell's history. The tree
//! below holds only what works; a new subcommand is a module, a variant and an arm.

mod advice;
pub mod audit;
pub mod check;
pub mod config;
pub mod consent;
pub mod consent_state;
pub mod cutover;
#[cfg(feature = "demo")]
pub mod demo;
mod exit;
pub mod explain;
pub mod figures;
pub mod import;
mod instant_arg;
pub mod keys;
#[cfg(test)]
mod made_up_log;
pub mod mapping;
pub mod message;
pub mod optout;
mod output;
pub mod page;
mod purposes;
pub mod receipts;
mod recipient;
pub mod reconcile;
pub mod redrive;
pub mod replay;
pub mod roll;
mod rolled;
pub mod run;
mod settings_args;
pub mod shadow;
pub mod simulate;
pub mod story;
pub mod subject;
mod tail;
mod told_to_end;
pub mod topics;
pub mod trial;
pub mod verify;
pub mod webhooks;

#[cfg(test)]
mod tests;

use std::ffi::OsString;

use clap::{Parser, Subcommand};

pub use exit::{Exit, Failure};
pub use output::{note, print};
pub use recipient::{LINKED_VARIABLE, RECIPIENT_VARIABLE, read_linked, read_recipient};
pub use settings_args::{RouteArgs, SettingsArgs};

const EXAMPLES: &str = "\
Examples:
  consentgate keys generate --out /etc/consentgate     make the keys
  consentgate config default > gate.toml               a commented configuration file
  consentgate config show --config gate.toml           what is in effect, and where it comes from
  consentgate topics apply --config gate.toml          create the topics that are missing
  consentgate check --config gate.toml                 is everything as the gate needs it?
  consentgate run --config gate.toml                   run the gate";

const EXIT_CODES: &str = "\
Exit codes:
  0 done   2 wrong usage   65 bad data   69 Kafka not reachable   70 invariant broken
  74 input or output failed   75 try again (restart me)   78 bad configuration";

/// A gate between campaign engines and WhatsApp senders, on Kafka: a message leaves only if this
/// person agreed to it.
#[derive(Debug, Parser)]
#[command(name = "consentgate", version, before_help = EXAMPLES, after_help = EXIT_CODES)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What works.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Print the default configuration, or the one in effect.
    Config(config::ConfigArgs),
    /// Run the gate.
    Run(run::RunArgs),
    /// Check configuration, keys, Kafka and topics, with advice.
    Check(check::CheckArgs),
    /// Plan or create the topics.
    Topics(topics::TopicsArgs),
    /// Write a consent event, for operators and first steps.
    Consent(consent::ConsentArgs),
    /// Who may be reached, for engines: a list, or a topic kept up to date.
    ConsentState(consent_state::ConsentStateArgs),
    /// Take over consent from another system, from a CSV file.
    Import(import::ImportArgs),
    /// Write a message to the outbound topic, for first steps.
    Message(message::MessageArgs),
    /// Play the whole gate on an embedded broker.
    #[cfg(feature = "demo")]
    Demo(demo::DemoArgs),
    /// Try how the records of the outbound topic are read.
    Mapping(mapping::MappingArgs),
    /// The figures of consent: how people agree and leave, what was suppressed, what ends soon.
    Figures(figures::FiguresArgs),
    /// Opt-out links: make them, and serve their page.
    Optout(optout::OptoutArgs),
    /// Make the gate's keys.
    Keys(keys::KeysArgs),
    /// Tell why each business would lose messages, from what a shadow decided.
    Shadow(shadow::ShadowArgs),
    /// Write a made-up world and its campaign, for trials and for measuring.
    Simulate(simulate::SimulateArgs),
    /// Tell what would be decided on records and messages from a file, and why.
    Story(story::StoryArgs),
    /// Write the consent log anew without what erasures hide.
    Roll(roll::RollArgs),
    /// What is held about a person, and erasing it.
    Subject(subject::SubjectArgs),
    /// Tell what the gate would have done with messages that were sent already. Writes to no topic.
    Trial(trial::TrialArgs),
    /// Check the promises from the topics alone.
    Verify(verify::VerifyArgs),
    /// Tell what another policy would have decided.
    Replay(replay::ReplayArgs),
    /// Show what was suppressed, and why.
    Audit(audit::AuditArgs),
    /// Show what the gate signed: receipts and policies.
    Receipts(receipts::ReceiptsArgs),
    /// Why a message went, or did not.
    Explain(explain::ExplainArgs),
    /// What was sent without the gate's leave, and what was allowed and never sent.
    Reconcile(reconcile::ReconcileArgs),
    /// Send suppressed messages through the gate again, once.
    Redrive(redrive::RedriveArgs),
    /// Move a sender behind the gate, or back: the exact offsets, and what to do in which order.
    Cutover(cutover::CutoverArgs),
    /// Read Meta's webhooks from a topic and publish their consent events.
    Webhooks(webhooks::WebhooksArgs),
}

impl Command {
    /// Does it.
    ///
    /// # Errors
    /// What went wrong, with the exit code.
    pub fn run(self) -> Result<(), Failure> {
        match self {
            Self::Config(args) => args.run(),
            Self::Run(args) => args.run(),
            Self::Check(args) => args.run(),
            Self::Topics(args) => args.run(),
            Self::Consent(args) => args.run(),
            Self::ConsentState(args) => args.run(),
            Self::Import(args) => args.run(),
            Self::Message(args) => args.run(),
            #[cfg(feature = "demo")]
            Self::Demo(args) => args.run(),
            Self::Mapping(args) => args.run(),
            Self::Figures(args) => args.run(),
            Self::Optout(args) => args.run(),
            Self::Keys(args) => args.run(),
            Self::Shadow(args) => args.run(),
            Self::Simulate(args) => args.run(),
            Self::Story(args) => args.run(),
            Self::Roll(args) => args.run(),
            Self::Subject(args) => args.run(),
            Self::Trial(args) => args.run(),
            Self::Verify(args) => args.run(),
            Self::Replay(args) => args.run(),
            Self::Audit(args) => args.run(),
            Self::Receipts(args) => args.run(),
            Self::Explain(args) => args.run(),
            Self::Reconcile(args) => args.run(),
            Self::Redrive(args) => args.run(),
            Self::Cutover(args) => args.run(),
            Self::Webhooks(args) => args.run(),
        }
    }
}

/// Reads the arguments, does what they say, and answers with the exit code.
pub fn main(arguments: impl IntoIterator<Item = OsString>) -> Exit {
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version come as errors too; clap knows which stream each belongs to.
            let _ = error.print();
            return if error.use_stderr() { Exit::Usage } else { Exit::Ok };
        }
    };
    match cli.command.run() {
        Ok(()) => Exit::Ok,
        Err(failure) => {
            note(&failure.to_string());
            failure.exit()
        }
    }
}
