//! Who a pseudonym means, where the message that named the person is gone.
//!
//! Nobody can turn a pseudonym back. So everybody of whom the business's consent events tell is given
//! their pseudonym, until one fits. Whoever nobody ever told of is not found.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use super::book::{Found, Input};
use crate::consent::{Content, Identity, KeyParts, Seconds};
use crate::stream::ports::{RawConsent, TopicWidth};
use crate::wire::formats::EventFormats;
use crate::wire::pseudonym::{Pseudonym, PseudonymKey, Pseudonyms};

/// The pseudonyms that are asked about.
pub(super) struct Search {
    sought: BTreeMap<(String, String, Pseudonym), Vec<Input>>,
    businesses: BTreeSet<String>,
    pseudonyms: HashMap<String, Pseudonyms>,
    seen: BTreeSet<(String, Identity)>,
    pub(super) found: BTreeMap<Input, Identity>,
}

impl Search {
    /// For the messages that are gone and not their audit entry or row.
    pub(super) fn new(found: &BTreeMap<Input, Found>, keys: &[Arc<PseudonymKey>]) -> Self {
        let mut sought: BTreeMap<_, Vec<Input>> = BTreeMap::new();
        for (input, message) in found {
            let named = match (&message.record, &message.entry, &message.row) {
                (None, Some((_, entry)), _) => entry.pseudonym.map(|pseudonym| {
                    (entry.business.clone(), entry.pseudonym_key_id.clone(), pseudonym)
                }),
                (None, None, Some(row)) => {
                    Some((row.row.business.clone(), row.key_id.clone(), row.row.pseudonym))
                }
                _ => None,
            };
            if let Some(named) = named {
                sought.entry(named).or_default().push(*input);
            }
        }
        let businesses = sought.keys().map(|(business, ..)| business.clone()).collect();
        let made = |key: &Arc<PseudonymKey>| (key.id().to_owned(), Pseudonyms::new(key.clone()));
        let pseudonyms = keys.iter().map(made).collect();
        Self { sought, businesses, pseudonyms, seen: BTreeSet::new(), found: BTreeMap::new() }
    }

    /// Whether nobody is sought.
    pub(super) fn is_empty(&self) -> bool {
        self.sought.is_empty()
    }

    /// Somebody who is known already.
    pub(super) fn meet(&mut self, business: &str, identity: &Identity) {
        let is_sought = self.businesses.contains(business);
        if !is_sought || !self.seen.insert((business.to_owned(), identity.clone())) {
            return;
        }
        for (key_id, pseudonyms) in &mut self.pseudonyms {
            let pseudonym = pseudonyms.of(business, identity.as_ref());
            let named = (business.to_owned(), key_id.clone(), pseudonym);
            for input in self.sought.get(&named).into_iter().flatten() {
                self.found.insert(*input, identity.clone());
            }
        }
    }

    /// Whoever a consent record names.
    pub(super) fn take(&mut self, raw: &RawConsent, widths: &[TopicWidth], formats: &EventFormats) {
        let record = raw.to_record(Seconds::default(), widths, formats);
        if let KeyParts::Subject(subject) = &record.key {
            self.meet_forms(subject.business.as_str(), &subject.identity);
        }
        if let Content::Event(event) = &record.content
            && let Some(business) = &event.business
        {
            for identity in event.identity.iter().chain(&event.linked) {
                self.meet_forms(business.as_str(), identity);
            }
        }
    }

    fn meet_forms(&mut self, business: &str, identity: &Identity) {
        self.meet(business, identity);
        if let Some(variant) = identity.as_ref().variant() {
            self.meet(business, &variant.to_owned());
        }
    }
}
