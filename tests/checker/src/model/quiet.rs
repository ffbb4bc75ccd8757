//! Where and when marketing does not go: countries that are refused, and nights.

use super::words::Identity;

const DAY: i64 = 86_400;

/// A calling prefix, a country, or both.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Region {
    prefix: Option<String>,
    country: Option<String>,
}

impl Region {
    fn read(prefix: &str, country: &str) -> Option<Self> {
        let digits = prefix.strip_prefix('+').map(str::to_owned);
        let prefix = if prefix == "-" { None } else { Some(digits?) };
        let country = (country != "-").then(|| country.to_owned());
        Some(Self { prefix, country })
    }

    fn holds(&self, person: &Identity) -> bool {
        match person {
            Identity::Phone(digits) => {
                self.prefix.as_ref().is_some_and(|prefix| digits.starts_with(prefix))
            }
            Identity::User(id) => {
                self.country.as_ref().is_some_and(|country| id.starts_with(&format!("{country}.")))
            }
        }
    }
}

/// A region to which no marketing goes, but for some areas of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Country {
    region: Region,
    except: Vec<String>,
}

impl Country {
    pub(super) fn read(prefix: &str, country: &str, except: &[&str]) -> Option<Self> {
        let region = Region::read(prefix, country)?;
        let pairs = except.chunks(2).map(|pair| match pair {
            ["except", area] => area.strip_prefix('+').map(str::to_owned),
            _ => None,
        });
        Some(Self { region, except: pairs.collect::<Option<_>>()? })
    }

    pub(super) fn refuses(&self, person: &Identity) -> bool {
        let excepted = match person {
            Identity::Phone(digits) => self.except.iter().any(|area| digits.starts_with(area)),
            Identity::User(_) => false,
        };
        self.region.holds(person) && !excepted
    }
}

/// Quiet hours of a region, at a fixed offset from UTC.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Quiet {
    region: Region,
    from: i64,
    to: i64,
    offset: i64,
    pub(super) for_all: bool,
}

impl Quiet {
    pub(super) fn read(
        prefix: &str,
        country: &str,
        [from, to]: [&str; 2],
        offset: &str,
        reach: &str,
    ) -> Option<Self> {
        let sign = match offset.get(..1)? {
            "+" => 1,
            "-" => -1,
            _ => return None,
        };
        let for_all = match reach {
            "all" => true,
            "marketing" => false,
            _ => return None,
        };
        let region = Region::read(prefix, country)?;
        let offset = sign * time(offset.get(1..)?)?;
        Some(Self { region, from: time(from)?, to: time(to)?, offset, for_all })
    }

    /// Whether it is quiet where the person is.
    pub(super) fn is_quiet(&self, person: &Identity, now: i64) -> bool {
        let local = (now + self.offset).rem_euclid(DAY);
        let within = match self.from <= self.to {
            true => (self.from..self.to).contains(&local),
            false => local >= self.from || local < self.to,
        };
        within && self.region.holds(person)
    }
}

/// Seconds of `HH:MM`.
fn time(text: &str) -> Option<i64> {
    let (hours, minutes) = text.split_once(':')?;
    Some(hours.parse::<i64>().ok()? * 3_600 + minutes.parse::<i64>().ok()? * 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_night_is_where_the_person_is() {
        let night = Quiet::read("+1", "US", ["21:00", "08:00"], "-05:00", "marketing").unwrap();
        let (anna, carla) =
            (Identity::read("+12025550123").unwrap(), Identity::read("US.anna").unwrap());
        let ben = Identity::read("+447700900456").unwrap();
        for (hour, quiet) in [(1, false), (2, true), (12, true), (13, false)] {
            for person in [&anna, &carla] {
                assert_eq!(night.is_quiet(person, hour * 3_600), quiet, "at {hour}");
            }
            assert!(!night.is_quiet(&ben, hour * 3_600));
        }
    }

    #[test]
    fn an_area_may_be_left_out_of_a_country() {
        let country = Country::read("+1", "-", &["except", "+1416"]).unwrap();
        assert!(country.refuses(&Identity::read("+12025550123").unwrap()));
        assert!(!country.refuses(&Identity::read("+14165550123").unwrap()));
        assert!(!country.refuses(&Identity::read("US.anna").unwrap()));
    }
}
