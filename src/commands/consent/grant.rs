//! Arguments of what permits: all of the evidence, or it is no grant.

use clap::Args;

use super::write::{event_about, write};
use super::{CommonArgs, occurred_at_ms};
use crate::commands::exit::{Exit, Failure};
use crate::wire::proto::consent::{Actor, Expression, Kind, Method, Strength};

/// Arguments of `consent grant`.
#[derive(Clone, Debug, Args)]
pub struct GrantArgs {
    /// Business, time, id.
    #[command(flatten)]
    pub common: CommonArgs,
    /// What the person agreed to receive, such as offers. Can be repeated.
    #[arg(long, required = true)]
    pub scope: Vec<String>,
    /// How consent was collected. An import never grants by itself.
    #[arg(long, value_parser = METHODS)]
    pub method: String,
    /// How the person expressed it. A box that was ticked for them is no consent, so it is no choice.
    #[arg(long, value_parser = EXPRESSIONS)]
    pub expression: String,
    /// Who acted.
    #[arg(long, default_value = "subject", value_parser = ["subject", "guardian"])]
    pub actor: String,
    /// The text that the person agreed to.
    #[arg(long)]
    pub text_id: String,
    /// The version of that text.
    #[arg(long)]
    pub text_version: String,
    /// The language of that text, such as en.
    #[arg(long, default_value = "")]
    pub language: String,
    /// Where the proof lies: a pointer, never the proof.
    #[arg(long)]
    pub evidence: String,
    /// How strong it is: double if the person has already confirmed it.
    #[arg(long, default_value = "single", value_parser = ["single", "double"])]
    pub strength: String,
    /// Until when it is valid, such as 2027-01-31T00:00:00Z; without end, if not given.
    #[arg(long, value_name = "TIME", value_parser = occurred_at_ms)]
    pub valid_until: Option<i64>,
}

/// Arguments of `consent confirm`.
#[derive(Clone, Debug, Args)]
pub struct ConfirmArgs {
    /// Business, time, id.
    #[command(flatten)]
    pub common: CommonArgs,
    /// The event id of the grant that the person confirmed.
    #[arg(long, value_name = "EVENT_ID")]
    pub grant: String,
    /// Where the proof lies: a pointer, never the proof.
    #[arg(long)]
    pub evidence: String,
}

const METHODS: [&str; 11] = [
    "website_form",
    "purchase",
    "qr_code",
    "social_media",
    "newsletter",
    "customer_support",
    "exit_popup",
    "landing_page",
    "click_to_whatsapp_ad",
    "asked_in_person",
    "import",
];

const EXPRESSIONS: [&str; 4] = ["box_ticked", "button_tapped", "words_written", "voice"];

impl GrantArgs {
    /// Writes the grant.
    pub(super) fn run(self) -> Result<(), Failure> {
        let mut event = event_about(&self.common, Kind::Grant)?;
        event.set_actor(known(&self.actor, "ACTOR", Actor::from_str_name)?);
        event.set_method(known(&self.method, "METHOD", Method::from_str_name)?);
        event.set_expression(known(&self.expression, "EXPRESSION", Expression::from_str_name)?);
        event.set_strength(known(&self.strength, "STRENGTH", Strength::from_str_name)?);
        event.scopes = self.scope;
        event.text_id = self.text_id;
        event.text_version = self.text_version;
        event.language = self.language;
        event.evidence = self.evidence;
        event.valid_until_ms = self.valid_until;
        write(&self.common.event.settings, event)
    }
}

impl ConfirmArgs {
    /// Writes the confirmation.
    pub(super) fn run(self) -> Result<(), Failure> {
        let mut event = event_about(&self.common, Kind::Confirm)?;
        event.set_actor(Actor::Subject);
        event.confirms_event_id = self.grant;
        event.evidence = self.evidence;
        write(&self.common.event.settings, event)
    }
}

/// A value of a contract's enum by its name without the prefix.
fn known<T>(name: &str, prefix: &str, read: impl Fn(&str) -> Option<T>) -> Result<T, Failure> {
    let full = format!("{prefix}_{}", name.to_ascii_uppercase());
    read(&full).ok_or_else(|| Failure::new(Exit::Usage, format!("{name} is not known here")))
}
