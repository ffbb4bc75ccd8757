//! What a business demands beyond its platform.
//!
//! It may only be stricter. What would loosen a rule of the platform, or name a scope that the
//! platform does not have, is refused: there is no business whose messages need less.

use std::collections::BTreeMap;

use super::{
    ConsentTexts, MaxAges, MessageRules, PolicyError, QuietHours, Reach, Rules, ScopeClass,
    ScopeRule, TemplateNeed,
};
use crate::consent::{Category, ScopeName, Strength};

/// What a business demands; what it leaves out is as the platform has it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stricter {
    /// Shorter ages, in seconds.
    pub max_ages_s: BTreeMap<Category, u32>,
    /// More messages that must offer a way to leave.
    pub opt_out_path: Option<Reach>,
    /// Grants on published texts alone.
    pub consent_texts: Option<ConsentTexts>,
    /// More quiet hours.
    pub quiet_hours: Vec<QuietHours>,
    /// That templates must be registered.
    pub templates: Option<TemplateNeed>,
    /// Scopes that need more.
    pub scopes: BTreeMap<ScopeName, StricterScope>,
}

/// What a business demands of one scope.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StricterScope {
    /// Marketing where the platform informs.
    pub class: Option<ScopeClass>,
    /// A confirmed grant where the platform takes one act.
    pub strength: Option<Strength>,
    /// A grant that stands for a shorter time, in seconds.
    pub valid_for_s: Option<u32>,
}

/// What a business would loosen.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Looser {
    /// An age longer than the platform's.
    #[error("max_age.{}: must not be longer than the platform's {platform_s} seconds", category.name())]
    MaxAge {
        /// Of which messages.
        category: Category,
        /// The platform's limit.
        platform_s: u32,
    },
    /// Fewer messages with a way to leave.
    #[error("opt_out_path: the platform demands one of all messages, leave it out")]
    OptOutPath,
    /// Templates that nobody knows.
    #[error("templates: the platform demands registered ones, leave it out")]
    Templates,
    /// Grants on more texts.
    #[error("consent_texts: the platform takes published texts alone, leave it out")]
    ConsentTexts,
    /// A scope of its own.
    #[error("scopes: the platform has no scope {0}, add it there")]
    UnknownScope(ScopeName),
    /// A scope that promotes made one that informs.
    #[error("scopes: scope {0} is marketing on the platform, leave class out")]
    Class(ScopeName),
    /// A weaker grant.
    #[error("scopes: scope {0} needs a confirmed grant on the platform, leave strength out")]
    Strength(ScopeName),
    /// A grant that stands for longer.
    #[error("scopes: grants for scope {0} must not be valid for longer than on the platform, {platform_s} seconds", .scope)]
    ValidFor {
        /// Of which scope.
        scope: ScopeName,
        /// The platform's limit.
        platform_s: u32,
    },
    /// A value that would be none on the platform either.
    #[error("{0}")]
    Absurd(Box<PolicyError>),
}

impl Stricter {
    /// The platform's rules with what this business demands.
    ///
    /// # Errors
    /// All that would loosen them or make no sense.
    pub(super) fn over(&self, platform: &Rules) -> Result<Rules, Vec<Looser>> {
        let mut looser = Vec::new();
        let max_ages = self.max_ages(platform.messages.max_ages, &mut looser);
        let of_platform = platform.messages.opt_out_path;
        let opt_out_path = self.opt_out_path.unwrap_or(of_platform);
        if opt_out_path < of_platform {
            looser.push(Looser::OptOutPath);
        }
        let of_platform = platform.messages.consent_texts;
        let consent_texts = self.consent_texts.unwrap_or(of_platform);
        if consent_texts < of_platform {
            looser.push(Looser::ConsentTexts);
        }
        let quiet_hours =
            platform.messages.quiet_hours.with(&self.quiet_hours).unwrap_or_else(|error| {
                looser.push(Looser::Absurd(Box::new(error)));
                platform.messages.quiet_hours.clone()
            });
        let templates = self.templates.unwrap_or(platform.messages.templates);
        if templates < platform.messages.templates {
            looser.push(Looser::Templates);
        }
        let messages =
            MessageRules { max_ages, opt_out_path, consent_texts, quiet_hours, templates };
        let mut scopes: BTreeMap<_, _> =
            platform.scopes().map(|(name, rule)| (name.clone(), rule)).collect();
        for (name, demanded) in &self.scopes {
            match scopes.get_mut(name) {
                Some(rule) => *rule = demanded.over(name, *rule, &mut looser),
                None => looser.push(Looser::UnknownScope(name.clone())),
            }
        }
        if looser.is_empty() { Ok(Rules::new(scopes, messages)) } else { Err(looser) }
    }

    fn max_ages(&self, platform: MaxAges, looser: &mut Vec<Looser>) -> MaxAges {
        let mut ages = platform;
        for (&category, &age_s) in &self.max_ages_s {
            let platform_s = platform.of(category);
            if age_s > platform_s {
                looser.push(Looser::MaxAge { category, platform_s });
                continue;
            }
            match ages.with(category, age_s) {
                Ok(shorter) => ages = shorter,
                Err(error) => looser.push(Looser::Absurd(Box::new(error))),
            }
        }
        ages
    }
}

