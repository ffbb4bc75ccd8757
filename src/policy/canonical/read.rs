//! From a text to its policy.
//!
//! What cannot be read is never guessed, and what would loosen the platform's rules is refused here
//! as in a configuration.

use std::collections::BTreeMap;

use super::{HEADER, HEADER_1, strength_name};
use crate::consent::{BusinessId, Category, ScopeName, Strength};
use crate::policy::{
    MaxAges, MessageRules, OptOutPathFor, Policy, PolicyError, ScopeClass, ScopeRule, Stricter,
    StricterScope,
};

impl Policy {
    /// Reads a canonical text.
    ///
    /// # Errors
    /// A line that cannot be read, or a policy that cannot be built.
    pub fn from_canonical_text(text: &str) -> Result<Self, PolicyError> {
        let mut lines = text.lines().enumerate();
        let mut draft = match lines.next() {
            Some((_, HEADER)) => Draft::default(),
            Some((_, HEADER_1)) => Draft::of_version_1(),
            _ => return Err(PolicyError::Unreadable { line: 1 }),
        };
        for (index, line) in lines {
            let words: Vec<_> = line.split(' ').collect();
            draft.take(&words)?.ok_or(PolicyError::Unreadable { line: index + 1 })?;
        }
        draft.finish()
    }
}

/// What was read so far.
#[derive(Default)]
struct Draft {
    is_version_1: bool,
    messages: MessageRules,
    scopes: Vec<(ScopeName, ScopeRule)>,
    retired: Vec<ScopeName>,
    businesses: BTreeMap<BusinessId, Stricter>,
}

impl Draft {
    fn of_version_1() -> Self {
        let messages = MessageRules { max_ages: MaxAges::NONE, ..MessageRules::default() };
        Self { is_version_1: true, messages, ..Self::default() }
    }

    /// Takes in a line; `None` if it cannot be read.
    fn take(&mut self, words: &[&str]) -> Result<Option<()>, PolicyError> {
        Ok(match words {
            ["scope", name, rule @ ..] => {
                let scope = ScopeName::parse(name).zip(rule_of(rule, self.is_version_1));
                scope.map(|scope| self.scopes.push(scope))
            }
            ["retired", name] => ScopeName::parse(name).map(|name| self.retired.push(name)),
            _ if self.is_version_1 => None,
            ["max_age", category, age_s] => {
                let Some((category, age_s)) = age_of(category, age_s) else {
                    return Ok(None);
                };
                self.messages.max_ages = self.messages.max_ages.with(category, age_s)?;
                Some(())
            }
            ["opt_out_path", name] => {
                opt_out_path_of(name).map(|path| self.messages.opt_out_path = path)
            }
            ["business", name, line @ ..] => {
                let name = BusinessId::parse(name);
                name.and_then(|name| demand(self.businesses.entry(name).or_default(), line))
            }
            _ => None,
        })
    }

    fn finish(self) -> Result<Policy, PolicyError> {
        let mut policy = Policy::new(self.scopes, self.retired)?.with_messages(self.messages);
        for (business, stricter) in self.businesses {
            policy.add_business(business, &stricter)?;
        }
        Ok(policy)
    }
}

/// Takes in a line of a business; `None` if it cannot be read.
fn demand(stricter: &mut Stricter, words: &[&str]) -> Option<()> {
    match words {
        ["max_age", category, age_s] => {
            let (category, age_s) = age_of(category, age_s)?;
            stricter.max_ages_s.insert(category, age_s);
        }
        ["opt_out_path", name] => stricter.opt_out_path = Some(opt_out_path_of(name)?),
        ["scope", name, rule @ ..] => {
            let ScopeRule { class, strength, valid_for_s } = rule_of(rule, false)?;
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

fn opt_out_path_of(name: &str) -> Option<OptOutPathFor> {
    OptOutPathFor::ALL.into_iter().find(|path| path.name() == name)
}

fn rule_of(words: &[&str], is_version_1: bool) -> Option<ScopeRule> {
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
        ["valid_for", seconds] if !is_version_1 => Some(rule.valid_for(seconds.parse().ok()?)),
        _ => None,
    }
}
