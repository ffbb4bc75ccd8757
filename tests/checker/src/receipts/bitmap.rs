//! Sets of offsets in the portable format of roaring bitmaps of 64 bits, read by hand.
//!
//! The format is public: a count of parts, and for each its upper 32 bits and a bitmap of 32 bits.
//! Whatever is not exactly so is none.

/// Ascending ranges `[first, end)`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Ranges(Vec<(u64, u64)>);

const NO_RUNS: u32 = 12346;
const RUNS: u32 = 12347;
/// From so many containers on, and without runs always, their places are listed.
const PLACES_FROM: usize = 4;
/// A container with more values is a bitmap.
const ARRAY_MAX: usize = 4096;
const WORDS: usize = 1024;

impl Ranges {
    /// Reads the bytes of a receipt.
    pub(crate) fn read(bytes: &[u8]) -> Option<Self> {
        let mut at = At(bytes);
        let mut all = Self::default();
        for _ in 0..at.u64()? {
            let upper = u64::from(at.u32()?) << 32;
            part(&mut at, upper, &mut all)?;
        }
        at.0.is_empty().then_some(all)
    }

    fn add(&mut self, first: u64, end: u64) -> Option<()> {
        match self.0.last_mut() {
            Some(last) if first < last.1 => return None,
            Some(last) if first == last.1 => last.1 = end,
            _ => self.0.push((first, end)),
        }
        Some(())
    }

    pub(crate) fn contains(&self, value: u64) -> bool {
        let after = self.0.partition_point(|range| range.0 <= value);
        after.checked_sub(1).and_then(|nth| self.0.get(nth)).is_some_and(|range| value < range.1)
    }

    pub(crate) fn count(&self) -> u64 {
        self.0.iter().map(|range| range.1 - range.0).sum()
    }

    /// Behind the last value.
    pub(crate) fn end(&self) -> u64 {
        self.0.last().map_or(0, |range| range.1)
    }
}

fn part(at: &mut At<'_>, upper: u64, all: &mut Ranges) -> Option<()> {
    let cookie = at.u32()?;
    let (count, runs) = match (cookie, cookie & 0xffff) {
        (NO_RUNS, _) => (at.u32()? as usize, None),
        (_, RUNS) => {
            let count = (cookie >> 16) as usize + 1;
            (count, Some(at.take(count.div_ceil(8))?))
        }
        _ => return None,
    };
    let mut containers = Vec::with_capacity(count.min(1 << 16));
    for _ in 0..count {
        containers.push((at.u16()?, usize::from(at.u16()?) + 1));
    }
    if runs.is_none() || count >= PLACES_FROM {
        at.take(count.checked_mul(4)?)?;
    }
    for (nth, (key, values)) in containers.into_iter().enumerate() {
        let base = upper | u64::from(key) << 16;
        let is_run =
            runs.is_some_and(|flags| flags.get(nth / 8).is_some_and(|f| f >> (nth % 8) & 1 == 1));
        if is_run {
            for _ in 0..at.u16()? {
                let first = base + u64::from(at.u16()?);
                all.add(first, first + u64::from(at.u16()?) + 1)?;
            }
        } else if values <= ARRAY_MAX {
            for _ in 0..values {
                let value = base + u64::from(at.u16()?);
                all.add(value, value + 1)?;
            }
        } else {
            for word in 0..WORDS as u64 {
                let bits = at.u64()?;
                for bit in (0..64).filter(|bit| bits >> bit & 1 == 1) {
                    let value = base + word * 64 + bit;
                    all.add(value, value + 1)?;
                }
            }
        }
    }
    Some(())
}

/// Little-endian numbers.
struct At<'a>(&'a [u8]);

impl<'a> At<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    fn u16(&mut self) -> Option<u16> {
        Some(u16::from_le_bytes(self.take(2)?.try_into().ok()?))
    }

    fn u32(&mut self) -> Option<u32> {
        Some(u32::from_le_bytes(self.take(4)?.try_into().ok()?))
    }

    fn u64(&mut self) -> Option<u64> {
        Some(u64::from_le_bytes(self.take(8)?.try_into().ok()?))
    }
}

/// Writes values of one 32-bit part as arrays, for tests.
#[cfg(test)]
pub(crate) fn write(values: &[u64]) -> Vec<u8> {
    let mut bytes = Vec::new();
    if values.is_empty() {
        return 0_u64.to_le_bytes().to_vec();
    }
    bytes.extend(1_u64.to_le_bytes());
    bytes.extend(0_u32.to_le_bytes());
    bytes.extend(NO_RUNS.to_le_bytes());
    bytes.extend(1_u32.to_le_bytes());
    bytes.extend(0_u16.to_le_bytes());
    bytes.extend((values.len() as u16 - 1).to_le_bytes());
    bytes.extend(16_u32.to_le_bytes());
    values.iter().for_each(|value| bytes.extend((*value as u16).to_le_bytes()));
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arrays_read_back_and_torn_bytes_do_not() {
        let values = [0, 1, 2, 7, 300];
        let bytes = write(&values);
        let ranges = Ranges::read(&bytes).unwrap();
        assert_eq!(ranges.0, [(0, 3), (7, 8), (300, 301)]);
        assert_eq!((ranges.count(), ranges.end()), (5, 301));
        for value in 0..400 {
            assert_eq!(ranges.contains(value), values.contains(&value), "{value}");
        }
        for end in 0..bytes.len() {
            assert_eq!(Ranges::read(&bytes[..end]), None, "{end}");
        }
        assert_eq!(Ranges::read(&write(&[])).unwrap().count(), 0);
        assert_eq!(Ranges::read(&write(&[7, 7])), None);
    }

    /// What the roaring crate wrote of 1, 2 and 65,536 to 75,535: an array and a run.
    #[test]
    fn runs_read_back() {
        let mut bytes = Vec::new();
        bytes.extend(1_u64.to_le_bytes());
        bytes.extend(3_u32.to_le_bytes());
        bytes.extend((RUNS | 1 << 16).to_le_bytes());
        bytes.push(0b10);
        for number in [0, 1, 1, 9_999, 1, 2, 1, 0, 9_999_u16] {
            bytes.extend(number.to_le_bytes());
        }
        let upper = 3 << 32;
        let expected = [(upper + 1, upper + 3), (upper + 65_536, upper + 75_536)];
        assert_eq!(Ranges::read(&bytes).unwrap().0, expected);
    }

    #[test]
    fn bitmaps_read_back() {
        let mut bytes = Vec::new();
        bytes.extend(1_u64.to_le_bytes());
        bytes.extend(0_u32.to_le_bytes());
        bytes.extend(NO_RUNS.to_le_bytes());
        bytes.extend(1_u32.to_le_bytes());
        bytes.extend([0, 0]);
        bytes.extend(32_767_u16.to_le_bytes());
        bytes.extend(16_u32.to_le_bytes());
        bytes.extend([0x55; WORDS * 8]);
        let ranges = Ranges::read(&bytes).unwrap();
        assert_eq!(ranges.count(), 32_768);
        assert!(ranges.contains(65_534) && !ranges.contains(65_535));
    }
}
