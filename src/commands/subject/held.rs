//! One consent record as a report shows it.
//!
//! Shown in full only if its value is the business's own and names the person. A record that only its
//! key gives to the person may tell of somebody else: its place is shown, and nothing of its content.

use serde::Serialize;

use super::at::At;
use crate::commands::story::meaning;
use crate::consent::{ConsentRecord, Content, Identity, KeyParts, Note, Subject};
use crate::stream::ports::RawConsent;
use crate::wire::json::{JsonEvent, JsonTime};

/// A record that is held about the person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct HeldRecord {
    /// Where it lies.
    pub record: At,
    /// When the broker appended it; `None` if only its writer says when.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub appended_at: Option<JsonTime>,
    /// What it has to do with the person.
    pub about: About,
    /// What it says, if that may be shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event: Option<Box<JsonEvent>>,
    /// The sentence that its text stands for, if the business published it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sentence: Option<String>,
    /// What the gate makes of it beside what it says.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<&'static str>,
}

/// What a record has to do with the person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum About {
    /// It is about the person.
    Person,
    /// It is about another identity, and links it to this one.
    Link,
    /// Its key names the person, and its value cannot be read.
    Unreadable,
    /// Its key names the person, and its value somebody else, or nobody.
    KeyOnly,
}

/// What a record has to do with the person; `None` if nothing.
pub(super) fn about(record: &ConsentRecord, forms: &[Subject]) -> Option<About> {
    let by_key = matches!(&record.key, KeyParts::Subject(key) if forms.contains(key));
    let Content::Event(event) = &record.content else {
        return by_key.then_some(About::Unreadable);
    };
    let names = |identity: &Option<Identity>| {
        let is_form = |form: &Subject| {
            event.business.as_ref() == Some(&form.business)
                && identity.as_ref() == Some(&form.identity)
        };
        forms.iter().any(is_form)
    };
    if names(&event.identity) {
        return Some(About::Person);
    }
    if names(&event.linked) {
        return Some(About::Link);
    }
    by_key.then_some(About::KeyOnly)
}

impl HeldRecord {
    /// A record of the topic of this name.
    pub(super) fn new(
        topic: &str,
        raw: &RawConsent,
        about: About,
        event: Option<&JsonEvent>,
        notes: &[Note],
    ) -> Self {
        let event = match about {
            About::Person | About::Link => event.cloned().map(Box::new),
            About::Unreadable | About::KeyOnly => None,
        };
        let (topic, partition, offset) = (topic.to_owned(), raw.partition.0, raw.offset.0);
        Self {
            record: At { topic, partition, offset },
            appended_at: raw.broker_ms().map(JsonTime::of_millis),
            about,
            event,
            sentence: None,
            notes: notes.iter().copied().map(meaning).collect(),
        }
    }
}
