//! Templates: of all that the platform said of one, what nobody took back.

use consentgate::consent::{
    BusinessId, Category, Coded, ConsentRecord, EventKind, KeyParts, Placement, TemplateRef,
    TemplateSaid, Topic, Usability, WayOut,
};
use consentgate::decision::Message;

use super::message::strictest;
use super::person::permits_at;
use super::record::{Reading, businesses, event, reading, value_business};

/// Thirty days, in seconds.
const LONGEST_WAIT: u64 = 2_592_000;

/// What is known of a message's template.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Known {
    pub usability: Option<Usability>,
    pub category: Option<Category>,
    pub way_out: Option<WayOut>,
}

/// One thing that was said: how strict it is (0 is strictest), from when it counts, and from when it
/// takes stricter words back.
#[derive(Clone, Copy)]
struct Word {
    rung: usize,
    at: u64,
    lifts_at: Option<u64>,
}

/// What a record says of which template of a business.
fn said<'r>(
    record: &'r ConsentRecord,
    business: &BusinessId,
) -> Option<(&'r TemplateSaid, &'r TemplateRef)> {
    let is_meant = reading(record) == Reading::Kind(EventKind::TemplateState)
        && businesses(record).contains(&business);
    let said = event(record)?.template.as_ref().filter(|_| is_meant)?;
    Some((said, said.template.as_ref()?))
}

/// Whether anything was said of any template of a business.
pub(crate) fn is_told_of(records: &[ConsentRecord], business: &BusinessId) -> bool {
    records.iter().any(|record| said(record, business).is_some())
}

/// From when a record takes stricter words back: in its own place, dated, of one language.
fn lifts_at(record: &ConsentRecord, business: &BusinessId, template: &TemplateRef) -> Option<u64> {
    let in_place = record.place.topic == Topic::TemplateStates
        && record.placement == Placement::Right
        && record.key == KeyParts::Business(business.clone())
        && value_business(record) == Some(business);
    let counts = in_place && !template.language().is_empty();
    permits_at(record).filter(|_| counts).map(|at| u64::from(at.0))
}

/// The first whole second that is not before an announced change, and not more than 30 days away.
fn announced_at(record: &ConsentRecord, said: &TemplateSaid) -> u64 {
    let appended = u64::from(record.appended_at.0);
    let latest = appended + LONGEST_WAIT;
    let from = said.announced_from_ms.filter(|from| *from > 0);
    let second = from.and_then(|from| u64::try_from(from).ok()).map(|from| from.div_ceil(1_000));
    second.filter(|second| *second < latest).unwrap_or(latest).max(appended)
}

const CATEGORIES: [Category; 3] =
    [Category::Marketing, Category::Utility, Category::Authentication];
const WAYS: [WayOut; 3] = [WayOut::Missing, WayOut::Unclear, WayOut::Carried];
const USES: [Usability; 2] = [Usability::Unusable, Usability::Usable];

/// Where a value stands among its like; what cannot be read is the strictest.
fn rung<T: Copy + PartialEq>(said: Coded<T>, all: &[T]) -> Option<usize> {
    match said {
        Coded::Unspecified => None,
        Coded::Known(value) => all.iter().position(|one| *one == value),
        Coded::Unknown(_) => Some(0),
    }
}

/// The strictest word that no looser one took back later.
fn stands<T: Copy>(words: &[Word], all: &[T]) -> Option<T> {
    let holds = |word: &&Word| {
        !words.iter().any(|other| {
            other.rung > word.rung && other.lifts_at.is_some_and(|lifts_at| lifts_at > word.at)
        })
    };
    // Of the same words the newest counts, which is the one that is the hardest to take back.
    words.iter().filter(holds).map(|word| word.rung).min().map(|rung| all[rung])
}

/// What is known of a template in a language: what was said of that one, and of all.
fn in_language(
    records: &[ConsentRecord],
    business: &BusinessId,
    name: &str,
    language: &str,
) -> Known {
    let (mut uses, mut categories, mut ways) = (vec![], vec![], vec![]);
    for record in records {
        let Some((said, template)) = said(record, business) else {
            continue;
        };
        let is_meant = template.language() == language || template.language().is_empty();
        if template.name() != name || !is_meant {
            continue;
        }
        let at = u64::from(record.appended_at.0);
        let lifts_at = lifts_at(record, business, template);
        let word = |rung| Word { rung, at, lifts_at };
        // What only permits is nothing where nothing may be permitted.
        let counts = |rung: &usize, last: usize| *rung < last || lifts_at.is_some();
        uses.extend(rung(said.usability, &USES).filter(|r| counts(r, 1)).map(word));
        ways.extend(rung(said.way_out, &WAYS).filter(|r| counts(r, 2)).map(word));
        categories.extend(rung(said.category, &CATEGORIES).map(word));
        let at = announced_at(record, said);
        let coming = rung(said.announced, &CATEGORIES);
        categories.extend(coming.map(|rung| Word { rung, at, lifts_at: None }));
    }
    Known {
        usability: stands(&uses, &USES),
        category: stands(&categories, &CATEGORIES),
        way_out: stands(&ways, &WAYS),
    }
}

/// What is known of the template that a message names.
pub(crate) fn known(records: &[ConsentRecord], message: &Message<'_>) -> Known {
    let Some(business) = BusinessId::parse(message.business) else {
        return Known::default();
    };
    let of_name = records.iter().filter_map(|record| said(record, &business));
    let of_name = of_name.map(|(_, template)| template).filter(|t| t.name() == message.template);
    let languages: Vec<_> =
        of_name.map(TemplateRef::language).filter(|language| !language.is_empty()).collect();
    let asked = message.template_language.to_lowercase().replace('-', "_");
    let one = |language| in_language(records, &business, message.template, language);
    if languages.contains(&asked.as_str()) || languages.is_empty() {
        return one(&asked);
    }
    let all: Vec<_> = languages.into_iter().map(one).collect();
    let category = all.iter().filter_map(|known| known.category).reduce(strictest);
    let has_none = all.iter().any(|known| known.way_out == Some(WayOut::Missing));
    if !asked.is_empty() {
        let of_all = one("");
        let none = has_none || of_all.way_out == Some(WayOut::Missing);
        let way_out = none.then_some(WayOut::Missing);
        let category = category.into_iter().chain(of_all.category).reduce(strictest);
        return Known { usability: of_all.usability, category, way_out };
    }
    let is = |what| all.iter().all(|known| known.usability == Some(what));
    let unusable = all.iter().any(|known| known.usability == Some(Usability::Unusable));
    let offers = all.iter().all(|known| known.way_out == Some(WayOut::Carried));
    Known {
        usability: match unusable {
            true => Some(Usability::Unusable),
            false => is(Usability::Usable).then_some(Usability::Usable),
        },
        category,
        way_out: match has_none {
            true => Some(WayOut::Missing),
            false => offers.then_some(WayOut::Carried),
        },
    }
}
