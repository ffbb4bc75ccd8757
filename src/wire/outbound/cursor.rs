//! A cursor over protobuf bytes: keys, varints, lengths, and what to skip.
//!
//! Knows no message. It refuses exactly what prost refuses, in whole or at the first byte that does
//! not fit; it never reads past the end.

/// How deep groups may be nested, as in prost.
const DEPTH_MAX: u32 = 100;

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
pub(super) struct Cursor<'a>(pub(super) &'a [u8]);

impl<'a> Cursor<'a> {
    #[inline]
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
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
        match self.0.split_first() {
            Some((&byte, rest)) if byte < 0x80 => {
                self.0 = rest;
                Some(byte.into())
            }
            _ => self.long_varint(),
        }
    }

    fn long_varint(&mut self) -> Option<u64> {
        let mut value = 0u64;
        for (index, &byte) in self.0.iter().enumerate().take(10) {
            // The tenth byte has room for one bit.
            if index == 9 && byte > 1 {
                return None;
            }
            value |= u64::from(byte & 0x7f) << (7 * index);
            if byte < 0x80 {
                self.0 = self.0.get(index + 1..)?;
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
        std::str::from_utf8(self.bytes()?).ok()
    }

    #[inline]
    fn take(&mut self, len: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(len)?;
        self.0 = rest;
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
