//! What is shown of a message that was found, and the notes beside it.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::again::{Again, recorded, subject_of};
use super::book::{Found, Input, KnownFrom};
use super::kept::Kept;
use super::question::{Question, Range};
use super::receipts::{Batch, Receipts, Said, Told};
use super::report::{
    ExplainedMessage, MessageFate, RuleAnswer, ShownMessage, ShownPosition, ShownReceipt,
};
use crate::commands::subject::At;
use crate::commands::subject::MessageFields;
use crate::config::Config;
use crate::consent::{Offset, Partition};
use crate::decision::Reason;
use crate::wire::json::JsonTime;
use crate::wire::pseudonym::{PseudonymKey, Pseudonyms};
use crate::wire::receipt::Mode;

/// A message, as it is told.
pub(super) fn message(
    config: &Config,
    keys: &[Arc<PseudonymKey>],
    (partition, offset): Input,
    found: &Found,
    told: Option<&Told>,
    again: Option<&Again>,
) -> ExplainedMessage {
    let topic = config.topics.outbound.to_string();
    let nothing = recorded(found);
    let again = again.unwrap_or(&nothing);
    let batch = told.and_then(batch_of);
    ExplainedMessage {
        record: Some(At { topic, partition: partition.0, offset: offset.0 }),
        audit: found.entry.as_ref().map(|(at, _)| at.clone()),
        fate: told.map_or(MessageFate::NoReceipt, |told| match &told.said {
            Said::Allowed(_) if told.mode == Mode::Shadow => MessageFate::AllowedByShadow,
            Said::Allowed(_) => MessageFate::Allowed,
            Said::Suppressed(_) if found.known_from() == KnownFrom::Nothing => {
                MessageFate::NotPassedOn
            }
            Said::Suppressed(_) => MessageFate::Suppressed,
            Said::Skipped(_) => MessageFate::Skipped,
        }),
        reason: reason_of(found, told, again),
        decided_at: batch.map(|batch| JsonTime::of_millis(batch.now_ms)),
        not_before: again.not_before.map(|at| JsonTime::of_millis(i64::from(at.0) * 1_000)),
        sentence: sentence_of(&again.rules),
        rules: again.rules.clone(),
        agreement: again.agreement,
        not_decided_again: again.why_not.clone(),
        receipt: told.map(receipt),
        ..copy(keys, found)
    }
}

/// A copy in the allowed topic, as it is told.
pub(super) fn copy(keys: &[Arc<PseudonymKey>], found: &Found) -> ExplainedMessage {
    ExplainedMessage {
        record: None,
        copy: found.copy.clone(),
        audit: None,
        known_from: found.known_from(),
        message: shown(keys, found),
        fate: MessageFate::NoReceipt,
        reason: None,
        decided_at: None,
        not_before: None,
        sentence: None,
        rules: Vec::new(),
        agreement: None,
        not_decided_again: None,
        receipt: None,
    }
}

/// When it was sent, or else decided; for the order in which messages are told.
pub(super) fn instant_of(found: &Found, told: Option<&Told>) -> i64 {
    let decided = told.and_then(batch_of).map(|batch| batch.now_ms);
    found.sent_ms.or(decided).unwrap_or(i64::MAX)
}

fn batch_of(told: &Told) -> Option<&Batch> {
    match &told.said {
        Said::Allowed(batch) | Said::Suppressed(batch) => Some(batch),
        Said::Skipped(_) => None,
    }
}

fn reason_of(found: &Found, told: Option<&Told>, again: &Again) -> Option<&'static str> {
    let is_suppressed = told.is_some_and(|told| matches!(told.said, Said::Suppressed(_)));
    let entry = found.entry.as_ref().map(|(_, entry)| entry.suppression.primary.name());
    let first = again.rules.iter().find_map(|rule| rule.reasons.first().copied());
    entry.or(first.filter(|_| is_suppressed))
}

/// The sentence of the grant that decided; of the newest, if several name one.
fn sentence_of(rules: &[RuleAnswer]) -> Option<String> {
    let events = rules.iter().flat_map(|rule| &rule.events);
    let grants = events.filter(|event| event.says.starts_with("grant"));
    let mut grants: Vec<_> = grants.filter(|event| event.sentence.is_some()).collect();
    grants.sort_by(|one, other| one.record.cmp(&other.record));
    grants.last().and_then(|event| event.sentence.clone())
}

