//! Templates: what the platform says of them, and what that makes of a message.

use super::consent::{Key, Told, imposed_at, permitted_at};
use super::fact::{Noted, Path, TemplateFact, Turn};
use super::log::{Business, Log};
use super::words::seconds;
use super::{Positions, Topic, text};
use crate::spec::consent::{
    ConsentEvent, TemplateCategory, TemplateOptOutPath, TemplateState, TemplateStatus,
};
use crate::spec::outbound::Category;

const THIRTY_DAYS: i64 = 30 * 86_400;

/// What is known of the template that a message names.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Known {
    /// Whether it may be sent; nothing if nobody said.
    pub(super) usable: Option<Turn>,
    pub(super) category: Option<Category>,
    pub(super) path: Option<Path>,
    /// In a language that nobody told of: whether it has no way out in another one.
    pub(super) pathless_elsewhere: bool,
}

/// How strict a category is: the larger, the stricter.
pub(super) fn strictness(category: Category) -> u8 {
    match category {
        Category::Unspecified | Category::Marketing => 4,
        Category::Utility => 3,
        Category::Authentication => 2,
        Category::Service => 1,
        Category::Farewell => 0,
    }
}

fn category_of(number: i32) -> i32 {
    let category = match TemplateCategory::try_from(number) {
        Ok(TemplateCategory::Utility) => Category::Utility,
        Ok(TemplateCategory::Authentication) => Category::Authentication,
        _ => Category::Marketing,
    };
    category as i32
}

pub(super) fn fact_of(told: &Told, event: &ConsentEvent, said: &TemplateState) -> TemplateFact {
    let at = imposed_at(event, told.at);
    let in_place = told.place.topic == Topic::Templates
        && told.in_its_partition
        && matches!(told.key, Key::Business(_));
    let usable = (said.status != 0).then(|| match TemplateStatus::try_from(said.status) {
        Ok(
            TemplateStatus::Approved
            | TemplateStatus::Reinstated
            | TemplateStatus::Flagged
            | TemplateStatus::Unarchived,
        ) => Turn::On,
        _ => Turn::Off,
    });
    let path =
        (said.opt_out_path != 0).then(|| match TemplateOptOutPath::try_from(said.opt_out_path) {
            Ok(
                TemplateOptOutPath::Footer | TemplateOptOutPath::Button | TemplateOptOutPath::Link,
            ) => Path::Carried,
            Ok(TemplateOptOutPath::Unclear) => Path::Unclear,
            _ => Path::Missing,
        });
    let latest = told.at + THIRTY_DAYS;
    let due = match said.announced_from_ms {
        Some(ms @ 1..) => seconds(ms).min(latest),
        _ => latest,
    };
    let announced = said.announced_category;
    TemplateFact {
        language: text::language(&said.language),
        usable,
        category: (said.category != 0).then(|| category_of(said.category)),
        announced: (announced != 0).then(|| (category_of(announced), due)),
        path,
        at,
        lifts_at: permitted_at(event, told.at).filter(|_| in_place),
    }
}

