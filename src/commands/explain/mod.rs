//! `explain`: why a message went, or did not, as it was decided then.
//!
//! Answers from the topics alone, for one record, one id of the caller's, or one person over a time:
//! each rule with its answer, the events that decided, the sentence agreed to, and the signed receipt.
//! It decides again at the receipt's own consent positions, with the policy and the instant recorded
//! there, and says whether that comes to what the gate wrote down. The person is never an argument and
//! is never shown; writes nothing.
//!
//! Read in this order: [`question`] and [`kept`] (what is asked, and a message), [`book`] (the messages
//! found), [`reading`] and [`consent`] (which topic when), [`receipts`], [`people`] (whom a pseudonym means), [`again`],
//! [`report`], [`text`] and [`page`] (what is shown).

mod again;
mod book;
mod consent;
mod copies;
mod kept;
mod page;
mod people;
pub mod question;
mod reading;
mod receipts;
pub mod report;
mod shown;
mod text;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;

pub use question::{Place, Question, Range};
pub use report::Explanation;

use self::again::{Again, Case, case, recorded};
use self::book::{Found, Input, Wanted};
use self::people::Search;
use self::reading::Reading;
use self::receipts::Receipts;
use super::exit::{Exit, Failure};
use super::instant_arg::instant_ms;
use super::output::{note, print};
use super::read_recipient;
use super::receipts::trusted;
use super::rolled::rolled_for;
use super::settings_args::RouteArgs;
use super::subject::{Asked, subject};
use super::verify::Progress;
use crate::app::pseudonym_keys;
use crate::config::Config;
use crate::consent::{Offset, Partition};
use crate::kafka::Clients;
use crate::stream::wall_ms;
use crate::wire::pseudonym::PseudonymKey;
use crate::wire::receipt::VerifyingKeys;

/// So many messages are explained unless asked otherwise.
const MAX_BY_DEFAULT: usize = 20;

const EXAMPLES: &str = "\
Examples:
  consentgate explain message-audit 3 1041 --config gate.toml
  consentgate explain allowed 0 77120 --config gate.toml --public-key signing.pub
  consentgate explain --message-id order-4711 --config gate.toml --json
  consentgate explain --message-id order-4711 --config gate.toml --page order-4711.html
  consentgate explain --business cafe-luna --from 2026-11-01T00:00:00Z --config gate.toml < person.txt";

/// Arguments of `explain`.
#[derive(Clone, Debug, Args)]
#[command(before_help = EXAMPLES)]
pub struct ExplainArgs {
    /// The configuration, and which route of it.
    #[command(flatten)]
    pub settings: RouteArgs,
    /// The topic of a record: the outbound, the allowed or the audit topic, by its name or as
    /// outbound, allowed, audit.
    #[arg(requires = "partition", conflicts_with_all = ["message_id", "business"])]
    pub topic: Option<String>,
    /// The record's partition.
    #[arg(requires = "offset")]
    pub partition: Option<i32>,
    /// The record's offset.
    pub offset: Option<i64>,
    /// The caller's id of the message, instead of a record.
    #[arg(long, value_name = "ID", conflicts_with = "business")]
    pub message_id: Option<String>,
    /// The business, instead of a record: the person is read from standard input, or from
    /// CONSENTGATE_RECIPIENT.
    #[arg(long, value_name = "ID")]
    pub business: Option<String>,
    /// Only messages sent to the person at or after this time.
    #[arg(long, value_name = "TIME", value_parser = instant_ms, requires = "business")]
    pub from: Option<i64>,
    /// Only messages sent to the person before this time.
    #[arg(long = "to", value_name = "TIME", value_parser = instant_ms, requires = "business")]
    pub until: Option<i64>,
    /// Explain at most this many messages: the newest.
    #[arg(long, value_name = "COUNT", default_value_t = MAX_BY_DEFAULT)]
    pub max: usize,
    /// A public key that receipts may be signed with: 64 hexadecimal digits, or a file that holds
    /// them. Can be repeated. Without it: that of the configured signing key, if there is one.
    #[arg(long, value_name = "HEX|FILE")]
    pub public_key: Vec<String>,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
    /// Write one page to print or to keep, as HTML, to this file.
    #[arg(long, value_name = "FILE")]
    pub page: Option<PathBuf>,
}

impl ExplainArgs {
    /// Explains.
    ///
    /// # Errors
    /// No question, or two (2); nothing found, or no person that can be read (65); Kafka not reached
    /// (69); a file that cannot be written (74); a configuration or a key that is no good (78).
    pub fn run(self) -> Result<(), Failure> {
        let config = self.config()?;
        let trusted = trusted(&config, &self.public_key)?;
        let question = self.question(&config)?;
        let explanation = explain(&config, &trusted, &question, self.max)?;
        if let Some(file) = &self.page {
            std::fs::write(file, page::page(&explanation)).map_err(|error| {
                Failure::new(Exit::Io, format!("cannot write {}: {error}", file.display()))
            })?;
        }
        match (self.json, &self.page) {
            (true, _) => print(&explanation.to_json()?)?,
            (false, None) => print(&explanation.to_string())?,
            (false, Some(_)) => {}
        }
        match explanation.messages.is_empty() {
            false => Ok(()),
            true => Err(Failure::new(Exit::Data, "no message of that kind was found")),
        }
    }

