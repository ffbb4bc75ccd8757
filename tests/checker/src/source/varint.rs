//! Kafka's zigzag variable-length numbers, and byte strings that such a number leads in.

/// What is left to be read. Every step is `None` where the bytes end too early.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cursor<'a>(pub(crate) &'a [u8]);

impl<'a> Cursor<'a> {
    /// The next bytes.
    pub(crate) fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    /// The next bytes as an array.
    pub(crate) fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.take(N)?.try_into().ok()
    }

    /// A zigzag number of up to 64 bits.
    pub(crate) fn varlong(&mut self) -> Option<i64> {
        let mut value = 0_u64;
        for shift in (0..70).step_by(7) {
            let [byte] = self.array()?;
            value |= u64::from(byte & 0x7f).checked_shl(shift)?;
            if byte & 0x80 == 0 {
                return Some((value >> 1).cast_signed() ^ -(value & 1).cast_signed());
            }
        }
        None
    }

    /// Bytes behind their length; `Some(None)` for a length of -1.
    #[expect(clippy::option_option, reason = "absent is not unreadable")]
    pub(crate) fn prefixed(&mut self) -> Option<Option<&'a [u8]>> {
        match self.varlong()? {
            -1 => Some(None),
            count => Some(Some(self.take(usize::try_from(count).ok()?)?)),
        }
    }
}

/// Appends a zigzag number.
#[cfg(test)]
pub(crate) fn put_varlong(value: i64, to: &mut Vec<u8>) {
    let mut zigzag = ((value << 1) ^ (value >> 63)).cast_unsigned();
    while zigzag >= 0x80 {
        to.push((zigzag & 0x7f) as u8 | 0x80);
        zigzag >>= 7;
    }
    to.push(zigzag as u8);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_back() {
        for number in [0, -1, 1, 63, 64, -64, -65, 300, i64::MAX, i64::MIN] {
            let mut bytes = Vec::new();
            put_varlong(number, &mut bytes);
            let mut cursor = Cursor(&bytes);
            assert_eq!(cursor.varlong(), Some(number));
            assert!(cursor.0.is_empty());
            assert_eq!(Cursor(&bytes[..bytes.len() - 1]).varlong(), None);
        }
        assert_eq!(Cursor(&[0x80; 11]).varlong(), None);
    }

    #[test]
    fn a_length_beyond_the_end_is_no_byte_string() {
        assert_eq!(Cursor(&[4, b'a']).prefixed(), None);
        assert_eq!(Cursor(&[4, b'a', b'b']).prefixed(), Some(Some(&b"ab"[..])));
        assert_eq!(Cursor(&[1]).prefixed(), Some(None));
        assert_eq!(Cursor(&[3]).prefixed(), None);
    }
}
