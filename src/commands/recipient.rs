//! The recipient: from the environment or standard input, never from an argument.
//!
//! No message repeats what was read, so a mistyped number does not end up in a terminal's log.

use std::io::{BufRead, IsTerminal};

use super::exit::{Exit, Failure};
use super::output::note;
use crate::consent::Identity;

/// The environment variable that may name the recipient.
pub const RECIPIENT_VARIABLE: &str = "CONSENTGATE_RECIPIENT";
/// The environment variable that may name the other identity of a link.
pub const LINKED_VARIABLE: &str = "CONSENTGATE_LINKED";

/// Reads the recipient of an operator's command.
///
/// # Errors
/// Standard input cannot be read, or what was read is no phone number and no user id.
pub fn read_recipient() -> Result<Identity, Failure> {
    read(RECIPIENT_VARIABLE, "recipient")
}

/// Reads the other identity of a link, after the recipient.
///
/// # Errors
/// As for the recipient.
pub fn read_linked() -> Result<Identity, Failure> {
    read(LINKED_VARIABLE, "other identity")
}

fn read(variable: &'static str, what: &str) -> Result<Identity, Failure> {
    let given = std::env::var(variable).ok();
    let input = std::io::stdin();
    if given.is_none() && input.is_terminal() {
        note(&format!("{what} (phone number with country code, or user id):"));
    }
    identity_from(variable, what, given, &mut input.lock())
}

fn identity_from(
    variable: &str,
    what: &str,
    given: Option<String>,
    input: &mut impl BufRead,
) -> Result<Identity, Failure> {
    let text = match given {
        Some(text) => text,
        None => {
            let mut line = String::new();
            input.read_line(&mut line).map_err(|error| {
                let message = format!("cannot read the {what} from standard input: {error}");
                Failure::new(Exit::Io, message)
            })?;
            line
        }
    };
    let text = text.trim();
    if text.is_empty() {
        let message =
            format!("no {what}: write it to standard input, a line each, or set {variable}");
        return Err(Failure::new(Exit::Usage, message));
    }
    Identity::parse(text).ok_or_else(|| {
        let message = format!(
            "the {what} is no phone number with country code (+ and 7 to 15 digits) and no user id \
             (CC.xxxx)"
        );
        Failure::new(Exit::Data, message)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recipient_from(given: Option<String>, mut input: &[u8]) -> Result<Identity, Failure> {
        identity_from(RECIPIENT_VARIABLE, "recipient", given, &mut input)
    }

    fn from_input(text: &str) -> Result<Identity, Failure> {
        recipient_from(None, text.as_bytes())
    }

    #[test]
    fn the_other_identity_is_the_next_line() {
        let mut input = b"+12025550102\nUS.anna5\n".as_slice();
        let mut next = |what| identity_from("X", what, None, &mut input).ok();
        assert_eq!(next("recipient"), Identity::parse("+12025550102"));
        assert_eq!(next("other identity"), Identity::parse("US.anna5"));
        assert_eq!(next("third"), None);
    }

    #[test]
    fn the_environment_wins_over_standard_input() {
        let recipient = recipient_from(Some("+12025550101".to_owned()), b"no");
        assert_eq!(recipient.ok(), Identity::parse("+12025550101"));
    }

    #[test]
    fn one_line_of_standard_input_is_the_recipient() {
        assert_eq!(from_input("+12025550102\n").ok(), Identity::parse("+12025550102"));
    }

    #[test]
    fn no_recipient_is_wrong_usage() {
        assert_eq!(from_input("\n").expect_err("none").exit(), Exit::Usage);
    }

    #[test]
    fn a_refusal_does_not_repeat_what_was_read() {
        let refused = from_input("0202555O103").expect_err("no number");
        assert_eq!(refused.exit(), Exit::Data);
        assert!(!refused.to_string().contains("0202555"), "{refused}");
    }
}
