//! The sentences behind text ids, as far as the business published them.
//!
//! Judges no text: that is the rules' part. Of several sentences under one name the one with the hash
//! that the event names is shown; if none fits, none is shown.

use std::collections::BTreeMap;

use crate::wire::consent::hash_of;
use crate::wire::json::{JsonEvent, Named};

/// Published texts of one business, by id and version.
#[derive(Debug, Default)]
pub(super) struct Sentences(BTreeMap<(String, String), Vec<Published>>);

#[derive(Debug)]
struct Published {
    language: String,
    sha256: String,
    sentence: String,
}

impl Sentences {
    /// Takes in an event of the business if it publishes a text.
    pub(super) fn take(&mut self, event: &JsonEvent) {
        let publishes = event.kind == Some(Named::from("text_published"));
        if !publishes || event.text.is_empty() {
            return;
        }
        let published = Published {
            language: event.language.clone(),
            sha256: hex::encode(hash_of(&event.text).0),
            sentence: event.text.clone(),
        };
        let named = (event.text_id.clone(), event.text_version.clone());
        self.0.entry(named).or_default().push(published);
    }

    /// The sentence that an event names.
    pub(super) fn of(&self, event: &JsonEvent) -> Option<String> {
        let named = (event.text_id.clone(), event.text_version.clone());
        let fits = |published: &&Published| {
            (event.language.is_empty() || event.language == published.language)
                && (event.text_sha256.is_empty() || event.text_sha256 == published.sha256)
        };
        let found = self.0.get(&named)?.iter().rev().find(fits);
        found.map(|published| published.sentence.clone())
    }
}
