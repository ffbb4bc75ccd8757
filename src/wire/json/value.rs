//! Values that JSON writes differently: enum names, times, hashes.
//!
//! A time is given once, in milliseconds or as RFC 3339; a name is the contract's without its
//! prefix, in lower case.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

use crate::wire::WireError;

/// RFC 3339 has four digits for the year.
const YEAR_10000_MS: u64 = 253_402_300_800_000;

/// An enum value: its name, or a number, which may be of a later version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Named {
    /// For example `"grant"`.
    Name(String),
    /// For example `77`.
    Number(i32),
}

impl From<&str> for Named {
    fn from(name: &str) -> Self {
        Self::Name(name.to_string())
    }
}

/// A time as RFC 3339, or in milliseconds since 1970 where that form does not reach.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum JsonTime {
    /// For example `"2026-11-24T10:00:00.000Z"`.
    Text(String),
    /// For example `-1`.
    Millis(i64),
}

impl JsonTime {
    /// A time in milliseconds since 1970.
    pub fn of_millis(ms: i64) -> Self {
        format_instant(ms).map_or(Self::Millis(ms), Self::Text)
    }
}

/// One of the contract's enums.
pub(in crate::wire) struct EnumNames<E> {
    pub(super) field: &'static str,
    pub(super) prefix: &'static str,
    pub(super) parse: fn(&str) -> Option<E>,
    pub(super) name: fn(&E) -> &'static str,
}

impl<E: Into<i32> + TryFrom<i32>> EnumNames<E> {
    /// The number of a name; absent is unspecified.
    pub(super) fn number(&self, named: Option<&Named>) -> Result<i32, WireError> {
        let name = match named {
            None => return Ok(0),
            Some(Named::Number(number)) => return Ok(*number),
            Some(Named::Name(name)) => name,
        };
        let unknown = || WireError::story(self.field, format!("there is no {name:?}"));
        self.find(name).ok_or_else(unknown)
    }

    /// The number of a name, in lower case and without the prefix.
    pub(in crate::wire) fn find(&self, name: &str) -> Option<i32> {
        let is_lower = !name.bytes().any(|byte| byte.is_ascii_uppercase());
        let full = format!("{}{}", self.prefix, name.to_ascii_uppercase());
        (self.parse)(&full).filter(|_| is_lower).map(Into::into)
    }

    /// The name of a number; unspecified is absent.
    pub(super) fn named(&self, number: i32) -> Option<Named> {
        if number == 0 {
            return None;
        }
        let Ok(value) = E::try_from(number) else {
            return Some(Named::Number(number));
        };
        let name = (self.name)(&value);
        let name = name.strip_prefix(self.prefix).unwrap_or(name);
        Some(Named::Name(name.to_ascii_lowercase()))
    }
}

/// A time given in one of two ways, in milliseconds since 1970.
pub(super) fn instant_ms(
    field: &'static str,
    ms: Option<i64>,
    text: Option<&str>,
) -> Result<Option<i64>, WireError> {
    match (ms, text) {
        (Some(_), Some(_)) => Err(WireError::story(field, "is given twice, keep one form")),
        (ms, None) => Ok(ms),
        (None, Some(text)) => parse_instant_ms(field, text).map(Some),
    }
}

/// An RFC 3339 time in UTC, in milliseconds since 1970.
pub(super) fn parse_instant_ms(field: &'static str, text: &str) -> Result<i64, WireError> {
    let instant = humantime::parse_rfc3339(text).map_err(|_| {
        let problem = format!("{text:?} is no time, write it like 2026-11-24T10:00:00Z");
        WireError::story(field, problem)
    })?;
    let since = instant.duration_since(UNIX_EPOCH);
    let ms = since.ok().and_then(|since| i64::try_from(since.as_millis()).ok());
    ms.ok_or_else(|| WireError::story(field, "must not be before 1970"))
}

/// A time in milliseconds since 1970 as RFC 3339; `None` where that form does not reach.
pub(super) fn format_instant(ms: i64) -> Option<String> {
    let since = u64::try_from(ms).ok().filter(|ms| *ms < YEAR_10000_MS)?;
    let instant: SystemTime = UNIX_EPOCH.checked_add(Duration::from_millis(since))?;
    Some(humantime::format_rfc3339_millis(instant).to_string())
}

/// Bytes given as hex.
pub(super) fn parse_hex(field: &'static str, text: &str) -> Result<Vec<u8>, WireError> {
    hex::decode(text).map_err(|_| WireError::story(field, "must be hex digits, two a byte"))
}
