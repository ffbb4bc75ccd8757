//! `subject report`: all that is held about a person for one business, on standard output only.
//!
//! Complete or an error: every topic is read to where it ended at the start, and the report says where
//! that was. What it could not search it names.

use clap::Args;
use serde::Serialize;

use super::at::ReadTo;
use super::decisions::{AllowedMessage, ListedMessage, OutboundMessage, Suppressed};
use super::gather::Gathering;
use super::held::HeldRecord;
use super::reading::{Decisions, Reading};
use super::standing::{Standing, standing};
use crate::app::pseudonym_keys;
use crate::commands::exit::{Exit, Failure};
use crate::commands::output::{note, print};
use crate::commands::receipts::trusted;
use crate::commands::rolled::rolled_for;
use crate::commands::settings_args::SettingsArgs;
use crate::commands::verify::Progress;
use crate::commands::{read_recipient, subject};
use crate::config::Config;
use crate::consent::{Seconds, Subject};
use crate::stream::wall_ms;
use crate::wire::json::JsonTime;
use crate::wire::receipt::VerifyingKeys;

/// Arguments of `subject report`.
#[derive(Clone, Debug, Args)]
pub struct ReportArgs {
    /// The configuration.
    #[command(flatten)]
    pub settings: SettingsArgs,
    /// The business.
    #[arg(long)]
    pub business: String,
    /// A public key that receipts may be signed with: 64 hexadecimal digits, or a file that holds
    /// them. Can be repeated. Without it: that of the configured signing key, if there is one.
    #[arg(long, value_name = "HEX|FILE")]
    pub public_key: Vec<String>,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}

/// All that is held about a person for one business.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SubjectReport {
    /// The business.
    pub business: String,
    /// The person, as addressed.
    pub person: String,
    /// The instant for which the answers hold.
    pub taken_at: JsonTime,
    /// The consent records, in order of topic, partition and offset.
    pub events: Vec<HeldRecord>,
    /// What they come to.
    pub state: Standing,
    /// Messages that were suppressed, as the audit tells it.
    pub suppressed: Vec<Suppressed>,
    /// Messages that the outbound topic still keeps.
    pub outbound: Vec<OutboundMessage>,
    /// Messages that were passed on and are still kept.
    pub allowed: Vec<AllowedMessage>,
    /// Messages that receipts list, where the gate keeps a column of what it allows.
    pub listed: Vec<ListedMessage>,
    /// The ids of the pseudonym keys that the audit was searched with.
    pub pseudonym_keys: Vec<String>,
    /// Up to where each topic was read.
    pub read_to: Vec<ReadTo>,
    /// What was not searched, and what to do about it.
    pub notes: Vec<String>,
}

impl ReportArgs {
    /// Prints the report.
    ///
    /// # Errors
    /// No person or no business (2, 65), Kafka not reached (69), a configuration or a key that is no
    /// good (78).
    pub(super) fn run(self) -> Result<(), Failure> {
        let config = self.settings.load(&[])?.config;
        let trusted = trusted(&config, &self.public_key)?;
        let subject = subject::subject(&self.business, read_recipient()?)?;
        let report = report(&config, &trusted, subject)?;
        match self.json {
            false => print(&report.to_string()),
            true => print(&report.to_json()?),
        }
    }
}

/// Reads all topics and reports on a person.
///
/// # Errors
/// A pseudonym key that cannot be used, Kafka that is not reached, a topic that cannot be read to its
/// end.
pub fn report(
    config: &Config,
    trusted: &VerifyingKeys,
    subject: Subject,
) -> Result<SubjectReport, Failure> {
    let mut warnings = Vec::new();
    let keys = config.keys.load_pseudonyms(&mut warnings)?;
    warnings.iter().for_each(|warning| note(&warning.to_string()));
    let keys = pseudonym_keys(&keys)?;
    let now_ms = wall_ms();
    let rolled = rolled_for(config, trusted.clone())?;
    let progress = Progress::new();
    let mut reading = Reading::new(config, rolled, &progress);
    let read = reading
        .consent(&subject)
        .and_then(|gathered| Ok((gathered, reading.decisions(&subject, &keys, trusted)?)));
    progress.end();
    let (gathered, decisions) = read.map_err(|fault| Failure::unavailable(&fault))?;
    let now = Seconds::nearest_to_millis(now_ms);
    let notes = notes(&gathered, &decisions, &reading.read_to);
    Ok(SubjectReport {
        business: subject.business.to_string(),
        person: subject.identity.as_ref().canonical(),
        taken_at: JsonTime::of_millis(now_ms),
        state: standing(&gathered, &config.policy, now),
        events: gathered.held,
        suppressed: decisions.suppressed,
        outbound: decisions.outbound,
        allowed: decisions.allowed,
        listed: decisions.listed,
        pseudonym_keys: decisions.key_ids,
        read_to: reading.read_to,
        notes,
    })
}

impl SubjectReport {
    /// The report as JSON.
    ///
    /// # Errors
    /// None is known; the encoder's own is handed on.
    pub fn to_json(&self) -> Result<String, Failure> {
        let json = serde_json::to_string_pretty(self).map_err(|error| {
            let message = format!("cannot write the report as json, leave out --json: {error}");
            Failure::new(Exit::Io, message)
        })?;
        Ok(json + "\n")
    }
}

/// What a reader must know to judge whether this is all.
fn notes(gathered: &Gathering, decisions: &Decisions, read_to: &[ReadTo]) -> Vec<String> {
    let mut notes = Vec::new();
    if !gathered.linked().is_empty() {
        notes.push(
            "other identities are linked to this one: their own records are not shown here, run a \
             report for each"
                .to_owned(),
        );
    }
    for (key, count) in &decisions.foreign_keys {
        notes.push(format!(
            "{count} audit entries and listed messages of the business are under pseudonym key {key}, which is not held \
             here, and were not searched: name it in keys.older_pseudonym_key_files"
        ));
    }
    if decisions.unreadable_entries > 0 {
        let count = decisions.unreadable_entries;
        notes.push(format!("{count} records of the audit topic are no entries of this version"));
    }
    if decisions.unbelieved > 0 {
        let count = decisions.unbelieved;
        notes.push(format!(
            "{count} records of the receipts topic cannot be read or are signed by a key that is not \
             trusted here, and tell nothing: give --public-key"
        ));
    }
    if gathered.undated > 0 {
        let count = gathered.undated;
        notes.push(format!(
            "{count} consent records have no append time of the broker's, and the gate takes none of \
             them: see `consentgate topics plan`"
        ));
    }
    let trimmed = |read: &&ReadTo| read.first > 0;
    for read in read_to.iter().filter(trimmed) {
        let ReadTo { topic, partition, first, .. } = read;
        notes.push(format!("{topic} partition {partition} keeps nothing before offset {first}"));
    }
    notes.push("what lies outside these topics (raw webhooks, backups, other systems) is not part of this report".to_owned());
    notes
}
