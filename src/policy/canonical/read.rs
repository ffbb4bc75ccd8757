//! From a text to its policy.
//!
//! What cannot be read is never guessed, and what would loosen the platform's rules is refused here
//! as in a configuration.

use std::collections::BTreeMap;

use super::{HEADER, HEADER_1, HEADER_2, strength_name};
use crate::consent::{BusinessId, Category, ScopeName, Strength};
use crate::policy::{
    CallingPrefix, ConsentTexts, CountryCode, CountryRule, MaxAges, MessageRules, Policy,
    PolicyError, QuietHours, QuietTimes, Reach, Region, ScopeClass, ScopeRule, Senders, Stricter,
    StricterScope, TemplateNeed, TimeOfDay, Unnamed, UtcOffset,
};

impl Policy {
    /// Reads a canonical text.
    ///
    /// # Errors
    /// A line that cannot be read, or a policy that cannot be built.
    pub fn from_canonical_text(text: &str) -> Result<Self, PolicyError> {
        let mut lines = text.lines().enumerate();
        let mut draft = match lines.next() {
            Some((_, HEADER)) => Draft::of(Version::Three),
            Some((_, HEADER_2)) => Draft::of(Version::Two),
            Some((_, HEADER_1)) => Draft::of(Version::One),
            _ => return Err(PolicyError::Unreadable { line: 1 }),
        };
        for (index, line) in lines {
            let words: Vec<_> = line.split(' ').collect();
            draft.take(&words)?.ok_or(PolicyError::Unreadable { line: index + 1 })?;
        }
        draft.finish()
    }
}

/// Which version of the text it is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Version {
    One,
    Two,
    Three,
}

/// What was read so far.
struct Draft {
    version: Version,
    messages: MessageRules,
    scopes: Vec<(ScopeName, ScopeRule)>,
    retired: Vec<ScopeName>,
    quiet_hours: Vec<QuietHours>,
    countries: Vec<CountryRule>,
    businesses: BTreeMap<BusinessId, Stricter>,
    unnamed: Unnamed,
    senders: Vec<(String, BusinessId)>,
}

impl Draft {
    /// What a text of this version demands before it says anything.
    fn of(version: Version) -> Self {
        let max_ages = if version == Version::One { MaxAges::NONE } else { MaxAges::STANDARD };
        let consent_texts = ConsentTexts::Any;
        Self {
            version,
            messages: MessageRules { max_ages, consent_texts, ..MessageRules::default() },
            scopes: Vec::new(),
            retired: Vec::new(),
            quiet_hours: Vec::new(),
            countries: Vec::new(),
            businesses: BTreeMap::new(),
            unnamed: Unnamed::default(),
            senders: Vec::new(),
        }
    }

    /// Takes in a line; `None` if it cannot be read.
    fn take(&mut self, words: &[&str]) -> Result<Option<()>, PolicyError> {
        Ok(match words {
            ["scope", name, rule @ ..] => {
                let scope = ScopeName::parse(name).zip(rule_of(rule, self.version));
                scope.map(|scope| self.scopes.push(scope))
            }
            ["retired", name] => ScopeName::parse(name).map(|name| self.retired.push(name)),
            _ if self.version < Version::Two => None,
            ["max_age", category, age_s] => {
                let Some((category, age_s)) = age_of(category, age_s) else {
                    return Ok(None);
                };
                self.messages.max_ages = self.messages.max_ages.with(category, age_s)?;
                Some(())
            }
            ["opt_out_path", name] => {
                Reach::parse(name).map(|path| self.messages.opt_out_path = path)
            }
            ["quiet_hours", hours @ ..] => {
                quiet_hours_of(hours).map(|hours| self.quiet_hours.push(hours))
            }
            ["country", prefix, country, "marketing", "refused", except @ ..] => {
                let Some((region, except)) = region_of(prefix, country).zip(areas_of(except))
                else {
                    return Ok(None);
                };
                self.countries.push(CountryRule::new(region, except)?);
                Some(())
            }
            ["consent_texts" | "templates" | "senders", ..]
            | ["business", _, "consent_texts" | "templates" | "sender", ..]
                if self.version < Version::Three =>
            {
                None
            }
            ["senders", "registered"] => {
                self.unnamed = Unnamed::Refused;
                Some(())
            }
            ["business", name, "sender", sender] => {
                let business = BusinessId::parse(name);
                business.map(|business| self.senders.push(((*sender).to_owned(), business)))
            }
            ["consent_texts", name] => {
                ConsentTexts::parse(name).map(|texts| self.messages.consent_texts = texts)
            }
            ["templates", name] => {
                TemplateNeed::parse(name).map(|need| self.messages.templates = need)
            }
            ["business", name, line @ ..] => {
                let name = BusinessId::parse(name);
                name.and_then(|name| demand(self.businesses.entry(name).or_default(), line))
            }
            _ => None,
        })
    }

