//! The state of consent in the form that answers at line rate.
//!
//! [`ConsentIndex`] is a cache of [`crate::consent::State`]: after any facts, in any order and with
//! repeats, both give the same answers. It knows no policy, no category, no message and no clock.
//! It fails closed: what it does not know does not stand, and where two of its parts disagree it
//! answers [`AnswerFacts::Inconsistent`].
//!
//! The way to an answer has one direction: facts go into the [`ConsentIndex`], a [`Fence`] proves
//! that it has [`CaughtUp`], the proof opens a [`ConsentView`], and the view answers a batch of
//! [`Query`]s.

mod answer;
mod batch;
mod business;
mod caught_up;
mod cell;
mod consent_index;
mod directory;
mod flags;
mod grants;
mod hot;
mod keys;
mod linking;
mod links;
mod located;
mod names;
mod oracle;
mod quarantined;
mod query;
mod ranked;
mod rare;
mod scopes;
mod slots;
mod standing;
mod stats;
mod subjects;
mod texts;
mod tombstones;
mod variants;
mod view;
mod work;

#[cfg(test)]
mod tests;

pub use answer::{Answer, AnswerFacts, FullFacts, Quarantined};
pub use caught_up::{CaughtUp, Fence, NotCaughtUp, Tick};
pub use consent_index::ConsentIndex;
pub use keys::IndexKeys;
pub use oracle::{Parts, People, answer_from_parts, answer_from_state, template_from_state};
pub use query::{Detail, Query};
pub use standing::{Against, Known, Standing, StandingGrant, TextProof, TextValidity};
pub use stats::{IndexBytes, IndexStats};
pub use view::ConsentView;
