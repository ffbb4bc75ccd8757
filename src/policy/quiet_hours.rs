//! Hours in which people are left alone, by where they are.
//!
//! Hours are those of a fixed offset from UTC, not of a named time zone: the rules of time zones
//! change, and a decision must come out the same when it is made again. Where clocks change with the
//! seasons two entries, one an offset, are quiet whenever either is. Hours that never end are a pause
//! and refused.

use std::fmt;

use super::{PolicyError, Reach, Region};
use crate::consent::{Category, IdentityRef, Seconds};

const MINUTE_S: u32 = 60;
const DAY_MINUTES: u16 = 24 * 60;
const DAY_S: u32 = 86_400;
/// The most entries that a platform, or a business with those of its platform, may have.
pub const QUIET_HOURS_MAX: usize = 256;

/// A time of day, to the minute: from 00:00 to 23:59.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TimeOfDay(u16);

impl TimeOfDay {
    /// Reads `HH:MM`.
    pub fn parse(text: &str) -> Option<Self> {
        let (hours, minutes) = clock(text)?;
        (hours < 24).then_some(Self(hours * 60 + minutes))
    }
}

impl fmt::Display for TimeOfDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.0 / 60, self.0 % 60)
    }
}

/// How far clocks are ahead of UTC: from -12:00 to +14:00.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct UtcOffset(i16);

impl UtcOffset {
    /// Reads `+HH:MM` or `-HH:MM`.
    pub fn parse(text: &str) -> Option<Self> {
        let (sign, rest) = match text.strip_prefix('-') {
            Some(rest) => (-1, rest),
            None => (1, text.strip_prefix('+')?),
        };
        let (hours, minutes) = clock(rest)?;
        let offset = sign * i16::try_from(hours * 60 + minutes).ok()?;
        // One form for one offset.
        let is_form = sign > 0 || offset != 0;
        (is_form && (-12 * 60..=14 * 60).contains(&offset)).then_some(Self(offset))
    }
}

impl fmt::Display for UtcOffset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (sign, minutes) = (if self.0 < 0 { '-' } else { '+' }, self.0.unsigned_abs());
        write!(f, "{sign}{:02}:{:02}", minutes / 60, minutes % 60)
    }
}

/// Two digits, a colon, two digits below 60.
fn clock(text: &str) -> Option<(u16, u16)> {
    let is_clock = text.len() == 5
        && text.bytes().enumerate().all(|(at, byte)| match at {
            2 => byte == b':',
            _ => byte.is_ascii_digit(),
        });
    let (hours, minutes) = text.split_once(':').filter(|_| is_clock)?;
    let (hours, minutes) = (hours.parse().ok()?, minutes.parse().ok()?);
    (minutes < 60 && hours < 100).then_some((hours, minutes))
}

/// Every day from one time up to, but not at, another; over midnight if that is earlier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct QuietHours {
    /// Where.
    pub region: Region,
    /// Since when.
    pub from: TimeOfDay,
    /// Until when.
    pub to: TimeOfDay,
    /// By which clock.
    pub utc_offset: UtcOffset,
    /// Which messages wait.
    pub reach: Reach,
}

impl QuietHours {
    /// Whether this is about a message to somebody.
    fn is_for(&self, category: Category, identity: IdentityRef<'_>) -> bool {
        self.reach.includes(category) && self.region.holds(identity)
    }

    /// How long these hours are, in minutes; 0 for what is none, or a whole day.
    fn minutes(&self) -> u16 {
        (self.to.0 + DAY_MINUTES - self.from.0) % DAY_MINUTES
    }

    /// The minute of the day, in UTC, at which they begin.
    fn begins_at(&self) -> u16 {
        let minutes = i32::from(self.from.0) - i32::from(self.utc_offset.0);
        u16::try_from(minutes.rem_euclid(i32::from(DAY_MINUTES))).unwrap_or_default()
    }

