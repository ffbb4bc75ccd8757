//! JSON strings: where they end, and what their escapes mean.
//!
//! Looks at sixteen bytes at a time, for most of what there is to read are strings.

use std::ops::Range;

use wide::u8x16;

/// Where the bytes from `at` on meet a quote, a backslash or a control character, or end.
#[inline]
pub(super) fn plain_end(bytes: &[u8], mut at: usize) -> usize {
    while let Some(next) = bytes.get(at..).and_then(|rest| rest.first_chunk()) {
        let specials = specials(u8x16::new(*next));
        if specials != 0 {
            return at + specials.trailing_zeros() as usize;
        }
        at += 16;
    }
    let is_special = |byte: &u8| matches!(byte, b'"' | b'\\' | 0..=0x1f);
    let rest = bytes.get(at..).unwrap_or_default();
    at + rest.iter().position(is_special).unwrap_or(rest.len())
}

/// A bit for each byte that ends plain text, the first in the lowest.
#[inline]
fn specials(bytes: u8x16) -> u32 {
    let quotes = bytes.simd_eq(u8x16::splat(b'"'));
    let backslashes = bytes.simd_eq(u8x16::splat(b'\\'));
    let controls = bytes.min(u8x16::splat(0x1f)).simd_eq(bytes);
    (quotes | backslashes | controls).to_bitmask()
}

/// Writes what a string with sound escapes means.
pub(super) fn unescape(text: &str) -> String {
    let mut meaning = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, escaped)) = rest.find('\\').map(|at| rest.split_at(at)) {
        let (char, len) = escape(escaped).unwrap_or((char::REPLACEMENT_CHARACTER, 1));
        meaning.push_str(before);
        meaning.push(char);
        rest = escaped.get(len..).unwrap_or_default();
    }
    meaning.push_str(rest);
    meaning
}

/// The character that an escape stands for, and the escape's length. Two surrogates are one.
pub(super) fn escape(text: &str) -> Option<(char, usize)> {
    let char = match *text.as_bytes().get(1)? {
        b'"' => '"',
        b'\\' => '\\',
        b'/' => '/',
        b'b' => '\u{8}',
        b'f' => '\u{c}',
        b'n' => '\n',
        b'r' => '\r',
        b't' => '\t',
        b'u' => return unicode(text),
        _ => return None,
    };
    Some((char, 2))
}

fn unicode(text: &str) -> Option<(char, usize)> {
    let unit = |at: Range<usize>| {
        let digits = text.get(at).filter(|it| it.bytes().all(|it| it.is_ascii_hexdigit()))?;
        u16::from_str_radix(digits, 16).ok()
    };
    let first = unit(2..6)?;
    if let Some(char) = char::from_u32(first.into()) {
        return Some((char, 6));
    }
    let second = if text.get(6..8)? == "\\u" { unit(8..12)? } else { return None };
    let char = char::decode_utf16([first, second]).next()?.ok()?;
    Some((char, 12))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_text_ends_where_its_first_special_byte_is() {
        for len in 0..40 {
            for special in 0..=255u8 {
                let mut bytes = vec![b'x'; len];
                bytes.extend([special, b'"', 0xff]);
                let is_special = matches!(special, b'"' | b'\\' | 0..=0x1f);
                let expected = if is_special { len } else { len + 1 };
                assert_eq!(plain_end(&bytes, 0), expected, "{len} {special}");
                let before = [0xc3; 17];
                assert_eq!(plain_end(&[&before[..], &bytes].concat(), 17), 17 + expected);
            }
            assert_eq!(plain_end(&vec![b'x'; len], 0), len);
        }
    }

    #[test]
    fn escapes_mean_what_they_say() {
        assert_eq!(unescape(r#"a\"\\\/\b\f\n\r\tz"#), "a\"\\/\u{8}\u{c}\n\r\tz");
        assert_eq!(unescape(r"\u00e9\uD83D\uDE00"), "\u{e9}\u{1f600}");
        for none in
            [r"\x", r"\", r"\u12", r"\u+123", r"\ud800", r"\ud800\n", r"\ud800\u0041", r"\udc00"]
        {
            assert_eq!(escape(none), None, "{none}");
        }
    }
}