impl StricterScope {
    fn over(self, name: &ScopeName, platform: ScopeRule, looser: &mut Vec<Looser>) -> ScopeRule {
        let class = self.class.unwrap_or(platform.class);
        if platform.promotes() && class != ScopeClass::Marketing {
            looser.push(Looser::Class(name.clone()));
        }
        let strength = self.strength.unwrap_or(platform.strength);
        if strength < platform.strength {
            looser.push(Looser::Strength(name.clone()));
        }
        let valid_for_s = self.valid_for_s.or(platform.valid_for_s);
        if let Some(platform_s) = platform.valid_for_s.filter(|limit| valid_for_s > Some(*limit)) {
            looser.push(Looser::ValidFor { scope: name.clone(), platform_s });
        }
        let rule = ScopeRule { class, strength, valid_for_s };
        if rule.is_absurd() {
            looser.push(Looser::Absurd(Box::new(PolicyError::ValidFor(name.clone()))));
        }
        rule
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::consent::BusinessId;
    use crate::policy::Policy;

    fn scope(name: &str) -> ScopeName {
        ScopeName::parse(name).unwrap()
    }

    /// A platform that is strict itself: confirmed offers for a day, a way out of everything.
    fn strict() -> Policy {
        let offers = ScopeRule::new(ScopeClass::Marketing, Strength::Double).valid_for(86_400);
        let alerts = ScopeRule::new(ScopeClass::Informing, Strength::Single);
        let scopes = [(scope("offers"), offers), (scope("alerts"), alerts)];
        let policy = Policy::new(scopes, []).unwrap().with_opt_out_path(Reach::All);
        policy.with_templates(TemplateNeed::Registered)
    }

    fn refused(stricter: Stricter) -> Vec<Looser> {
        let cafe = BusinessId::parse("cafe").unwrap();
        match strict().add_business(cafe, &stricter) {
            Err(PolicyError::Looser { looser, .. }) => looser,
            other => panic!("{other:?}"),
        }
    }

    fn demands(name: &str, demanded: StricterScope) -> Stricter {
        Stricter { scopes: [(scope(name), demanded)].into(), ..Stricter::default() }
    }

    #[test]
    fn whatever_would_loosen_is_refused() {
        let none = StricterScope::default;
        let class = Some(ScopeClass::Informing);
        let offers = scope("offers");
        for (stricter, looser) in [
            (demands("offers", StricterScope { class, ..none() }), Looser::Class(offers.clone())),
            (
                demands("offers", StricterScope { strength: Some(Strength::Single), ..none() }),
                Looser::Strength(offers.clone()),
            ),
            (
                demands("offers", StricterScope { valid_for_s: Some(86_401), ..none() }),
                Looser::ValidFor { scope: offers, platform_s: 86_400 },
            ),
            (demands("raffles", none()), Looser::UnknownScope(scope("raffles"))),
            (
                Stricter { opt_out_path: Some(Reach::Marketing), ..Stricter::default() },
                Looser::OptOutPath,
            ),
            (
                Stricter { templates: Some(TemplateNeed::Any), ..Stricter::default() },
                Looser::Templates,
            ),
            (
                Stricter { consent_texts: Some(ConsentTexts::Any), ..Stricter::default() },
                Looser::ConsentTexts,
            ),
            (
                Stricter {
                    max_ages_s: [(Category::Authentication, 601)].into(),
                    ..Stricter::default()
                },
                Looser::MaxAge { category: Category::Authentication, platform_s: 600 },
            ),
        ] {
            assert_eq!(refused(stricter), [looser]);
        }
    }

    #[test]
    fn all_that_would_loosen_is_told_at_once_and_what_makes_no_sense_too() {
        let stricter = Stricter {
            max_ages_s: [(Category::Marketing, 0), (Category::Utility, u32::MAX)].into(),
            ..demands("alerts", StricterScope { valid_for_s: Some(1), ..StricterScope::default() })
        };
        assert_eq!(refused(stricter).len(), 3);
    }

    #[test]
    fn what_a_business_leaves_out_is_as_the_platform_has_it() {
        let (cafe, mut policy) = (BusinessId::parse("cafe").unwrap(), strict());
        policy.add_business(cafe.clone(), &Stricter::default()).unwrap();
        assert_eq!(policy, strict());
        let stricter =
            demands("offers", StricterScope { valid_for_s: Some(7_200), ..<_>::default() });
        policy.add_business(cafe, &stricter).unwrap();
        let rule = policy.terms("cafe", "offers").rule().unwrap();
        assert_eq!(rule, policy.scope("offers").unwrap().valid_for(7_200));
        assert_eq!(policy.terms("cafe", "alerts").rule(), policy.scope("alerts"));
        assert_eq!(policy.terms("shop", "offers").rule(), policy.scope("offers"));
    }
}
