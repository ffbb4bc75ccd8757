//! JSON text: strings, numbers, words, and what to skip.
//!
//! Knows no field. It takes exactly the JSON of RFC 8259, and of that what serde_json takes: no lone
//! surrogate, no number that is infinite, no nesting deeper than a hundred and some. It never reads
//! past the end, and it does not recurse. A place is a plain number, which stays in a register; each
//! step gives the place behind what it read.

use super::text::{escape, plain_end};

/// How deep lists and objects may nest, as in serde_json.
const DEPTH_MAX: u32 = 127;

/// A number of so many digits and no exponent is never too large to be one.
const DIGITS_FINITE: usize = 300;

/// A document.
#[derive(Clone, Copy, Debug)]
pub(super) struct Document<'r>(pub(super) &'r str);

/// A text as it stands between its quotes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Quoted<'r> {
    /// It means what it says.
    Plain(&'r str),
    /// It has escapes, all of them sound.
    Escaped(&'r str),
}

/// One level down.
#[inline]
pub(super) fn deeper(level: u32) -> Option<u32> {
    (level < DEPTH_MAX).then_some(level + 1)
}

impl<'r> Document<'r> {
    /// The next byte that is no blank, and the place behind it.
    #[inline]
    pub(super) fn take(self, mut at: usize) -> Option<(u8, usize)> {
        loop {
            match self.byte(at)? {
                byte if byte > b' ' => return Some((byte, at + 1)),
                b' ' | b'\n' | b'\r' | b'\t' => at += 1,
                other => return Some((other, at + 1)),
            }
        }
    }

    /// What stands between two places.
    #[inline]
    pub(super) fn between(self, start: usize, end: usize) -> Option<&'r str> {
        self.0.get(start..end)
    }

    /// A key and the place behind its colon.
    #[inline]
    pub(super) fn key(self, at: usize) -> Option<(Quoted<'r>, usize)> {
        let (quote, start) = self.take(at)?;
        let (key, behind) = if quote == b'"' { self.string(start)? } else { return None };
        let (colon, behind) = self.take(behind)?;
        (colon == b':').then_some((key, behind))
    }

    /// A string, from behind its opening quote.
    #[inline]
    pub(super) fn string(self, start: usize) -> Option<(Quoted<'r>, usize)> {
        let end = plain_end(self.0.as_bytes(), start);
        if self.byte(end)? == b'"' {
            return Some((Quoted::Plain(self.between(start, end)?), end + 1));
        }
        let behind = self.escaped_end(end)?;
        Some((Quoted::Escaped(self.between(start, behind - 1)?), behind))
    }

    /// The place behind a string, from behind its opening quote.
    #[inline]
    fn string_end(self, start: usize) -> Option<usize> {
        let end = plain_end(self.0.as_bytes(), start);
        if self.byte(end)? == b'"' { Some(end + 1) } else { self.escaped_end(end) }
    }

    /// The place behind a string, from its first byte that is not plain.
    #[cold]
    fn escaped_end(self, mut at: usize) -> Option<usize> {
        loop {
            match self.byte(at)? {
                b'"' => return Some(at + 1),
                b'\\' => at += escape(self.0.get(at..)?)?.1,
                // A control character.
                _ => return None,
            }
            at = plain_end(self.0.as_bytes(), at);
        }
    }

    /// The place behind a value that is no text and holds no others, from behind its first sign.
    #[inline]
    pub(super) fn scalar(self, first: u8, at: usize) -> Option<usize> {
        match first {
            b'n' => self.word("ull", at),
            b't' => self.word("rue", at),
            b'f' => self.word("alse", at),
            b'-' | b'0'..=b'9' => self.number(at - 1),
            _ => None,
        }
    }

    fn word(self, rest: &str, at: usize) -> Option<usize> {
        self.0.get(at..)?.starts_with(rest).then_some(at + rest.len())
    }

    fn number(self, start: usize) -> Option<usize> {
        let mut at = start + usize::from(self.byte(start) == Some(b'-'));
        at = if self.byte(at)? == b'0' { at + 1 } else { self.digits(at)? };
        if self.byte(at) == Some(b'.') {
            at = self.digits(at + 1)?;
        }
        let has_exponent = matches!(self.byte(at), Some(b'e' | b'E'));
        if has_exponent {
            let has_sign = matches!(self.byte(at + 1), Some(b'+' | b'-'));
            at = self.digits(at + 1 + usize::from(has_sign))?;
        }
        let sure = !has_exponent && at - start < DIGITS_FINITE;
        let is_finite = sure || self.between(start, at)?.parse().is_ok_and(f64::is_finite);
        is_finite.then_some(at)
    }

    fn digits(self, at: usize) -> Option<usize> {
        let rest = self.0.as_bytes().get(at..)?;
        let len = rest.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(rest.len());
        (len > 0).then_some(at + len)
    }

    /// The place behind a value, which is at this depth.
    pub(super) fn skip(self, mut at: usize, depth: u32) -> Option<usize> {
        // What is open, the innermost in the lowest bit: 1 is an object, 0 a list.
        let (mut open, mut level) = (0u128, depth);
        loop {
            let (first, behind) = self.take(at)?;
            at = match first {
                b'"' => self.string_end(behind)?,
                b'{' | b'[' => {
                    level = deeper(level)?;
                    open = open << 1 | u128::from(first == b'{');
                    match (self.take(behind)?, first) {
                        // Empty: closed below.
                        ((b'}' | b']', _), _) => behind,
                        (_, b'{') => {
                            at = self.key_end(behind)?;
                            continue;
                        }
                        _ => {
                            at = behind;
                            continue;
                        }
                    }
                }
                other => self.scalar(other, behind)?,
            };
            // A value has ended, and perhaps what is around it.
            loop {
                if level == depth {
                    return Some(at);
                }
                let (sign, behind) = self.take(at)?;
                at = behind;
                match (sign, open & 1) {
                    (b',', 1) => {
                        at = self.key_end(at)?;
                        break;
                    }
                    (b',', _) => break,
                    (b'}', 1) | (b']', 0) => (open, level) = (open >> 1, level - 1),
                    _ => return None,
                }
            }
        }
    }

    /// The place behind a key's colon.
    #[inline]
    fn key_end(self, at: usize) -> Option<usize> {
        let (quote, start) = self.take(at)?;
        let behind = if quote == b'"' { self.string_end(start)? } else { return None };
        let (colon, behind) = self.take(behind)?;
        (colon == b':').then_some(behind)
    }

    #[inline]
    fn byte(self, at: usize) -> Option<u8> {
        self.0.as_bytes().get(at).copied()
    }
}
