//! The rules of consent, as laws.
//!
//! [`model`] decides by quantifiers over a list of records. The code folds, joins and looks up. The
//! laws say that both always agree, that no order of records matters, and what the rules mean in
//! single sentences.

mod agreement;
mod checker;
pub(crate) mod gate;
mod log;
mod model;
mod order;
mod sentences;
mod world;
