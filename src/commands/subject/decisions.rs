//! What was decided on messages to one person: audit entries by pseudonym, messages by address.
//!
//! The audit names nobody, so a person is found under every pseudonym key that is held. Entries under
//! a key that is not held cannot be searched; they are counted, never passed over in silence. Whether
//! a message went is told by signed receipts alone.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::Serialize;

use super::at::At;
use super::forms;
use crate::consent::{Offset, Partition, Subject};
use crate::decision::Message;
use crate::wire::audit::AuditEntry;
use crate::wire::json::{JsonAllowedRow, JsonAudit, JsonTime};
use crate::wire::pseudonym::{Pseudonym, PseudonymKey, Pseudonyms};
use crate::wire::receipt::Receipt;

/// A suppressed message to the person, as the audit tells it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Suppressed {
    /// Where the entry lies.
    pub record: At,
    /// The entry.
    #[serde(flatten)]
    pub entry: JsonAudit,
}

/// A message to the person that the outbound topic still keeps.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OutboundMessage {
    /// Where it lies.
    pub record: At,
    /// The message.
    #[serde(flatten)]
    pub message: MessageFields,
    /// What became of it.
    pub decided: Decided,
}

/// A message to the person that was passed on and is still kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AllowedMessage {
    /// Where it lies.
    pub record: At,
    /// The message.
    #[serde(flatten)]
    pub message: MessageFields,
}

/// A message to the person that a receipt lists.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ListedMessage {
    /// Where the list lies, in the receipts topic.
    pub record: At,
    /// The receipt.
    pub receipt_id: String,
    /// What it keeps of the message.
    #[serde(flatten)]
    pub row: JsonAllowedRow,
}

/// What a report shows of a message: never its content, which the caller has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MessageFields {
    /// When it was sent, as its record says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sent_at: Option<JsonTime>,
    /// The caller's id of the message.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub message_id: String,
    /// The caller's campaign.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub campaign_id: String,
    /// The purpose.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub scope: String,
    /// The declared category.
    pub category: &'static str,
    /// The template's name.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub template: String,
}

/// What became of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Decided {
    /// It was passed on.
    Allowed,
    /// It was not.
    Suppressed,
    /// It was left out, openly: nobody decided it.
    Skipped,
    /// No receipt that can be believed tells of it: not decided yet, or told by one that is gone.
    NoReceipt,
}

impl MessageFields {
    /// What is shown of a message to this person from this business; `None` if it is another one.
    pub(super) fn of(
        message: &Message<'_>,
        forms: &[Subject],
        timestamp_ms: Option<i64>,
    ) -> Option<Self> {
        let is_form = |form: &Subject| {
            let mut people = message.people();
            message.business == form.business.as_str()
                && people.any(|person| person == form.identity.as_ref())
        };
        forms.iter().any(is_form).then(|| Self {
            sent_at: timestamp_ms.map(JsonTime::of_millis),
            message_id: message.message_id.to_owned(),
            campaign_id: message.campaign_id.to_owned(),
            scope: message.scope.to_owned(),
            category: message.category.name(),
            template: message.template.to_owned(),
        })
    }
}

/// The person's pseudonyms, one a key and form of the number.
pub(super) struct Names {
    business: String,
    by_key: BTreeMap<String, Vec<Pseudonym>>,
    /// Entries of the business under keys that are not held, by key id.
    pub(super) foreign: BTreeMap<String, u64>,
}

impl Names {
    /// Under all of these keys.
    pub(super) fn new(subject: &Subject, keys: &[Arc<PseudonymKey>]) -> Self {
        let business = subject.business.as_str();
        let name = |key: &Arc<PseudonymKey>| {
            let mut pseudonyms = Pseudonyms::new(key.clone());
            let forms = forms(subject).into_iter();
            let names = forms.map(|form| pseudonyms.of(business, form.identity.as_ref()));
            (key.id().to_owned(), names.collect())
        };
        Self {
            business: business.to_owned(),
            by_key: keys.iter().map(name).collect(),
            foreign: BTreeMap::new(),
        }
    }

    /// The ids of the keys.
    pub(super) fn key_ids(&self) -> Vec<String> {
        self.by_key.keys().cloned().collect()
    }

    /// Whether an entry is about the person.
    pub(super) fn meet(&mut self, entry: &AuditEntry) -> bool {
        entry
            .pseudonym
            .is_some_and(|pseudonym| self.are(&entry.business, &entry.pseudonym_key_id, pseudonym))
    }

    /// Whether a pseudonym of a business under a key is the person's.
    pub(super) fn are(&mut self, business: &str, key_id: &str, pseudonym: Pseudonym) -> bool {
        if business != self.business {
            return false;
        }
        match self.by_key.get(key_id) {
            Some(own) => own.contains(&pseudonym),
            None => {
                *self.foreign.entry(key_id.to_owned()).or_default() += 1;
                false
            }
        }
    }
}

/// What receipts say of the messages of one topic that are asked about.
#[derive(Debug, Default)]
pub(super) struct Fates {
    asked: BTreeMap<Partition, BTreeSet<Offset>>,
    decided: BTreeMap<(Partition, Offset), Decided>,
}

impl Fates {
    /// Asks about a message.
    pub(super) fn ask(&mut self, partition: Partition, offset: Offset) {
        self.asked.entry(partition).or_default().insert(offset);
    }

    /// Takes in a receipt about the topic that was asked about.
    pub(super) fn take(&mut self, receipt: &Receipt) {
        for gap in &receipt.gaps {
            for offset in self.between(gap.partition, gap.first, gap.next) {
                self.decided.insert((gap.partition, offset), Decided::Skipped);
            }
        }
        for range in receipt.batches.iter().flat_map(|batch| &batch.ranges) {
            for offset in self.between(range.partition, range.first, range.next) {
                let decided = match range.is_allowed(offset) {
                    true => Decided::Allowed,
                    false => Decided::Suppressed,
                };
                self.decided.insert((range.partition, offset), decided);
            }
        }
    }

    /// What became of a message.
    pub(super) fn of(&self, partition: Partition, offset: Offset) -> Decided {
        self.decided.get(&(partition, offset)).copied().unwrap_or(Decided::NoReceipt)
    }

    fn between(&self, partition: Partition, first: Offset, next: Offset) -> Vec<Offset> {
        if next <= first {
            return Vec::new();
        }
        let asked = self.asked.get(&partition);
        asked.map(|asked| asked.range(first..next).copied().collect()).unwrap_or_default()
    }
}
