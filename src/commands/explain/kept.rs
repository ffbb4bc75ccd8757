//! A message, kept: owned fields of what the rules see of it.
//!
//! Comes from the record itself, or is put together from what an audit entry or a column row kept of
//! it. Never shown whole, for it knows the person.

use crate::consent::{Category, EventId, Identity, IdentityRef, Seconds};
use crate::decision::{Message, OptOutPath};
use crate::policy::Policy;
use crate::wire::audit::AuditEntry;
use crate::wire::is_kept_of;
use crate::wire::receipt::AllowedRow;

/// An outbound message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Kept {
    /// The business that sends; by the registry of senders if the message names none.
    pub(super) business: String,
    /// The business that the message names.
    named: String,
    sender: String,
    pub(super) to: Option<Identity>,
    pub(super) also: Vec<Identity>,
    pub(super) scope: String,
    pub(super) category: Category,
    sent_at: Option<Seconds>,
    deadline: Option<Seconds>,
    opt_out_path: OptOutPath,
    answers: Option<EventId>,
    pub(super) message_id: String,
    pub(super) campaign_id: String,
    pub(super) template: String,
    template_language: String,
}

impl Kept {
    /// The message of a record; the policy knows whose number sends.
    pub(super) fn of(message: &Message<'_>, policy: &Policy) -> Self {
        Self {
            business: message.at_home(policy).business.to_owned(),
            named: message.business.to_owned(),
            sender: message.sender.to_owned(),
            to: message.to.map(IdentityRef::to_owned),
            also: message.also.into_iter().flatten().map(IdentityRef::to_owned).collect(),
            scope: message.scope.to_owned(),
            category: message.category,
            sent_at: message.sent_at,
            deadline: message.deadline,
            opt_out_path: message.opt_out_path,
            answers: message.answers,
            message_id: message.message_id.to_owned(),
            campaign_id: message.campaign_id.to_owned(),
            template: message.template.to_owned(),
            template_language: message.template_language.to_owned(),
        }
    }

    /// What an audit entry kept; the person is not among it.
    pub(super) fn of_entry(entry: &AuditEntry) -> Option<Self> {
        let rest = Self::put_together(&entry.business, entry.category?, entry.decided_at_ms);
        Some(Self {
            scope: entry.scope.clone(),
            message_id: entry.message_id.clone(),
            campaign_id: entry.campaign_id.clone(),
            template: entry.template.clone(),
            ..rest
        })
    }

    /// What the column of allowed messages kept; the person is not among it.
    pub(super) fn of_row(row: &AllowedRow, decided_at_ms: i64) -> Self {
        Self {
            scope: row.scope.clone(),
            message_id: row.message_id.clone(),
            campaign_id: row.campaign_id.clone(),
            template: row.template.clone(),
            ..Self::put_together(&row.business, row.category, decided_at_ms)
        }
    }

    fn put_together(business: &str, category: Category, decided_at_ms: i64) -> Self {
        Self {
            business: business.to_owned(),
            named: business.to_owned(),
            sender: String::new(),
            to: None,
            also: Vec::new(),
            scope: String::new(),
            category,
            sent_at: Some(Seconds::nearest_to_millis(decided_at_ms)),
            deadline: None,
            opt_out_path: OptOutPath::Offered,
            answers: None,
            message_id: String::new(),
            campaign_id: String::new(),
            template: String::new(),
            template_language: String::new(),
        }
    }

    /// A caller's text, or nothing if it may name the person.
    pub(super) fn screened(&self, text: &str) -> String {
        let mut people = self.to.iter().chain(&self.also).map(Identity::as_ref);
        let people = [people.next(), people.next(), people.next()];
        if is_kept_of(text, people) { text.to_owned() } else { String::new() }
    }

    /// The message as the rules see it.
    pub(super) fn message(&self) -> Message<'_> {
        let mut also = self.also.iter().map(Identity::as_ref);
        Message {
            business: &self.named,
            sender: &self.sender,
            to: self.to.as_ref().map(Identity::as_ref),
            also: [also.next(), also.next()],
            scope: &self.scope,
            category: self.category,
            sent_at: self.sent_at,
            deadline: self.deadline,
            opt_out_path: self.opt_out_path,
            answers: self.answers,
            message_id: &self.message_id,
            campaign_id: &self.campaign_id,
            template: &self.template,
            template_language: &self.template_language,
        }
    }
}
