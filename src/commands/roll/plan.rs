//! What becomes of each record of a log.
//!
//! Pure: the state says who is erased, the fold says what a record contributes. Whatever is in doubt is
//! kept: a record of a later version is never left out.

use std::collections::{BTreeMap, BTreeSet};

use crate::consent::{
    Class, ConsentRecord, Content, Fact, Folded, KeyParts, Note, Seconds, State, Subject,
};

/// Whose records go.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Plan {
    /// Everybody with an erasure, and from when it counts.
    erased_at: BTreeMap<Subject, Seconds>,
    /// Those of them who have agreed to nothing since.
    gone: BTreeSet<Subject>,
}

/// What becomes of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Treatment {
    /// It stays as it is.
    Keep,
    /// Its place stays, and nothing of it.
    LeaveOut,
    /// It stays, encrypted.
    Seal,
}

impl Plan {
    /// For the state that a whole log comes to.
    pub(super) fn of(state: &State) -> Self {
        let mut plan = Self::default();
        for (subject, known) in &state.subjects {
            if let Some(erasure) = known.objections.get(Class::Erase) {
                plan.erased_at.insert(subject.clone(), erasure.at);
                if known.is_erased() {
                    plan.gone.insert(subject.clone());
                }
            }
        }
        plan
    }

    /// How many people are erased.
    pub(super) fn gone_count(&self) -> usize {
        self.gone.len()
    }

    /// How many have come back since.
    pub(super) fn back_count(&self) -> usize {
        self.erased_at.len() - self.gone.len()
    }

    /// What becomes of a record, given what it contributes.
    pub(super) fn treat(&self, record: &ConsentRecord, folded: &Folded) -> Treatment {
        let named = named(record);
        if !named.iter().any(|subject| self.erased_at.contains_key(subject)) {
            return Treatment::Keep;
        }
        if self.is_hidden(&named, record, folded) {
            return Treatment::LeaveOut;
        }
        match named.iter().any(|subject| self.gone.contains(subject)) {
            true => Treatment::Seal,
            false => Treatment::Keep,
        }
    }

    /// Whether nothing of a record counts, whoever reads it.
    fn is_hidden(&self, named: &[Subject], record: &ConsentRecord, folded: &Folded) -> bool {
        if folded.notes.contains(&Note::UnknownKind) || !is_of_known_kind(record) {
            return false;
        }
        // What says nothing goes with what was said up to then, if it is about the erased alone. Whatever
        // permits counts from when it happened, whichever version reads it.
        let at = happened_at(record);
        let said_before = |subject: &Subject| {
            self.erased_at.get(subject).is_some_and(|erased_at| at <= *erased_at)
        };
        match folded.facts.as_slice() {
            [] => named.iter().all(said_before),
            facts => facts.iter().all(|fact| self.hides(fact)),
        }
    }

    fn hides(&self, fact: &Fact) -> bool {
        let (subject, at) = match fact {
            Fact::Grant { subject, grant, .. } => (subject, grant.at),
            Fact::Confirm { subject, at, .. } | Fact::Requested(subject, at) => (subject, *at),
            Fact::Inbound { subject, message } => (subject, message.at),
            _ => return false,
        };
        self.erased_at.get(subject).is_some_and(|erased_at| at <= *erased_at)
    }
}

/// Everybody whom a record names, by its key or in its value.
fn named(record: &ConsentRecord) -> Vec<Subject> {
    let mut named = Vec::new();
    if let KeyParts::Subject(subject) = &record.key {
        named.push(subject.clone());
    }
    if let Content::Event(event) = &record.content
        && let Some(business) = &event.business
    {
        for identity in [&event.identity, &event.linked].into_iter().flatten() {
            let subject = Subject { business: business.clone(), identity: identity.clone() };
            if !named.contains(&subject) {
                named.push(subject);
            }
        }
    }
    named
}

fn is_of_known_kind(record: &ConsentRecord) -> bool {
    match &record.content {
        Content::Event(event) => event.kind.known().is_some(),
        Content::Ignored | Content::Undecodable => false,
    }
}

fn happened_at(record: &ConsentRecord) -> Seconds {
    let Content::Event(event) = &record.content else {
        return record.appended_at;
    };
    let occurred_at = event.occurred_at_ms.and_then(Seconds::from_millis);
    occurred_at.map_or(record.appended_at, |at| at.min(record.appended_at))
}
