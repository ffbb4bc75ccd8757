//! `consent`: events by an operator, for first steps and for corrections.
//!
//! The recipient comes from standard input or `CONSENTGATE_RECIPIENT`. What permits asks for its
//! evidence; what objects asks for as little as can be.

mod activity;
mod grant;
mod link;
mod objection;
mod pause;
mod template;
mod text_log;
mod texts;
mod void;
mod write;

use clap::{Args, Subcommand};

pub use activity::{InboundArgs, UserRequestArgs};
pub use grant::{ConfirmArgs, GrantArgs};
pub use link::LinkArgs;
pub use objection::{PersonArgs, ScopedArgs};
pub use pause::PauseArgs;
pub use template::TemplateArgs;
pub use texts::{PublishTextArgs, RetireTextArgs, ShowTextArgs, TextArgs};
pub use void::{VoidArgs, VoidTopic};
pub(super) use write::{event_of, write_to};

use super::exit::Failure;
use super::instant_arg::instant_ms;
use super::settings_args::SettingsArgs;
use crate::wire::proto::consent::{Actor, Kind};

const EXAMPLES: &str = "\
Examples:
  echo 'Yes, Café Luna may send me its offers on WhatsApp, until I say stop.' | \\
      consentgate consent publish-text --business cafe-luna --text-id offers-en \\
      --text-version 3 --language en --scope offers --channel whatsapp
  echo +12025550101 | consentgate consent grant --business cafe-luna --scope offers \\
      --method website_form --expression box_ticked --text-id offers-en --text-version 3 \\
      --evidence https://forms.example/entry/77
  echo +12025550101 | consentgate consent withdraw --business cafe-luna
  printf '+12025550101\\nUS.anna5\\n' | consentgate consent link --business cafe-luna
  consentgate consent pause --business cafe-luna --campaign spring --reason 'wrong price'
  consentgate consent template-state --business cafe-luna --template sale --language en_US \\
      --status approved --category marketing --opt-out-path button
  consentgate consent void --topic consent_events --partition 3 --offset 4711 --drop 'test data'";

/// Arguments of `consent`.
#[derive(Clone, Debug, Args)]
#[command(before_help = EXAMPLES)]
pub struct ConsentArgs {
    /// What happened.
    #[command(subcommand)]
    pub command: ConsentCommand,
}

/// What happened.
#[derive(Clone, Debug, Subcommand)]
pub enum ConsentCommand {
    /// The person agreed.
    Grant(GrantArgs),
    /// The person confirmed a grant (double opt-in).
    Confirm(ConfirmArgs),
    /// The person took consent back; without a scope: all of it.
    Withdraw(ScopedArgs),
    /// The person declined when asked.
    Refuse(ScopedArgs),
    /// The business puts the person on its own list.
    Block(PersonArgs),
    /// The business takes the person off its list.
    Unblock(PersonArgs),
    /// Processing is restricted (GDPR Art. 18).
    Restrict(PersonArgs),
    /// The restriction is lifted.
    Unrestrict(PersonArgs),
    /// The person complained.
    Complaint(PersonArgs),
    /// The number is not theirs.
    WrongNumber(PersonArgs),
    /// The person asked to be erased (GDPR Art. 17).
    Erase(PersonArgs),
    /// Two identities are the same person's: what is said on one counts on both.
    Link(LinkArgs),
    /// They are not, or not any longer: lifts what was said over the link before.
    Unlink(LinkArgs),
    /// The person has the first identity in place of the second.
    IdentityChanged(LinkArgs),
    /// The person wrote: replies may go for 24 hours.
    Inbound(InboundArgs),
    /// The person asked for a code: it may go for 10 minutes.
    UserRequest(UserRequestArgs),
    /// The kill switch: a business, a scope, a campaign or a template sends no more; or everybody.
    Pause(PauseArgs),
    /// Lifts the pause of exactly the same thing.
    Resume(PauseArgs),
    /// What the platform says of a template: whether it may be sent, what it is, how to leave.
    TemplateState(TemplateArgs),
    /// Publishes what people read before they agree, word for word.
    PublishText(PublishTextArgs),
    /// Retires a text: no grant from now on stands on it.
    RetireText(RetireTextArgs),
    /// Prints what published texts say, word for word, and what they prove.
    Text(ShowTextArgs),
    /// The way out for a consent record that cannot be decoded.
    Void(VoidArgs),
}

/// Who types in, if nobody says who it is.
const OPERATOR: &str = "operator";

/// What every event about a person needs.
#[derive(Clone, Debug, Args)]
pub struct CommonArgs {
    /// The business.
    #[arg(long)]
    pub business: String,
    /// The rest of the event.
    #[command(flatten)]
    pub event: EventArgs,
}

/// What every event needs that an operator types in, and where it goes.
#[derive(Clone, Debug, Args)]
pub struct EventArgs {
    /// The configuration.
    #[command(flatten)]
    pub settings: SettingsArgs,
    /// When it happened, such as 2026-01-31T12:00:00Z; now, if not given.
    #[arg(long, value_name = "TIME", value_parser = instant_ms)]
    pub occurred_at: Option<i64>,
    /// Who types this in; never the person.
    #[arg(long, default_value = OPERATOR)]
    pub recorder: String,
    /// A note for those who read the log later. No personal data.
    #[arg(long, default_value = "")]
    pub reason: String,
    /// The event's own id; a random one if not given.
    #[arg(long)]
    pub event_id: Option<String>,
}

impl ConsentArgs {
    /// Writes one event and waits until all replicas have it.
    ///
    /// # Errors
    /// Bad input, or Kafka was not reached or refused the record.
    pub fn run(self) -> Result<(), Failure> {
        use ConsentCommand as C;
        match self.command {
            C::Grant(args) => args.run(),
            C::Confirm(args) => args.run(),
            C::Withdraw(args) => args.run(Kind::Withdraw, Actor::Subject),
            C::Refuse(args) => args.run(Kind::Refuse, Actor::Subject),
            C::Block(args) => args.run(Kind::Block, Actor::Business),
            C::Unblock(args) => args.run(Kind::Unblock, Actor::Business),
            C::Restrict(args) => args.run(Kind::Restrict, Actor::Subject),
            C::Unrestrict(args) => args.run(Kind::Unrestrict, Actor::Subject),
            C::Complaint(args) => args.run(Kind::Complaint, Actor::Subject),
            C::WrongNumber(args) => args.run(Kind::WrongNumber, Actor::Subject),
            C::Erase(args) => args.run(Kind::Erase, Actor::Subject),
            C::Link(args) => args.run(Kind::IdentityLink),
            C::Unlink(args) => args.run(Kind::IdentityUnlink),
            C::IdentityChanged(args) => args.run(Kind::IdentityChanged),
            C::Inbound(args) => args.run(),
            C::UserRequest(args) => args.run(),
            C::Pause(args) => args.run(Kind::Pause),
            C::Resume(args) => args.run(Kind::Resume),
            C::TemplateState(args) => args.run(),
            C::PublishText(args) => args.run(),
            C::RetireText(args) => args.run(),
            C::Text(args) => args.run(),
            C::Void(args) => args.run(),
        }
    }
}
