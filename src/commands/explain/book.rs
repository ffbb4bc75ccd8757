//! The messages that a question is about, found piece by piece: record, audit entry, column row.
//!
//! A message is one offset of the input topic. What is not an answer to the question is never kept.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::Serialize;

use super::kept::Kept;
use super::question::Range;
use crate::commands::subject::{At, forms};
use crate::consent::{IdentityRef, Offset, Partition, Subject};
use crate::decision::{Message, Reason};
use crate::wire::audit::AuditEntry;
use crate::wire::pseudonym::{Pseudonym, PseudonymKey, Pseudonyms};
use crate::wire::receipt::{AllowedRow, ReceiptId};

/// A record of the input, by partition and offset.
pub(super) type Input = (Partition, Offset);

/// Where what is shown of a message comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum KnownFrom {
    /// Its record in the outbound topic.
    Outbound,
    /// Its copy in the allowed topic.
    Allowed,
    /// Its audit entry.
    Audit,
    /// Its row in the column of allowed messages.
    Column,
    /// Nothing is kept of it but its offset.
    Nothing,
}

/// A message.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// The record, from the outbound or the allowed topic; a reason if it is no message.
    pub(super) record: Option<(KnownFrom, Result<Kept, Reason>)>,
    /// The record's own time.
    pub(super) sent_ms: Option<i64>,
    pub(super) entry: Option<(At, AuditEntry)>,
    pub(super) row: Option<Row>,
    /// Its copy in the allowed topic, if the question names one.
    pub(super) copy: Option<At>,
}

/// A row, and the part that it stands in.
#[derive(Clone, Debug)]
pub(super) struct Row {
    pub(super) row: AllowedRow,
    pub(super) key_id: String,
    pub(super) receipt: ReceiptId,
}

/// What makes a message an answer.
#[derive(Debug, Default)]
pub(super) struct Wanted {
    pub(super) inputs: BTreeSet<Input>,
    pub(super) message_id: Option<String>,
    pub(super) person: Option<(People, Range)>,
    /// A copy in the allowed topic of which the input is gone: its partition, its id, its person.
    pub(super) alike: Option<(Partition, String, People)>,
    /// That copy, to be told of if nothing else is known of it.
    pub(super) copy: Option<Found>,
}

/// The pseudonyms of one person, by key.
#[derive(Debug)]
pub(super) struct People {
    business: String,
    pub(super) forms: Vec<Subject>,
    by_key: BTreeMap<String, Vec<Pseudonym>>,
}

impl People {
    /// The person as this business knows them, in both forms of their number.
    pub(super) fn new(subject: &Subject, keys: &[Arc<PseudonymKey>]) -> Self {
        let (business, forms) = (subject.business.to_string(), forms(subject));
        let names = |key: &Arc<PseudonymKey>| {
            let mut pseudonyms = Pseudonyms::new(key.clone());
            let of = |form: &Subject| pseudonyms.of(&business, form.identity.as_ref());
            (key.id().to_owned(), forms.iter().map(of).collect())
        };
        let by_key = keys.iter().map(names).collect();
        Self { business, forms, by_key }
    }

    /// Whether a pseudonym is this person's.
    pub(super) fn are(&self, business: &str, key_id: &str, pseudonym: Pseudonym) -> bool {
        let names = self.by_key.get(key_id).filter(|_| business == self.business);
        names.is_some_and(|names| names.contains(&pseudonym))
    }
}

impl Wanted {
    /// Whether a record of the input is an answer.
    pub(super) fn has_record(
        &self,
        input: Input,
        message: Option<&Message<'_>>,
        sent_ms: Option<i64>,
    ) -> bool {
        let Some(message) = message else {
            return self.inputs.contains(&input);
        };
        let is_named = self.message_id.as_ref().is_some_and(|id| *id == message.message_id);
        let is_theirs = self.person.as_ref().is_some_and(|(people, range)| {
            let is_form = |named: IdentityRef<'_>| {
                people.forms.iter().any(|form| form.identity.as_ref() == named)
            };
            message.business == people.business
                && message.people().any(is_form)
                && range.has(sent_ms)
        });
        self.inputs.contains(&input) || is_named || is_theirs
    }

    /// Whether an audit entry tells of an answer.
    pub(super) fn has_entry(&self, entry: &AuditEntry) -> bool {
        let is_named = self.message_id.as_ref().is_some_and(|id| *id == entry.message_id);
        let is_theirs = self.person.as_ref().is_some_and(|(people, range)| {
            let is = |pseudonym| people.are(&entry.business, &entry.pseudonym_key_id, pseudonym);
            entry.pseudonym.is_some_and(is) && range.has(Some(entry.decided_at_ms))
        });
        self.inputs.contains(&(entry.partition, entry.offset)) || is_named || is_theirs
    }

    /// Whether a row of the column tells of what may be an answer; its time is its receipt's.
    pub(super) fn has_row(&self, row: &AllowedRow, key_id: &str) -> bool {
        let is = |people: &People| people.are(&row.business, key_id, row.pseudonym);
        let is_named = self.message_id.as_ref().is_some_and(|id| *id == row.message_id);
        let is_theirs = self.person.as_ref().is_some_and(|(people, _)| is(people));
        let is_alike = self.alike.as_ref().is_some_and(|(partition, id, people)| {
            *partition == row.partition && *id == row.message_id && is(people)
        });
        self.inputs.contains(&(row.partition, row.offset)) || is_named || is_theirs || is_alike
    }
}

impl Found {
    /// Where what is shown of it comes from.
    pub(super) fn known_from(&self) -> KnownFrom {
        match (&self.record, &self.entry, &self.row) {
            (Some((from, _)), ..) => *from,
            (None, Some(_), _) => KnownFrom::Audit,
            (None, None, Some(_)) => KnownFrom::Column,
            (None, None, None) => KnownFrom::Nothing,
        }
    }
}
