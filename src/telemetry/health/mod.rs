//! What each part of the gate is doing, and whether the gate as a whole is ready.
//!
//! A board that the loops write, per batch at most, and the admin page reads. A part that has not
//! reported yet counts as starting, so silence never looks like readiness.

mod board;
mod hold_cause;
mod part;

pub use board::{Change, Health, PartView, Readiness};
pub use hold_cause::HoldCause;
pub use part::{Part, State};
