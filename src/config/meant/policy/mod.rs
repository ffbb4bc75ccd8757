//! `[policy]` as meant: a [`Policy`], with the standard scopes if none is named.
//!
//! A class, a strength or a limit that makes no sense is never guessed.

mod business;
mod places;

use std::ops::RangeInclusive;

use super::check::Check;
use super::topics::TopicNames;
use places::Reader;

use crate::config::settings::{
    self, CountrySettings, MaxAgeSettings, PolicySettings, QuietHoursSettings, ScopeSettings,
    SendersSetting,
};
use crate::config::value::Span;
use crate::consent::{BusinessId, Category, ScopeName, Strength};
use crate::policy::{
    ConsentTexts, CountryRule, MAX_AGE_MAX_S, MAX_AGE_MIN_S, MaxAges, MessageRules, Policy,
    QuietTimes, Reach, ScopeClass, ScopeRule, Senders, TemplateNeed, Unnamed, VALID_FOR_MAX_S,
    VALID_FOR_MIN_S,
};

const KEY: &str = "policy.scopes";
const QUIET_HOURS: &str = "policy.quiet_hours";
const COUNTRIES: &str = "policy.countries";
const AGES: &str = "whole seconds, 1s to 30d";
const VALID_FOR: &str = "whole seconds, 1h to 7300d";
const NAME: &str = "1 to 128 bytes without white space, control characters or /";

pub(super) fn check(settings: &PolicySettings, check: &mut Check<'_>) -> Option<Policy> {
    let retired = retired(settings, check);
    let max_ages = max_ages(&settings.max_age, check);
    let quiet_hours = quiet_hours(&settings.quiet_hours, check);
    let countries = countries(&settings.countries, check);
    let scopes = match &settings.scopes {
        Some(written) => scopes(written, check),
        None => {
            let standard = Policy::standard();
            Some(standard.scopes().map(|(name, rule)| (name.clone(), rule)).collect())
        }
    };
    match Policy::new(scopes?, retired?) {
        Ok(policy) => {
            let opt_out_path = opt_out_path_for(settings.opt_out_path);
            let templates = templates_for(settings.templates);
            let (max_ages, quiet_hours) = (max_ages?, quiet_hours?);
            let consent_texts = consent_texts_for(settings.consent_texts);
            let messages =
                MessageRules { max_ages, opt_out_path, consent_texts, quiet_hours, templates };
            let policy = policy.with_messages(messages);
            let mut policy = match policy.with_countries(countries?) {
                Ok(policy) => policy,
                Err(error) => {
                    check.refuse(COUNTRIES, error.to_string(), "", "");
                    return None;
                }
            };
            for (name, written) in &settings.businesses {
                business::add(&mut policy, name, written, check);
            }
            Some(policy.with_senders(senders(settings, check)?))
        }
        Err(error) => {
            check.refuse(KEY, error.to_string(), "", "");
            None
        }
    }
}

/// Without a registry no template would be in it, and nothing would be sent.
pub(super) fn check_registry(policy: &Policy, topics: &TopicNames, check: &mut Check<'_>) {
    let mut own = policy.businesses().map(|(_, rules)| rules).chain([policy.platform()]);
    let needs = own.any(|rules| rules.messages().templates == TemplateNeed::Registered);
    if needs && topics.template_states.is_none() {
        let what = "\"registered\" has no registry to look in";
        check.refuse("policy.templates", what, "", "set topics.template_states");
    }
}

fn senders(settings: &PolicySettings, check: &mut Check<'_>) -> Option<Senders> {
    let unnamed = match settings.senders {
        SendersSetting::Any => Unnamed::Any,
        SendersSetting::Registered => Unnamed::Refused,
    };
    let (mut senders, mut complete) = (Senders::new(unnamed), true);
    for (name, written) in &settings.businesses {
        // A name that is none has been refused.
        let Some(business) = BusinessId::parse(name) else { continue };
        for sender in &written.senders {
            if let Err(error) = senders.register(sender, &business) {
                let key = format!("policy.businesses.{name}");
                check.refuse(&key, error.to_string(), "", "");
                complete = false;
            }
        }
    }
    complete.then_some(senders)
}

fn opt_out_path_for(written: settings::Reach) -> Reach {
    match written {
        settings::Reach::Marketing => Reach::Marketing,
        settings::Reach::All => Reach::All,
    }
}

fn templates_for(written: settings::Templates) -> TemplateNeed {
    match written {
        settings::Templates::Any => TemplateNeed::Any,
        settings::Templates::Registered => TemplateNeed::Registered,
    }
}

fn consent_texts_for(written: settings::ConsentTexts) -> ConsentTexts {
    match written {
        settings::ConsentTexts::Published => ConsentTexts::Published,
        settings::ConsentTexts::Any => ConsentTexts::Any,
    }
}

