//! What the platform says of message templates: whether one may be sent, what it is, whether it offers
//! a way to leave.
//!
//! Knows no message and no policy. Everything is said anew from time to time; the newest word counts,
//! and of two of one second the stricter. What loosens is dated as whatever permits is, so no old
//! approval told again lifts a newer rejection. What nobody said is `None`: then the message alone counts.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::category::Category;
use super::time::Seconds;

/// Whether a template may be sent, strictest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Usability {
    /// It is rejected, paused, disabled, deleted, under appeal, not approved yet, or in a state that
    /// this version does not know.
    Unusable = 0,
    /// It is approved.
    Usable = 1,
}

/// Whether a template offers a way to leave, strictest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum WayOut {
    /// It has none, whatever a message says.
    Missing = 0,
    /// Nobody can tell: the message's own word counts.
    Unclear = 1,
    /// By footer, button or link.
    Carried = 2,
}

/// The categories that a template can have, strictest first.
const CATEGORIES: [Category; 3] =
    [Category::Marketing, Category::Utility, Category::Authentication];

/// Something that is said again and again; its values are rungs, the strictest is 0.
///
/// Each rung has the newest time at which it was said, and the newest from which it lifts stricter
/// ones. Both only grow, so it is a join.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Ladder<const N: usize> {
    said: [Option<Seconds>; N],
    lifts: [Option<Seconds>; N],
}

impl<const N: usize> Default for Ladder<N> {
    fn default() -> Self {
        Self { said: [None; N], lifts: [None; N] }
    }
}

impl<const N: usize> Ladder<N> {
    fn say(&mut self, rung: usize, word: Word) {
        if let Some(said) = self.said.get_mut(rung) {
            *said = (*said).max(Some(word.at));
        }
        if let Some(lifts) = self.lifts.get_mut(rung) {
            *lifts = (*lifts).max(word.lifts_at);
        }
    }

    fn join(&mut self, other: &Self) {
        for (mine, theirs) in self.said.iter_mut().zip(other.said) {
            *mine = (*mine).max(theirs);
        }
        for (mine, theirs) in self.lifts.iter_mut().zip(other.lifts) {
            *mine = (*mine).max(theirs);
        }
    }

    /// The strictest rung that was said and that no looser one lifted later.
    fn stands(&self) -> Option<usize> {
        (0..N).find(|&rung| {
            let said = self.said.get(rung).copied().flatten();
            let looser = self.lifts.iter().skip(rung + 1);
            said.is_some() && !looser.into_iter().any(|lifts| *lifts > said)
        })
    }

    /// Whether what stands was last said by this.
    fn stands_by(&self, said: &Self) -> bool {
        let newest = |rung| Some((self.said.get(rung)?, said.said.get(rung)?));
        self.stands().and_then(newest).is_some_and(|(all, said)| all == said)
    }
}

/// When something was said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Word {
    /// From when it counts where it is the stricter.
    pub at: Seconds,
    /// From when it counts where it is the looser; `None` lifts nothing.
    pub lifts_at: Option<Seconds>,
}

/// What is known of one template in one language: a join of all that was said of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TemplateState {
    usability: Ladder<2>,
    category: Ladder<3>,
    way_out: Ladder<3>,
}

impl TemplateState {
    /// Joins whether it may be sent. That it may is void in a word that lifts nothing.
    pub fn say_usability(&mut self, usability: Usability, word: Word) {
        if usability == Usability::Unusable || word.lifts_at.is_some() {
            self.usability.say(usability as usize, word);
        }
    }

    /// Joins what it is. A category that no template can have is marketing.
    pub fn say_category(&mut self, category: Category, word: Word) {
        let rung = CATEGORIES.iter().position(|known| *known == category).unwrap_or(0);
        self.category.say(rung, word);
    }

    /// Joins that it will be of a category from `from` on. That counts at once where it is stricter, and
    /// nothing that was said before `from` lifts it; it lifts nothing itself.
    pub fn announce_category(&mut self, category: Category, from: Seconds) {
        self.say_category(category, Word { at: from, lifts_at: None });
    }

    /// Joins whether it offers a way to leave. That it does is void in a word that lifts nothing.
    pub fn say_way_out(&mut self, way_out: WayOut, word: Word) {
        if way_out != WayOut::Carried || word.lifts_at.is_some() {
            self.way_out.say(way_out as usize, word);
        }
    }

    /// Joins all that is known of it elsewhere.
    pub fn join(&mut self, other: &Self) {
        self.usability.join(&other.usability);
        self.category.join(&other.category);
        self.way_out.join(&other.way_out);
    }

