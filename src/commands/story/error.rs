//! Why a story cannot be told.

use std::io;
use std::path::PathBuf;

use crate::commands::{Exit, Failure};
use crate::consent::Place;
use crate::wire::WireError;

/// A story that cannot be told. The sentences may quote the story, which is the caller's own file.
#[derive(Debug, thiserror::Error)]
pub enum StoryError {
    /// The file cannot be read.
    #[error("cannot read {}, name a story in JSON: {source}", file.display())]
    Unreadable {
        /// The file.
        file: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The text is no story.
    #[error("this is no story, see tests/fixtures/stories for some: {0}")]
    Story(WireError),
    /// One of the records makes no sense.
    #[error("record {number} cannot be read: {source}")]
    Record {
        /// Which one, from 1.
        number: usize,
        /// What is wrong with it.
        source: WireError,
    },
    /// Two records claim one place.
    #[error("record {number} lies where another does ({place}), give it an offset of its own")]
    SharedPlace {
        /// The later of the two, from 1.
        number: usize,
        /// Where both lie.
        place: Place,
    },
    /// One of the messages makes no sense.
    #[error("message {number} cannot be read: {source}")]
    Message {
        /// Which one, from 1.
        number: usize,
        /// What is wrong with it.
        source: WireError,
    },
    /// The telling cannot be written as JSON.
    #[error("cannot write the story as json, leave out --json: {0}")]
    Json(serde_json::Error),
}

impl From<StoryError> for Failure {
    fn from(error: StoryError) -> Self {
        let exit = match error {
            StoryError::Story(_)
            | StoryError::Record { .. }
            | StoryError::SharedPlace { .. }
            | StoryError::Message { .. } => Exit::Data,
            StoryError::Unreadable { .. } | StoryError::Json(_) => Exit::Io,
        };
        Self::new(exit, error.to_string())
    }
}
