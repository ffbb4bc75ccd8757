//! Whether a person's words mean that they leave.
//!
//! The whole message is such a phrase, however spelt: they leave at once. It stands among other words:
//! they leave marketing at once, and a person should read it. The words themselves go nowhere.

use std::collections::BTreeMap;

use super::normal::{is_unparted, words};
use super::stop_list::{LISTED, Reach};

/// What was found in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// Nothing.
    Nothing,
    /// The whole text is a phrase of this language.
    Whole(String),
    /// A phrase of this language stands among other words.
    Among(String),
}

/// Where a phrase comes from, and where it counts.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Phrase {
    language: String,
    reach: Reach,
}

/// The phrases, ready to be looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StopWords {
    /// All phrases, written without gaps, and their languages.
    whole: BTreeMap<String, Phrase>,
    /// The phrases that count among other words, by their first word.
    among: BTreeMap<String, Vec<(Vec<String>, String)>>,
    /// Those of them whose script does not part words.
    unparted: Vec<(String, String)>,
}

impl Default for StopWords {
    fn default() -> Self {
        Self::with(&[])
    }
}

impl StopWords {
    /// The built-in phrases and these.
    pub fn with(more: &[String]) -> Self {
        let mut all = Self { whole: BTreeMap::new(), among: BTreeMap::new(), unparted: Vec::new() };
        for listed in LISTED {
            for (phrase, reach) in listed.phrases {
                all.add(phrase, *reach, listed.language);
            }
        }
        for phrase in more {
            all.add(phrase, Reach::Anywhere, "configured");
        }
        all
    }

    /// Whether a text has anything that could be looked for.
    pub fn is_phrase(text: &str) -> bool {
        !words(text).is_empty()
    }

    fn add(&mut self, phrase: &str, reach: Reach, language: &str) {
        let words = words(phrase);
        let joined = words.concat();
        let Some(first) = words.first().cloned() else {
            return;
        };
        let phrase = Phrase { language: language.to_owned(), reach };
        let known = self.whole.entry(joined.clone()).or_insert_with(|| phrase.clone());
        if known.reach == Reach::Alone && reach == Reach::Anywhere {
            *known = phrase;
        }
        if reach == Reach::Alone {
            return;
        }
        if is_unparted(&joined) {
            self.unparted.push((joined, language.to_owned()));
            return;
        }
        self.among.entry(first).or_default().push((words, language.to_owned()));
        // "stopall" and "stop all" are one phrase.
        let as_one = self.among.entry(joined.clone()).or_default();
        as_one.push((vec![joined], language.to_owned()));
    }

    /// Looks through what a person wrote.
    pub(super) fn find(&self, text: &str) -> Found {
        self.find_with(text, Reach::Alone)
    }

    /// Looks through what stands on a button that a person tapped: a business's words, of which only
    /// those count that mean leaving wherever they stand.
    pub(super) fn find_on_button(&self, text: &str) -> Found {
        self.find_with(text, Reach::Anywhere)
    }

    fn find_with(&self, text: &str, least: Reach) -> Found {
        let words = words(text);
        let joined = words.concat();
        // "stop stop stop" says no more than "stop".
        let whole = self.phrase(&joined, least).or_else(|| {
            let phrases = words.iter().map(|word| self.phrase(word, least));
            phrases.collect::<Option<Vec<_>>>()?.first().copied()
        });
        match whole {
            Some(phrase) => Found::Whole(phrase.language.clone()),
            None => self
                .among(&words, &joined)
                .map_or(Found::Nothing, |language| Found::Among(language.to_owned())),
        }
    }

    fn phrase(&self, joined: &str, least: Reach) -> Option<&Phrase> {
        let counts = |phrase: &&Phrase| least == Reach::Alone || phrase.reach == Reach::Anywhere;
        self.whole.get(joined).filter(counts)
    }

    fn among(&self, words: &[String], joined: &str) -> Option<&str> {
        for (at, word) in words.iter().enumerate() {
            let rest = words.get(at..).unwrap_or_default();
            let phrases = self.among.get(word).map_or(&[][..], Vec::as_slice);
            if let Some((_, language)) = phrases.iter().find(|(phrase, _)| rest.starts_with(phrase))
            {
                return Some(language);
            }
        }
        let found = self.unparted.iter().find(|(phrase, _)| joined.contains(phrase.as_str()));
        found.map(|(_, language)| language.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(text: &str) -> Found {
        StopWords::with(&["Kein Kaffee".to_owned()]).find(text)
    }

    #[test]
    fn a_message_that_is_a_phrase_leaves_in_every_language() {
        for listed in LISTED {
            for (phrase, _) in listed.phrases {
                for written in
                    [(*phrase).to_owned(), phrase.to_uppercase(), format!(" {phrase}!! ")]
                {
                    assert!(matches!(find(&written), Found::Whole(_)), "{written}");
                }
            }
        }
        for written in ["STOP.", "S.T.O.P", "Opt-Out", "stopall", "STOP stop Stop", "kein kaffee"] {
            assert!(matches!(find(written), Found::Whole(_)), "{written}");
        }
        assert_eq!(find("Abmelden"), Found::Whole("de".to_owned()));
    }

    #[test]
    fn a_phrase_among_other_words_is_found() {
        for written in [
            "please STOP messaging me",
            "Bitte abmelden, danke",
            "quiero darme de baja",
            "i want to opt-out of this",
            "pls stopall",
            "我要退订",
            "수신거부해주세요",
            "really kein Kaffee for me",
        ] {
            assert!(matches!(find(written), Found::Among(_)), "{written}");
        }
    }

    #[test]
    fn a_button_that_cancels_something_is_no_opt_out() {
        let words = StopWords::default();
        assert!(matches!(words.find("Cancel"), Found::Whole(_)));
        assert_eq!(words.find_on_button("Cancel"), Found::Nothing);
        assert!(matches!(words.find_on_button("STOP"), Found::Whole(_)));
        assert!(matches!(words.find_on_button("Stop promotions"), Found::Among(_)));
    }

    #[test]
    fn ordinary_words_are_no_opt_out() {
        for written in [
            "",
            "👍",
            "At the end of the day I like it",
            "What a nonstop party",
            "can you remove the onions",
            "please cancel my appointment",
            "Danke, bis morgen",
            "où est le magasin",
        ] {
            assert_eq!(find(written), Found::Nothing, "{written}");
        }
    }
}