    /// What counts.
    pub fn standing(&self) -> TemplateStanding {
        TemplateStanding {
            usability: self.usability.stands().map(|rung| match rung {
                0 => Usability::Unusable,
                _ => Usability::Usable,
            }),
            category: self.category.stands().and_then(|rung| CATEGORIES.get(rung).copied()),
            way_out: self.way_out.stands().map(|rung| match rung {
                0 => WayOut::Missing,
                1 => WayOut::Unclear,
                _ => WayOut::Carried,
            }),
        }
    }
}

/// What counts of a template just now; `None` = nobody said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TemplateStanding {
    /// Whether it may be sent.
    pub usability: Option<Usability>,
    /// What it is.
    pub category: Option<Category>,
    /// Whether it offers a way to leave.
    pub way_out: Option<WayOut>,
}

impl TemplateStanding {
    /// The stricter of two in everything. What only one of them says loosens nothing: a template that is
    /// usable in one language is not thereby known in another.
    fn stricter(self, other: Self) -> Self {
        Self {
            usability: strictest(self.usability, other.usability, Usability::Unusable),
            category: match (self.category, other.category) {
                (Some(one), Some(another)) => Some(one.stricter(another)),
                (one, another) => one.or(another),
            },
            way_out: strictest(self.way_out, other.way_out, WayOut::Missing),
        }
    }

    /// What a template in one language says of the same in a language that nobody told of: what it is,
    /// and that it has no way out. That it may be sent, or not, it says of its own language alone.
    fn of_another_language(self) -> Self {
        let way_out = self.way_out.filter(|way_out| *way_out == WayOut::Missing);
        Self { usability: None, category: self.category, way_out }
    }
}

/// The lesser of two; where one says nothing, the other counts only if it is the strictest of all.
fn strictest<T: Ord + Copy>(one: Option<T>, another: Option<T>, strictest: T) -> Option<T> {
    match (one, another) {
        (Some(one), Some(another)) => Some(one.min(another)),
        (one, another) => one.or(another).filter(|said| *said == strictest),
    }
}

/// Which template: a name and a language as the platform writes it, such as `en_US`; no language means
/// every one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TemplateRef {
    name: Arc<str>,
    language: Arc<str>,
}

impl TemplateRef {
    /// A template by name and language; `None` without a name.
    pub fn new(name: &str, language: &str) -> Option<Self> {
        (!name.is_empty()).then(|| Self { name: name.into(), language: spelt(language).into() })
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its language, in small letters with `_`; empty means every one.
    pub fn language(&self) -> &str {
        &self.language
    }
}

/// A language in the spelling in which it is kept.
fn spelt(language: &str) -> String {
    language.chars().map(spelt_char).collect()
}

fn spelt_char(c: char) -> char {
    if c == '-' { '_' } else { c.to_ascii_lowercase() }
}

/// The templates of one business.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Templates(BTreeMap<Arc<str>, BTreeMap<Arc<str>, TemplateState>>);

impl Templates {
    /// Joins what was said of a template.
    pub fn join(&mut self, template: &TemplateRef, said: &TemplateState) {
        let languages = self.0.entry(template.name.clone()).or_default();
        languages.entry(template.language.clone()).or_default().join(said);
    }

    /// Whether nothing is known of any.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What counts for a message that names this template and this language; no language takes the
    /// strictest of all.
    pub fn standing(&self, name: &str, language: &str) -> TemplateStanding {
        let Some(languages) = self.0.get(name) else {
            return TemplateStanding::default();
        };
        let of_all = languages.get("").copied().unwrap_or_default();
        let with_all = |state: &TemplateState| {
            let mut joined = of_all;
            joined.join(state);
            joined.standing()
        };
        let is_asked = |kept: &str| kept.chars().eq(language.chars().map(spelt_char));
        let each = languages.iter().filter(|(kept, _)| !kept.is_empty());
        if let Some((_, state)) = each.clone().find(|(kept, _)| is_asked(kept)) {
            return with_all(state);
        }
        let each = each.map(|(_, state)| with_all(state));
        if language.is_empty() {
            return each.reduce(TemplateStanding::stricter).unwrap_or(of_all.standing());
        }
        let others = each.map(TemplateStanding::of_another_language);
        others.fold(of_all.standing(), TemplateStanding::stricter)
    }

