//! `reconcile`: nothing goes round the gate, or it is listed.
//!
//! Compares what Meta (or the sender) says was sent with what signed receipts say was allowed, by the
//! caller's message id. Lists what was sent without a decision, what was sent although it was suppressed,
//! and what was allowed and never reported sent. Reads only. Without a trusted key it refuses to answer,
//! for then every message would look as if it had gone round the gate.
//!
//! Read in this order: [`ledger`] and [`finding`] (the comparison), [`sends`] and [`decisions`] (what is compared),
//! [`report`].

mod decisions;
mod finding;
mod ledger;
mod report;
mod sends;

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

pub use finding::{Counts, Finding, What};
pub use report::Reconciliation;
pub use sends::Reports;

use self::decisions::{Decisions, Doubts, Trimmed};
use self::ledger::Ledger;
use self::sends::Unread;
use super::exit::{Exit, Failure};
use super::explain::Range;
use super::instant_arg::instant_ms;
use super::output::{note, print};
use super::receipts::trusted;
use super::settings_args::RouteArgs;
use super::verify::Progress;
use crate::app::pseudonym_keys;
use crate::config::Config;
use crate::stream::wall_ms;
use crate::wire::receipt::VerifyingKeys;

const EXAMPLES: &str = "\
Examples:
  consentgate reconcile --config gate.toml
  consentgate reconcile --config gate.toml --from 2026-11-01T00:00:00Z --to 2026-12-01T00:00:00Z --csv
  consentgate reconcile --config gate.toml --sent-topic sender-log --id-at /message/id
  consentgate reconcile --config gate.toml --sent-csv sent.csv --public-key signing.pub";

/// Arguments of `reconcile`.
#[derive(Clone, Debug, Args)]
#[command(before_help = EXAMPLES)]
pub struct ReconcileArgs {
    /// The configuration. Without another source the statuses come from webhooks.topic, and the
    /// caller's id of a message is their biz_opaque_callback_data.
    #[command(flatten)]
    pub settings: RouteArgs,
    /// A topic of the sender's own with one record a message sent; the record's time is when.
    #[arg(long, value_name = "TOPIC", conflicts_with = "sent_csv")]
    pub sent_topic: Option<String>,
    /// Where the caller's id stands in the JSON of such a record, as a JSON pointer. Without it: the
    /// value is the id.
    #[arg(long, value_name = "POINTER", requires = "sent_topic")]
    pub id_at: Option<String>,
    /// A CSV file of the sender's own with the columns message_id and, if it has them, sent_at and
    /// business; - is standard input.
    #[arg(long, value_name = "FILE")]
    pub sent_csv: Option<PathBuf>,
    /// Only what was sent, or allowed, at or after this time.
    #[arg(long, value_name = "TIME", value_parser = instant_ms)]
    pub from: Option<i64>,
    /// Only what was sent, or allowed, before this time.
    #[arg(long = "to", value_name = "TIME", value_parser = instant_ms)]
    pub until: Option<i64>,
    /// For so long an allowed message may be on its way before it counts as never sent.
    #[arg(long, value_name = "TIME", default_value = "1h", value_parser = humantime::parse_duration)]
    pub on_its_way: Duration,
    /// A public key that receipts may be signed with: 64 hexadecimal digits, or a file that holds
    /// them. Can be repeated. Without it: that of the configured signing key.
    #[arg(long, value_name = "HEX|FILE")]
    pub public_key: Vec<String>,
    /// Print all findings as CSV, and the summary to standard error.
    #[arg(long)]
    pub csv: bool,
}

impl ReconcileArgs {
    /// Compares, and prints what came of it.
    ///
    /// # Errors
    /// Something went round the gate (70), or it cannot be told for want of an id (65); Kafka not reached
    /// (69), a file that cannot be read (65, 74), a configuration or a key that is no good (78).
    pub fn run(self) -> Result<(), Failure> {
        let config = self.config()?;
        let trusted = trusted(&config, &self.public_key)?;
        let reports = match (self.sent_topic, self.sent_csv) {
            (Some(name), _) => Reports::Topic { name, id_at: self.id_at },
            (None, Some(file)) => Reports::Csv(file.into_boxed_path()),
            (None, None) => Reports::Webhooks,
        };
        let range = Range::new(self.from, self.until)?;
        let found = reconcile(&config, &trusted, &reports, range, self.on_its_way)?;
        match self.csv {
            false => print(&found.to_string())?,
            true => {
                print(&found.to_csv()?)?;
                note(found.to_string().trim_end());
            }
        }
        judged(&found)
    }
}

