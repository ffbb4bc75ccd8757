//! A policy's canonical text: one form for one policy, so that its hash names it.
//!
//! The text is published beside the receipts; `verify` reads it back. A line that this version
//! would not have written makes the whole text unreadable.

use super::{Policy, PolicyError, ScopeClass, ScopeRule};
use crate::consent::{ScopeName, Strength};

const HEADER: &str = "consentgate policy 1";

impl Policy {
    /// The canonical text: a header, then one line a scope in order of names.
    pub fn to_canonical_text(&self) -> String {
        let mut text = format!("{HEADER}\n");
        for (name, rule) in self.scopes() {
            let strength = strength_name(rule.strength);
            text.push_str(&format!("scope {name} {} {strength}\n", rule.class.name()));
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
        if lines.next().map(|(_, line)| line) != Some(HEADER) {
            return Err(PolicyError::Unreadable { line: 1 });
        }
        let (mut scopes, mut retired) = (Vec::new(), Vec::new());
        for (index, line) in lines {
            let unreadable = PolicyError::Unreadable { line: index + 1 };
            match line.split(' ').collect::<Vec<_>>().as_slice() {
                ["scope", name, class, strength] => {
                    let scope = scope_of(name, class, strength).ok_or(unreadable)?;
                    scopes.push(scope);
                }
                ["retired", name] => retired.push(ScopeName::parse(name).ok_or(unreadable)?),
                _ => return Err(unreadable),
            }
        }
        Self::new(scopes, retired)
    }
}

fn scope_of(name: &str, class: &str, strength: &str) -> Option<(ScopeName, ScopeRule)> {
    let class = [ScopeClass::Marketing, ScopeClass::Informing]
        .into_iter()
        .find(|candidate| candidate.name() == class)?;
    let strength = [Strength::Single, Strength::Double]
        .into_iter()
        .find(|candidate| strength_name(*candidate) == strength)?;
    Some((ScopeName::parse(name)?, ScopeRule { class, strength }))
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

    #[test]
    fn the_canonical_text_reads_back_as_the_same_policy() {
        let policy = Policy::standard();
        assert_eq!(Policy::from_canonical_text(&policy.to_canonical_text()), Ok(policy));
    }

    #[test]
    fn a_line_that_cannot_be_read_makes_the_policy_unreadable() {
        let text = format!("{HEADER}\nscope offers marketing triple\n");
        let refused = Policy::from_canonical_text(&text);
        assert_eq!(refused, Err(PolicyError::Unreadable { line: 2 }));
    }
}
