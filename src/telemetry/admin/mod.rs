//! The admin page: `/metrics`, `/live`, `/ready`, `/status`.
//!
//! Reads boards only: it asks no broker and waits for no loop, so it answers while the gate holds.
//! It has no password and shows no personal data; where it listens is the configuration's matter.

mod server;
mod status;

pub use server::{AdminState, router, serve, serve_adapter};