impl ReconcileArgs {
    /// Of all routes, or of the one that is named.
    fn config(&self) -> Result<Config, Failure> {
        let is_a_list = self.sent_topic.is_some() || self.sent_csv.is_some();
        match self.settings.route {
            None => Ok(self.settings.settings.load(&[])?.config),
            Some(_) if is_a_list => Ok(Config { others: Vec::new(), ..self.settings.load(&[])? }),
            Some(_) => {
                let what = "statuses tell of what left by all routes: leave --route out, or give the \
                            list of one route's sender with --sent-topic or --sent-csv";
                Err(Failure::new(Exit::Usage, what))
            }
        }
    }
}

fn judged(found: &Reconciliation) -> Result<(), Failure> {
    match (found.went_round(), found.count(What::NoUsableId)) {
        (0, 0) => Ok(()),
        (0, count) => {
            let message = format!(
                "{count} messages have no id by which their decision could be found: let the sender set \
                 biz_opaque_callback_data to the message id"
            );
            Err(Failure::new(Exit::Data, message))
        }
        (count, _) => {
            let message = format!("{count} messages went round the gate");
            Err(Failure::new(Exit::Invariant, message))
        }
    }
}

/// Compares what was reported sent with what was decided, on all routes of a configuration.
///
/// # Errors
/// No key to believe receipts by, Kafka that is not reached, a topic or a file that cannot be read to its
/// end.
pub fn reconcile(
    config: &Config,
    trusted: &VerifyingKeys,
    reports: &Reports,
    range: Range,
    on_its_way: Duration,
) -> Result<Reconciliation, Failure> {
    if trusted.is_empty() {
        let message =
            "no key to believe receipts by: give --public-key, or configure the signing key";
        return Err(Failure::new(Exit::Config, message));
    }
    let mut warnings = Vec::new();
    let keys = config.keys.load_pseudonyms(&mut warnings)?;
    warnings.iter().for_each(|warning| note(&warning.to_string()));
    let keys = pseudonym_keys(&keys)?;
    let on_its_way_ms = i64::try_from(on_its_way.as_millis()).unwrap_or(i64::MAX);
    let mut ledger = Ledger::new(range, wall_ms().saturating_sub(on_its_way_ms));
    let progress = Progress::new();
    let mut doubts = Doubts::default();
    // Reports first: what left before they were read was decided before the decisions are read.
    let read = sends::read(reports, config, &keys, &progress, &mut ledger).and_then(|unread| {
        for route in config.routes() {
            let mut decisions = Decisions::new(route, trusted, &keys, &progress);
            decisions.read(&mut ledger)?;
            doubts.add(decisions.doubts);
        }
        Ok(unread)
    });
    progress.end();
    let unread = read?;
    if doubts.believed == 0 && doubts.unbelieved > 0 {
        let message = "no receipt is signed by a key that is trusted here: give --public-key";
        return Err(Failure::new(Exit::Data, message));
    }
    ledger.end();
    let notes = notes(config, reports, unread, doubts);
    Ok(Reconciliation { counts: ledger.counts, findings: ledger.findings, notes })
}

fn notes(config: &Config, reports: &Reports, unread: Unread, doubts: Doubts) -> Vec<String> {
    let topics: Vec<_> = config.routes().map(|route| route.topics.receipts.as_str()).collect();
    let mut notes = Vec::new();
    let mut add = |count: u64, what: &str| {
        if count > 0 {
            notes.push(format!("{count} {what}"));
        }
    };
    add(unread.bodies, "webhook bodies could not be read whole: what they say of sends is missing");
    add(
        unread.without_business,
        "statuses are of numbers that [webhooks.numbers] does not name: compared by id alone",
    );
    add(
        doubts.unbelieved,
        "records of the receipts topic cannot be read or are signed by a key that is not trusted here: \
         what they allowed looks undecided; give --public-key",
    );
    add(
        doubts.unnamed.saturating_sub(doubts.by_allowed_topic),
        "allowed messages are in receipts without a column, and the outbound topic no longer keeps them: \
         what is said of them is a guess; see [receipts] allowed_messages",
    );
    add(
        doubts.by_allowed_topic,
        "messages are believed to have been allowed because they lie in the allowed topic: verify shows \
         that nobody else wrote there",
    );
    add(doubts.unreadable_entries, "records of the audit topic are no entries of this version");
    if doubts.receipts_trimmed == Trimmed::Yes {
        notes.push(format!(
            "{} no longer keeps its first receipts: what was allowed then looks undecided; use --from",
            topics.join(", ")
        ));
    }
    if let Reports::Csv(_) | Reports::Topic { .. } = reports {
        notes.push(
            "the sender's own list tells only of what the sender knows: statuses of Meta tell of all \
             that left by your numbers"
                .to_owned(),
        );
    }
    notes
}
