//! `consentgate story FILE`: what the gate would decide, and why, told for people.
//!
//! Reads a story (consent records and messages as JSON), turns every part into bytes and back as
//! the gate would read it, and prints each rule's answer and the records that decided. It needs no
//! Kafka and no configuration: the policy is the standard one. Bad data is refused with a sentence;
//! nothing is decided on half a story. No phone number and no user id is printed.

mod decided;
mod deciders;
mod error;
mod told;

use std::collections::BTreeSet;
use std::fs;
use std::io::Write as _;
use std::path::Path;

pub use error::StoryError;

use crate::policy::Policy;
use crate::wire::json::Story;
use told::Told;

/// Tells the story in `file` on standard output.
///
/// # Errors
/// A file that cannot be read, a story that makes no sense, or an output that is closed.
pub fn run(file: &Path) -> Result<(), StoryError> {
    let json = fs::read_to_string(file).map_err(|source| StoryError::Unreadable {
        file: file.to_path_buf(),
        source,
    })?;
    let text = tell(&json)?;
    std::io::stdout()
        .write_all(text.as_bytes())
        .map_err(StoryError::Output)
}

/// Tells a story.
///
/// A message is decided on the records that were appended up to its own instant, so one file can
/// show how a decision changes.
///
/// # Errors
/// A story that makes no sense.
pub fn tell(json: &str) -> Result<String, StoryError> {
    let story = Story::parse(json).map_err(StoryError::Story)?;
    let policy = Policy::standard();
    let mut records = Vec::with_capacity(story.records.len());
    for (number, record) in (1..).zip(&story.records) {
        records.push(Told::read(number, record)?);
    }
    refuse_shared_places(&records)?;
    let mut text = String::new();
    if !story.title.is_empty() {
        text.push_str(&format!("{}\n\n", story.title));
    }
    text.push_str("Records\n");
    for record in &records {
        text.push_str(&record.line());
    }
    for (number, message) in (1..).zip(&story.messages) {
        let failed = |source| StoryError::Message { number, source };
        let now = message.now().map_err(failed)?;
        let bytes = message.message.encode().map_err(failed)?;
        let heading = match message.message.message_id.as_str() {
            "" => format!("Message {number}"),
            id => format!("Message {number} ({id})"),
        };
        text.push_str(&format!("\n{heading} at {}\n", message.now));
        text.push_str(&decided::tell(&policy, &records, now, &bytes));
    }
    Ok(text)
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
