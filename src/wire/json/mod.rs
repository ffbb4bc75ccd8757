//! The same contracts as JSON, for people: stories, examples, answers to questions.
//!
//! Goes through the protobuf types, so a story is read by the very rules that bytes are read by. A
//! name that is misspelt is refused, never ignored.

mod event;
mod event_proto;
mod message;
mod story;
#[cfg(test)]
mod tests;
mod value;

pub use event::{JsonEvent, JsonPause, JsonPlace, JsonVoid};
pub use message::JsonMessage;
pub use story::{Story, StoryMessage, StoryPlacement, StoryRecord, StoryTopic};
pub use value::Named;