    /// When they are over, if this instant lies in them.
    fn over_at(&self, now: Seconds) -> Option<Seconds> {
        let begun_s = u32::from(self.begins_at()) * MINUTE_S;
        let since_s = (now.0 % DAY_S + DAY_S - begun_s) % DAY_S;
        let length_s = u32::from(self.minutes()) * MINUTE_S;
        (since_s < length_s).then(|| now.plus(length_s - since_s))
    }
}

/// All quiet hours of a platform, or of a business: each once, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct QuietTimes(Vec<QuietHours>);

impl QuietTimes {
    /// Quiet hours that leave some time of each day to everybody.
    ///
    /// # Errors
    /// Hours that are none or never end, alone or together, and too many of them.
    pub fn new(hours: impl IntoIterator<Item = QuietHours>) -> Result<Self, PolicyError> {
        let mut hours: Vec<_> = hours.into_iter().collect();
        hours.sort_unstable();
        hours.dedup();
        if hours.len() > QUIET_HOURS_MAX {
            return Err(PolicyError::TooManyQuietHours(hours.len()));
        }
        if let Some(endless) = hours.iter().find(|hours| hours.minutes() == 0) {
            return Err(PolicyError::EndlessQuietHours(endless.from));
        }
        for one in &hours {
            let (prefix, country) = (one.region.prefix(), one.region.country());
            let by_prefix = hours.iter().filter(|other| {
                other.region.prefix().zip(prefix).is_some_and(|(other, one)| other.covers(one))
            });
            let by_country =
                hours.iter().filter(|other| country.is_some() && other.region.country() == country);
            if never_end(by_prefix) || never_end(by_country) {
                return Err(PolicyError::EndlessQuietHours(one.from));
            }
        }
        Ok(Self(hours))
    }

    /// These and more.
    ///
    /// # Errors
    /// As [`QuietTimes::new`].
    pub(super) fn with(&self, more: &[QuietHours]) -> Result<Self, PolicyError> {
        Self::new(self.0.iter().chain(more).copied())
    }

    /// Each, in order.
    pub fn each(&self) -> &[QuietHours] {
        &self.0
    }

    /// From when a message to these people may go, if it may not go now.
    pub fn over_at<'i>(
        &self,
        category: Category,
        people: impl Iterator<Item = IdentityRef<'i>> + Clone,
        now: Seconds,
    ) -> Option<Seconds> {
        let is_for =
            |hours: &&QuietHours| people.clone().any(|identity| hours.is_for(category, identity));
        let mut at = now;
        // One ends where another may have begun. Each is waited for once: people of several regions
        // may have no time in common.
        for _ in &self.0 {
            let ends = self.0.iter().filter_map(|hours| Some((hours, hours.over_at(at)?)));
            let ends = ends.filter(|(hours, _)| is_for(hours)).map(|(_, over_at)| over_at);
            match ends.max() {
                Some(over_at) => at = over_at,
                None => break,
            }
        }
        (at > now).then_some(at)
    }
}

