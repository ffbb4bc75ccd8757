//! A time as other systems write it, with nothing left to guess.
//!
//! RFC 3339 with `Z` or an offset. A date without a time, a time without an offset, and `03/04/2025`
//! could each be several instants, so they are none.

/// Milliseconds since 1970; `None` if the text could be several instants, or is none.
pub(super) fn instant_ms(text: &str) -> Option<i64> {
    let (local, offset_min) = split_offset(text)?;
    let instant = humantime::parse_rfc3339(&format!("{local}Z")).ok()?;
    let since = instant.duration_since(std::time::UNIX_EPOCH).ok()?;
    let local_ms = i64::try_from(since.as_millis()).ok()?;
    let utc_ms = local_ms.checked_sub(offset_min * 60_000)?;
    (utc_ms >= 0).then_some(utc_ms)
}

/// The local time, and by how many minutes it is ahead of UTC.
fn split_offset(text: &str) -> Option<(&str, i64)> {
    if let Some(local) = text.strip_suffix('Z') {
        return Some((local, 0));
    }
    let (local, offset) = text.split_at_checked(text.len().checked_sub(6)?)?;
    let (sign, offset) = match offset.split_at_checked(1)? {
        ("+", offset) => (1, offset),
        ("-", offset) => (-1, offset),
        _ => return None,
    };
    let (hours, minutes) = offset.split_once(':')?;
    let number = |text: &str, below: i64| {
        let is_number = text.len() == 2 && text.bytes().all(|digit| digit.is_ascii_digit());
        text.parse().ok().filter(|number: &i64| is_number && *number < below)
    };
    Some((local, sign * (number(hours, 24)? * 60 + number(minutes, 60)?)))
}
