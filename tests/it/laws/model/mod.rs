//! The naive model: all records in a list, every question a quantifier over that list.
//!
//! It shares the vocabulary with the crate (events, records, names) and nothing else: no fold, no
//! state, no join, no maximum that is kept. It is slow and it is meant to be read beside the rules.

mod conversation;
mod links;
mod message;
mod pause;
mod person;
mod proof;
mod record;
mod template;
mod text;

pub(crate) use message::decide;
pub(crate) use proof::is_collected;
pub(crate) use record::holds;
