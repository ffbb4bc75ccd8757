//! A cursor over protobuf bytes: keys, varints, lengths, and what to skip.
//!
//! Knows no message. It refuses exactly what prost refuses, and never reads past the end.

/// How deep groups may be nested, as in prost.
const DEPTH_MAX: u32 = 100;

/// How far ahead the bytes are checked for UTF-8 at once: the texts of a usual message lie within.
const TEXT_AHEAD: usize = 256;

/// How a field's value is laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Layout {
    Varint,
    Fixed64,
    Length,
    GroupStart,
    GroupEnd,
    Fixed32,
}

/// The bytes that are still to be read.
pub(super) struct Cursor<'a> {
    rest: &'a [u8],
    len: usize,
    /// The longest start of the bytes that is UTF-8 as it stands: texts within need no check of
    /// their own. Checking it once is cheaper than checking each short text.
    text: &'a str,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self {
            rest: bytes,
            len: bytes.len(),
            text: utf8_start(bytes.get(..TEXT_AHEAD).unwrap_or(bytes)),
        }
    }

    #[inline]
    pub(super) fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// A field's number and layout.
    #[inline]
    pub(super) fn key(&mut self) -> Option<(u32, Layout)> {
        let key = u32::try_from(self.varint()?).ok()?;
        let layout = match key & 7 {
            0 => Layout::Varint,
            1 => Layout::Fixed64,
            2 => Layout::Length,
            3 => Layout::GroupStart,
            4 => Layout::GroupEnd,
            5 => Layout::Fixed32,
            _ => return None,
        };
        let number = key >> 3;
        (number != 0).then_some((number, layout))
    }

    #[inline]
    pub(super) fn varint(&mut self) -> Option<u64> {
        match self.rest.split_first() {
            Some((&byte, rest)) if byte < 0x80 => {
                self.rest = rest;
                Some(byte.into())
            }
            _ => self.long_varint(),
        }
    }

    fn long_varint(&mut self) -> Option<u64> {
        let mut value = 0u64;
        for (index, &byte) in self.rest.iter().enumerate().take(10) {
            // The tenth byte has room for one bit.
            if index == 9 && byte > 1 {
                return None;
            }
            value |= u64::from(byte & 0x7f) << (7 * index);
            if byte < 0x80 {
                self.rest = self.rest.get(index + 1..)?;
                return Some(value);
            }
        }
        None
    }

    /// A value that carries its length.
    #[inline]
    pub(super) fn bytes(&mut self) -> Option<&'a [u8]> {
        let len = usize::try_from(self.varint()?).ok()?;
        self.take(len)
    }

    /// A value that carries its length and must be text.
    #[inline]
    pub(super) fn text(&mut self) -> Option<&'a str> {
        let bytes = self.bytes()?;
        let end = self.len - self.rest.len();
        match self.text.get(end - bytes.len()..end) {
            Some(text) => Some(text),
            None => std::str::from_utf8(bytes).ok(),
        }
    }

    #[inline]
    fn take(&mut self, len: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.rest.split_at_checked(len)?;
        self.rest = rest;
        Some(taken)
    }

    /// Skips the value of a field that nobody asked for.
    pub(super) fn skip(&mut self, number: u32, layout: Layout) -> Option<()> {
        self.skip_within(number, layout, DEPTH_MAX)
    }

    fn skip_within(&mut self, number: u32, layout: Layout, depth: u32) -> Option<()> {
        let inner = depth.checked_sub(1)?;
        match layout {
            Layout::Varint => self.varint().map(|_| ()),
            Layout::Fixed64 => self.take(8).map(|_| ()),
            Layout::Fixed32 => self.take(4).map(|_| ()),
            Layout::Length => self.bytes().map(|_| ()),
            Layout::GroupEnd => None,
            Layout::GroupStart => loop {
                match self.key()? {
                    (end, Layout::GroupEnd) => break (end == number).then_some(()),
                    (member, layout) => self.skip_within(member, layout, inner)?,
                }
            },
        }
    }
}

fn utf8_start(bytes: &[u8]) -> &str {
    let utf8 = simdutf8::compat::from_utf8;
    utf8(bytes).unwrap_or_else(|error| {
        let valid = bytes.get(..error.valid_up_to());
        valid.and_then(|valid| utf8(valid).ok()).unwrap_or_default()
    })
}
