//! What became of messages that were let out: delivered, opened, and what they were for.
//!
//! Joined by the caller's message id, of which a keyed hash is remembered. A message whose id comes twice
//! counts once. Without statuses and conversions nothing is read.

use std::collections::{BTreeMap, HashMap};
use std::hash::{BuildHasher as _, RandomState};
use std::path::Path;

use super::FiguresArgs;
use super::inputs::{Reached, body, file};
use super::label::label;
use super::sheet::{Sheet, Value};
use crate::app::AppError;
use crate::commands::exit::Failure;
use crate::commands::verify::Progress;
use crate::config::Config;
use crate::consent::BusinessId;
use crate::kafka::{Clients, TopicReader};
use crate::wire::formats::Texts;

/// The word for the bodies in `webhooks.topic`.
const WEBHOOKS: &str = "webhooks";

#[derive(Default)]
struct Sent {
    hash: RandomState,
    messages: HashMap<u64, Message>,
    /// Scope and campaign.
    groups: Vec<(String, String)>,
}

#[derive(Clone, Copy)]
struct Message {
    group: usize,
    reached: Option<Reached>,
    is_converted: bool,
}

/// The table; `None` if nothing was fed in.
///
/// # Errors
/// A file that is none, or a topic that cannot be read to its end.
pub(super) fn sent(
    config: &Config,
    clients: &Clients,
    args: &FiguresArgs,
    business: Option<&BusinessId>,
    progress: &Progress,
) -> Result<Option<Sheet>, Failure> {
    if args.statuses.is_none() && args.conversions.is_none() {
        return Ok(None);
    }
    let mut sent = Sent::default();
    sent.read(config, clients, args, business, progress)?;
    match &args.statuses {
        Some(path) if path == Path::new(WEBHOOKS) => {
            let topic = config.webhooks.topic.as_str();
            let reader = TopicReader::open_committed(clients, topic).map_err(AppError::Kafka)?;
            let spans = reader.whole();
            progress.begin(topic, &spans);
            let read = reader.read(&spans, |record| {
                body(record.value().unwrap_or_default(), |id, reached| sent.reach(id, reached));
                progress.step(record.partition(), record.offset());
            });
            read.map_err(AppError::Kafka)?;
        }
        Some(path) => file(path, None, |id, reached| sent.reach(id, reached))?,
        None => {}
    }
    if let Some(path) = &args.conversions {
        file(path, Some(Reached::Converted), |id, reached| sent.reach(id, reached))?;
    }
    Ok(Some(sent.sheet()))
}

impl Sent {
    fn read(
        &mut self,
        config: &Config,
        clients: &Clients,
        args: &FiguresArgs,
        business: Option<&BusinessId>,
        progress: &Progress,
    ) -> Result<(), Failure> {
        let topic = config.topics.allowed.as_str();
        let reader = TopicReader::open_committed(clients, topic).map_err(AppError::Kafka)?;
        let spans = reader.whole();
        let mut places: HashMap<(String, String), usize> = HashMap::new();
        progress.begin(topic, &spans);
        let read = reader.read(&spans, |record| {
            progress.step(record.partition(), record.offset());
            let texts = Texts::default();
            let show = |show: &mut dyn FnMut(_)| record.each_text_header(show);
            let Ok(message) = config.messages.read(record.value(), show, &texts) else { return };
            let message = message.at_home(&config.policy);
            let is_meant = business.is_none_or(|business| business.as_str() == message.business);
            let counts = record.timestamp_ms().is_some_and(|at_ms| args.counts(at_ms));
            if !is_meant || !counts || message.message_id.is_empty() {
                return;
            }
            let named = (label(message.scope).to_owned(), label(message.campaign_id).to_owned());
            let groups = &mut self.groups;
            let group = *places.entry(named).or_insert_with_key(|named| {
                groups.push(named.clone());
                groups.len() - 1
            });
            let message_of = self.hash.hash_one(message.message_id);
            let new = Message { group, reached: None, is_converted: false };
            self.messages.entry(message_of).or_insert(new);
        });
        Ok(read.map_err(AppError::Kafka)?)
    }

    fn reach(&mut self, id: &str, reached: Reached) {
        let Some(message) = self.messages.get_mut(&self.hash.hash_one(id)) else {
            return;
        };
        match reached {
            Reached::Converted => message.is_converted = true,
            _ => message.reached = message.reached.max(Some(reached)),
        }
    }

    fn sheet(&self) -> Sheet {
        let mut counts: BTreeMap<usize, [u64; 4]> = BTreeMap::new();
        for message in self.messages.values() {
            let [sent, delivered, read, converted] = counts.entry(message.group).or_default();
            *sent += 1;
            *delivered += u64::from(message.reached >= Some(Reached::Delivered));
            *read += u64::from(message.reached >= Some(Reached::Read));
            *converted += u64::from(message.is_converted);
        }
        let mut rows: Vec<_> = counts
            .into_iter()
            .filter_map(|(group, counts)| Some((self.groups.get(group)?.clone(), counts)))
            .collect();
        rows.sort_unstable();
        let row = |((scope, campaign), counts): ((String, String), [u64; 4])| {
            let [sent, delivered, read, converted] = counts;
            let rates = [Value::Rate(read, delivered), Value::Rate(converted, sent)];
            let names = [Value::Text(scope), Value::Text(campaign)];
            names.into_iter().chain(counts.map(Value::Count)).chain(rates).collect()
        };
        Sheet {
            name: "sent",
            caption: "Messages by scope and campaign",
            about: "Let out, and what became of them by the statuses and conversions that were fed in. \
                    Opened, of delivered; converted, of let out.",
            columns: vec![
                "scope",
                "campaign",
                "let out",
                "delivered",
                "opened",
                "converted",
                "open rate",
                "conversion rate",
            ],
            rows: rows.into_iter().map(row).collect(),
        }
    }
}
