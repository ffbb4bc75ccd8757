//! `[policy]` as meant: a [`Policy`], with the standard scopes if none is named.
//!
//! A class, a strength or a limit that makes no sense is never guessed.

use super::check::Check;
use crate::config::settings::{MaxAgeSettings, PolicySettings, ScopeSettings};
use crate::config::value::Span;
use crate::consent::{Category, ScopeName, Strength};
use crate::policy::{MAX_AGE_MAX_S, MAX_AGE_MIN_S, MaxAges, Policy, ScopeClass, ScopeRule};

const KEY: &str = "policy.scopes";
const NAME: &str = "1 to 128 bytes without white space, control characters or /";

pub(super) fn check(settings: &PolicySettings, check: &mut Check<'_>) -> Option<Policy> {
    let retired = retired(settings, check);
    let max_ages = max_ages(&settings.max_age, check);
    let scopes = match &settings.scopes {
        Some(written) => scopes(written, check),
        None => {
            let standard = Policy::standard();
            Some(standard.scopes().map(|(name, rule)| (name.clone(), rule)).collect())
        }
    };
    match Policy::new(scopes?, retired?) {
        Ok(policy) => Some(policy.with_max_ages(max_ages?)),
        Err(error) => {
            check.refuse(KEY, error.to_string(), "", "");
            None
        }
    }
}

fn max_ages(written: &MaxAgeSettings, check: &mut Check<'_>) -> Option<MaxAges> {
    let mut max_ages = Some(MaxAges::STANDARD);
    for category in Category::ALL {
        let key = format!("policy.max_age.{}", category.name());
        let age_s = whole_seconds(&key, written.of(category), MAX_AGE_MIN_S, MAX_AGE_MAX_S, check);
        max_ages = max_ages.zip(age_s).and_then(|(ages, age_s)| ages.with(category, age_s).ok());
    }
    max_ages
}

/// A duration that the rules can count: in whole seconds, within its limits.
fn whole_seconds(
    key: &str,
    span: Span,
    min_s: u32,
    max_s: u32,
    check: &mut Check<'_>,
) -> Option<u32> {
    let seconds = u32::try_from(span.0.as_secs()).ok();
    let is_whole = span.0.subsec_nanos() == 0;
    let seconds = seconds.filter(|s| is_whole && (min_s..=max_s).contains(s));
    if seconds.is_none() {
        let limits = [min_s, max_s].map(|s| Span::secs(s.into()));
        let allowed = format!("whole seconds, {} to {}", limits[0], limits[1]);
        check.refuse(key, format!("\"{span}\" is out of range"), allowed, "");
    }
    seconds
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
    let class = match scope.class.as_str() {
        "marketing" => Some(ScopeClass::Marketing),
        "informing" => Some(ScopeClass::Informing),
        other => {
            let what = format!("entry {number}: class \"{other}\" is not known");
            check.refuse(KEY, what, "\"marketing\", \"informing\"", "");
            None
        }
    };
    let strength = match scope.strength.as_str() {
        "single" => Some(Strength::Single),
        "double" => Some(Strength::Double),
        other => {
            let what = format!("entry {number}: strength \"{other}\" is not known");
            check.refuse(KEY, what, "\"single\", \"double\"", "");
            None
        }
    };
    let rule = ScopeRule { class: class?, strength: strength? };
    Some((name?, rule))
}
