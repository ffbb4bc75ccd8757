//! The log: one line an event, on standard error, as text or JSON.
//!
//! Lines carry names of things and numbers, never a recipient, a key or a payload; that is the part
//! of those who write them. `RUST_LOG` wins over the configured level, for those who look for a
//! fault. librdkafka's own lines come from the kafka room as ordinary events.

use std::io::IsTerminal;

use tracing::Level;
use tracing_subscriber::EnvFilter;

/// How lines look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogStyle {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// The log cannot be started.
#[derive(Debug, thiserror::Error)]
pub enum LoggingError {
    /// `RUST_LOG` cannot be read.
    #[error("RUST_LOG cannot be read: {0}")]
    Filter(#[from] tracing_subscriber::filter::ParseError),
    /// Somebody started it before.
    #[error("the log was started twice: {0}")]
    Twice(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// Starts the log for the whole process.
///
/// `filter` is the value of `RUST_LOG`, if set.
///
/// # Errors
/// A filter that cannot be read, or a log that was started before.
pub fn start_logging(
    style: LogStyle,
    level: Level,
    filter: Option<&str>,
) -> Result<(), LoggingError> {
    let filter = match filter.filter(|filter| !filter.is_empty()) {
        Some(filter) => filter.parse::<EnvFilter>()?,
        None => EnvFilter::default().add_directive(level.into()),
    };
    let lines = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_target(false);
    match style {
        LogStyle::Text => lines.with_ansi(std::io::stderr().is_terminal()).try_init(),
        LogStyle::Json => lines.json().flatten_event(true).with_ansi(false).try_init(),
    }
    .map_err(LoggingError::Twice)
}
