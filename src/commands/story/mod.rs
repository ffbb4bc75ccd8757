//! `consentgate story FILE`: what the gate would decide, and why, told for people.
//!
//! Reads a story (consent records and messages as JSON), turns every part into bytes and back as
//! the gate would read it, and prints each rule's answer and the records that decided. It needs no
//! Kafka and no configuration: the policy stands in the story, or is the standard one. Bad data is
//! refused with a sentence; nothing is decided on half a story. No phone number and no user id is
//! printed.

mod decided;
mod deciders;
mod error;
mod record;
mod text;

use std::collections::BTreeSet;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use clap::Args;
use serde::Serialize;

pub use decided::{Answer, Fate, Until};
pub(in crate::commands) use decided::{fate, judged};
pub use error::StoryError;

use super::{Failure, print};
use crate::wire::json::Story;
pub(in crate::commands) use record::{Told, meaning};

const EXAMPLES: &str = "\
Examples:
  consentgate story stop.json      what each rule says, for teaching and support
  consentgate story -              from standard input";

/// Arguments of `story`.
#[derive(Clone, Debug, Args)]
#[command(before_help = EXAMPLES)]
pub struct StoryArgs {
    /// JSON with consent records (place, append time, event) and the messages to decide, each at
    /// its own time; - is standard input.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Print the answer as JSON.
    #[arg(long)]
    pub json: bool,
}

impl StoryArgs {
    /// Tells the story on standard output.
    ///
    /// # Errors
    /// A file that cannot be read, a story that makes no sense, or an output that is closed.
    pub fn run(self) -> Result<(), Failure> {
        let telling = tell(&read(&self.file)?)?;
        if self.json {
            return print(&telling.to_json()?);
        }
        print(&telling.to_string())
    }
}

fn read(file: &Path) -> Result<String, StoryError> {
    let text = if file == Path::new("-") {
        let mut text = String::new();
        std::io::stdin().read_to_string(&mut text).map(|_| text)
    } else {
        std::fs::read_to_string(file)
    };
    text.map_err(|source| StoryError::Unreadable { file: file.to_path_buf(), source })
}

/// A story, told. Its text is for people, its JSON for programs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Telling {
    /// What it is about; may be empty.
    pub title: String,
    /// The records, each with what an operator would hear about it.
    pub records: Vec<ToldRecord>,
    /// The messages, each with its fate.
    pub messages: Vec<ToldMessage>,
}

/// One record of a story.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ToldRecord {
    /// When it was appended, as the story says it.
    pub appended_at: String,
    /// Its number, kind, scopes and event id.
    pub name: String,
    /// What an operator would hear about it.
    pub notes: Vec<&'static str>,
}

/// One message of a story.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ToldMessage {
    /// The caller's id of the message; may be empty.
    pub message_id: String,
    /// For when it was decided, as the story says it.
    pub now: String,
    /// When it was sent, if the story says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sent_at: Option<String>,
    /// What the gate would do with it.
    #[serde(flatten)]
    pub fate: Fate,
}

impl Telling {
    /// The telling as JSON.
    ///
    /// # Errors
    /// None is known; the encoder's own is handed on.
    pub fn to_json(&self) -> Result<String, StoryError> {
        let json = serde_json::to_string_pretty(self).map_err(StoryError::Json)?;
        Ok(json + "\n")
    }
}

/// Tells a story.
///
/// A message is decided on the records that were appended up to its own instant, so one file can
/// show how a decision changes.
///
/// # Errors
/// A story that makes no sense.
pub fn tell(json: &str) -> Result<Telling, StoryError> {
    let story = Story::parse(json).map_err(StoryError::Story)?;
    let policy = story.policy().map_err(StoryError::Story)?;
    let mut records = Vec::with_capacity(story.records.len());
    for (number, record) in (1..).zip(&story.records) {
        records.push(Told::read(number, record)?);
    }
    refuse_shared_places(&records)?;
    let mut messages = Vec::with_capacity(story.messages.len());
    for (number, message) in (1..).zip(&story.messages) {
        let failed = |source| StoryError::Message { number, source };
        let now = message.now().map_err(failed)?;
        let bytes = message.message.encode().map_err(failed)?;
        let sent_at_ms = message.sent_at_ms().map_err(failed)?;
        messages.push(ToldMessage {
            message_id: message.message.message_id.clone(),
            now: message.now.clone(),
            sent_at: message.sent_at.clone(),
            fate: decided::decide(&policy, &records, now, (&bytes, sent_at_ms)),
        });
    }
    Ok(Telling { title: story.title, records: records.iter().map(Told::told).collect(), messages })
}

/// Two records in one place are two logs, and nobody can say which of them is meant.
fn refuse_shared_places(records: &[Told]) -> Result<(), StoryError> {
    let mut taken = BTreeSet::new();
    for record in records {
        if !taken.insert(record.record.place) {
            return Err(StoryError::SharedPlace {
                number: record.number,
                place: record.record.place,
            });
        }
    }
    Ok(())
}
