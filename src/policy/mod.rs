//! What each scope and each category of message needs.
//!
//! Knows no person and no index. What it does not know it does not permit: an unknown scope has no
//! rule, and a policy that would open the gate by mistake cannot be built.

mod canonical;
mod category_rule;
mod consent_texts;
mod country_rule;
mod error;
mod max_age;
mod quiet_hours;
mod reach;
mod region;

mod rules;
mod scope_rule;
mod senders;
mod stricter;
mod template_need;

use std::collections::{BTreeMap, BTreeSet};

pub use category_rule::{CategoryRule, NeedsGrant, Waives, rule_of};
pub use consent_texts::ConsentTexts;
pub use country_rule::{COUNTRIES_MAX, CountryRule, EXCEPTIONS_MAX};
pub use error::PolicyError;
pub use max_age::{MAX_AGE_MAX_S, MAX_AGE_MIN_S, MaxAges};

pub use quiet_hours::{QUIET_HOURS_MAX, QuietHours, QuietTimes, TimeOfDay, UtcOffset};
pub use reach::Reach;
pub use region::{CallingPrefix, CountryCode, Region};
pub use rules::{MessageRules, Rules, ScopeRank};
pub use scope_rule::{ScopeClass, ScopeRule, VALID_FOR_MAX_S, VALID_FOR_MIN_S};
pub use senders::{SENDERS_MAX, Senders, Unnamed};
pub use stricter::{Looser, Stricter, StricterScope};
pub use template_need::TemplateNeed;

use crate::consent::{BusinessId, IdentityRef, ScopeName, Strength};

/// The most scopes a policy may name.
pub const SCOPES_MAX: usize = 64;

/// The most businesses that may have rules of their own.
pub const BUSINESSES_MAX: usize = 1_000;

/// The rules of one platform, and of the businesses on it that are stricter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    platform: Rules,
    retired: BTreeSet<ScopeName>,
    /// By name.
    businesses: Vec<(BusinessId, Rules)>,
    /// In order, each once.
    countries: Vec<CountryRule>,
    senders: Senders,
}

/// What the messages of one business for one scope need: found once, kept for many messages.
#[derive(Clone, Copy, Debug)]
pub struct Terms {
    scope: Option<(ScopeRule, ScopeRank)>,
    /// Where the business stands among those with rules of their own; `None` = it has none.
    business: Option<usize>,
}

impl Terms {
    /// The scope's rule; `None` if the policy does not know the scope.
    pub fn rule(&self) -> Option<ScopeRule> {
        self.scope.map(|(rule, _)| rule)
    }

    /// Where the scope stands in [`Policy::scopes`].
    pub fn rank(&self) -> Option<ScopeRank> {
        self.scope.map(|(_, rank)| rank)
    }
}

impl Policy {
    /// Builds a policy from its scopes and from the scopes that it once had.
    ///
    /// # Errors
    /// More than 64 scopes, none at all, a scope that is both current and retired, or one whose
    /// grants would be valid for an absurd time.
    pub fn new(
        scopes: impl IntoIterator<Item = (ScopeName, ScopeRule)>,
        retired: impl IntoIterator<Item = ScopeName>,
    ) -> Result<Self, PolicyError> {
        let scopes: BTreeMap<_, _> = scopes.into_iter().collect();
        let retired: BTreeSet<_> = retired.into_iter().collect();
        if scopes.is_empty() {
            return Err(PolicyError::NoScopes);
        }
        if scopes.len() > SCOPES_MAX {
            return Err(PolicyError::TooManyScopes(scopes.len()));
        }
        if let Some(scope) = scopes.keys().find(|scope| retired.contains(*scope)) {
            return Err(PolicyError::CurrentAndRetired(scope.clone()));
        }
        if let Some((scope, _)) = scopes.iter().find(|(_, rule)| rule.is_absurd()) {
            return Err(PolicyError::ValidFor(scope.clone()));
        }
        Ok(Self::of(scopes, retired))
    }

    /// The standard scopes: `recommendations`, `offers` and `surveys` are marketing.
    pub fn standard() -> Self {
        let scopes: BTreeMap<_, _> = STANDARD
            .into_iter()
            .filter_map(|(name, class)| {
                let rule = ScopeRule::new(class, Strength::Single);
                ScopeName::parse(name).map(|scope| (scope, rule))
            })
            .collect();
        Self::of(scopes, BTreeSet::new())
    }

    fn of(scopes: BTreeMap<ScopeName, ScopeRule>, retired: BTreeSet<ScopeName>) -> Self {
        let platform = Rules::new(scopes, MessageRules::default());
        let (businesses, countries) = (Vec::new(), Vec::new());
        Self { platform, retired, businesses, countries, senders: Senders::default() }
    }

    /// The same with these rules for all messages, and no business with rules of its own yet.
    pub fn with_messages(self, messages: MessageRules) -> Self {
        let platform = self.platform.with_messages(messages);
        Self { platform, businesses: Vec::new(), ..self }
    }

    /// The same with other limits for the age of messages.
    pub fn with_max_ages(self, max_ages: MaxAges) -> Self {
        let messages = MessageRules { max_ages, ..self.platform.messages.clone() };
        self.with_messages(messages)
    }

