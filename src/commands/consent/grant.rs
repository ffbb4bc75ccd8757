//! Arguments of what permits: all of the evidence, or it is no grant.

use clap::Args;

use super::write::{event_about, write};
use super::{CommonArgs, OPERATOR};
use crate::commands::exit::{Exit, Failure};
use crate::commands::instant_arg::instant_ms;
use crate::consent::{Content, TextHash, lacks};
use crate::wire::consent::{decode, encode};
use crate::wire::proto::consent::{Actor, ConsentEvent, Expression, Kind, Method, Strength};

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
    /// The SHA-256 of the sentence that the person read, in hex. It must be that of the published one.
    #[arg(long, value_name = "HEX", value_parser = sha256)]
    pub text_sha256: Option<TextHash>,
    /// Where the proof lies: a pointer, never the proof.
    #[arg(long)]
    pub evidence: String,
    /// The platform's id of the person's own message or tap. Needed for qr_code and
    /// click_to_whatsapp_ad.
    #[arg(long, default_value = "")]
    pub inbound_id: String,
    /// How strong it is: double if the person has already confirmed it.
    #[arg(long, default_value = "single", value_parser = ["single", "double"])]
    pub strength: String,
    /// Until when it is valid, such as 2027-01-31T00:00:00Z; without end, if not given.
    #[arg(long, value_name = "TIME", value_parser = instant_ms)]
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
        event.text_sha256 = self.text_sha256.map_or_else(Vec::new, |hash| hash.0.to_vec());
        event.inbound_id = self.inbound_id;
        refuse_incomplete(&event)?;
        write(&self.common.event.settings, event)
    }
}

/// Refuses a grant that the gate would not count, and says what it lacks. Who asked must be named: some
/// operator is nobody.
fn refuse_incomplete(event: &ConsentEvent) -> Result<(), Failure> {
    let mut event = event.clone();
    if event.recorder == OPERATOR {
        event.recorder.clear();
    }
    match decode(Some(&encode(&event))) {
        Content::Event(event) => match lacks(&event) {
            None => Ok(()),
            Some(lack) => Err(Failure::new(Exit::Data, format!("this is no grant: {lack}"))),
        },
        Content::Ignored | Content::Undecodable => {
            Err(Failure::new(Exit::Data, "this is no grant"))
        }
    }
}

fn sha256(text: &str) -> Result<TextHash, String> {
    let mut hash = [0; 32];
    hex::decode_to_slice(text, &mut hash)
        .map(|()| TextHash(hash))
        .map_err(|_| "64 hex digits are needed".to_owned())
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
pub(super) fn known<T>(
    name: &str,
    prefix: &str,
    read: impl Fn(&str) -> Option<T>,
) -> Result<T, Failure> {
    let full = format!("{prefix}_{}", name.to_ascii_uppercase());
    read(&full).ok_or_else(|| Failure::new(Exit::Usage, format!("{name} is not known here")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_asked_in_person_must_be_named() {
        let asked_by = |recorder: &str| {
            let mut event = ConsentEvent {
                event_id: "tick-1".to_owned(),
                occurred_at_ms: Some(1_790_000_000_000),
                scopes: vec!["offers".to_owned()],
                text_id: "welcome".to_owned(),
                text_version: "1".to_owned(),
                evidence: "shop/7".to_owned(),
                recorder: recorder.to_owned(),
                ..ConsentEvent::default()
            };
            event.set_kind(Kind::Grant);
            event.set_actor(Actor::Subject);
            event.set_method(Method::AskedInPerson);
            event.set_expression(Expression::Voice);
            refuse_incomplete(&event).map_err(|failure| failure.to_string())
        };
        assert_eq!(asked_by("clerk-12"), Ok(()));
        let told = asked_by(OPERATOR).unwrap_err();
        assert!(told.ends_with("it must say who asked: recorder"), "{told}");
    }
}
