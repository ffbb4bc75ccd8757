//! Data to standard output, messages to standard error.

use std::io::{ErrorKind, Write};
use std::time::{Duration, UNIX_EPOCH};

use super::exit::{Exit, Failure};
use crate::consent::Seconds;

/// Writes data to standard output. A reader that has gone away (`| head`) is no failure.
///
/// # Errors
/// Standard output cannot be written.
pub fn print(data: &str) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    let written = out.write_all(data.as_bytes()).and_then(|()| out.flush());
    match written {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            let message = format!("cannot write to standard output: {error}");
            Err(Failure::new(Exit::Io, message))
        }
        _ => Ok(()),
    }
}

/// Writes a message to standard error. If nobody can read it, there is nobody to tell.
pub fn note(message: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{message}");
}

/// A second as RFC 3339.
pub(super) fn instant(at: Seconds) -> String {
    let since_1970 = Duration::from_secs(at.0.into());
    humantime::format_rfc3339_seconds(UNIX_EPOCH + since_1970).to_string()
}