    /// The same with an opt-out path in these messages.
    pub fn with_opt_out_path(self, opt_out_path: Reach) -> Self {
        let messages = MessageRules { opt_out_path, ..self.platform.messages.clone() };
        self.with_messages(messages)
    }

    /// The same where this must be known of templates.
    pub fn with_templates(self, templates: TemplateNeed) -> Self {
        let messages = MessageRules { templates, ..self.platform.messages.clone() };
        self.with_messages(messages)
    }

    /// The same with grants on these texts alone.
    pub fn with_consent_texts(self, consent_texts: ConsentTexts) -> Self {
        let messages = MessageRules { consent_texts, ..self.platform.messages.clone() };
        self.with_messages(messages)
    }

    /// The same with quiet hours.
    pub fn with_quiet_hours(self, quiet_hours: QuietTimes) -> Self {
        let messages = MessageRules { quiet_hours, ..self.platform.messages.clone() };
        self.with_messages(messages)
    }

    /// The same without marketing to these countries.
    ///
    /// # Errors
    /// Too many of them.
    pub fn with_countries(
        self,
        countries: impl IntoIterator<Item = CountryRule>,
    ) -> Result<Self, PolicyError> {
        let mut countries: Vec<_> = countries.into_iter().collect();
        countries.sort_unstable();
        countries.dedup();
        if countries.len() > COUNTRIES_MAX {
            return Err(PolicyError::TooManyCountries(countries.len()));
        }
        Ok(Self { countries, ..self })
    }

    /// The same with these numbers to send from.
    pub fn with_senders(self, senders: Senders) -> Self {
        Self { senders, ..self }
    }

    /// Gives a business rules of its own, stricter than the platform's; they replace those that it had.
    ///
    /// # Errors
    /// All that would loosen the platform's, or too many businesses.
    pub fn add_business(
        &mut self,
        business: BusinessId,
        stricter: &Stricter,
    ) -> Result<(), PolicyError> {
        let rules = match stricter.over(&self.platform) {
            Ok(rules) => rules,
            Err(looser) => return Err(PolicyError::Looser { business, looser }),
        };
        self.businesses.retain(|(name, _)| *name != business);
        // Rules that say nothing are none, so that one policy has one text.
        if rules == self.platform {
            return Ok(());
        }
        if self.businesses.len() == BUSINESSES_MAX {
            return Err(PolicyError::TooManyBusinesses);
        }
        let at = self.businesses.partition_point(|(name, _)| *name < business);
        self.businesses.insert(at, (business, rules));
        Ok(())
    }

    /// What messages of this business for this scope need.
    pub fn terms(&self, business: &str, scope: &str) -> Terms {
        let own = self.businesses.binary_search_by(|(name, _)| name.as_str().cmp(business)).ok();
        Terms { scope: self.rules_at(own).ranked(scope), business: own }
    }

    /// What messages under these terms of this policy need whatever their scope.
    pub fn messages(&self, terms: Terms) -> &MessageRules {
        &self.rules_at(terms.business).messages
    }

    fn rules_at(&self, business: Option<usize>) -> &Rules {
        let own = business.and_then(|at| self.businesses.get(at));
        own.map_or(&self.platform, |(_, rules)| rules)
    }

    /// Whether no marketing goes to where this person is.
    pub fn refuses_marketing_to(&self, identity: IdentityRef<'_>) -> bool {
        self.countries.iter().any(|rule| rule.refuses(identity))
    }

    /// Which number sends for which business.
    pub fn senders(&self) -> &Senders {
        &self.senders
    }

    /// The countries to which no marketing goes, in order.
    pub fn countries(&self) -> &[CountryRule] {
        &self.countries
    }

    /// The platform's rules.
    pub fn platform(&self) -> &Rules {
        &self.platform
    }

    /// The businesses with rules of their own, by name.
    pub fn businesses(&self) -> impl ExactSizeIterator<Item = (&BusinessId, &Rules)> {
        self.businesses.iter().map(|(name, rules)| (name, rules))
    }

    /// The platform's rule of a scope that messages may be sent for.
    pub fn scope(&self, name: &str) -> Option<ScopeRule> {
        self.platform.ranked(name).map(|(rule, _)| rule)
    }

    /// Whether the policy has ever known this scope. An objection to any other name counts against
    /// every scope, for it may be any of them under a name we cannot read.
    pub fn has_known(&self, name: &str) -> bool {
        self.platform.knows(name) || self.retired.contains(name)
    }

    /// All current scopes with the platform's rules, by name.
    pub fn scopes(&self) -> impl Iterator<Item = (&ScopeName, ScopeRule)> {
        self.platform.scopes()
    }

    /// All retired scopes, by name.
    pub fn retired(&self) -> impl Iterator<Item = &ScopeName> {
        self.retired.iter()
    }
}

const STANDARD: [(&str, ScopeClass); 9] = [
    ("delivery_updates", ScopeClass::Informing),
    ("appointment_reminders", ScopeClass::Informing),
    ("order_updates", ScopeClass::Informing),
    ("recommendations", ScopeClass::Marketing),
    ("alerts", ScopeClass::Informing),
    ("offers", ScopeClass::Marketing),
    ("surveys", ScopeClass::Marketing),
    ("customer_support", ScopeClass::Informing),
    ("authentication", ScopeClass::Informing),
];