fn max_ages(written: &MaxAgeSettings, check: &mut Check<'_>) -> Option<MaxAges> {
    let mut max_ages = Some(MaxAges::STANDARD);
    for category in Category::ALL {
        let key = format!("policy.max_age.{}", category.name());
        let span = written.of(category);
        match in_seconds(span, MAX_AGE_MIN_S..=MAX_AGE_MAX_S) {
            Some(age_s) => max_ages = max_ages.and_then(|ages| ages.with(category, age_s).ok()),
            None => {
                check.refuse(&key, format!("\"{span}\" is out of range"), AGES, "");
                max_ages = None;
            }
        }
    }
    max_ages
}

/// A duration that the rules can count: in whole seconds, within its limits.
fn in_seconds(span: Span, limits: RangeInclusive<u32>) -> Option<u32> {
    let is_whole = span.0.subsec_nanos() == 0;
    let seconds = u32::try_from(span.0.as_secs()).ok().filter(|_| is_whole);
    seconds.filter(|seconds| limits.contains(seconds))
}

fn quiet_hours(written: &[QuietHoursSettings], check: &mut Check<'_>) -> Option<QuietTimes> {
    let entries = (1..).zip(written);
    let read: Vec<_> = entries
        .map(|(number, hours)| Reader::new(QUIET_HOURS, "", number, check).quiet_hours(hours))
        .collect();
    let read: Option<Vec<_>> = read.into_iter().collect();
    match QuietTimes::new(read?) {
        Ok(times) => Some(times),
        Err(error) => {
            check.refuse(QUIET_HOURS, error.to_string(), "", "");
            None
        }
    }
}

fn countries(written: &[CountrySettings], check: &mut Check<'_>) -> Option<Vec<CountryRule>> {
    let entries = (1..).zip(written);
    let read: Vec<_> = entries
        .map(|(number, rule)| Reader::new(COUNTRIES, "", number, check).country(rule))
        .collect();
    read.into_iter().collect()
}

fn retired(settings: &PolicySettings, check: &mut Check<'_>) -> Option<Vec<ScopeName>> {
    let names: Vec<_> = settings.retired.iter().map(|name| ScopeName::parse(name)).collect();
    for (name, parsed) in settings.retired.iter().zip(&names) {
        if parsed.is_none() {
            check.refuse("policy.retired", format!("\"{name}\" is no scope name"), NAME, "");
        }
    }
    names.into_iter().collect()
}

fn scopes(written: &[ScopeSettings], check: &mut Check<'_>) -> Option<Vec<(ScopeName, ScopeRule)>> {
    let mut scopes = Vec::new();
    let mut complete = true;
    for (index, scope) in written.iter().enumerate() {
        match one(index + 1, scope, check) {
            Some(scope) => scopes.push(scope),
            None => complete = false,
        }
        let before = written.iter().take(index).any(|other| other.name == scope.name);
        if before {
            let what = format!("entry {}: scope \"{}\" stands here twice", index + 1, scope.name);
            check.refuse(KEY, what, "", "keep one of the two");
            complete = false;
        }
    }
    complete.then_some(scopes)
}

/// `None` if it makes no sense, `Some(None)` if there is no limit.
fn valid_for(number: usize, scope: &ScopeSettings, check: &mut Check<'_>) -> Option<Option<u32>> {
    let Some(span) = scope.valid_for else {
        return Some(None);
    };
    match in_seconds(span, VALID_FOR_MIN_S..=VALID_FOR_MAX_S) {
        Some(seconds) => Some(Some(seconds)),
        None => {
            let what = format!("entry {number}: valid_for \"{span}\" is out of range");
            check.refuse(KEY, what, VALID_FOR, "");
            None
        }
    }
}

fn one(
    number: usize,
    scope: &ScopeSettings,
    check: &mut Check<'_>,
) -> Option<(ScopeName, ScopeRule)> {
    let name = ScopeName::parse(&scope.name);
    if name.is_none() {
        let what = format!("entry {number}: \"{}\" is no scope name", scope.name);
        check.refuse(KEY, what, NAME, "");
    }
    let mut unknown = |field: &str, name: &str, allowed| {
        let what = format!("entry {number}: {field} \"{name}\" is not known");
        check.refuse(KEY, what, allowed, "");
    };
    let class = class(&scope.class).map_err(|allowed| unknown("class", &scope.class, allowed));
    let strength =
        strength(&scope.strength).map_err(|allowed| unknown("strength", &scope.strength, allowed));
    let valid_for_s = valid_for(number, scope, check);
    let rule =
        ScopeRule { valid_for_s: valid_for_s?, ..ScopeRule::new(class.ok()?, strength.ok()?) };
    Some((name?, rule))
}

/// A class by name; else the names allowed.
fn class(name: &str) -> Result<ScopeClass, &'static str> {
    match name {
        "marketing" => Ok(ScopeClass::Marketing),
        "informing" => Ok(ScopeClass::Informing),
        _ => Err("\"marketing\", \"informing\""),
    }
}

/// A strength by name; else the names allowed.
fn strength(name: &str) -> Result<Strength, &'static str> {
    match name {
        "single" => Ok(Strength::Single),
        "double" => Ok(Strength::Double),
        _ => Err("\"single\", \"double\""),
    }
}
