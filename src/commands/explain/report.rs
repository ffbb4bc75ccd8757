//! What is told of the messages that a question is about.
//!
//! Names nobody: a person is a pseudonym, and of an event only what it says, never about whom.

use serde::Serialize;

use super::book::KnownFrom;
use crate::commands::exit::{Exit, Failure};
use crate::commands::subject::At;
use crate::commands::subject::MessageFields;
use crate::wire::json::JsonTime;

/// The answer to a question.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Explanation {
    /// What was asked, in words. A person who was asked about is not named.
    pub asked: String,
    /// When it was answered.
    pub taken_at: JsonTime,
    /// The messages, in the order of the input.
    pub messages: Vec<ExplainedMessage>,
    /// How many more there are, that were not asked for with `--max`.
    pub more: u64,
    /// What was not found, and what to do about it.
    pub notes: Vec<String>,
}

/// One message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ExplainedMessage {
    /// Where its record lies, or lay; `None` if only its copy in the allowed topic is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub record: Option<At>,
    /// Its copy in the allowed topic, if the question names one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub copy: Option<At>,
    /// Its audit entry.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub audit: Option<At>,
    /// Where what is shown of it comes from.
    pub known_from: KnownFrom,
    /// What the message says of itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<ShownMessage>,
    /// What became of it.
    pub fate: MessageFate,
    /// The first reason, if it was suppressed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<&'static str>,
    /// The instant for which it was decided.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decided_at: Option<JsonTime>,
    /// From when it may go, as far as quiet hours are concerned.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not_before: Option<JsonTime>,
    /// The sentence that the person agreed to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sentence: Option<String>,
    /// Every rule's answer, in order; none if that is not known.
    pub rules: Vec<RuleAnswer>,
    /// Whether deciding again comes to what the gate wrote down.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agreement: Option<Agreement>,
    /// Why it was not decided again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not_decided_again: Option<String>,
    /// The receipt that covers it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub receipt: Option<ShownReceipt>,
}

/// What a message says of itself. Its content is not shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ShownMessage {
    /// The business that sends.
    pub business: String,
    /// The person's pseudonym under the key in use, or the one that the entry or row names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pseudonym: Option<String>,
    /// The rest, as a subject's report shows it too.
    #[serde(flatten)]
    pub fields: MessageFields,
}

/// What became of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum MessageFate {
    /// It was passed on.
    Allowed,
    /// A shadow would have passed it on; it sends nothing.
    AllowedByShadow,
    /// It was not.
    Suppressed,
    /// It was not passed on, and nothing is kept that says why: it may have been no message at all.
    NotPassedOn,
    /// It was left out, openly: nobody decided it.
    Skipped,
    /// No receipt tells of it: not decided yet, or told by one that is gone.
    NoReceipt,
}

impl MessageFate {
    /// In words.
    pub fn name(self) -> &'static str {
        match self {
            Self::Allowed => "allowed",
            Self::AllowedByShadow => "allowed by a shadow, which sends nothing",
            Self::Suppressed => "suppressed",
            Self::NotPassedOn => "not passed on: suppressed, or no message at all",
            Self::Skipped => "skipped, nobody decided it",
            Self::NoReceipt => "no receipt tells of it",
        }
    }
}

/// One rule's answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RuleAnswer {
    /// The rule.
    pub rule: &'static str,
    /// What it found against the message; empty if nothing.
    pub reasons: Vec<&'static str>,
    /// The events that decided.
    pub events: Vec<DecidingEvent>,
}

/// An event that decided.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DecidingEvent {
    /// Where it lies.
    pub record: At,
    /// From when it counts: its append time.
    pub appended_at: JsonTime,
    /// Its kind, and what it names, for example `grant offers`.
    pub says: String,
    /// Its id.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub event_id: String,
    /// When it happened, as its writer says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub happened_at: Option<JsonTime>,
    /// How consent was collected.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// How the person expressed it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expression: Option<String>,
    /// Where the proof lies.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub evidence: String,
    /// The text agreed to.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub text_id: String,
    /// Its version.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub text_version: String,
    /// What it says, as far as the business published it by then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sentence: Option<String>,
}

/// Whether deciding again comes to what the gate wrote down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Agreement {
    /// It does, to the last reason.
    Same,
    /// It does not: run `verify`.
    Different,
    /// The record is gone: the reasons are those that the gate wrote down.
    Recorded,
    /// What the gate wrote down of the reasons is gone: they are those of deciding again.
    Decided,
}

impl Agreement {
    /// In words.
    pub fn name(self) -> &'static str {
        match self {
            Self::Same => "decided again with the same result",
            Self::Different => "decided again with ANOTHER result: run consentgate verify",
            Self::Recorded => {
                "the message itself is gone: the reasons are as the gate wrote them down"
            }
            Self::Decided => "what the gate wrote down of it is gone: decided again",
        }
    }
}

/// The receipt that covers a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ShownReceipt {
    /// Where it lies.
    pub record: At,
    /// Its id.
    pub receipt_id: String,
    /// Its hash.
    pub sha256: String,
    /// `valid` or `unknown key`.
    pub signature: &'static str,
    /// The key that signed it.
    pub key_id: String,
    /// The version of the gate.
    pub gate_version: String,
    /// The version of the rules.
    pub rules_version: u32,
    /// The Kafka cluster.
    pub cluster_id: String,
    /// The instance that decided.
    pub instance: String,
    /// Its lane.
    pub lane: u32,
    /// How the fence was proven.
    pub fence: &'static str,
    /// The policy's hash.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub policy_sha256: Option<String>,
    /// What the consent topics had said: the next offset of each partition.
    pub positions: Vec<ShownPosition>,
    /// Why nobody decided it, if it was skipped.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub skipped_because: Option<String>,
}

/// Up to where a consent topic had been read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ShownPosition {
    /// The topic's role.
    pub topic: &'static str,
    /// The partition.
    pub partition: i32,
    /// The first offset that was not known.
    pub next: i64,
}

impl Explanation {
    /// The answer as JSON.
    ///
    /// # Errors
    /// None is known; the encoder's own is handed on.
    pub fn to_json(&self) -> Result<String, Failure> {
        let json = serde_json::to_string_pretty(self).map_err(|error| {
            let message = format!("cannot write the answer as json, leave out --json: {error}");
            Failure::new(Exit::Io, message)
        })?;
        Ok(json + "\n")
    }
}
