//! Exit codes, and the one error that carries them to the door.
//!
//! The numbers are those of `sysexits.h`, so that a supervisor can tell "restart me" from "mend me".

use crate::stream::{Fault, FaultKind};
use std::process::{ExitCode, Termination};

use crate::config::Problems;
use crate::config::keys::KeyError;

/// How the process ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// Done, or drained.
    Ok = 0,
    /// The command line cannot be read.
    Usage = 2,
    /// The input is not what it should be.
    Data = 65,
    /// Kafka does not answer.
    Unavailable = 69,
    /// A promise is broken. Somebody must look.
    Invariant = 70,
    /// Reading or writing failed.
    Io = 74,
    /// Restart me.
    TryAgain = 75,
    /// The configuration is no good. A restart does not help.
    Config = 78,
}

impl Exit {
    /// The number.
    pub fn code(self) -> u8 {
        self as u8
    }
}

impl Termination for Exit {
    fn report(self) -> ExitCode {
        ExitCode::from(self.code())
    }
}

/// Why a command failed, and how the process ends for it.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct Failure {
    exit: Exit,
    message: String,
}

impl Failure {
    /// A failure that ends the process in this way. The message says what to do next and holds no
    /// personal data.
    pub fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self { exit, message: message.into() }
    }

    /// Kafka did not answer, or not in time.
    pub(super) fn unavailable(fault: &Fault) -> Self {
        let advice = match fault.kind {
            FaultKind::Retriable => AWAY,
            _ => "",
        };
        Self::new(Exit::Unavailable, format!("{fault}{advice}"))
    }

    /// How the process ends.
    pub fn exit(&self) -> Exit {
        self.exit
    }
}

/// What to do where trying again may help.
const AWAY: &str = "\ntry again; if it stays so: is Kafka up, is kafka.bootstrap right, and does \
                    kafka.security_protocol fit it?";

impl From<Problems> for Failure {
    fn from(problems: Problems) -> Self {
        let message = match problems.0.len() {
            1 => format!("the configuration has a problem:\n{problems}"),
            count => format!("the configuration has {count} problems:\n{problems}"),
        };
        Self::new(Exit::Config, message)
    }
}

impl From<KeyError> for Failure {
    fn from(error: KeyError) -> Self {
        let exit = match error {
            KeyError::Exists(_) | KeyError::Unwritable { .. } => Exit::Io,
            KeyError::Missing(_)
            | KeyError::Unreadable { .. }
            | KeyError::WrongKind { .. }
            | KeyError::NotHex { .. }
            | KeyError::Placeholder { .. } => Exit::Config,
        };
        Self::new(exit, error.to_string())
    }
}

impl From<Vec<KeyError>> for Failure {
    fn from(errors: Vec<KeyError>) -> Self {
        let lines: Vec<String> = errors.iter().map(KeyError::to_string).collect();
        Self::new(Exit::Config, lines.join("\n"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exit_codes_are_those_of_sysexits() {
        use Exit::{Config, Data, Invariant, Io, Ok, TryAgain, Unavailable, Usage};
        let codes = [Ok, Usage, Data, Unavailable, Invariant, Io, TryAgain, Config].map(Exit::code);
        assert_eq!(codes, [0, 2, 65, 69, 70, 74, 75, 78]);
    }
}
