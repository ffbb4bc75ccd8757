//! `[[policy.quiet_hours]]` and `[[policy.countries]]` as meant.
//!
//! A prefix that no country has, a time that is none and hours that never end stop the start: a rule
//! for nobody would be kept by nobody.

use crate::config::meant::check::Check;
use crate::config::settings::{CountrySettings, QuietHoursSettings};
use crate::policy::{
    CallingPrefix, CountryCode, CountryRule, QuietHours, Reach, Region, TimeOfDay, UtcOffset,
};

const PREFIX: &str =
    "+ and 1 to 9 digits that begin with a country's calling code, such as \"+46\"";
const COUNTRY: &str = "two capital letters, such as \"SE\"";
const TIME: &str = "\"00:00\" to \"23:59\"";
const OFFSET: &str = "\"-12:00\" to \"+14:00\"";
const REACH: &str = "\"marketing\", \"all\"";

/// What refuses a field of an entry.
pub(super) struct Reader<'c, 'o> {
    key: &'c str,
    /// How a problem begins.
    before: String,
    check: &'c mut Check<'o>,
}

impl<'c, 'o> Reader<'c, 'o> {
    /// Of the entry with this number, from 1, under a key.
    pub(super) fn new(key: &'c str, before: &str, number: usize, check: &'c mut Check<'o>) -> Self {
        Self { key, before: format!("{before}entry {number}"), check }
    }

    /// Quiet hours; `None` if any of it cannot be read.
    pub(super) fn quiet_hours(&mut self, written: &QuietHoursSettings) -> Option<QuietHours> {
        let region = self.region(written.prefix.as_deref(), written.country.as_deref());
        let from = self.read("from", &written.from, TIME, TimeOfDay::parse);
        let to = self.read("to", &written.to, TIME, TimeOfDay::parse);
        let utc_offset = self.read("utc_offset", &written.utc_offset, OFFSET, UtcOffset::parse);
        let reach = self.read("messages", &written.messages, REACH, Reach::parse);
        Some(QuietHours {
            region: region?,
            from: from?,
            to: to?,
            utc_offset: utc_offset?,
            reach: reach?,
        })
    }

    /// A country rule; `None` if any of it cannot be read.
    pub(super) fn country(&mut self, written: &CountrySettings) -> Option<CountryRule> {
        let region = self.region(written.prefix.as_deref(), written.country.as_deref());
        let refused = self.read("marketing", &written.marketing, "\"refused\"", |name| {
            (name == "refused").then_some(())
        });
        let except = written.except.iter();
        let except: Vec<_> =
            except.map(|area| self.read("except", area, PREFIX, CallingPrefix::parse)).collect();
        let except: Option<Vec<_>> = except.into_iter().collect();
        let (region, (), except) = (region?, refused?, except?);
        match CountryRule::new(region, except) {
            Ok(rule) => Some(rule),
            Err(error) => {
                self.refuse(&error.to_string(), "");
                None
            }
        }
    }

    fn region(&mut self, prefix: Option<&str>, country: Option<&str>) -> Option<Region> {
        let parsed = prefix.map(|prefix| self.read("prefix", prefix, PREFIX, CallingPrefix::parse));
        let code =
            country.map(|country| self.read("country", country, COUNTRY, CountryCode::parse));
        if parsed == Some(None) || code == Some(None) {
            return None;
        }
        let region = Region::new(parsed.flatten(), code.flatten());
        if region.is_none() {
            self.refuse("names no region", "prefix or country, or both");
        }
        region
    }

    fn read<T>(
        &mut self,
        field: &str,
        written: &str,
        allowed: &str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Option<T> {
        let read = parse(written);
        if read.is_none() {
            self.refuse(&format!("{field} \"{written}\" is none"), allowed);
        }
        read
    }

    fn refuse(&mut self, what: &str, allowed: &str) {
        self.check.refuse(self.key, format!("{}: {what}", self.before), allowed, "");
    }
}
