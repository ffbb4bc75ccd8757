//! Arguments of `message send`: one outbound message, for first steps and for tests.

use clap::{Args, Subcommand};

use super::settings_args::SettingsArgs;

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
    /// The configuration.
    #[command(flatten)]
    pub settings: SettingsArgs,
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
    #[arg(long, value_name = "TIME")]
    pub deadline: Option<String>,
    /// The text.
    #[arg(long, default_value = "")]
    pub body: String,
}

/// The categories, by name.
const CATEGORIES: [&str; 5] = [
    "marketing",
    "utility",
    "authentication",
    "service",
    "farewell",
];

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
