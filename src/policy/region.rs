//! Where a person is, as far as the address says: a calling code, or the country of a user id.
//!
//! A prefix that begins with no country's calling code is none: a rule for nobody would be kept by
//! nobody. Knows no map: `+1` is all of North America.

use std::fmt;

use crate::consent::IdentityRef;

/// The longest prefix: a country's code and a few digits of an area.
const PREFIX_DIGITS_MAX: usize = 9;

/// The digits with which phone numbers of a country, or of an area in it, begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct CallingPrefix {
    number: u64,
    digits: u32,
}

impl CallingPrefix {
    /// Reads `+` and digits that begin with a country's calling code.
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix('+')?;
        let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        let is_prefix = is_number && digits.len() <= PREFIX_DIGITS_MAX;
        if !is_prefix || !has_calling_code(digits) {
            return None;
        }
        Some(Self { number: digits.parse().ok()?, digits: u32::try_from(digits.len()).ok()? })
    }

    /// Whether a phone number, or a longer prefix, begins with these digits.
    pub(super) fn begins(self, number: u64) -> bool {
        let all = number.checked_ilog10().unwrap_or_default() + 1;
        let rest = all.checked_sub(self.digits);
        rest.and_then(|rest| number.checked_div(10_u64.pow(rest))) == Some(self.number)
    }

    /// Whether every number that begins with `other` begins with this one.
    pub fn covers(self, other: Self) -> bool {
        self.begins(other.number)
    }
}

impl fmt::Display for CallingPrefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "+{}", self.number)
    }
}

/// A country as user ids name it: two letters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct CountryCode([u8; 2]);

impl CountryCode {
    /// Reads two capital letters.
    pub fn parse(text: &str) -> Option<Self> {
        let letters: [u8; 2] = text.as_bytes().try_into().ok()?;
        letters.iter().all(u8::is_ascii_uppercase).then_some(Self(letters))
    }
}

impl fmt::Display for CountryCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(std::str::from_utf8(&self.0).unwrap_or_default())
    }
}

/// People whose phone numbers begin so, or whose user ids are of that country.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Region {
    prefix: Option<CallingPrefix>,
    country: Option<CountryCode>,
}

impl Region {
    /// A region; `None` if it would be empty.
    pub fn new(prefix: Option<CallingPrefix>, country: Option<CountryCode>) -> Option<Self> {
        (prefix.is_some() || country.is_some()).then_some(Self { prefix, country })
    }

    /// With which digits phone numbers begin.
    pub fn prefix(self) -> Option<CallingPrefix> {
        self.prefix
    }

    /// Of which country user ids are.
    pub fn country(self) -> Option<CountryCode> {
        self.country
    }

    /// Whether a person is there.
    pub fn holds(self, identity: IdentityRef<'_>) -> bool {
        match identity {
            IdentityRef::Phone(phone) => {
                self.prefix.is_some_and(|prefix| prefix.begins(phone.digits()))
            }
            IdentityRef::UserId(id) => {
                let country = self.country.as_ref().map(|country| country.0.as_slice());
                country.is_some() && id.as_bytes().get(..2) == country
            }
        }
    }
}

/// Whether digits begin with a calling code that the ITU has given to a country.
fn has_calling_code(digits: &str) -> bool {
    let code = |length| digits.get(..length).and_then(|code: &str| code.parse::<u16>().ok());
    code(1).is_some_and(|code| matches!(code, 1 | 7))
        || code(2).is_some_and(is_code_of_two)
        || code(3).is_some_and(is_code_of_three)
}

fn is_code_of_two(code: u16) -> bool {
    matches!(
        code,
        20 | 27 | 30..=34 | 36 | 39..=41 | 43..=49 | 51..=58 | 60..=66 | 81 | 82 | 84 | 86
            | 90..=95 | 98
    )
}

fn is_code_of_three(code: u16) -> bool {
    matches!(
        code,
        211..=213 | 216 | 218 | 220..=258 | 260..=269 | 290 | 291 | 297..=299 | 350..=359
            | 370..=378 | 380..=383 | 385..=387 | 389 | 420 | 421 | 423 | 500..=509 | 590..=599
            | 670 | 672..=683 | 685..=692 | 850 | 852 | 853 | 855 | 856 | 880 | 886 | 960..=968
            | 970..=977 | 992..=996 | 998
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prefix(text: &str) -> CallingPrefix {
        CallingPrefix::parse(text).unwrap()
    }

    fn holds(region: (Option<&str>, Option<&str>), identity: &str) -> bool {
        let country = region.1.and_then(CountryCode::parse);
        let region = Region::new(region.0.map(prefix), country).unwrap();
        region.holds(IdentityRef::parse(identity).unwrap())
    }

    #[test]
    fn a_prefix_begins_with_a_countrys_code() {
        for good in ["+1", "+1416", "+46", "+4670", "+7", "+20", "+358", "+35840", "+998"] {
            assert_eq!(prefix(good).to_string(), good);
        }
        for bad in [
            "",
            "+",
            "46",
            "+0",
            "+4",
            "+99",
            "+999",
            "+35",
            "+42",
            "+800",
            "+4a",
            "+-46",
            "+ 46",
            "+4670000000",
        ] {
            assert_eq!(CallingPrefix::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_region_holds_numbers_by_their_digits_and_user_ids_by_their_country() {
        assert!(holds((Some("+44"), None), "+447700900456"));
        assert!(holds((Some("+447700"), None), "+447700900456"));
        assert!(!holds((Some("+447701"), None), "+447700900456"));
        assert!(!holds((Some("+1"), None), "+447700900456"));
        assert!(holds((Some("+1"), None), "+12025550123"));
        assert!(!holds((Some("+44"), None), "GB.anna5"));
        assert!(holds((Some("+44"), Some("GB")), "GB.anna5"));
        assert!(!holds((None, Some("GB")), "GE.anna5"));
        assert!(!holds((None, Some("GB")), "+447700900456"));
    }

    #[test]
    fn a_prefix_longer_than_a_number_does_not_begin_it() {
        assert!(!prefix("+44770090").begins(4_477_009));
        assert!(prefix("+44").covers(prefix("+44")) && !prefix("+4477").covers(prefix("+44")));
    }

    #[test]
    fn a_country_is_two_capital_letters_and_a_region_is_somewhere() {
        for bad in ["", "S", "se", "SWE", "S1"] {
            assert_eq!(CountryCode::parse(bad), None, "{bad}");
        }
        assert_eq!(Region::new(None, None), None);
    }
}
