//! JSON strings: where they end, and what their escapes mean.
//!
//! Looks at sixteen bytes at a time, for most of what there is to read are strings.

use std::ops::Range;

/// Where the bytes from `at` on meet a quote, a backslash or a control character, or end.
#[inline]
pub(super) fn plain_end(bytes: &[u8], mut at: usize) -> usize {
    while let Some(pair) = bytes.get(at..).and_then(|rest| rest.first_chunk::<16>()) {
        // Both halves at once: neither waits for the other.
        let pair = u128::from_le_bytes(*pair);
        let (near, far) = (specials(pair as u64), specials((pair >> 64) as u64));
        if near != 0 {
            return at + near.trailing_zeros() as usize / 8;
        }
        if far != 0 {
            return at + 8 + far.trailing_zeros() as usize / 8;
        }
        at += 16;
    }
    let is_special = |byte: &u8| matches!(byte, b'"' | b'\\' | 0..=0x1f);
    let rest = bytes.get(at..).unwrap_or_default();
    at + rest.iter().position(is_special).unwrap_or(rest.len())
}

/// The high bit of the first byte that ends plain text, and perhaps of some behind it.
#[inline]
fn specials(word: u64) -> u64 {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = 0x8080_8080_8080_8080;
    let quote = (word ^ (ONES * b'"' as u64)).wrapping_sub(ONES);
    let backslash = (word ^ (ONES * b'\\' as u64)).wrapping_sub(ONES);
    let control = word.wrapping_sub(ONES * 0x20);
    // Neither sign has a high bit, so a byte that has one is none of them.
    (quote | backslash | control) & !word & HIGH
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
