//! `message send`: one outbound message, for first steps and for tests.

use clap::{Args, Subcommand};

use super::exit::{Exit, Failure};
use super::instant_arg::instant_ms;
use super::output::print;
use super::recipient::read_recipient;
use super::settings_args::{RouteArgs, expect_own_format};
use crate::app::AppError;
use crate::kafka::{Clients, EventWriter};
use crate::wire::outbound::encode;
use crate::wire::proto::outbound::{Category, OptOutPath, OutboundMessage};

const EXAMPLES: &str = "\
Examples:
  echo +12025550101 | consentgate message send --business cafe-luna --scope offers
  CONSENTGATE_RECIPIENT=+12025550101 consentgate message send --business cafe-luna \\
      --scope order_updates --category utility --body 'Your order is ready.'";

/// Arguments of `message`.
#[derive(Clone, Debug, Args)]
#[command(before_help = EXAMPLES)]
pub struct MessageArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: MessageCommand,
}

/// What to do with messages.
#[derive(Clone, Debug, Subcommand)]
pub enum MessageCommand {
    /// Write one message to the outbound topic. The recipient comes from standard input or from
    /// CONSENTGATE_RECIPIENT.
    Send(SendArgs),
}

/// Arguments of `message send`.
#[derive(Clone, Debug, Args)]
pub struct SendArgs {
    /// The configuration, and which route of it.
    #[command(flatten)]
    pub settings: RouteArgs,
    /// The business that sends.
    #[arg(long)]
    pub business: String,
    /// What the message is about, such as offers or order_updates.
    #[arg(long)]
    pub scope: String,
    /// Meta's class of the message.
    #[arg(long, default_value = "marketing", value_parser = CATEGORIES)]
    pub category: String,
    /// The template's name.
    #[arg(long, default_value = "")]
    pub template: String,
    /// The template's language, such as en_US.
    #[arg(long, default_value = "")]
    pub template_language: String,
    /// The campaign, for the audit entry.
    #[arg(long, default_value = "")]
    pub campaign: String,
    /// The message's own id; a random one if not given.
    #[arg(long)]
    pub message_id: Option<String>,
    /// How the person can leave from this message.
    #[arg(long, default_value = "footer", value_parser = OPT_OUT_PATHS)]
    pub opt_out_path: String,
    /// The objection that a farewell answers.
    #[arg(long, value_name = "EVENT_ID")]
    pub answers: Option<String>,
    /// The message is of no use after this time, such as 2026-01-31T12:00:00Z.
    #[arg(long, value_name = "TIME", value_parser = instant_ms)]
    pub deadline: Option<i64>,
    /// The text.
    #[arg(long, default_value = "")]
    pub body: String,
}

impl MessageArgs {
    /// Writes the message and waits until all replicas have it.
    ///
    /// # Errors
    /// Bad input, or Kafka was not reached or refused the record.
    pub fn run(self) -> Result<(), Failure> {
        let MessageCommand::Send(args) = self.command;
        args.run()
    }
}

impl SendArgs {
    fn run(self) -> Result<(), Failure> {
        let config = self.settings.load(&[])?;
        expect_own_format(&config)?;
        let recipient = read_recipient()?.as_ref().canonical();
        let message = self.message(&recipient)?;
        let clients = Clients::new(config.kafka.clone(), config.gate.clone());
        let writer = EventWriter::open(&clients).map_err(AppError::Kafka)?;
        let topic = config.topics.outbound.as_str();
        writer
            .write(topic, None, recipient.as_bytes(), &encode(&message))
            .and_then(|()| writer.flush())
            .map_err(AppError::Kafka)?;
        let place = writer.last_place().map_or(String::new(), |(partition, offset)| {
            format!(" partition {partition} offset {offset}")
        });
        print(&format!("message {}: {topic}{place}, acknowledged\n", message.message_id))
    }

    fn message(self, recipient: &str) -> Result<OutboundMessage, Failure> {
        let unknown = |what: &str| Failure::new(Exit::Usage, format!("{what} is not known here"));
        let category = format!("CATEGORY_{}", self.category.to_ascii_uppercase());
        let path = match self.opt_out_path.as_str() {
            "none" => OptOutPath::Unspecified,
            path => {
                OptOutPath::from_str_name(&format!("OPT_OUT_PATH_{}", path.to_ascii_uppercase()))
                    .ok_or_else(|| unknown(path))?
            }
        };
        let random_id = || hex::encode(rand::random::<[u8; 16]>());
        Ok(OutboundMessage {
            message_id: self.message_id.unwrap_or_else(random_id),
            campaign_id: self.campaign,
            business_id: self.business,
            to: recipient.to_owned(),
            scope: self.scope,
            category: Category::from_str_name(&category)
                .ok_or_else(|| unknown(&self.category))?
                .into(),
            template: self.template,
            template_language: self.template_language,
            deadline_ms: self.deadline,
            opt_out_path: path.into(),
            objection_event_id: self.answers.unwrap_or_default(),
            body: self.body.into_bytes(),
            ..OutboundMessage::default()
        })
    }
}

/// The categories, by name.
const CATEGORIES: [&str; 5] = ["marketing", "utility", "authentication", "service", "farewell"];

/// How the person can leave, by name.
const OPT_OUT_PATHS: [&str; 4] = ["none", "footer", "button", "link"];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::consent::Category;

    #[test]
    fn the_categories_are_all_there_are() {
        assert_eq!(Category::ALL.map(Category::name), CATEGORIES);
    }
}
