//! Consent texts: what is published, invalid and retired, and what that makes of a grant.

use std::collections::BTreeMap;

use sha2::{Digest as _, Sha256};

use super::consent::{Key, Sense, Told, imposed_at, scopes_of};
use super::fact::{Grant, Noted, Text, TextFact};
use super::log::{Business, Log};
use super::{Positions, Topic};
use crate::spec::consent::{Channel, ConsentEvent, Kind};

/// A retired text carries the grants that are older by more than this.
const MINUTE: i64 = 60;
const SCOPES_MAX: usize = 64;

/// A language as it is compared.
pub(super) fn language(text: &str) -> Box<str> {
    text.to_lowercase().replace('-', "_").into()
}

/// What an event says of a text; nothing for a publication that lacks anything.
pub(super) fn fact_of(
    told: &Told,
    event: &ConsentEvent,
    kind: Kind,
    sense: Sense,
) -> Option<TextFact> {
    let (id, version): (Box<str>, Box<str>) =
        (event.text_id.as_str().into(), event.text_version.as_str().into());
    match kind {
        Kind::Invalidate => Some(TextFact::Invalid { id, version }),
        Kind::TextRetired => {
            Some(TextFact::Retired { id, version, at: imposed_at(event, told.at) })
        }
        _ => published(told, event, sense),
    }
}

fn published(told: &Told, event: &ConsentEvent, sense: Sense) -> Option<TextFact> {
    let (scopes, whole) = scopes_of(event);
    let sha256: [u8; 32] = event.text_sha256.as_slice().try_into().ok()?;
    let own_key = told.key == Key::Business(event.business_id.as_str().into());
    let complete = sense == Sense::Plain
        && told.in_its_partition
        && own_key
        && told.place.topic == Topic::Events
        && whole
        && (1..=SCOPES_MAX).contains(&scopes.len())
        && event.occurred_at_ms.is_some()
        && [&event.event_id, &event.text_id, &event.text_version, &event.language, &event.text]
            .iter()
            .all(|field| !field.is_empty())
        && sha256 == <[u8; 32]>::from(Sha256::digest(event.text.as_bytes()));
    let text = Text {
        id: event.text_id.as_str().into(),
        version: event.text_version.as_str().into(),
        language: language(&event.language),
        sha256: Some(sha256),
    };
    let whatsapp = event.channels.contains(&(Channel::Whatsapp as i32));
    complete.then(|| TextFact::Published { text, scopes: scopes.into(), whatsapp })
}

/// The text that a fact is about; nothing for all of the business.
pub(super) fn id_of(fact: &TextFact) -> Option<&str> {
    let id = match fact {
        TextFact::Published { text, .. } => &text.id,
        TextFact::Invalid { id, .. } | TextFact::Retired { id, .. } => id,
    };
    Some(&**id).filter(|id| !id.is_empty())
}

/// What is said of the text of a grant at some positions.
fn about<'b>(
    log: &'b Log,
    business: &'b Business,
    grant: &'b Grant,
    at: &'b Positions,
) -> impl Iterator<Item = &'b TextFact> {
    let own = business.texts.get(&grant.text.id).map_or(&[][..], Vec::as_slice);
    let all: &[Noted<TextFact>] = &business.all_texts;
    own.iter().chain(all).filter(|noted| log.counts(*noted, at)).map(|noted| &noted.fact)
}

/// Whether a grant's text was no good, or was retired too early.
pub(super) fn is_invalid(log: &Log, business: &Business, grant: &Grant, at: &Positions) -> bool {
    let same = |version: &str| {
        version.is_empty() || grant.text.version.is_empty() || *version == *grant.text.version
    };
    about(log, business, grant, at).any(|fact| match fact {
        TextFact::Published { .. } => false,
        TextFact::Invalid { version, .. } => same(version),
        TextFact::Retired { version, at, .. } => same(version) && grant.at + MINUTE >= *at,
    })
}

/// What the publications of one language say together.
struct Said<'a> {
    sha256: [u8; 32],
    torn: bool,
    whatsapp: bool,
    scope: bool,
    language: &'a str,
}

/// Whether a published text proves a grant for a scope.
pub(super) fn is_proven(
    log: &Log,
    business: &Business,
    grant: &Grant,
    scope: &str,
    at: &Positions,
) -> bool {
    let read = &grant.text;
    if read.version.is_empty() || read.id.is_empty() {
        return false;
    }
    let mut languages: BTreeMap<&str, Said<'_>> = BTreeMap::new();
    for fact in about(log, business, grant, at) {
        let TextFact::Published { text, scopes, whatsapp } = fact else { continue };
        let (Some(sha256), true) = (text.sha256, text.version == read.version) else { continue };
        let named = scopes.iter().any(|name| **name == *scope);
        let language = &*text.language;
        let said = Said { sha256, torn: false, whatsapp: true, scope: true, language };
        let said = languages.entry(language).or_insert(said);
        said.torn |= said.sha256 != sha256;
        said.whatsapp &= whatsapp;
        said.scope &= named;
    }
    let fits = |said: &&Said<'_>| {
        (read.language.is_empty() || *said.language == *read.language)
            && read.sha256.is_none_or(|sha256| said.torn || said.sha256 == sha256)
    };
    let proves = |said: &Said<'_>| !said.torn && said.whatsapp && said.scope;
    let mut fitting = languages.values().filter(fits).peekable();
    fitting.peek().is_some() && fitting.all(proves)
}