fn shown(keys: &[Arc<PseudonymKey>], found: &Found) -> Option<ShownMessage> {
    let sent_at = found.sent_ms.map(JsonTime::of_millis);
    let told = |kept: &Kept, pseudonym: Option<String>| ShownMessage {
        business: kept.business.clone(),
        pseudonym,
        fields: MessageFields {
            sent_at: sent_at.clone(),
            message_id: kept.screened(&kept.message_id),
            campaign_id: kept.screened(&kept.campaign_id),
            scope: kept.screened(&kept.scope),
            category: kept.category.name(),
            template: kept.screened(&kept.template),
        },
    };
    match (&found.record, &found.entry, &found.row) {
        (Some((_, Ok(kept))), ..) => {
            let pseudonym = keys.first().zip(subject_of(kept)).map(|(key, subject)| {
                let mut pseudonyms = Pseudonyms::new(key.clone());
                pseudonyms.of(subject.business.as_str(), subject.identity.as_ref()).to_string()
            });
            Some(told(kept, pseudonym))
        }
        (Some((_, Err(_))), ..) | (None, None, None) => None,
        (None, Some((_, entry)), _) => {
            let pseudonym = entry.pseudonym.map(|pseudonym| pseudonym.to_string());
            Some(told(&Kept::of_entry(entry)?, pseudonym))
        }
        (None, None, Some(row)) => {
            Some(told(&Kept::of_row(&row.row, 0), Some(row.row.pseudonym.to_string())))
        }
    }
}

fn receipt(told: &Told) -> ShownReceipt {
    let batch = batch_of(told);
    let positions = batch.into_iter().flat_map(|batch| batch.positions.iter());
    let positions = positions.map(|(topic, partition, next)| ShownPosition {
        topic: topic.name(),
        partition: partition.0,
        next: next.0,
    });
    ShownReceipt {
        record: told.at.clone(),
        receipt_id: told.id.to_string(),
        sha256: told.hash.to_string(),
        signature: told.signature.name(),
        key_id: told.key_id.clone(),
        gate_version: told.gate_version.clone(),
        rules_version: told.rules_version,
        cluster_id: told.cluster_id.clone(),
        instance: told.instance.clone(),
        lane: told.lane,
        fence: told.fence,
        policy_sha256: batch.map(|batch| batch.policy.to_string()),
        positions: positions.collect(),
        skipped_because: match &told.said {
            Said::Skipped(reason) => Some(reason.clone()),
            Said::Allowed(_) | Said::Suppressed(_) => None,
        },
    }
}

/// The question, in words.
pub(super) fn asked(config: &Config, question: &Question) -> String {
    let topics = &config.topics;
    match question {
        Question::At { place, partition, offset } => {
            let (Partition(partition), Offset(offset)) = (partition, offset);
            let topic = place.topic(topics);
            format!("{topic} partition {partition} offset {offset}")
        }
        Question::MessageId(id) => format!("messages with the id {id}"),
        Question::Person { subject, range: Range { from_ms, to_ms } } => {
            let business = &subject.business;
            let from = match from_ms {
                0 => String::new(),
                ms => format!(" from {}", words(*ms)),
            };
            let to = match *to_ms {
                i64::MAX => String::new(),
                ms => format!(" to before {}", words(ms)),
            };
            format!("messages of {business} to one person{from}{to}")
        }
    }
}

/// A time in words.
pub(super) fn words(ms: i64) -> String {
    time(&JsonTime::of_millis(ms))
}

/// A time in words.
pub(super) fn time(time: &JsonTime) -> String {
    match time {
        JsonTime::Text(text) => text.clone(),
        JsonTime::Millis(ms) => ms.to_string(),
    }
}

/// What a reader must know to judge whether this is all.
pub(super) fn notes(
    config: &Config,
    question: &Question,
    receipts: &Receipts,
    found: &BTreeMap<Input, Found>,
) -> Vec<String> {
    let mut notes = Vec::new();
    if receipts.unbelieved > 0 {
        notes.push(format!(
            "{} records of {} cannot be read, or are signed by a key that is not trusted here: give \
             --public-key",
            receipts.unbelieved, config.topics.receipts
        ));
    }
    if receipts.orphans > 0 {
        notes.push(format!(
            "{} parts of the column of allowed messages are named by no receipt, and tell nothing",
            receipts.orphans
        ));
    }
    let is_undecodable = |found: &Found| matches!(&found.record, Some((KnownFrom::Outbound, Err(reason))) if *reason == Reason::Malformed);
    if found.values().any(is_undecodable) {
        notes.push(
            "a record that is no message was read with the format that is configured now"
                .to_owned(),
        );
    }
    if let Question::MessageId(_) = question {
        notes.push(
            "audit entries and the column of allowed messages leave out ids that look like a phone \
             number: such a message is found only as long as its record is kept"
                .to_owned(),
        );
    }
    notes
}
