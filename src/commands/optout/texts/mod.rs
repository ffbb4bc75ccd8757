//! What the page says, in a closed list of languages.
//!
//! A sentence of these is law for whoever reads it: it says what ends and what does not, and no more. A
//! language is added whole, by who speaks it. English stands first and is what everybody else reads.

mod de;
mod en;
mod es;
mod fr;
mod id;
mod pt;

/// The texts of one language. `{business}` is the business's name.
#[derive(Debug)]
pub(super) struct Texts {
    /// The language's tag (BCP 47).
    pub(super) tag: &'static str,
    pub(super) title: &'static str,
    pub(super) ask: &'static str,
    /// Before the list of what the link names.
    pub(super) about: &'static str,
    pub(super) stop_these: &'static str,
    pub(super) stop_all: &'static str,
    pub(super) nothing_yet: &'static str,
    pub(super) old: &'static str,
    pub(super) done: &'static str,
    /// Before the list of what ends.
    pub(super) done_these: &'static str,
    pub(super) done_all: &'static str,
    /// What does not end.
    pub(super) still: &'static str,
    pub(super) not_yet: &'static str,
    pub(super) not_yet_why: &'static str,
    pub(super) unreadable: &'static str,
    pub(super) unreadable_why: &'static str,
    pub(super) other_ways: &'static str,
    /// The standard scopes in people's words.
    scopes: [(&'static str, &'static str); 9],
}

/// All languages.
pub(super) const ALL: [&Texts; 6] =
    [&en::TEXTS, &es::TEXTS, &pt::TEXTS, &fr::TEXTS, &de::TEXTS, &id::TEXTS];

impl Texts {
    /// A scope in people's words; one that is not standard as it is called.
    pub(super) fn scope<'s>(&self, name: &'s str) -> &'s str
    where
        'static: 's,
    {
        let known = self.scopes.iter().find(|(standard, _)| *standard == name);
        known.map_or(name, |(_, words)| words)
    }
}

/// The language that a browser likes best of those that there are (RFC 9110, Accept-Language).
pub(super) fn texts_for(accepted: &str) -> &'static Texts {
    let [english, ..] = ALL;
    let mut best = (0.0, english);
    for part in accepted.split(',') {
        let (range, weight) = part.split_once(';').unwrap_or((part, ""));
        let weight = weight.trim().strip_prefix("q=").map_or(Some(1.0), |q| q.trim().parse().ok());
        let language = range.trim().split('-').next().unwrap_or_default();
        let known = ALL.into_iter().find(|texts| texts.tag.eq_ignore_ascii_case(language));
        if let (Some(weight), Some(texts)) = (weight, known)
            && weight > best.0
        {
            best = (weight, texts);
        }
    }
    best.1
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::Policy;

    #[test]
    fn the_best_liked_language_that_there_is_counts_and_else_english() {
        for (accepted, tag) in [
            ("", "en"),
            ("de-AT,de;q=0.9,en;q=0.8", "de"),
            ("ja,pt-BR;q=0.7,en;q=0.3", "pt"),
            ("en;q=0.1, ES ; q=0.9", "es"),
            ("xx", "en"),
            ("fr;q=0", "en"),
            ("fr;q=nonsense,id;q=0.2", "id"),
            ("*", "en"),
        ] {
            assert_eq!(texts_for(accepted).tag, tag, "{accepted}");
        }
    }

    #[test]
    fn every_standard_scope_has_words_in_every_language() {
        for texts in ALL {
            for (scope, _) in Policy::standard().scopes() {
                let known = texts.scopes.iter().any(|(name, _)| *name == scope.as_str());
                assert!(known, "{} {scope}", texts.tag);
            }
            for text in [texts.ask, texts.stop_all, texts.done_these, texts.done_all] {
                assert!(text.contains("{business}"), "{} {text}", texts.tag);
            }
            assert_eq!(texts.scope("loyalty"), "loyalty");
        }
    }
}
