//! Eyes: health board, metrics, log, admin page, and the HTTP server of all pages.
//!
//! Knows no Kafka client, no person and no business: a label is always one of a closed list. Nothing
//! here is asked before a decision; if it fails, the gate decides as before. What it does not know
//! counts as not ready.

pub mod admin;
mod health;
mod http;
mod logging;
pub mod metrics;

pub use health::{Change, Health, HoldCause, Part, PartView, Readiness, State};
pub use http::{HttpLimits, serve_http};
pub use logging::{LogStyle, LoggingError, start_logging};