/// What counts for a message's template at some positions.
pub(super) fn known(
    log: &Log,
    business: &Business,
    template: &str,
    language: &str,
    at: &Positions,
) -> Known {
    let told: &[Noted<TemplateFact>] =
        business.templates.get(template).map_or(&[][..], Vec::as_slice);
    let facts: Vec<_> =
        told.iter().filter(|noted| log.counts(*noted, at)).map(|noted| &noted.fact).collect();
    if facts.is_empty() {
        return Known::default();
    }
    let language = text::language(language);
    let mut languages: Vec<&str> = facts.iter().map(|fact| &*fact.language).collect();
    languages.sort_unstable();
    languages.dedup();
    languages.retain(|language| !language.is_empty());
    let is_known = languages.contains(&&*language);
    // A language that nobody told of, or none: the strictest category of all. What was said of every
    // language and taken back in one stands in those that nobody told of.
    let of_category = match is_known || languages.is_empty() {
        true => vec![&*language],
        false if language.is_empty() => languages.clone(),
        false => languages.iter().copied().chain([&*language]).collect(),
    };
    let pathless = |language: &&str| path(&facts, language) == Some(Path::Missing);
    let pathless_elsewhere = !is_known && languages.iter().any(pathless);
    let of_rest = match language.is_empty() && !languages.is_empty() {
        true => languages,
        false => vec![&*language],
    };
    let strictest = of_category.iter().filter_map(|language| category(&facts, language));
    let uses: Vec<_> = of_rest.iter().map(|language| usable(&facts, language)).collect();
    let usable = match () {
        () if uses.contains(&Some(Turn::Off)) => Some(Turn::Off),
        () if uses.iter().all(|turn| *turn == Some(Turn::On)) => Some(Turn::On),
        () => None,
    };
    let paths: Vec<_> = of_rest.iter().map(|language| path(&facts, language)).collect();
    Known {
        usable,
        category: strictest.max_by_key(|category| strictness(*category)),
        path: paths
            .into_iter()
            .max_by_key(|path| match path {
                Some(Path::Carried) => 0,
                None | Some(Path::Unclear) => 1,
                Some(Path::Missing) => 2,
            })
            .flatten(),
        pathless_elsewhere,
    }
}

fn speaks(fact: &TemplateFact, language: &str) -> bool {
    *fact.language == *language || fact.language.is_empty()
}

fn lifts(fact: &TemplateFact, language: &str) -> Option<i64> {
    fact.lifts_at.filter(|_| *fact.language == *language && !language.is_empty())
}

fn usable(facts: &[&TemplateFact], language: &str) -> Option<Turn> {
    let off = |fact: &&&TemplateFact| fact.usable == Some(Turn::Off) && speaks(fact, language);
    let against = facts.iter().filter(off).map(|fact| fact.at).max();
    let on = facts.iter().filter(|fact| fact.usable == Some(Turn::On));
    let lifted = on.filter_map(|fact| lifts(fact, language)).max();
    match (against, lifted) {
        (Some(against), lifted) if lifted.is_none_or(|lifted| lifted <= against) => Some(Turn::Off),
        (_, Some(_)) => Some(Turn::On),
        _ => None,
    }
}

fn category(facts: &[&TemplateFact], language: &str) -> Option<Category> {
    let spoken = facts.iter().filter(|fact| speaks(fact, language));
    let words = spoken.flat_map(|fact| {
        let plain = fact.category.map(|category| (category, fact.at));
        let announced = fact.announced.map(|(category, due)| (category, due.max(fact.at)));
        plain.into_iter().chain(announced)
    });
    let words: Vec<_> = words
        .filter_map(|(category, until)| Some((Category::try_from(category).ok()?, until)))
        .collect();
    let stands = |(category, until): &&(Category, i64)| {
        !facts.iter().any(|fact| {
            let looser = fact.category.and_then(|number| Category::try_from(number).ok());
            looser.is_some_and(|looser| strictness(looser) < strictness(*category))
                && lifts(fact, language).is_some_and(|at| at > *until)
        })
    };
    let standing = words.iter().filter(stands).map(|word| word.0);
    standing.max_by_key(|category| strictness(*category))
}

/// Each step towards leaving easily needs a later word for it.
fn path(facts: &[&TemplateFact], language: &str) -> Option<Path> {
    let against = |path| {
        let said = facts.iter().filter(|fact| fact.path == Some(path) && speaks(fact, language));
        said.map(|fact| fact.at).max()
    };
    let lifted = |path| {
        let said = facts.iter().filter(|fact| fact.path == Some(path));
        said.filter_map(|fact| lifts(fact, language)).max()
    };
    let (missing, unclear) = (against(Path::Missing), against(Path::Unclear));
    let carried = lifted(Path::Carried);
    if missing.is_some() && missing >= lifted(Path::Unclear).max(carried) {
        return Some(Path::Missing);
    }
    if unclear.is_some() && unclear >= carried {
        return Some(Path::Unclear);
    }
    carried.map(|_| Path::Carried)
}
