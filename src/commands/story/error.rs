//! Why a story cannot be told.

use std::io;
use std::path::PathBuf;

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
    /// Standard output is closed or full.
    #[error("cannot write the story: {0}")]
    Output(io::Error),
}

impl StoryError {
    /// The exit code of the process, as in `sysexits.h`: 65 for bad data, 66 for a file that cannot
    /// be read, 74 where the output fails.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Story(_)
            | Self::Record { .. }
            | Self::SharedPlace { .. }
            | Self::Message { .. } => 65,
            Self::Unreadable { .. } => 66,
            Self::Output(_) => 74,
        }
    }
}
