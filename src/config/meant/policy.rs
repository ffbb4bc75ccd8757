//! `[policy]` as meant: a [`Policy`], the standard one if no scope is named.
//!
//! A class or strength that cannot be read is never guessed.

use super::check::Check;
use crate::config::settings::{PolicySettings, ScopeSettings};
use crate::consent::{ScopeName, Strength};
use crate::policy::{Policy, ScopeClass, ScopeRule};

const KEY: &str = "policy.scopes";
const NAME: &str = "1 to 128 bytes without white space, control characters or /";

pub(super) fn check(settings: &PolicySettings, check: &mut Check<'_>) -> Option<Policy> {
    let retired = retired(settings, check);
    let scopes = match &settings.scopes {
        Some(written) => scopes(written, check),
        None => {
            let standard = Policy::standard();
            Some(standard.scopes().map(|(name, rule)| (name.clone(), rule)).collect())
        }
    };
    match Policy::new(scopes?, retired?) {
        Ok(policy) => Some(policy),
        Err(error) => {
            check.refuse(KEY, error.to_string(), "", "");
            None
        }
    }
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
