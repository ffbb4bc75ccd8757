//! A story: consent records and the messages to decide on them.
//!
//! Each record becomes bytes and is read back as the gate would read it. Times are RFC 3339.

use serde::{Deserialize, Serialize};

use super::event::JsonEvent;
use super::message::JsonMessage;
use super::value::parse_instant_ms;
use crate::consent::{ConsentRecord, Offset, Partition, Place, Placement, Seconds, Topic};
use crate::policy::Policy;
use crate::wire::WireError;
use crate::wire::consent::{encode, key_of, record};

/// A story in one file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Story {
    /// What it is about, in a sentence.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub title: String,
    /// The policy's canonical text, line by line; the standard policy if absent.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub policy: Vec<String>,
    /// What was said, in any order.
    pub records: Vec<StoryRecord>,
    /// What is to be decided.
    pub messages: Vec<StoryMessage>,
}

impl Story {
    /// Reads a story.
    ///
    /// # Errors
    /// Text that is no JSON, or JSON that is no story. The error quotes the text.
    pub fn parse(json: &str) -> Result<Self, WireError> {
        serde_json::from_str(json).map_err(|error| WireError::story("story", error.to_string()))
    }

    /// The policy that the messages are decided by.
    ///
    /// # Errors
    /// A text that is no policy.
    pub fn policy(&self) -> Result<Policy, WireError> {
        if self.policy.is_empty() {
            return Ok(Policy::standard());
        }
        let text: String = self.policy.iter().flat_map(|line| [line, "\n"]).collect();
        Ok(Policy::from_canonical_text(&text)?)
    }
}

/// Which topic a record lies in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StoryTopic {
    /// The log of record.
    #[default]
    ConsentEvents,
    /// Inbound messages, requests for codes, heartbeats.
    ConsentActivity,
    /// What the platform says of templates.
    TemplateStates,
}

/// Whether a record lies where its key belongs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StoryPlacement {
    /// It does.
    #[default]
    Right,
    /// It does not.
    Wrong,
}

/// One consent record: an event, or bytes that are none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StoryRecord {
    /// Its topic; `consent_events` if absent.
    #[serde(default)]
    pub topic: StoryTopic,
    /// Its partition; 0 if absent.
    #[serde(default)]
    pub partition: i32,
    /// Its offset.
    pub offset: i64,
    /// Its append time.
    pub appended_at: String,
    /// Its key; absent = as the event says, and none for an undecodable record.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// Whether it lies where its key belongs; `right` if absent.
    #[serde(default)]
    pub placement: StoryPlacement,
    /// What it says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event: Option<JsonEvent>,
    /// Whether its value is no consent event.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub undecodable: bool,
}

impl StoryRecord {
    /// The record as the gate would read it.
    ///
    /// # Errors
    /// A field that cannot be read, neither or both of event and `undecodable`, or an event that
    /// has no key of its own.
    pub fn to_record(&self) -> Result<ConsentRecord, WireError> {
        let appended_ms = parse_instant_ms("appended_at", &self.appended_at)?;
        let event = match (&self.event, self.undecodable) {
            (Some(event), false) => Some(event.to_proto()?),
            (None, true) => None,
            _ => {
                return Err(WireError::story("event", "give either event or undecodable"));
            }
        };
        let key = match (&self.key, &event) {
            (Some(key), _) => Some(key.clone()),
            (None, Some(event)) => Some(key_of(event)?),
            (None, None) => None,
        };
        let value = event.as_ref().map(encode);
        Ok(record(
            self.place()?,
            seconds("appended_at", appended_ms)?,
            key.as_deref().map(str::as_bytes),
            self.placement.into(),
            value.as_deref(),
        ))
    }

    fn place(&self) -> Result<Place, WireError> {
        if self.partition < 0 || self.offset < 0 {
            return Err(WireError::story("offset", "and partition must not be negative"));
        }
        Ok(Place {
            topic: self.topic.into(),
            partition: Partition(self.partition),
            offset: Offset(self.offset),
        })
    }
}

/// One message and the instant for which it is decided.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StoryMessage {
    /// The instant.
    pub now: String,
    /// When the message was sent; just then if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sent_at: Option<String>,
    /// The message.
    pub message: JsonMessage,
}

impl StoryMessage {
    /// The instant, in seconds since 1970.
    ///
    /// # Errors
    /// A text that is no time, or one outside 1970 to 2106.
    pub fn now(&self) -> Result<Seconds, WireError> {
        seconds("now", parse_instant_ms("now", &self.now)?)
    }

    /// When the message was sent, in milliseconds since 1970.
    ///
    /// # Errors
    /// A text that is no time.
    pub fn sent_at_ms(&self) -> Result<i64, WireError> {
        match &self.sent_at {
            Some(sent_at) => parse_instant_ms("sent_at", sent_at),
            None => parse_instant_ms("now", &self.now),
        }
    }
}

fn seconds(field: &'static str, ms: i64) -> Result<Seconds, WireError> {
    Seconds::from_millis(ms)
        .ok_or_else(|| WireError::story(field, "must lie between 1970 and 2106"))
}

impl From<StoryTopic> for Topic {
    fn from(topic: StoryTopic) -> Self {
        match topic {
            StoryTopic::ConsentEvents => Self::ConsentEvents,
            StoryTopic::ConsentActivity => Self::ConsentActivity,
            StoryTopic::TemplateStates => Self::TemplateStates,
        }
    }
}

impl From<StoryPlacement> for Placement {
    fn from(placement: StoryPlacement) -> Self {
        match placement {
            StoryPlacement::Right => Self::Right,
            StoryPlacement::Wrong => Self::Wrong,
        }
    }
}
