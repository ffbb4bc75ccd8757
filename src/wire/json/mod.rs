//! The same contracts as JSON, for people: stories, examples, answers to questions.
//!
//! Goes through the protobuf types, so a story is read by the very rules that bytes are read by. A
//! name that is misspelt is refused, never ignored. What the gate wrote is shown as it was decoded,
//! and is never read back from JSON.

mod audit;
mod event;
mod event_proto;
mod message;
mod receipt;
mod story;
#[cfg(test)]
mod tests;
mod value;

pub use audit::{JsonAudit, JsonSource};
pub use event::{JsonEvent, JsonPause, JsonPlace, JsonVoid};
pub(super) use event_proto::{ACTORS, EFFECTS, EXPRESSIONS, KINDS, METHODS, STRENGTHS, TOPICS};
pub use message::JsonMessage;
pub use receipt::{
    JsonAllowedRow, JsonBatch, JsonColumn, JsonGap, JsonHold, JsonPolicy, JsonPrevious, JsonRange,
    JsonReceipt, JsonSigned,
};
pub use story::{Story, StoryMessage, StoryPlacement, StoryRecord, StoryTopic};
pub(super) use value::EnumNames;
pub use value::{JsonTime, Named};
