//! A policy, from the text that is published beside the receipts.
//!
//! One line says one thing. A line that is not understood makes the policy one that cannot be judged by.

use std::collections::{BTreeMap, BTreeSet};

use super::quiet::{Country, Quiet};
use crate::spec::outbound::Category;

/// What a scope is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ScopeClass {
    Informing,
    Marketing,
}

/// What a scope needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Scope {
    pub(super) class: ScopeClass,
    pub(super) confirmed: bool,
    pub(super) valid_for: Option<i64>,
}

/// The rules of the platform, or of one business.
#[derive(Clone, Debug, Default)]
pub(super) struct Rules {
    /// By category's number; nothing without a limit.
    pub(super) max_ages: BTreeMap<i32, i64>,
    /// Whether utility needs a way to leave too.
    pub(super) path_for_all: bool,
    pub(super) published_texts: bool,
    pub(super) registered_templates: bool,
    pub(super) quiet: Vec<Quiet>,
    pub(super) scopes: BTreeMap<String, Scope>,
}

/// A policy.
#[derive(Clone, Debug, Default)]
pub(crate) struct Policy {
    platform: Rules,
    businesses: BTreeMap<String, Rules>,
    pub(super) retired: BTreeSet<String>,
    pub(super) countries: Vec<Country>,
    /// Whether a message must name its number.
    pub(super) senders_registered: bool,
    pub(super) senders: BTreeMap<String, String>,
}

impl Policy {
    /// Reads a published text.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let mut lines = text.lines();
        let header = lines.next()?;
        matches!(header, "consentgate policy 1" | "consentgate policy 2" | "consentgate policy 3")
            .then_some(())?;
        let mut policy = Self::default();
        let mut own: Vec<(&str, Vec<&str>)> = Vec::new();
        for line in lines {
            let words: Vec<&str> = line.split(' ').collect();
            match words.as_slice() {
                ["retired", name] => drop(policy.retired.insert((*name).to_owned())),
                ["senders", "registered"] => policy.senders_registered = true,
                ["country", prefix, country, "marketing", "refused", except @ ..] => {
                    policy.countries.push(Country::read(prefix, country, except)?);
                }
                ["business", business, "sender", number] => {
                    policy.senders.insert((*number).to_owned(), (*business).to_owned());
                }
                ["business", business, rest @ ..] => own.push((business, rest.to_vec())),
                words => policy.platform.read(words)?,
            }
        }
        for (business, words) in own {
            let platform = policy.platform.clone();
            let rules = policy.businesses.entry(business.to_owned()).or_insert(platform);
            rules.read(&words)?;
        }
        Some(policy)
    }

    pub(super) fn of(&self, business: &str) -> &Rules {
        self.businesses.get(business).unwrap_or(&self.platform)
    }

    /// Whether the policy knows a scope's name, or has known it.
    pub(super) fn knows(&self, scope: &str) -> bool {
        self.platform.scopes.contains_key(scope) || self.retired.contains(scope)
    }
}

impl Rules {
    fn read(&mut self, words: &[&str]) -> Option<()> {
        match words {
            ["max_age", category, seconds] => {
                let category = category_of(category)?;
                self.max_ages.insert(category as i32, seconds.parse().ok()?);
            }
            ["opt_out_path", "all"] => self.path_for_all = true,
            ["opt_out_path", "marketing"] => {}
            ["consent_texts", "published"] => self.published_texts = true,
            ["templates", "registered"] => self.registered_templates = true,
            ["quiet_hours", prefix, country, from, to, offset, reach] => {
                self.quiet.push(Quiet::read(prefix, country, [from, to], offset, reach)?);
            }
            ["scope", name, class, strength, rest @ ..] => {
                let class = match *class {
                    "informing" => ScopeClass::Informing,
                    "marketing" => ScopeClass::Marketing,
                    _ => return None,
                };
                let confirmed = match *strength {
                    "single" => false,
                    "double" => true,
                    _ => return None,
                };
                let valid_for = match rest {
                    [] => None,
                    ["valid_for", seconds] => Some(seconds.parse().ok()?),
                    _ => return None,
                };
                self.scopes.insert((*name).to_owned(), Scope { class, confirmed, valid_for });
            }
            _ => return None,
        }
        Some(())
    }

    pub(super) fn max_age(&self, category: Category) -> Option<i64> {
        self.max_ages.get(&(category as i32)).copied()
    }

    pub(super) fn is_marketing(&self, scope: &str) -> bool {
        self.scopes.get(scope).is_some_and(|scope| scope.class == ScopeClass::Marketing)
    }
}

fn category_of(name: &str) -> Option<Category> {
    Some(match name {
        "marketing" => Category::Marketing,
        "utility" => Category::Utility,
        "authentication" => Category::Authentication,
        "service" => Category::Service,
        "farewell" => Category::Farewell,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "consentgate policy 3\nmax_age marketing 60\nconsent_texts published\n\
                        scope alerts informing single\nscope offers marketing double valid_for 9\n\
                        retired raffles\nbusiness cafe scope alerts marketing single\n\
                        business cafe sender 7\nsenders registered\n\
                        country +1 - marketing refused except +1416\n\
                        quiet_hours +46 SE 21:00 08:00 +01:00 marketing\n";

    #[test]
    fn a_text_is_read_whole_or_not_at_all() {
        let policy = Policy::read(TEXT).unwrap();
        let (shop, cafe) = (policy.of("shop"), policy.of("cafe"));
        assert!(shop.is_marketing("offers") && !shop.is_marketing("alerts"));
        assert!(cafe.is_marketing("alerts") && cafe.published_texts);
        let offers = Scope { class: ScopeClass::Marketing, confirmed: true, valid_for: Some(9) };
        assert_eq!(cafe.scopes["offers"], offers);
        assert_eq!(cafe.max_age(Category::Marketing), Some(60));
        assert_eq!(cafe.max_age(Category::Utility), None);
        assert!(policy.knows("raffles") && !policy.knows("surveys"));
        assert_eq!(policy.senders["7"], "cafe");
        for line in ["scope offers marketing triple", "moon full", "max_age sms 9"] {
            assert!(Policy::read(&format!("{TEXT}{line}\n")).is_none(), "{line}");
        }
        assert!(Policy::read("consentgate policy 4\n").is_none());
    }
}
