//! A policy's canonical text: one form for one policy, so that its hash names it.
//!
//! The text is published beside the receipts; `verify` reads it back. A line that this version
//! would not have written makes the whole text unreadable. Texts of version 1 said nothing of ages:
//! they mean what they meant, and are written as they were.

use super::{MaxAges, OptOutPathFor, Policy, PolicyError, ScopeClass, ScopeRule};
use crate::consent::{Category, ScopeName, Strength};

const HEADER: &str = "consentgate policy 2";
/// Of the first version, which knew no maximum age.
const HEADER_1: &str = "consentgate policy 1";

impl Policy {
    /// The canonical text: a header, the ages, then one line a scope in order of names. What is as it
    /// always was has no line.
    pub fn to_canonical_text(&self) -> String {
        let mut text = String::new();
        if *self.max_ages() == MaxAges::NONE {
            text.push_str(&format!("{HEADER_1}\n"));
        } else {
            text.push_str(&format!("{HEADER}\n"));
            for category in Category::ALL {
                let age_s = self.max_ages().of(category);
                text.push_str(&format!("max_age {} {age_s}\n", category.name()));
            }
        }
        if self.opt_out_path() != OptOutPathFor::Marketing {
            text.push_str(&format!("opt_out_path {}\n", self.opt_out_path().name()));
        }
        for (name, rule) in self.scopes() {
            text.push_str(&format!("scope {name} {}\n", words_of(rule)));
        }
        for name in self.retired() {
            text.push_str(&format!("retired {name}\n"));
        }
        text
    }

    /// Reads a canonical text.
    ///
    /// # Errors
    /// A line that cannot be read, or a policy that cannot be built.
    pub fn from_canonical_text(text: &str) -> Result<Self, PolicyError> {
        let mut lines = text.lines().enumerate();
        let mut max_ages = match lines.next() {
            Some((_, HEADER)) => MaxAges::STANDARD,
            Some((_, HEADER_1)) => MaxAges::NONE,
            _ => return Err(PolicyError::Unreadable { line: 1 }),
        };
        let knows_ages = max_ages != MaxAges::NONE;
        let mut opt_out_path = OptOutPathFor::Marketing;
        let (mut scopes, mut retired) = (Vec::new(), Vec::new());
        for (index, line) in lines {
            let unreadable = PolicyError::Unreadable { line: index + 1 };
            match line.split(' ').collect::<Vec<_>>().as_slice() {
                ["max_age", category, age_s] if knows_ages => {
                    let category = Category::parse(category).ok_or(unreadable.clone())?;
                    let age_s = age_s.parse().map_err(|_| unreadable)?;
                    max_ages = max_ages.with(category, age_s)?;
                }
                ["opt_out_path", name] if knows_ages => {
                    let named = OptOutPathFor::ALL.into_iter().find(|all| all.name() == *name);
                    opt_out_path = named.ok_or(unreadable)?;
                }
                ["scope", name, rule @ ..] => {
                    let scope = ScopeName::parse(name).zip(rule_of(rule));
                    scopes.push(scope.ok_or(unreadable)?);
                }
                ["retired", name] => retired.push(ScopeName::parse(name).ok_or(unreadable)?),
                _ => return Err(unreadable),
            }
        }
        let policy = Self::new(scopes, retired)?.with_max_ages(max_ages);
        Ok(policy.with_opt_out_path(opt_out_path))
    }
}

/// A scope's rule in words, as [`rule_of`] reads it.
fn words_of(rule: ScopeRule) -> String {
    let plain = format!("{} {}", rule.class.name(), strength_name(rule.strength));
    match rule.valid_for_s {
        Some(seconds) => format!("{plain} valid_for {seconds}"),
        None => plain,
    }
}

fn rule_of(words: &[&str]) -> Option<ScopeRule> {
    let (class, strength, rest) = match words {
        [class, strength, rest @ ..] => (class, strength, rest),
        _ => return None,
    };
    let classes = [ScopeClass::Marketing, ScopeClass::Informing];
    let class = classes.into_iter().find(|candidate| candidate.name() == *class)?;
    let strengths = [Strength::Single, Strength::Double];
    let strength =
        strengths.into_iter().find(|candidate| strength_name(*candidate) == *strength)?;
    let rule = ScopeRule::new(class, strength);
    match rest {
        [] => Some(rule),
        ["valid_for", seconds] => Some(rule.valid_for(seconds.parse().ok()?)),
        _ => None,
    }
}

fn strength_name(strength: Strength) -> &'static str {
    match strength {
        Strength::Single => "single",
        Strength::Double => "double",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reads_back(policy: &Policy) {
        let text = policy.to_canonical_text();
        assert_eq!(Policy::from_canonical_text(&text).as_ref(), Ok(policy), "{text}");
    }

    fn refused_at(text: &str, line: usize) {
        let refused = Policy::from_canonical_text(text);
        assert_eq!(refused, Err(PolicyError::Unreadable { line }), "{text}");
    }

    #[test]
    fn the_canonical_text_reads_back_as_the_same_policy() {
        reads_back(&Policy::standard());
        let ages = MaxAges::STANDARD.with(Category::Marketing, 3_600).unwrap();
        reads_back(&Policy::standard().with_max_ages(ages));
        reads_back(&Policy::standard().with_opt_out_path(OptOutPathFor::All));
        let rule = ScopeRule::new(ScopeClass::Marketing, Strength::Double).valid_for(86_400);
        reads_back(&Policy::new([(ScopeName::parse("offers").unwrap(), rule)], []).unwrap());
    }

    #[test]
    fn a_text_of_version_1_knows_no_age_and_is_written_as_it_was() {
        let text = format!("{HEADER_1}\nscope offers marketing single\n");
        let policy = Policy::from_canonical_text(&text).unwrap();
        assert_eq!(policy.to_canonical_text(), text);
        assert_eq!(policy.max_ages().of(Category::Authentication), u32::MAX);
        refused_at(&format!("{HEADER_1}\nmax_age marketing 60\n"), 2);
    }

    #[test]
    fn a_line_that_cannot_be_read_makes_the_policy_unreadable() {
        refused_at(&format!("{HEADER}\nscope offers marketing triple\n"), 2);
        refused_at(&format!("{HEADER}\nmax_age marketing soon\n"), 2);
        refused_at(&format!("{HEADER}\nmax_age sms 60\n"), 2);
        refused_at(&format!("{HEADER}\nopt_out_path none\n"), 2);
        refused_at(&format!("{HEADER}\nscope offers marketing single valid_for ever\n"), 2);
        refused_at(&format!("{HEADER}\nscope offers marketing\n"), 2);
        let text = format!("{HEADER}\nmax_age marketing 0\nscope offers marketing single\n");
        let refused = Policy::from_canonical_text(&text);
        assert_eq!(refused, Err(PolicyError::MaxAge(Category::Marketing)));
    }
}
