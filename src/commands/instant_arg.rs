//! An instant on the command line, written in one form everywhere: `2026-01-31T00:00:00Z`.
//!
//! Anything else is refused, with an example.

use std::time::UNIX_EPOCH;

/// Milliseconds since 1970 of an RFC 3339 time.
///
/// # Errors
/// It is none, or before 1970.
pub(super) fn instant_ms(text: &str) -> Result<i64, String> {
    let no_time = |_| "expected a time such as 2026-01-31T00:00:00Z".to_owned();
    let time = humantime::parse_rfc3339(text).map_err(no_time)?;
    let since = time.duration_since(UNIX_EPOCH).map_err(|_| "a time before 1970".to_owned())?;
    i64::try_from(since.as_millis()).map_err(|_| "a time too far in the future".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_are_read_in_one_form() {
        assert_eq!(instant_ms("1970-01-01T00:00:01.500Z"), Ok(1_500));
        for wrong in ["yesterday", "beginning", "1970-01-01", "1969-12-31T00:00:00Z"] {
            assert!(instant_ms(wrong).is_err(), "{wrong}");
        }
    }
}
