//! Reports of messages that left: Meta's statuses, or the sender's own list, from a topic or a file.

use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;

use super::ledger::{IdUse, Knows, Ledger, Sent, SentTo};
use crate::commands::exit::{Exit, Failure};
use crate::commands::instant_arg::instant_ms;
use crate::commands::verify::Progress;
use crate::config::Config;
use crate::consent::{Identity, IdentityRef};
use crate::kafka::{Clients, TopicReader, TopicRecord};
use crate::wire::is_kept_of;
use crate::wire::pseudonym::{PseudonymKey, Pseudonyms};
use crate::wire::webhooks::{SentStatus, WebhookReader};

/// Where reports come from.
#[derive(Clone, Debug)]
pub enum Reports {
    /// Meta's webhooks, in the topic of `[webhooks]`.
    Webhooks,
    /// A topic of the sender: the id is the value, or stands in it at a JSON pointer.
    Topic {
        /// The topic.
        name: String,
        /// Where the id stands; `None` if it is the value.
        id_at: Option<String>,
    },
    /// A file of the sender.
    Csv(Box<Path>),
}

/// What was not understood.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Unread {
    /// Webhook bodies that could not be read whole.
    pub(super) bodies: u64,
    /// Statuses whose business is not configured.
    pub(super) without_business: u64,
}

/// Reads all reports into a ledger.
///
/// # Errors
/// A topic or a file that cannot be read to its end.
pub(super) fn read(
    reports: &Reports,
    config: &Config,
    keys: &[Arc<PseudonymKey>],
    progress: &Progress,
    ledger: &mut Ledger,
) -> Result<Unread, Failure> {
    let mut unread = Unread::default();
    match reports {
        Reports::Webhooks => {
            let mut people = People::new(keys);
            let (reader, topic) = (&config.webhooks.reader, config.webhooks.topic.as_str());
            each(config, topic, progress, |record| {
                statuses(reader, (topic, record), &mut people, ledger, &mut unread);
            })?;
        }
        Reports::Topic { name, id_at } => each(config, name, progress, |record| {
            let at = (record.partition().0, record.offset().0);
            let place = format!("{name} partition {} offset {}", at.0, at.1);
            let id = id_of(record.value().unwrap_or_default(), id_at.as_deref());
            ledger.sent(own(id, record.timestamp_ms(), Vec::new(), place));
        })?,
        Reports::Csv(file) => csv(file, ledger)?,
    }
    Ok(unread)
}

