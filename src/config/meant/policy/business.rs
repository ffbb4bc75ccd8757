//! `[policy.businesses]` as meant: what a business demands, if it is stricter than its platform.
//!
//! What would loosen the platform's rules stops the start, with all of it told at once.

use super::places;
use super::{
    AGES, NAME, VALID_FOR, class, consent_texts_for, in_seconds, opt_out_path_for, strength,
    templates_for,
};
use crate::config::meant::check::Check;
use crate::config::settings::{BusinessScopeSettings, BusinessSettings};
use crate::consent::{BusinessId, Category, ScopeName};
use crate::policy::{
    MAX_AGE_MAX_S, MAX_AGE_MIN_S, Policy, PolicyError, Stricter, StricterScope, VALID_FOR_MAX_S,
    VALID_FOR_MIN_S,
};

/// Adds a business to a policy.
pub(super) fn add(
    policy: &mut Policy,
    name: &str,
    written: &BusinessSettings,
    check: &mut Check<'_>,
) {
    let mut reader = Reader { key: format!("policy.businesses.{name}"), check };
    let Some(business) = BusinessId::parse(name) else {
        return reader.refuse("is no business id", NAME);
    };
    let Some(stricter) = reader.stricter(written) else {
        return;
    };
    match policy.add_business(business, &stricter) {
        Ok(()) => {}
        Err(PolicyError::Looser { looser, .. }) => {
            let hint = "a business may only be stricter than its platform";
            for looser in looser {
                reader.check.refuse(&reader.key, looser.to_string(), "", hint);
            }
        }
        Err(error) => reader.refuse(&error.to_string(), ""),
    }
}

struct Reader<'c, 'o> {
    key: String,
    check: &'c mut Check<'o>,
}

impl Reader<'_, '_> {
    fn refuse(&mut self, what: &str, allowed: &str) {
        self.check.refuse(&self.key, what, allowed, "");
    }

    /// What is demanded; `None` if any of it cannot be read.
    fn stricter(&mut self, written: &BusinessSettings) -> Option<Stricter> {
        let mut stricter = Stricter {
            opt_out_path: written.opt_out_path.map(opt_out_path_for),
            templates: written.templates.map(templates_for),
            consent_texts: written.consent_texts.map(consent_texts_for),
            ..Stricter::default()
        };
        let mut complete = true;
        for (category, span) in &written.max_age {
            let age_s = in_seconds(*span, MAX_AGE_MIN_S..=MAX_AGE_MAX_S);
            match (Category::parse(category), age_s) {
                (Some(category), Some(age_s)) => {
                    stricter.max_ages_s.insert(category, age_s);
                    continue;
                }
                (None, _) => {
                    let names = Category::ALL.map(|category| format!("\"{}\"", category.name()));
                    let what = format!("max_age: \"{category}\" is no category");
                    self.refuse(&what, &names.join(", "));
                }
                (_, None) => {
                    self.refuse(&format!("max_age.{category}: \"{span}\" is out of range"), AGES);
                }
            }
            complete = false;
        }
        for (number, hours) in (1..).zip(&written.quiet_hours) {
            let mut reader = places::Reader::new(&self.key, "quiet_hours: ", number, self.check);
            match reader.quiet_hours(hours) {
                Some(hours) => stricter.quiet_hours.push(hours),
                None => complete = false,
            }
        }
        for scope in &written.scopes {
            match self.scope(scope) {
                Some((name, _)) if stricter.scopes.contains_key(&name) => {
                    self.refuse(&format!("scopes: scope \"{name}\" stands here twice"), "");
                    complete = false;
                }
                Some((name, demanded)) => drop(stricter.scopes.insert(name, demanded)),
                None => complete = false,
            }
        }
        complete.then_some(stricter)
    }

    fn scope(&mut self, written: &BusinessScopeSettings) -> Option<(ScopeName, StricterScope)> {
        let name = ScopeName::parse(&written.name);
        if name.is_none() {
            self.refuse(&format!("scopes: \"{}\" is no scope name", written.name), NAME);
        }
        let class = self.read("class", written.class.as_deref(), class);
        let strength = self.read("strength", written.strength.as_deref(), strength);
        let valid_for_s = match written.valid_for {
            None => Some(None),
            Some(span) => {
                let seconds = in_seconds(span, VALID_FOR_MIN_S..=VALID_FOR_MAX_S);
                if seconds.is_none() {
                    let what = format!("scopes: valid_for \"{span}\" is out of range");
                    self.refuse(&what, VALID_FOR);
                }
                seconds.map(Some)
            }
        };
        let (class, strength, valid_for_s) = (class?, strength?, valid_for_s?);
        Some((name?, StricterScope { class, strength, valid_for_s }))
    }

    /// `None` if what is written is no such name, `Some(None)` if nothing is.
    fn read<T>(
        &mut self,
        field: &str,
        written: Option<&str>,
        read: impl Fn(&str) -> Result<T, &'static str>,
    ) -> Option<Option<T>> {
        match written.map(|name| (name, read(name))) {
            None => Some(None),
            Some((_, Ok(value))) => Some(Some(value)),
            Some((name, Err(allowed))) => {
                self.refuse(&format!("scopes: {field} \"{name}\" is not known"), allowed);
                None
            }
        }
    }
}