    /// Whether what was said of a template still counts for a message in this language: nothing newer was
    /// said, and nothing stricter stands.
    pub fn counts(&self, template: &TemplateRef, said: &TemplateState, language: &str) -> bool {
        let concerns = language.is_empty()
            || template.language.is_empty()
            || *template.language == *spelt(language);
        let Some(languages) = self.0.get(&template.name).filter(|_| concerns) else {
            return false;
        };
        let mut all = languages.get("").copied().unwrap_or_default();
        let own = if language.is_empty() { &*template.language } else { &*spelt(language) };
        all.join(&languages.get(own).copied().unwrap_or_default());
        all.usability.stands_by(&said.usability)
            || all.category.stands_by(&said.category)
            || all.way_out.stands_by(&said.way_out)
    }

    /// Every template with what is known of it, by name and language.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str, &TemplateState)> {
        self.0.iter().flat_map(|(name, languages)| {
            languages.iter().map(move |(language, state)| (&**name, &**language, state))
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Something that was said: of which aspect, which value, when, and whether it may lift.
    #[derive(Clone, Copy, Debug)]
    enum Said {
        Usability(Usability, Word),
        Category(Category, Word),
        Announced(Category, Seconds),
        WayOut(WayOut, Word),
    }

    impl Said {
        fn join(self, state: &mut TemplateState) {
            match self {
                Self::Usability(usability, word) => state.say_usability(usability, word),
                Self::Category(category, word) => state.say_category(category, word),
                Self::Announced(category, from) => state.announce_category(category, from),
                Self::WayOut(way_out, word) => state.say_way_out(way_out, word),
            }
        }
    }

    fn state_of(said: &[Said]) -> TemplateState {
        let mut state = TemplateState::default();
        said.iter().for_each(|said| said.join(&mut state));
        state
    }

    fn words() -> impl Strategy<Value = Word> {
        let earlier = proptest::option::of(0..4_u32);
        (0..6_u32, earlier).prop_map(|(at, earlier)| Word {
            at: Seconds(at),
            lifts_at: earlier.map(|by| Seconds(at.saturating_sub(by))),
        })
    }

    fn said() -> impl Strategy<Value = Said> {
        let uses = prop_oneof![Just(Usability::Unusable), Just(Usability::Usable)];
        let ways =
            proptest::sample::select(vec![WayOut::Missing, WayOut::Unclear, WayOut::Carried]);
        let categories = || proptest::sample::select(CATEGORIES.to_vec());
        prop_oneof![
            (uses, words()).prop_map(|(is, word)| Said::Usability(is, word)),
            (categories(), words()).prop_map(|(is, word)| Said::Category(is, word)),
            (categories(), 0..8_u32).prop_map(|(is, at)| Said::Announced(is, Seconds(at))),
            (ways, words()).prop_map(|(is, word)| Said::WayOut(is, word)),
        ]
    }

    #[test]
    fn what_is_said_of_every_language_is_taken_back_in_one_alone() {
        let mut templates = Templates::default();
        let mut say = |language, category, second| {
            let word = Word { at: Seconds(second), lifts_at: Some(Seconds(second)) };
            let mut said = TemplateState::default();
            said.say_category(category, word);
            templates.join(&TemplateRef::new("sale", language).unwrap(), &said);
        };
        say("", Category::Marketing, 200);
        say("en_US", Category::Utility, 201);
        let category = |language| templates.standing("sale", language).category;
        assert_eq!(category("en-US"), Some(Category::Utility));
        assert_eq!(category("de"), Some(Category::Marketing));
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn any_order_any_repetition_and_any_grouping_give_the_same_state(
            said in prop::collection::vec(said(), 0..8),
            cut in any::<prop::sample::Index>(),
        ) {
            let whole = state_of(&said);
            let backwards: Vec<_> = said.iter().rev().chain(&said).copied().collect();
            prop_assert_eq!(state_of(&backwards), whole);
            let (first, second) = said.split_at(cut.index(said.len() + 1));
            let mut joined = state_of(second);
            joined.join(&state_of(first));
            joined.join(&whole);
            prop_assert_eq!(joined, whole);
        }

        #[test]
        fn what_speaks_against_a_template_never_makes_it_better(
            said in prop::collection::vec(said(), 0..8),
            at in 0..8_u32,
        ) {
            let before = state_of(&said).standing();
            let word = Word { at: Seconds(at), lifts_at: None };
            let mut worse = state_of(&said);
            worse.say_usability(Usability::Unusable, word);
            worse.announce_category(Category::Marketing, Seconds(at));
            worse.say_way_out(WayOut::Missing, word);
            let after = worse.standing();
            prop_assert!(after.usability <= before.usability || before.usability.is_none());
            prop_assert!(after.category <= before.category || before.category.is_none());
            prop_assert!(after.way_out <= before.way_out || before.way_out.is_none());
        }
    }
}