fn each(
    config: &Config,
    topic: &str,
    progress: &Progress,
    mut each: impl FnMut(&TopicRecord<'_>),
) -> Result<(), Failure> {
    let clients = Clients::new(config.kafka.clone(), config.gate.clone());
    let reader =
        TopicReader::open(&clients, topic).map_err(|fault| Failure::unavailable(&fault))?;
    let spans = reader.whole();
    progress.begin(topic, &spans);
    let read = reader.read(&spans, |record| {
        each(record);
        progress.step(record.partition(), record.offset());
    });
    read.map_err(|fault| Failure::unavailable(&fault))
}

fn statuses(
    reader: &WebhookReader,
    (topic, record): (&str, &TopicRecord<'_>),
    people: &mut People,
    ledger: &mut Ledger,
    unread: &mut Unread,
) {
    let reading = reader.sent(record.value().unwrap_or_default());
    unread.bodies += u64::from(reading.is_partly_unread);
    for status in reading.sent {
        unread.without_business += u64::from(status.businesses.is_empty());
        let at = (record.partition().0, record.offset().0);
        let place = format!("{topic} partition {} offset {}", at.0, at.1);
        ledger.sent(people.sent(status, record.timestamp_ms(), place));
    }
}

/// The caller's ids of people, under all keys.
struct People(Vec<Pseudonyms>);

impl People {
    fn new(keys: &[Arc<PseudonymKey>]) -> Self {
        Self(keys.iter().map(|key| Pseudonyms::new(key.clone())).collect())
    }

    fn sent(&mut self, status: SentStatus, arrived_ms: Option<i64>, place: String) -> Sent {
        let refs: Vec<_> = status.people.iter().map(Identity::as_ref).collect();
        let has = |is: fn(&IdentityRef<'_>) -> bool| refs.iter().any(is);
        let is_user = |identity: &IdentityRef<'_>| matches!(identity, IdentityRef::UserId(_));
        let is_phone = |identity: &IdentityRef<'_>| matches!(identity, IdentityRef::Phone(_));
        let mut to = SentTo::default();
        if has(is_user) && has(is_phone) {
            to.knows = Knows::NumberAndUserId;
        }
        let businesses: Vec<_> = status.businesses.iter().map(ToString::to_string).collect();
        let forms = refs.iter().flat_map(|person| std::iter::once(*person).chain(person.variant()));
        for person in forms {
            for business in &businesses {
                let names = self.0.iter_mut().map(|key| key.of(business, person));
                to.pseudonyms.extend(names);
            }
        }
        let mut recipients = refs.iter().copied();
        let recipients = [recipients.next(), recipients.next(), recipients.next()];
        let id = match status.message_id.as_str() {
            "" => IdUse::Nowhere,
            id if is_kept_of(id, recipients) => IdUse::Everywhere,
            _ => IdUse::RecordsOnly,
        };
        Sent {
            message_id: status.message_id,
            businesses,
            person: to,
            meta_id: status.meta_id,
            at_ms: status.at_ms.or(arrived_ms),
            id,
            place,
        }
    }
}

/// A report of the sender's own.
fn own(message_id: String, at_ms: Option<i64>, businesses: Vec<String>, place: String) -> Sent {
    let id = match message_id.as_str() {
        "" => IdUse::Nowhere,
        id if is_kept_of(id, [None; 3]) => IdUse::Everywhere,
        _ => IdUse::RecordsOnly,
    };
    Sent { message_id, businesses, person: SentTo::default(), meta_id: None, at_ms, id, place }
}

fn id_of(value: &[u8], id_at: Option<&str>) -> String {
    let Some(pointer) = id_at else {
        return String::from_utf8_lossy(value).trim().to_owned();
    };
    let document: Option<serde_json::Value> = serde_json::from_slice(value).ok();
    match document.as_ref().and_then(|document| document.pointer(pointer)) {
        Some(serde_json::Value::String(id)) => id.clone(),
        Some(serde_json::Value::Number(id)) => id.to_string(),
        _ => String::new(),
    }
}

/// Reads `message_id`, and `sent_at` and `business` if they are there.
fn csv(file: &Path, ledger: &mut Ledger) -> Result<(), Failure> {
    let failed = |what: String| Failure::new(Exit::Data, format!("{}: {what}", file.display()));
    let input: Box<dyn Read> = match file == Path::new("-") {
        true => Box::new(std::io::stdin()),
        false => Box::new(File::open(file).map_err(|error| {
            Failure::new(Exit::Io, format!("cannot read {}: {error}", file.display()))
        })?),
    };
    let mut rows = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(input);
    let header = rows.headers().map_err(|error| failed(error.to_string()))?.clone();
    let column = |name: &str| header.iter().position(|title| title == name);
    let Some(id) = column("message_id") else {
        return Err(failed("has no column message_id".to_owned()));
    };
    let (sent_at, business) = (column("sent_at"), column("business"));
    for row in rows.records() {
        let row = row.map_err(|error| failed(error.to_string()))?;
        let line = row.position().map_or(0, csv::Position::line);
        let field = |at: Option<usize>| at.and_then(|at| row.get(at)).unwrap_or_default();
        let at_ms = match field(sent_at) {
            "" => None,
            text => Some(
                text.parse()
                    .or_else(|_| instant_ms(text))
                    .map_err(|what| failed(format!("line {line}: sent_at: {what}")))?,
            ),
        };
        let businesses = match field(business) {
            "" => Vec::new(),
            business => vec![business.to_owned()],
        };
        let place = format!("{} line {line}", file.display());
        ledger.sent(own(field(Some(id)).to_owned(), at_ms, businesses, place));
    }
    Ok(())
}