/// Whether these hours together leave no minute of the day.
fn never_end<'h>(hours: impl Iterator<Item = &'h QuietHours>) -> bool {
    let mut quiet = [false; DAY_MINUTES as usize];
    for hours in hours {
        let minutes = (hours.begins_at()..DAY_MINUTES).chain(0..hours.begins_at());
        for minute in minutes.take(hours.minutes().into()) {
            if let Some(slot) = quiet.get_mut(usize::from(minute)) {
                *slot = true;
            }
        }
    }
    quiet.into_iter().all(|is_quiet| is_quiet)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::{CallingPrefix, CountryCode};

    fn hours(prefix: &str, from: &str, to: &str, offset: &str) -> QuietHours {
        QuietHours {
            region: Region::new(CallingPrefix::parse(prefix), CountryCode::parse("SE")).unwrap(),
            from: TimeOfDay::parse(from).unwrap(),
            to: TimeOfDay::parse(to).unwrap(),
            utc_offset: UtcOffset::parse(offset).unwrap(),
            reach: Reach::Marketing,
        }
    }

    /// The hours' end at so many seconds after some midnight in UTC, as a time of that day or later.
    fn over_at(hours: QuietHours, at: u32) -> Option<u32> {
        let midnight = 20_000 * DAY_S;
        hours.over_at(Seconds(midnight + at)).map(|end| end.0 - midnight)
    }

    #[test]
    fn hours_begin_at_their_first_second_and_are_over_at_the_second_after_their_last() {
        let night = hours("+46", "21:00", "08:00", "+01:00");
        let hour = 3_600;
        assert_eq!(over_at(night, 20 * hour - 1), None);
        assert_eq!(over_at(night, 20 * hour), Some(31 * hour));
        assert_eq!(over_at(night, 24 * hour - 1), Some(31 * hour));
        assert_eq!(over_at(night, 0), Some(7 * hour));
        assert_eq!(over_at(night, 7 * hour - 1), Some(7 * hour));
        assert_eq!(over_at(night, 7 * hour), None);
        let lunch = hours("+46", "12:00", "12:01", "-12:00");
        assert_eq!(over_at(lunch, 0), Some(60));
        assert_eq!(over_at(lunch, 60), None);
    }

    #[test]
    fn times_and_offsets_have_one_form() {
        for good in ["00:00", "23:59", "08:30"] {
            assert_eq!(TimeOfDay::parse(good).unwrap().to_string(), good);
        }
        for bad in ["", "24:00", "8:00", "08:60", "0800", "08:0a", "+8:00", "08:00:00"] {
            assert_eq!(TimeOfDay::parse(bad), None, "{bad}");
        }
        for good in ["+00:00", "-12:00", "+14:00", "+05:45", "-03:30"] {
            assert_eq!(UtcOffset::parse(good).unwrap().to_string(), good);
        }
        for bad in ["", "01:00", "-00:00", "+14:01", "-12:01", "+1:00", "Z", "+99:00", "++1:00"] {
            assert_eq!(UtcOffset::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn hours_that_never_end_are_refused_alone_and_together() {
        let day = |all: &[QuietHours]| QuietTimes::new(all.iter().copied()).is_err();
        let night = hours("+46", "20:00", "08:00", "+01:00");
        assert!(day(&[hours("+46", "08:00", "08:00", "+00:00")]));
        assert!(!day(&[night, hours("+46", "08:00", "19:59", "+01:00")]));
        assert!(day(&[night, hours("+46", "08:00", "20:00", "+01:00")]));
        assert!(day(&[night, hours("+46", "08:00", "20:00", "+01:00"), night]));
        // In the same country, by a longer prefix.
        let area = Region::new(CallingPrefix::parse("+4670"), None).unwrap();
        let rest = QuietHours { region: area, ..hours("+46", "07:00", "20:00", "+01:00") };
        assert!(day(&[night, rest]));
        let elsewhere = Region::new(CallingPrefix::parse("+4570"), None).unwrap();
        assert!(!day(&[night, QuietHours { region: elsewhere, ..rest }]));
    }

    #[test]
    fn one_may_begin_where_another_ends() {
        let both = QuietTimes::new([
            hours("+46", "12:00", "13:00", "+00:00"),
            hours("+46", "13:00", "14:00", "+00:00"),
        ]);
        let people = [IdentityRef::parse("SE.anna5").unwrap()];
        let over_at = |category| {
            let noon = Seconds(20_000 * DAY_S + 12 * 3_600);
            let both = both.as_ref().unwrap();
            both.over_at(category, people.iter().copied(), noon).map(|end| end.since(noon))
        };
        assert_eq!(over_at(Category::Marketing), Some(2 * 3_600));
        assert_eq!(over_at(Category::Utility), None);
    }
}