    fn finish(self) -> Result<Policy, PolicyError> {
        let quiet_hours = QuietTimes::new(self.quiet_hours)?;
        let messages = MessageRules { quiet_hours, ..self.messages };
        let policy = Policy::new(self.scopes, self.retired)?.with_messages(messages);
        let mut policy = policy.with_countries(self.countries)?;
        for (business, stricter) in self.businesses {
            policy.add_business(business, &stricter)?;
        }
        let mut senders = Senders::new(self.unnamed);
        for (sender, business) in &self.senders {
            senders.register(sender, business)?;
        }
        Ok(policy.with_senders(senders))
    }
}

/// Takes in a line of a business; `None` if it cannot be read.
fn demand(stricter: &mut Stricter, words: &[&str]) -> Option<()> {
    match words {
        ["max_age", category, age_s] => {
            let (category, age_s) = age_of(category, age_s)?;
            stricter.max_ages_s.insert(category, age_s);
        }
        ["opt_out_path", name] => stricter.opt_out_path = Some(Reach::parse(name)?),
        ["consent_texts", name] => stricter.consent_texts = Some(ConsentTexts::parse(name)?),
        ["templates", name] => stricter.templates = Some(TemplateNeed::parse(name)?),
        ["quiet_hours", hours @ ..] => stricter.quiet_hours.push(quiet_hours_of(hours)?),
        ["scope", name, rule @ ..] => {
            let ScopeRule { class, strength, valid_for_s } = rule_of(rule, Version::Three)?;
            let (class, strength) = (Some(class), Some(strength));
            let demanded = StricterScope { class, strength, valid_for_s };
            stricter.scopes.insert(ScopeName::parse(name)?, demanded);
        }
        _ => return None,
    }
    Some(())
}

fn age_of(category: &str, age_s: &str) -> Option<(Category, u32)> {
    Some((Category::parse(category)?, age_s.parse().ok()?))
}

fn quiet_hours_of(words: &[&str]) -> Option<QuietHours> {
    let [prefix, country, from, to, utc_offset, reach] = words else {
        return None;
    };
    Some(QuietHours {
        region: region_of(prefix, country)?,
        from: TimeOfDay::parse(from)?,
        to: TimeOfDay::parse(to)?,
        utc_offset: UtcOffset::parse(utc_offset)?,
        reach: Reach::parse(reach)?,
    })
}

fn region_of(prefix: &str, country: &str) -> Option<Region> {
    let prefix = match prefix {
        "-" => None,
        prefix => Some(CallingPrefix::parse(prefix)?),
    };
    let country = match country {
        "-" => None,
        country => Some(CountryCode::parse(country)?),
    };
    Region::new(prefix, country)
}

/// Areas, each after the word `except`.
fn areas_of(words: &[&str]) -> Option<Vec<CallingPrefix>> {
    let area = |pair: &[&str]| match pair {
        ["except", area] => CallingPrefix::parse(area),
        _ => None,
    };
    words.chunks(2).map(area).collect()
}

fn rule_of(words: &[&str], version: Version) -> Option<ScopeRule> {
    let [class, strength, rest @ ..] = words else {
        return None;
    };
    let classes = [ScopeClass::Marketing, ScopeClass::Informing];
    let class = classes.into_iter().find(|candidate| candidate.name() == *class)?;
    let strengths = [Strength::Single, Strength::Double];
    let strength =
        strengths.into_iter().find(|candidate| strength_name(*candidate) == *strength)?;
    let rule = ScopeRule::new(class, strength);
    match rest {
        [] => Some(rule),
        ["valid_for", seconds] if version >= Version::Two => {
            Some(rule.valid_for(seconds.parse().ok()?))
        }
        _ => None,
    }
}
