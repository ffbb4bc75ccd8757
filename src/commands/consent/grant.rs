//! Arguments of what permits: all of the evidence, or it is no grant.

use clap::Args;

use super::{CommonArgs, occurred_at_ms};

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
