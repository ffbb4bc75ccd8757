//! The sentences behind text ids, as far as the business published them.
//!
//! Judges no text: that is the rules' part. Of several sentences under one name the one with the hash
//! that the event names is shown; if none fits, none is shown.

use std::collections::BTreeMap;

use crate::consent::Language;
use crate::wire::consent::hash_of;
use crate::wire::json::{JsonEvent, Named};

/// Published texts of one business, by id and version.
#[derive(Debug, Default)]
pub(super) struct Sentences(BTreeMap<(String, String), Vec<Published>>);

#[derive(Debug)]
struct Published {
    language: Language,
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
            language: Language::of(&event.language),
            sha256: hex::encode(hash_of(&event.text).0),
            sentence: event.text.clone(),
        };
        let named = (event.text_id.clone(), event.text_version.clone());
        self.0.entry(named).or_default().push(published);
    }

    /// The sentence that an event names.
    pub(super) fn of(&self, event: &JsonEvent) -> Option<String> {
        let named = (event.text_id.clone(), event.text_version.clone());
        let language = Language::of(&event.language);
        let fits = |published: &&Published| {
            (event.language.is_empty() || language == published.language)
                && (event.text_sha256.is_empty() || event.text_sha256 == published.sha256)
        };
        let found = self.0.get(&named)?.iter().rev().find(fits);
        found.map(|published| published.sentence.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_language_is_the_same_in_any_spelling() {
        let event = |kind: &str, language: &str, text: &str| JsonEvent {
            kind: Some(Named::from(kind)),
            text_id: "welcome".to_owned(),
            text_version: "1".to_owned(),
            language: language.to_owned(),
            text: text.to_owned(),
            ..JsonEvent::default()
        };
        let mut sentences = Sentences::default();
        sentences.take(&event("text_published", "pt_BR", "Sim."));
        let of = |language: &str| sentences.of(&event("grant", language, ""));
        for spelt in ["pt-BR", "PT_br", ""] {
            assert_eq!(of(spelt).as_deref(), Some("Sim."), "{spelt}");
        }
        assert_eq!(of("en"), None);
    }
}