    /// Of the route that is named, or whose topic is.
    fn config(&self) -> Result<Config, Failure> {
        let config = self.settings.settings.load(&[])?.config;
        let has_topic = |of: &&Config| {
            self.topic.as_deref().is_some_and(|topic| Place::named(topic, &of.topics).is_some())
        };
        let by_topic = config.routes().find(has_topic).cloned();
        match by_topic.filter(|_| self.settings.route.is_none()) {
            Some(of) => Ok(of),
            None => self.settings.choose(config),
        }
    }

    fn question(&self, config: &Config) -> Result<Question, Failure> {
        if let Some(id) = &self.message_id {
            return Ok(Question::MessageId(id.clone()));
        }
        if let Some(business) = &self.business {
            let range = Range::new(self.from, self.until)?;
            return Ok(Question::Person { subject: subject(business, read_recipient()?)?, range });
        }
        let (Some(topic), Some(partition), Some(offset)) =
            (&self.topic, self.partition, self.offset)
        else {
            let message = "say which message: TOPIC PARTITION OFFSET, --message-id, or --business \
                           with the person on standard input";
            return Err(Failure::new(Exit::Usage, message));
        };
        Ok(Question::At {
            place: Place::of(topic, &config.topics)?,
            partition: Partition(partition),
            offset: Offset(offset),
        })
    }
}

/// Answers a question from the topics of a configuration; at most `max` messages, the newest.
///
/// # Errors
/// A record that is not there, a key that cannot be used, Kafka that is not reached, a topic that cannot
/// be read to its end.
pub fn explain(
    config: &Config,
    trusted: &VerifyingKeys,
    question: &Question,
    max: usize,
) -> Result<Explanation, Failure> {
    let mut warnings = Vec::new();
    let keys = config.keys.load_pseudonyms(&mut warnings)?;
    warnings.iter().for_each(|warning| note(&warning.to_string()));
    let keys = pseudonym_keys(&keys)?;
    let rolled = rolled_for(config, trusted.clone())?;
    let progress = Progress::new();
    let clients = Clients::new(config.kafka.clone(), config.gate.clone());
    let notes = Vec::new();
    let reading =
        Reading { config, keys: &keys, trusted, clients, progress: &progress, rolled, notes };
    let explanation = answer(reading, question, &keys, max);
    progress.end();
    explanation
}

fn answer(
    mut reading: Reading<'_>,
    question: &Question,
    keys: &[Arc<PseudonymKey>],
    max: usize,
) -> Result<Explanation, Failure> {
    let taken_ms = wall_ms();
    let (mut wanted, mut found) = reading.messages(question)?;
    let receipts = reading.receipts(&wanted, &mut found)?;
    let more = keep_newest(&mut found, &receipts, max);
    let decided = decide(&mut reading, &wanted, &found, &receipts, keys)?;
    let config = reading.config;
    let mut messages: Vec<_> = found
        .iter()
        .map(|(input, found)| {
            let again = decided.get(input);
            shown::message(config, keys, *input, found, receipts.told.get(input), again)
        })
        .collect();
    // A copy of which nothing else is known.
    let copy = wanted.copy.take().filter(|_| found.is_empty());
    messages.extend(copy.map(|copy| shown::copy(keys, &copy)));
    let mut notes = reading.notes;
    notes.extend(shown::notes(config, question, &receipts, &found));
    Ok(Explanation {
        asked: shown::asked(config, question),
        taken_at: crate::wire::json::JsonTime::of_millis(taken_ms),
        messages,
        more,
        notes,
    })
}

/// Keeps the newest, and says how many others there are.
fn keep_newest(found: &mut BTreeMap<Input, Found>, receipts: &Receipts, max: usize) -> u64 {
    let mut by_time: Vec<_> = found
        .iter()
        .map(|(input, found)| (shown::instant_of(found, receipts.told.get(input)), *input))
        .collect();
    by_time.sort_unstable();
    let more = by_time.len().saturating_sub(max.max(1));
    for (_, input) in by_time.into_iter().take(more) {
        found.remove(&input);
    }
    more as u64
}

/// Decides again whatever can be.
fn decide(
    reading: &mut Reading<'_>,
    wanted: &Wanted,
    found: &BTreeMap<Input, Found>,
    receipts: &Receipts,
    keys: &[Arc<PseudonymKey>],
) -> Result<BTreeMap<Input, Again>, Failure> {
    let mut search = Search::new(found, keys);
    if let Some((people, _)) = &wanted.person {
        let forms = people.forms.iter();
        forms.for_each(|form| search.meet(form.business.as_str(), &form.identity));
    } else if !search.is_empty() {
        let formats = &reading.config.consent;
        reading.consent_records(|raw, widths| search.take(raw, widths, formats))?;
    }
    let own = Arc::new(reading.config.policy.clone());
    let (mut cases, mut decided) = (Vec::new(), BTreeMap::new());
    for (input, message) in found {
        let Some(told) = receipts.told.get(input) else {
            continue;
        };
        match case(*input, message, told, receipts, &own, search.found.get(input)) {
            Ok(case) => cases.push(case),
            Err(why) => {
                decided.insert(*input, Again { why_not: Some(why), ..recorded(message) });
            }
        }
    }
    if cases.is_empty() {
        return Ok(decided);
    }
    let asked: Vec<Asked> = cases.iter().map(|case: &Case| case.asked.clone()).collect();
    let (gathered, about) = reading.consent(&asked)?;
    for (case, gathered) in cases.iter().zip(&gathered) {
        if let (Some(told), Some(message)) =
            (receipts.told.get(&case.input), found.get(&case.input))
        {
            let topics = &reading.config.topics;
            let again = case.decide(gathered, &about, told, message, topics);
            decided.insert(case.input, again);
        }
    }
    Ok(decided)
}
