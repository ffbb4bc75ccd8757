//! What each scope and each category of message needs.
//!
//! Knows no person and no index. What it does not know it does not permit: an unknown scope has no
//! rule, and a policy that would open the gate by mistake cannot be built.

mod canonical;
mod category_rule;
mod error;
mod max_age;
mod opt_out;
mod scope_rule;

use std::collections::{BTreeMap, BTreeSet};

pub use category_rule::{CategoryRule, NeedsGrant, Waives, rule_of};
pub use error::PolicyError;
pub use max_age::{MAX_AGE_MAX_S, MAX_AGE_MIN_S, MaxAges};
pub use opt_out::OptOutPathFor;
pub use scope_rule::{ScopeClass, ScopeRule, VALID_FOR_MAX_S, VALID_FOR_MIN_S};

use crate::consent::{ScopeName, Strength};

/// The most scopes a policy may name.
pub const SCOPES_MAX: usize = 64;

/// Where a scope stands among those of its policy, by name, from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ScopeRank(pub u8);

/// The rules of one platform.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    scopes: BTreeMap<ScopeName, Ranked>,
    retired: BTreeSet<ScopeName>,
    max_ages: MaxAges,
    opt_out_path: OptOutPathFor,
}

/// A rule, and where its scope stands by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Ranked {
    rule: ScopeRule,
    rank: ScopeRank,
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
        let is_absurd = |rule: &ScopeRule| {
            let valid_for_s = rule.valid_for_s.unwrap_or(VALID_FOR_MAX_S);
            !(VALID_FOR_MIN_S..=VALID_FOR_MAX_S).contains(&valid_for_s)
        };
        if let Some((scope, _)) = scopes.iter().find(|(_, rule)| is_absurd(rule)) {
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
        let (max_ages, opt_out_path) = (MaxAges::STANDARD, OptOutPathFor::Marketing);
        Self { scopes: ranked(scopes), retired, max_ages, opt_out_path }
    }

    /// The same with other limits for the age of messages.
    pub fn with_max_ages(self, max_ages: MaxAges) -> Self {
        Self { max_ages, ..self }
    }

    /// The same, with an opt-out path in these messages.
    pub fn with_opt_out_path(self, opt_out_path: OptOutPathFor) -> Self {
        Self { opt_out_path, ..self }
    }

    /// Which messages need an opt-out path.
    pub fn opt_out_path(&self) -> OptOutPathFor {
        self.opt_out_path
    }

    /// How old messages may be.
    pub fn max_ages(&self) -> &MaxAges {
        &self.max_ages
    }

    /// The rule of a scope that messages may be sent for.
    pub fn scope(&self, name: &str) -> Option<ScopeRule> {
        self.scopes.get(name).map(|ranked| ranked.rule)
    }

    /// The same, with where the scope stands in [`Policy::scopes`].
    pub fn ranked_scope(&self, name: &str) -> Option<(ScopeRule, ScopeRank)> {
        self.scopes.get(name).map(|ranked| (ranked.rule, ranked.rank))
    }

    /// Whether the policy has ever known this scope. An objection to any other name counts against
    /// every scope, for it may be any of them under a name we cannot read.
    pub fn has_known(&self, name: &str) -> bool {
        self.scopes.contains_key(name) || self.retired.contains(name)
    }

    /// All current scopes with their rules, by name.
    pub fn scopes(&self) -> impl Iterator<Item = (&ScopeName, ScopeRule)> {
        self.scopes.iter().map(|(name, ranked)| (name, ranked.rule))
    }

    /// All retired scopes, by name.
    pub fn retired(&self) -> impl Iterator<Item = &ScopeName> {
        self.retired.iter()
    }
}

fn ranked(scopes: BTreeMap<ScopeName, ScopeRule>) -> BTreeMap<ScopeName, Ranked> {
    let ranks = (0..).map(ScopeRank);
    scopes
        .into_iter()
        .zip(ranks)
        .map(|((name, rule), rank)| (name, Ranked { rule, rank }))
        .collect()
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
